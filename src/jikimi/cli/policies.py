"""`jikimi policies`: who may know what. It must never say what the policies in force do not."""

import typer


def command() -> None:
    """Who may know what: every policy with its article, every permission, every field."""
    from jikimi.cli.policy_table import table  # noqa: PLC0415 - see cli.main

    typer.echo(table(), nl=False)
