"""`jikimi compile`: detection as machine code. It must never leave half of it behind, nor change what is decided.

mypyc translates the files as they stand; arithmetic is kept as written (no fused multiply-add), so that a decision is the
same to the last bit on every machine and in either form.
"""

import io
import os
import shutil
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from hashlib import sha256
from pathlib import Path

import typer

from jikimi import compiled

_WANTED = "Needs mypy and setuptools (requirements/build.txt) and a C compiler with the headers of this Python."


def command() -> None:
    """Translate detection to machine code for this Python: two to three times as fast; a minute or two, once."""
    if compiled.whole(compiled.built()):
        typer.echo(f"Already built from these sources: {compiled.built()}")
        return
    try:
        compiled.BUILT.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=compiled.BUILT, prefix="making-") as work:
            library = _make(Path(work))
    except Exception as error:  # noqa: BLE001 - whatever it was, detection runs without
        typer.echo(
            f"Not built ({type(error).__name__}: {error}).\n{_WANTED}\nDetection runs as plain Python.", err=True
        )
        raise typer.Exit(1) from None
    for old in compiled.BUILT.iterdir():
        if old != library.parent and not old.name.startswith("making-"):
            shutil.rmtree(old, ignore_errors=True)
    typer.echo(f"Built: {library}")


def _make(work: Path) -> Path:
    """Build from a copy, so that the name is of what was built, whatever is pulled or edited meanwhile."""
    here = work / "src" / "jikimi"
    for path in (compiled.HERE / "__init__.py", *compiled.lines()):
        to = here / path.relative_to(compiled.HERE)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    library = compiled.built(here)
    done = work / "done"
    done.mkdir()
    _build(work, here).replace(done / library.name)
    (done / library.with_suffix(".sha256").name).write_text(sha256((done / library.name).read_bytes()).hexdigest())
    for path, mode in ((compiled.BUILT, 0o755), (done, 0o755), *((each, 0o644) for each in done.iterdir())):
        path.chmod(mode)  # a service that may read the sources may read it
    shutil.rmtree(library.parent, ignore_errors=True)
    done.replace(library.parent)
    return library


def _build(work: Path, here: Path) -> Path:
    """One shared library with an entry for every module, in ``work``."""
    from mypyc.build import mypycify  # noqa: PLC0415 - not there where nothing is built
    from setuptools import Distribution  # noqa: PLC0415 - the same

    typer.echo("1 of 2: translating (mypyc) ...")
    os.environ["MYPYPATH"] = str(here.parent)
    files = [str(path.relative_to(here.parent)) for path in compiled.sources(here).values()]
    options = ["--config-file=", "--explicit-package-bases", "--ignore-missing-imports", f"--cache-dir={work}/cache"]
    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said), chdir(here.parent):
            parts = mypycify(
                [*options, *files], opt_level="2", debug_level="0", target_dir=str(work),
                group_name=compiled.LIBRARY.removesuffix("__mypyc"),
            )  # fmt: skip
    except SystemExit:
        raise RuntimeError(said.getvalue()) from None
    library = next(part for part in parts if part.name == compiled.LIBRARY)
    shims = {part.name: Path(next(iter(part.sources))) for part in parts if part is not library}
    library.sources = [*library.sources, str(_entries(work, shims))]
    library.extra_compile_args += ["-ffp-contract=off"]

    typer.echo("2 of 2: compiling ...")
    making = Distribution({"name": "jikimi-detect", "ext_modules": [library]}).get_command_obj("build_ext")
    making.build_lib, making.build_temp = str(work / "lib"), str(work / "temp")
    making.ensure_finalized()
    making.run()
    return next((work / "lib").glob(f"{compiled.LIBRARY}*"))


def _entries(work: Path, shims: dict[str, Path]) -> Path:
    """The entry of every module in one file: alone each would be a library of its own that only points at the shared one."""
    file = work / "entries.c"
    # each comes with a second name that is the same for all
    parts = (
        f"#undef PyInit___init__\n#define PyInit___init__ PyInit_none_{name.replace('.', '_')}\n{path.read_text()}"
        for name, path in shims.items()
    )
    file.write_text("".join(parts))
    return file
