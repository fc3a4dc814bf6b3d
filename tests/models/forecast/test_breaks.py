"""Structural breaks: scaled, left out or left alone, and said."""

import numpy as np
import pytest

from models.forecast.breaks import apply_breaks, shrunk_ratio
from models.months import month_of
from models.params import StructuralBreak
from models.records import Source

MONTHS = list(range(month_of(2019, 1), month_of(2024, 1)))


def broken(month: str = "2021-01", *, applies: bool = True, name: str = "law") -> StructuralBreak:
    return StructuralBreak(
        id=name,
        month=month,
        target_groups=("shelter",),
        why="Een verzonnen wet neemt een deel over",
        applies=applies,
        source=Source(title="Verzonnen wet", publisher="Proeftuin"),
    )


@pytest.mark.unit
def test_months_before_a_break_come_to_the_level_after_it() -> None:
    counts = np.concatenate([np.full(24, 100.0), np.full(36, 60.0)])
    found = apply_breaks(counts, MONTHS, [broken()], "shelter")
    assert found.counts[:24] == pytest.approx(60.0, rel=0.01)
    assert (found.counts[24:] == 60.0).all()
    assert found.months == MONTHS
    assert found.notes == ("law (2021-01): months before it x 0.60",)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("month", "months_left", "note"),
    [
        ("2019-07", 54, "law (2019-07): months before it left out"),
        ("2023-09", 60, "law (2023-09): too few months after it, nothing done"),
    ],
)
def test_too_few_months_on_a_side(month: str, months_left: int, note: str) -> None:
    counts = np.arange(60.0)
    found = apply_breaks(counts, MONTHS, [broken(month)], "shelter")
    assert (found.notes, len(found.months)) == ((note,), months_left)
    assert found.counts.tolist() == counts[60 - months_left :].tolist()


@pytest.mark.unit
@pytest.mark.parametrize(
    ("item", "group"),
    [
        (broken(applies=False), "shelter"),
        (broken(), "refuge"),
        (broken("2019-01"), "shelter"),
        (broken("2024-01"), "shelter"),
    ],
)
def test_a_break_elsewhere_does_nothing(item: StructuralBreak, group: str) -> None:
    counts = np.arange(60.0)
    found = apply_breaks(counts, MONTHS, [item], group)
    assert found.notes == ()
    assert found.counts.tolist() == counts.tolist()


@pytest.mark.unit
def test_a_ratio_of_few_counts_is_drawn_towards_one() -> None:
    few = shrunk_ratio(np.full(24, 0.5), np.full(24, 0.25))
    many = shrunk_ratio(np.full(24, 500.0), np.full(24, 250.0))
    assert many == pytest.approx(0.5, abs=0.01)
    assert 0.6 < few < 0.95
    assert shrunk_ratio(np.full(12, 7.0), np.full(24, 7.0)) == pytest.approx(1.0, abs=0.01)


@pytest.mark.unit
def test_breaks_are_taken_in_order_of_time() -> None:
    counts = np.concatenate([np.full(20, 100.0), np.full(20, 50.0), np.full(20, 200.0)])
    breaks = [broken("2022-05", name="b"), broken("2020-09", name="a")]
    found = apply_breaks(counts, MONTHS, breaks, "shelter")
    assert [note.split()[0] for note in found.notes] == ["a", "b"]
    assert found.counts == pytest.approx(np.full(60, 200.0), rel=0.03)
