"""Every test carries exactly one kind; a collection with another test in it is refused."""

from pathlib import Path

import pytest

from tests.conftest import KINDS, refuse_unmarked

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]


class Item:
    """A test as pytest hands it over, with marks only."""

    def __init__(self, nodeid: str, *names: str) -> None:
        self.nodeid = nodeid
        self.marks = [getattr(pytest.mark, name).mark for name in names]

    def iter_markers(self) -> list[pytest.Mark]:
        return self.marks


def test_one_kind_is_enough_and_repeating_it_does_no_harm() -> None:
    items = [Item(f"test_{kind}", kind) for kind in KINDS]
    refuse_unmarked([*items, Item("test_twice", "unit", "unit"), Item("t", "unit", "parametrize")])  # type: ignore[list-item]


@pytest.mark.parametrize("names", [(), ("unit", "golden"), ("parametrize",)])
def test_none_or_two_kinds_are_refused_and_the_test_is_named(names: tuple[str, ...]) -> None:
    with pytest.raises(pytest.UsageError, match="test_of_no_or_two_kinds"):
        refuse_unmarked([Item("test_fine", "unit"), Item("test_of_no_or_two_kinds", *names)])  # type: ignore[list-item]


def test_the_kinds_are_those_that_are_declared(pytestconfig: pytest.Config) -> None:
    declared = {line.split(":")[0].strip() for line in pytestconfig.getini("markers")}
    assert set(KINDS) <= declared


def test_nothing_is_skipped_deselected_or_expected_to_fail() -> None:
    words = ("mark." + "skip", "pytest." + "skip(", "x" + "fail", "import" + "orskip")
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in words if word in text], path
