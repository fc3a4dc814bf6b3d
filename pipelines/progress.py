"""Progress of a run on the terminal: one line a step, with seconds, read off Dagster's events.

Belongs here: the lines. Does not belong here: anything that a run needs to work.
"""

import logging
import sys
from typing import Any, TextIO

import dagster as dg

LOGGER = "progress"
_STARTED, _DONE, _FAILED = "STEP_START", "STEP_SUCCESS", "STEP_FAILURE"
_WIDTH = 12


class StepLines(logging.Handler):
    """Writes a line for every step that ends; on a terminal the running step is seen too.

    Args:
        label: What the steps are of: a region, or the warehouse.
        stream: Where to write.
    """

    def __init__(self, label: str, stream: TextIO) -> None:
        super().__init__()
        self._label, self._stream = label, stream
        self._is_terminal = stream.isatty()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of an event, if it is the start or the end of a step."""
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None or event.event_type_value not in (_STARTED, _DONE, _FAILED):
            return
        start = f"{self._label}  {event.step_key:<{_WIDTH}}"
        if event.event_type_value == _STARTED:
            self._write(f"{start} ...", is_final=False)
        elif event.event_type_value == _FAILED:
            self._write(f"{start} failed")
        else:
            self._write(f"{start} {event.event_specific_data.duration_ms / 1000:6.1f} s")

    def _write(self, line: str, *, is_final: bool = True) -> None:
        if self._is_terminal:
            self._stream.write(f"\r\x1b[K{line}" + ("\n" if is_final else ""))
        elif is_final:
            self._stream.write(f"{line}\n")
        self._stream.flush()


@dg.logger(
    config_schema={"label": dg.Field(str, description="What the steps are of.")},
    description="One line a step on standard error.",
)
def progress_logger(context: Any) -> logging.Logger:
    """Make the logger that the command line asks for, in the place of Dagster's own console."""
    logger = logging.Logger(LOGGER, level=logging.DEBUG)
    logger.addHandler(StepLines(context.logger_config["label"], sys.stderr))
    return logger


def quiet_loggers(label: str) -> dict[str, Any]:
    """Give the run config that shows the lines of this module and nothing else."""
    return {LOGGER: {"config": {"label": label}}}
