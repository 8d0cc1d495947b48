"""Jikimi joins offender monitoring, police dispatch and victim protection.

Each folder below is a room; a room imports only from the floors beneath it (see
``docs/explanation/house.md``). This file must never import one: the command line starts in milliseconds
because of it.
"""

from jikimi import compiled

__version__ = "0.1.0"

compiled.install()
