"""Tests that take minutes by themselves, run here and written down as evidence.

Belongs here: running the tests of this folder: the way of a publication (two whole runs with a
secret key), non-interference (every format of three roots), regions under attack. Does not belong
here: what they hold true.
"""

from pathlib import Path

import pytest

from tests.evidence import write_evidence

_FILES = ("test_publication_way.py", "test_non_interference.py", "test_attacked_regions.py")
_SEED = 0
"""Nothing in it is drawn."""


class _Counted:
    """Counts the tests that passed."""

    def __init__(self) -> None:
        self.passed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.when == "call" and report.passed


def soak_long_tests() -> None:
    """Run them.

    Raises:
        SystemExit: A test failed.
    """
    counted = _Counted()
    files = [str(Path(__file__).with_name(name)) for name in _FILES]
    if code := pytest.main(["-n0", "-q", *files], plugins=[counted]):
        raise SystemExit(f"a long test failed ({code})")
    write_evidence(
        "soak-long-tests",
        seed=_SEED,
        counts={"tests": counted.passed},
        results={"failed": 0},
    )
