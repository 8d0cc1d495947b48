"""`python -m jikimi.screens.openapi`: the desk's OpenAPI on standard output, for the screens' types. It must never differ
from one run to the next.
"""

import json
import sys


def text() -> str:
    """The desk's OpenAPI as stable JSON text."""
    from jikimi.app.desk import application  # noqa: PLC0415 - the desk serves us; only this command looks back

    said = application().openapi()
    said["info"]["version"] = "0"  # types do not change with a release
    return json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
