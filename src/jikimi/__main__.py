"""``python -m jikimi`` is the command ``jikimi``."""

from jikimi.cli.main import app

if __name__ == "__main__":
    app()
