"""What every test obeys: one kind, an order, and generated cases that are the same every time."""

import gc

import pytest
from hypothesis import settings

KINDS = ("integration", "browser", "reference", "golden", "properties", "architecture", "unit")
"""Kinds of tests, in the order in which files are run: those that take long come first, so that two
workers end together."""

settings.register_profile("same-every-time", derandomize=True, deadline=None, database=None)
settings.load_profile("same-every-time")


_OBJECTS_BETWEEN_COLLECTIONS = 50_000


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


def put_long_files_first(items: list[pytest.Item]) -> None:
    """Order files by the first of their tests' kinds; nothing moves within a file."""
    first: dict[str, int] = {}
    for item in items:
        file = item.nodeid.partition("::")[0]
        rank = min(KINDS.index(kind) for kind in kinds_of(item))
        first[file] = min(rank, first.get(file, rank))
    items.sort(key=lambda item: first[item.nodeid.partition("::")[0]])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Check the kinds once all tests are collected, and order the files."""
    refuse_unmarked(items)
    put_long_files_first(items)


def pytest_collection_finish() -> None:
    """Let Python not walk over the libraries again and again: a seventh of the whole time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
