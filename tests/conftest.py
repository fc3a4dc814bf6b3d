"""What every test obeys: exactly one kind, and generated cases that are the same every time."""

import pytest
from hypothesis import settings

KINDS = ("unit", "properties", "reference", "golden", "integration", "browser", "architecture")

settings.register_profile("same-every-time", derandomize=True, deadline=None, database=None)
settings.load_profile("same-every-time")


def kinds_of(item: pytest.Item) -> list[str]:
    """List the kinds that a test carries, on itself, its class or its module."""
    return sorted({mark.name for mark in item.iter_markers() if mark.name in KINDS})


def refuse_unmarked(items: list[pytest.Item]) -> None:
    """Refuse a collection in which a test carries no kind, or more than one.

    Raises:
        pytest.UsageError: Names the tests and their kinds.
    """
    wrong = [f"{item.nodeid} ({kinds_of(item)})" for item in items if len(kinds_of(item)) != 1]
    if wrong:
        listed = "\n  ".join(wrong)
        raise pytest.UsageError(
            f"each test carries exactly one of the markers {', '.join(KINDS)}; these do not:\n"
            f"  {listed}"
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Check the kinds once all tests are collected."""
    refuse_unmarked(items)
