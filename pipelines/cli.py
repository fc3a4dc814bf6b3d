"""The command line: what people and scripts call, with its exit codes.

Belongs here: which commands there are, and every way out. Does not belong here: what a command does
(`pipelines.commands`).
"""

import signal
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import NoReturn

import typer

from pipelines.commands import calculating, publishing, receiving, running
from pipelines.commands.running import StopRequestedError
from pipelines.commands.telling import complain, log_file
from pipelines.troubles import FAILED, explain

COMMANDS: Mapping[str, Callable[..., None]] = {
    "run": running.run,
    "check": receiving.check,
    "confirm": receiving.confirm,
    "retract": receiving.retract_source,
    "compare": running.compare,
    "bridge": running.bridge,
    "explain": calculating.explain_number,
    "report": publishing.report,
    "release": publishing.release,
    "attack": publishing.attack,
    "verify": publishing.verify,
    "explain-figure": publishing.explain_figure,
    "reproduce": publishing.reproduce,
    "forecast": calculating.forecast,
    "quota": calculating.quota,
    "lint-key": calculating.lint_key,
    "example-data": receiving.example_data,
    "fetch": receiving.fetch,
    "new-region": receiving.make_region,
    "new-key": receiving.make_key,
    "purge": receiving.purge,
}
"""Every command, in the order in which help lists them."""

app = typer.Typer(
    name="uitstroom",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _about() -> None:
    """Ten years of outflow from care into ordinary homes, region by region.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused (a delivery, or another run is going).
    """


for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


def main() -> NoReturn:
    """Run the command line; every way out is an exit code and, at most, sentences."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        app(prog_name="uitstroom")
    except StopRequestedError:
        complain(["stopped; what was there stays as it was."])
        sys.exit(FAILED)
    except Exception as error:
        code, lines = explain(error, log_file())
        complain(lines)
        sys.exit(code)
    sys.exit()


def _stop(signum: int, frame: FrameType | None) -> None:
    raise StopRequestedError
