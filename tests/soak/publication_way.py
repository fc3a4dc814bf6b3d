"""The way of a publication on the real job with a secret key, as evidence.

Belongs here: running `tests/soak/test_publication_way.py`, which takes two whole runs, and writing
down what came of it. Does not belong here: what it holds true.
"""

from pathlib import Path

import pytest

from tests.evidence import write_evidence

_FILE = Path(__file__).with_name("test_publication_way.py")
_SEED = 0
"""Nothing in it is drawn."""


class _Counted:
    """Counts the tests that passed."""

    def __init__(self) -> None:
        self.passed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.when == "call" and report.passed


def soak_publication_way() -> None:
    """Run it.

    Raises:
        SystemExit: A test failed.
    """
    counted = _Counted()
    if code := pytest.main(["-n0", "-q", str(_FILE)], plugins=[counted]):
        raise SystemExit(f"the way of a publication is broken ({code})")
    write_evidence(
        "soak-publication-way",
        seed=_SEED,
        counts={"tests": counted.passed, "runs": 2},
        results={"failed": 0},
    )
