"""Detection as machine code, where this machine has built it, and otherwise as the plain Python it is.

The rules stay one set of files that anybody can read, step through and run with nothing but Python. ``jikimi compile`` has
mypyc translate these files; what was built carries the digest of every line it came from in its name. It must never decide
by anything but the sources beside it: one edited line, another Python or a library that does not load, and they run as they
stand. ``JIKIMI_PLAIN=1`` has them run so in any case.
"""

import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

LIBRARY = "jikimi_detect__mypyc"
"""The name under which the translated modules look for what they share."""
HERE = Path(__file__).parent
BUILT = HERE / "built"
_ROOMS = ("detect", "kernel")
_ALSO = ("compiled.py", "cli/compiling.py")
"""What else says how it is built."""
_RECORDS = frozenset({"__init__", "arming", "decisions", "facts", "rules", "snapshot"})
"""Of detection: records of msgspec, which is compiled already, and what reads and writes them."""


def lines(here: Path = HERE) -> list[Path]:
    """Every file that says what is built, or how."""
    return [*(path for room in _ROOMS for path in sorted((here / room).glob("*.py"))), *(here / name for name in _ALSO)]


def sources(here: Path = HERE) -> dict[str, Path]:
    """The modules that are translated, by name."""
    files = [path for path in sorted((here / "detect").glob("*.py")) if path.stem not in _RECORDS]
    files.append(here / "kernel" / "geodesy.py")
    return {f"jikimi.{path.parent.name}.{path.stem}": path for path in files}


def built(here: Path = HERE) -> Path:
    """Where the library built from these very sources by this Python is, or would be."""
    digest = sha256()
    for path in lines(here):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return BUILT / digest.hexdigest()[:32] / f"{LIBRARY}{EXTENSION_SUFFIXES[0]}"


def whole(library: Path) -> bool:
    """Whether a library is there as it was built: to load one that was cut short would end the process."""
    stamp = library.with_suffix(".sha256")
    return (
        library.is_file()
        and stamp.is_file()
        and stamp.read_bytes() == sha256(library.read_bytes()).hexdigest().encode()
    )


class Finder:
    """Finds the translated modules in the library, if it is there and loads."""

    def __init__(self) -> None:
        self._names: frozenset[str] | None = None
        self._library = BUILT

    def names(self) -> frozenset[str]:
        """The modules that come from the library; none of them where it cannot be used. Looks once."""
        if self._names is None:
            try:
                self._library = built()
                self._names = frozenset(sources()) if _loads(self._library) else frozenset()
            except OSError:  # somebody else's, or no sources to compare it with
                self._names = frozenset()
        return self._names

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:  # fmt: skip
        """As the import system asks; None leaves the module to whoever finds plain Python."""
        del path, target
        if not name.startswith(("jikimi.detect.", "jikimi.kernel.geodesy")) or name not in self.names():
            return None
        return _spec(name, self._library)


def _loads(library: Path) -> bool:
    """Whether all modules can come from it: half of it beside plain files would be two sets of rules."""
    if os.environ.get("JIKIMI_PLAIN", "") not in {"", "0"} or not whole(library):
        return False
    if any(name in sys.modules for name in sources()):
        return False
    spec = _spec(LIBRARY, library)
    try:
        module = module_from_spec(spec)
        sys.modules[LIBRARY] = module
        assert spec.loader is not None
        spec.loader.exec_module(module)
    except ImportError:
        sys.modules.pop(LIBRARY, None)
        return False
    return True


def _spec(name: str, library: Path) -> ModuleSpec:
    """One library holds the entries of all modules, as PEP 489 lets it."""
    spec = spec_from_file_location(name, library, loader=ExtensionFileLoader(name, str(library)))
    assert spec is not None
    return spec


_finder = Finder()


def install() -> None:
    """Ask here first, from now on."""
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def used() -> bool:
    """Whether detection runs as machine code in this process."""
    return bool(_finder.names())
