"""The screens' types are the desk's."""

import shutil
import subprocess
from pathlib import Path

import pytest

from jikimi.screens import openapi

WEB = Path(__file__).parents[2] / "web"
AGAIN = "the desk's routes have changed: run `make types` and commit what it wrote"


def test_the_openapi_the_screens_were_written_against_is_the_desks() -> None:
    """A route changed without the screens noticing fails here."""
    assert (WEB / "openapi.json").read_text() == openapi.text(), AGAIN


def test_the_types_are_made_from_it(tmp_path: Path) -> None:
    """Types written by hand, or left behind, fail here."""
    tool = WEB / "node_modules" / ".bin" / "openapi-typescript"
    if not tool.exists() or shutil.which("node") is None:
        pytest.skip("needs Node and web/node_modules: `make screens`")
    made = tmp_path / "schema.ts"
    subprocess.run([tool, WEB / "openapi.json", "-o", made, "--immutable"], check=True, capture_output=True)
    assert made.read_text() == (WEB / "src" / "protocol" / "schema.ts").read_text(), AGAIN
