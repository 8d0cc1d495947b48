"""Runs one role: ``python -m jikimi.app intake``. It must never run two: a role that dies dies alone."""

import importlib
import sys

from jikimi.app.common import ROLES, run_role

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ROLES:
        sys.exit(f"usage: python -m jikimi.app {'|'.join(ROLES)}")
    run_role(sys.argv[1], importlib.import_module(f"jikimi.app.{sys.argv[1]}").main)
