"""Insider, neighbour and history: what each of them knows besides, on cases worked out by hand."""

import pytest

from models.attack import (
    Flaw,
    Publication,
    Relation,
    attack_history,
    attack_insider,
    attack_neighbour,
    exact,
    rounded,
)

pytestmark = pytest.mark.unit

SUM = (Relation("all", ("a", "b")),)


def test_an_insider_subtracts_its_own_people() -> None:
    """Six in all and two in b leave four in a: who has three of these knows of one more."""
    publication = Publication((rounded("a", 5, 5), exact("b", 2), exact("all", 6)), SUM)
    result = attack_insider(publication, {"one": {"a": 3}, "two": {"a": 0}})
    assert result.cells == 2
    assert [(one.by, one.flaw, one.least, one.most) for one in result.findings] == [
        ("one", Flaw.PINNED, 1, 1),
        ("two", Flaw.PINNED, 4, 4),
    ]


def test_a_rest_that_may_be_nobody_is_no_finding() -> None:
    publication = Publication((rounded("a", 5, 5),))
    assert attack_insider(publication, {"one": {"a": 9}, "two": {"a": 8}}).findings == ()
    assert attack_insider(publication, {"two": {"a": 8}}).cells == 1


def test_a_narrow_rest_of_somebody_is_a_finding() -> None:
    """At most nine in all and two in b leave six or seven in a: who has five knows of one or two.

    Who has six of them knows of one at most, who may be nobody.
    """
    publication = Publication((rounded("a", 10, 5), exact("b", 2), rounded("all", 5, 5)), SUM)
    result = attack_insider(publication, {"one": {"a": 5}})
    assert (result.pinned, result.within_two) == (0, 2)
    assert {(one.cell, one.flaw, one.least, one.most) for one in result.findings} == {
        ("a", Flaw.NARROW, 1, 2),
        ("all", Flaw.NARROW, 8, 9),
    }
    assert "a" not in {one.cell for one in attack_insider(publication, {"one": {"a": 6}}).findings}


def test_own_people_in_some_cells_narrow_others() -> None:
    """The total is 9 at most: whoever has 4 of his own in a and 3 in b leaves 2 at most."""
    publication = Publication((rounded("all", 5, 5), rounded("a", 5, 5), rounded("b", 5, 5)), SUM)
    result = attack_insider(publication, {"one": {"a": 4, "b": 3, "all": 7}})
    assert result.findings == ()
    assert result.cells == 3


def test_a_neighbour_knows_that_a_cell_is_not_empty() -> None:
    """Shown 0 is 0 to 4, then 1 to 4; beside it at most three are left of a total shown as 0."""
    publication = Publication(tuple(rounded(cell, 0, 5) for cell in ("a", "b", "all")), SUM)
    result = attack_neighbour(publication)
    assert (result.pinned, result.within_two, result.narrowest) == (0, 0, 3)
    narrow = Publication((exact("all", 1), rounded("a", 0, 5), rounded("b", 0, 5)), SUM)
    found = attack_neighbour(narrow)
    assert found.pinned == found.cells == 4
    assert {(one.cell, one.least, one.by) for one in found.findings} == {
        ("a", 1, "a"), ("b", 0, "a"), ("b", 1, "b"), ("a", 0, "b"),
    }  # fmt: skip


def test_releases_of_one_count_are_laid_over_each_other() -> None:
    """5 and 10 for one count leave 6 to 9; 0 and 10 cannot be one count, so it was revised."""
    first, second = Publication((rounded("a", 5, 5),)), Publication((rounded("a", 10, 5),))
    result = attack_history({"1": first, "2": second}, {})
    assert (result.cells, result.narrowest, result.findings) == (1, 3, ())
    revised = attack_history({"1": Publication((rounded("a", 0, 5),)), "2": second}, {})
    assert (revised.cells, revised.narrowest, revised.findings) == (2, 4, ())


def test_a_count_that_is_still_open_is_another_one_in_every_release() -> None:
    first, second = Publication((rounded("a", 5, 5),)), Publication((rounded("a", 10, 5),))
    result = attack_history(
        {"1": first, "2": second}, {"1": frozenset({"a"}), "2": frozenset({"a"})}
    )
    assert (result.cells, result.narrowest) == (2, 8)


def test_one_exact_figure_in_an_old_release_pins_the_new_one() -> None:
    result = attack_history(
        {"1": Publication((exact("a", 3),)), "2": Publication((rounded("a", 5, 5),))}, {}
    )
    assert (result.pinned, result.within_two) == (1, 1)


def test_windows_of_months_tell_no_more_than_the_months_between_them() -> None:
    """Two years that share eleven months, months unpublished: no month is narrow."""
    months = [f"m{n}" for n in range(13)]
    first = Publication((rounded("y1", 5, 5),), (Relation("y1", tuple(months[:12])),))
    second = Publication((rounded("y2", 10, 5),), (Relation("y2", tuple(months[1:])),))
    result = attack_history({"1": first, "2": second}, {})
    assert (result.cells, result.pinned, result.within_two) == (15, 0, 0)
