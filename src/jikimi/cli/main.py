"""The command ``jikimi``. Every command loads its own rooms, so that ``--help`` answers at once."""

import logging

import structlog
import typer

from jikimi import __version__
from jikimi.cli import (
    accounts,
    compiling,
    decode,
    demo,
    doctor,
    field,
    importing,
    keys,
    locate,
    migrate,
    policies,
    replay,
    serve,
    simulate,
    verify,
    witness,
)
from jikimi.cli.bench import chaos as bench_chaos
from jikimi.cli.bench import detect as bench_detect
from jikimi.cli.bench import latency as bench_latency
from jikimi.cli.bench import quality as bench_quality
from jikimi.kernel.logs import StandardError

app = typer.Typer(
    name="jikimi", no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False,
    help="Joins offender monitoring, police dispatch and victim protection.",
)  # fmt: skip
bench = typer.Typer(no_args_is_help=True, help="What is measured, and how to repeat it.")
load = typer.Typer(no_args_is_help=True, help="Registry documents and boundaries, from files.")
secrets = typer.Typer(no_args_is_help=True, help="The keys under which data lies sealed.")
staff = typer.Typer(no_args_is_help=True, help="Accounts, by the installation's operator.")
export = typer.Typer(no_args_is_help=True, help="What leaves the system, in files.")


def _version(wanted: bool) -> None:  # noqa: FBT001 - Typer's callback
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),  # noqa: FBT001
) -> None:
    del version
    # Standard output is a command's answer; whatever else is said goes beside it.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=StandardError,
    )


app.command("serve")(serve.command)
app.command("migrate")(migrate.command)
app.command("replay")(replay.command)
app.command("compile")(compiling.command)
app.command("simulate")(simulate.command)
app.command("decode")(decode.command)
app.command("locate")(locate.command)
app.command("policies")(policies.command)
app.command("verify")(verify.command)
app.command("witness")(witness.command)
app.command("doctor")(doctor.command)
app.command("field")(field.command)
app.command("demo")(demo.command)
bench.command("chaos")(bench_chaos.command)
bench.command("detect")(bench_detect.command)
bench.command("latency")(bench_latency.command)
bench.command("quality")(bench_quality.command)
app.add_typer(bench, name="bench")
load.command("registry")(importing.registry)
load.command("jurisdictions")(importing.jurisdictions)
app.add_typer(load, name="import")
secrets.command("rotate")(keys.rotate)
secrets.command("backup")(keys.backup)
app.add_typer(secrets, name="keys")
staff.command("end")(accounts.end)
staff.command("restore")(accounts.restore)
app.add_typer(staff, name="accounts")
export.command("ledger")(verify.export_command)
export.command("checkpoint")(witness.export_command)
app.add_typer(export, name="export")
