"""What the documentation shows is true: its commands exist, its links lead somewhere, its demonstration runs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
BIN = Path(sys.executable).parent


def commands() -> list[tuple[str, str]]:
    """Every command line in a console block: (page, command)."""
    found = []
    for page in PAGES:
        for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
            found += [(page.name, line[2:]) for line in block.splitlines() if line.startswith("$ ")]
    return found


@pytest.mark.parametrize(("page", "command"), commands())
def test_a_command_shown_is_a_command_there_is(page: str, command: str) -> None:
    """Each shown command and each of its options is known to the program that would run it."""
    words = command.split()
    if words[0] == "make":
        targets = [word for word in words[1:] if "=" not in word]
        done = subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (page, done.stderr)
        return
    assert words[0].endswith("jikimi"), (page, command)
    verbs = [word for word in words[1:] if not word.startswith("-")]
    for count in (2, 1):
        helped = subprocess.run([BIN / "jikimi", *verbs[:count], "--help"], capture_output=True, text=True, check=False)
        if helped.returncode == 0:
            break
    assert helped.returncode == 0, (page, command)
    for option in (word for word in words if word.startswith("--")):
        assert option.partition("=")[0] in helped.stdout, (page, option)


def test_every_link_within_the_documentation_leads_somewhere() -> None:
    """No relative link is broken."""
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), (page.name, target)


def test_no_page_and_no_line_of_code_names_a_machine_or_a_registry() -> None:
    """Nothing in the tree carries a path of somebody's machine or the host of a package registry."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    # Put together here, or this line would find itself.
    parts = [
        ("python", "hosted"),
        ("py", r"pi\.org"),
        ("registry", r"\.npm"),
        ("deb", r"\.debian"),
        ("/ho", "me/[a-z]"),
        ("/wo", "rk/"),
    ]
    hosts = "|".join("".join(part) for part in parts)
    found = subprocess.run([git, "grep", "-nIE", hosts], cwd=ROOT, capture_output=True, text=True, check=False)
    assert not found.stdout


def test_the_demonstration_of_the_readme_runs() -> None:
    """One approach: both taskings reach their terminals and are accepted, and the ledger verifies."""
    done = subprocess.run(
        [BIN / "jikimi", "demo", "--once"], capture_output=True, text=True, timeout=60 * PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["exercise"]
    assert said["ledger_verified"]
    assert {one["toward"] for one in said["taskings"]} == {"victim", "offender"}
    assert all(one["accepted"] for one in said["taskings"])
