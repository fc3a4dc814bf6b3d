"""Where Dagster keeps its state: set before dagster is imported, the same way for everybody.

The command line, `make dev` and the tests go through this module, because `dagster.yaml` ends in a
traceback when one of its environment values is unset, and because Dagster reads relative folders
from the current directory. Belongs here: those environment values, and starting Dagster's own
commands with them. Does not belong here: an import of dagster.

`python -m pipelines.instance dagster dev -m pipelines.definitions` starts a command of Dagster.
"""

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

from models.errors import UitstroomError, UsageError
from pipelines.paths import CHECKOUT, DataRoot

STATE_FOLDER = ".dagster"
LOG_FILE = "uitstroom.log"


def state_folder(environ: MutableMapping[str, str] = os.environ) -> Path:
    """Give the folder of Dagster's state: beside the checkout's data, or in the own data root."""
    root = DataRoot.from_environment(environ)
    return (CHECKOUT if root.is_of_checkout else root.path) / STATE_FOLDER


def prepare_instance(
    *,
    home: Path = CHECKOUT,
    state: Path | None = None,
    environ: MutableMapping[str, str] = os.environ,
) -> Path:
    """Set the environment values that Dagster reads, all absolute, and make the state folder.

    Args:
        home: The folder that holds `dagster.yaml`.
        state: Another state folder than the usual one.
        environ: The environment to write to.

    Returns:
        The state folder.

    Raises:
        UitstroomError: There is no `dagster.yaml`, or the state folder cannot be made.
    """
    home = home.resolve()
    if not (home / "dagster.yaml").is_file():
        raise UitstroomError(
            "dagster.yaml is not there",
            where=str(home),
            todo="Run from an installation that was made by scripts/setup.",
        )
    folder = (state_folder(environ) if state is None else state).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UitstroomError(
            "the folder for Dagster's state cannot be made",
            where=str(folder),
            found=error.strerror or "",
            todo="Give write access, or point UITSTROOM_DATA to another folder.",
        ) from error
    environ["DAGSTER_HOME"] = str(home)
    environ["UITSTROOM_STATE"] = str(folder)
    environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    return folder


def main(arguments: list[str] | None = None) -> None:
    """Replace this process by a command of Dagster, with the environment set.

    Args:
        arguments: The command, e.g. `dagster dev -m pipelines.definitions`.
    """
    command = sys.argv[1:] if arguments is None else arguments
    try:
        if not command:
            raise UsageError(
                "no command was given", todo="Say: dagster dev -m pipelines.definitions"
            )
        prepare_instance()
        program = Path(sys.executable).with_name(command[0])
        if not program.exists():
            raise UsageError(f"{command[0]!r} is not installed beside Python", where=str(program))
    except UitstroomError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_code) from None
    os.execv(program, [str(program), *command[1:]])


if __name__ == "__main__":
    main()
