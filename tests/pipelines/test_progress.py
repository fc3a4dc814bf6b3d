"""The lines of progress: one a step, plain where nobody watches."""

import io
import logging
from types import SimpleNamespace

import pytest

from pipelines.progress import StepLines, progress_logger, quiet_loggers

pytestmark = pytest.mark.unit


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def record(kind: str, step: str = "core", milliseconds: float = 1234.0) -> logging.LogRecord:
    found = logging.LogRecord("dagster", logging.DEBUG, "", 0, "", None, None)
    data = SimpleNamespace(duration_ms=milliseconds)
    event = SimpleNamespace(event_type_value=kind, step_key=step, event_specific_data=data)
    found.dagster_meta = {"dagster_event": event}
    return found


def lines_of(stream: io.StringIO, *kinds: str) -> str:
    handler = StepLines("zuid", stream)
    for kind in kinds:
        handler.emit(record(kind))
    return stream.getvalue()


def test_a_step_is_one_line_with_its_seconds() -> None:
    text = lines_of(io.StringIO(), "STEP_START", "ASSET_MATERIALIZATION", "STEP_SUCCESS")
    assert text == "zuid  core            1.2 s\n"


def test_a_step_that_fails_is_told_as_such() -> None:
    assert lines_of(io.StringIO(), "STEP_START", "STEP_FAILURE") == "zuid  core         failed\n"


def test_on_a_terminal_the_running_step_is_seen_and_then_replaced() -> None:
    text = lines_of(Terminal(), "STEP_START", "STEP_SUCCESS")
    shown, replaced = text.split("\r")[1:]
    assert "..." in shown
    assert not shown.endswith("\n")
    assert replaced.endswith("1.2 s\n")


def test_records_that_are_no_events_are_passed_over() -> None:
    stream = io.StringIO()
    StepLines("zuid", stream).emit(
        logging.LogRecord("dagster", logging.DEBUG, "", 0, "", None, None)
    )
    assert stream.getvalue() == ""


def test_the_command_asks_for_these_lines_and_for_nothing_else() -> None:
    assert quiet_loggers("zuid") == {"progress": {"config": {"label": "zuid"}}}
    assert progress_logger.description
