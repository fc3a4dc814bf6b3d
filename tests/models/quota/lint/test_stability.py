"""How often a home moves when inputs move inside their rounding."""

from dataclasses import replace

import pytest

from models.quota.lint import PRESSURE, KeyCase, KeyRule, stability
from models.quota.lint.columns import rounding_unit

RULE = KeyRule("largest-remainder")
EDGE = KeyCase(
    ("A", "B", "C"), {"households": (500, 500, 1000)}, {"households": 1}, (6,),
    roundings={"households": 100.0},
)  # fmt: skip
"""1.5, 1.5 and 3 of 6 homes: one home lies between A and B."""


@pytest.mark.unit
def test_a_home_between_two_equal_shares_moves_half_of_the_time() -> None:
    case = KeyCase(
        ("A", "B"), {"households": (500, 500)}, {"households": 1}, (5,),
        roundings={"households": 100.0},
    )  # fmt: skip
    table = stability(case, RULE, draws=2000)
    assert table["homes"].to_list() == [3, 2]
    assert table["share_moved"].to_list() == pytest.approx([0.5, 0.5], abs=0.05)
    assert table["lowest"].to_list() == [2, 2]
    assert table["highest"].to_list() == [3, 3]


@pytest.mark.unit
def test_nothing_moves_without_rounding_and_the_table_is_the_same_every_time() -> None:
    still = stability(replace(EDGE, roundings={"households": 0.0}), RULE, draws=50)
    assert still["share_moved"].to_list() == [0.0, 0.0, 0.0]
    one, two = (stability(EDGE, RULE, draws=100) for _ in range(2))
    assert one.equals(two)
    assert not one.equals(stability(EDGE, RULE, draws=100, seed=1))


@pytest.mark.unit
def test_the_moves_follow_codes_and_not_rows() -> None:
    turned = stability(EDGE.in_order([2, 0, 1]), RULE, draws=100)
    straight = stability(EDGE, RULE, draws=100)
    assert turned.sort("municipality_code").equals(straight)


@pytest.mark.unit
def test_a_declared_unit_may_differ_by_municipality_and_the_pressure_moves_too() -> None:
    case = replace(EDGE, roundings={"households": (0.0, 0.0, 0.0)}, pressures=(1.0, 1.0, 1.0))
    case = replace(case, roundings={**case.roundings, PRESSURE: 0.0})
    assert stability(case, RULE, draws=50)["share_moved"].sum() == 0.0
    moved = replace(case, roundings={**case.roundings, PRESSURE: (0.0, 0.9, 0.0)})
    assert stability(moved, RULE, draws=200)["share_moved"].to_list()[1] > 0.0


@pytest.mark.unit
@pytest.mark.parametrize(
    ("values", "unit"),
    [((1200, 35700), 100.0), ((3.5, 2.25), 0.01), ((7, 12), 1.0), ((40, 0), 10.0), ((0.5, 3), 0.1),
     ((1e6, 2e6), 1e6), ((0, 0), 1.0)],
)  # fmt: skip
def test_the_unit_of_rounding_shows_in_the_digits(values: tuple[float, ...], unit: float) -> None:
    assert rounding_unit(values) == pytest.approx(unit)
