"""What is measured, and on what. It must never print a figure without its machine, versions, date and configuration."""

import hashlib
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PARTS = ("jikimi", "msgspec", "scipy", "numpy")


def _processor() -> str:
    """The processor's own name where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    named = (text.split(":", 1)[1].strip() for text in lines if text.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _version(part: str) -> str:
    try:
        return version(part)
    except PackageNotFoundError:
        return "unknown"


def provenance(configuration: str) -> dict[str, object]:
    """Machine, versions, date and the SHA-256 of ``configuration`` (its canonical text)."""
    return {
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "system": platform.system()},
        "versions": {"python": platform.python_version(), **{part: _version(part) for part in _PARTS}},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "configuration": hashlib.sha256(configuration.encode()).hexdigest(),
    }
