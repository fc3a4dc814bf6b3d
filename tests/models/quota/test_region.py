"""A region's question of sharing: rules of the years, keys that follow each other, corrections."""

from fractions import Fraction

import polars as pl
import pytest
from pydantic import ValidationError

from models.errors import RefusedError
from models.quota.keys import Correction, key_shares, shares_by_year
from models.quota.region import RegionSharing, formula_shares
from tests.models.quota.declared import CODES, SOURCE, correction, factor, key, rule

pytestmark = pytest.mark.unit

FIGURES = pl.DataFrame(
    {
        "municipality_code": CODES,
        "households": [50, 30, 15, 5],
        "population": [10, 20, 30, 40],
    }
)


def sharing(*keys, **parts) -> RegionSharing:
    """Ask for ten homes a year from 2026 to 2029."""
    years = range(2026, 2030)
    options = {"caps": {}, "expected": dict.fromkeys(years, 10.0)} | parts
    return RegionSharing(keys, {item.id: FIGURES for item in keys}, **options)


def test_the_correction_of_the_worked_example_is_multiplicative() -> None:
    """Base .80/.10/.10, pressure 1/2/2: .889/.056/.056; an additive mix gives .770/.115/.115."""
    base = pl.DataFrame({"municipality_code": ["A", "B", "C"], "base": [8, 1, 1]})
    shares = key_shares(base, {"base": 1}, Correction({"A": 1, "B": 2, "C": 2})).shares
    assert [round(float(share), 3) for share in shares] == [0.889, 0.056, 0.056]


def test_a_correction_keeps_its_bounds_and_its_parts() -> None:
    base = pl.DataFrame({"municipality_code": ["A", "B", "C"], "base": [8, 1, 1]})
    asked = Correction({"A": 1, "B": 2, "C": 4}, reference=2, least=Fraction(3, 4), most=2)
    found = key_shares(base, {"base": 1}, asked)
    assert found.reference == 2
    assert found.corrections == (2, 1, Fraction(3, 4))
    total = Fraction(16, 10) + Fraction(1, 10) + Fraction(3, 40)
    assert found.shares[0] == Fraction(16, 10) / total
    assert found.base_shares == (Fraction(8, 10), Fraction(1, 10), Fraction(1, 10))


def test_half_a_strength_takes_the_root_and_none_leaves_the_base() -> None:
    base = pl.DataFrame({"municipality_code": ["A", "B"], "base": [1, 1]})
    half = key_shares(base, {"base": 1}, Correction({"A": 1, "B": 4}, strength=0.5))
    assert [float(share) for share in half.shares] == pytest.approx([2 / 3, 1 / 3])
    none = key_shares(base, {"base": 1}, Correction({"A": 1, "B": 4}, strength=0))
    assert none.shares == none.base_shares


def test_more_pressure_never_raises_a_share_even_where_the_reference_moves_along() -> None:
    base = pl.DataFrame({"municipality_code": ["A", "B", "C"], "base": [5, 3, 2]})
    shares = []
    for pressure in (1, 2, 5, 20, 100):
        asked = Correction({"A": 3, "B": pressure, "C": 4}, least=0.5, most=2)
        shares.append(key_shares(base, {"base": 1}, asked).shares[1])
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1]


def test_a_pressure_that_is_missing_or_not_above_zero_is_named() -> None:
    base = pl.DataFrame({"municipality_code": ["A", "B"], "base": [1, 1]})
    with pytest.raises(RefusedError, match="care pressure of B: the value is missing"):
        key_shares(base, {"base": 1}, Correction({"A": 1}))
    with pytest.raises(RefusedError, match="care pressure of A: nothing can be divided by"):
        key_shares(base, {"base": 1}, Correction({"A": 0, "B": 1}))


def test_a_transition_goes_in_equal_steps_from_the_old_shares_to_the_new() -> None:
    old, new = {"A": Fraction(1), "B": Fraction(0)}, {"A": Fraction(0), "B": Fraction(1)}
    found = shares_by_year([(2022, 0, old), (2025, 3, new)], range(2024, 2030))
    assert [found[year]["B"] for year in range(2024, 2030)] == [
        0, Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), 1, 1,
    ]  # fmt: skip
    assert all(sum(shares.values()) == 1 for shares in found.values())


def test_a_key_that_comes_during_a_transition_starts_from_where_that_had_come() -> None:
    first, second, third = ({"A": Fraction(n, 8), "B": Fraction(8 - n, 8)} for n in (0, 8, 4))
    found = shares_by_year([(2022, 0, first), (2023, 3, second), (2025, 1, third)], [2024, 2025])
    assert found[2024]["A"] == Fraction(1, 2)
    assert found[2025]["A"] == Fraction(1, 2)


def test_own_columns_and_a_correction_are_read_from_the_key() -> None:
    own = factor("vacancies", values=dict(zip(CODES, (1, 1, 1, 1), strict=True)), source=SOURCE)
    pressed = correction(dict(zip(CODES, (1, 1, 1, 2), strict=True)), most=10)
    found = formula_shares(key(2022, own, correction=pressed), FIGURES)
    assert found.base_shares == (Fraction(1, 4),) * 4
    assert found.shares == (Fraction(2, 7),) * 3 + (Fraction(1, 7),)


def test_bounds_and_opt_outs_belong_to_the_key_in_force() -> None:
    old = key(2022)
    new = key(2028, municipalities=(rule("GM0001", opted_out=True), rule("GM0004", minimum=2)))
    rules = sharing(old, new).rules(range(2026, 2030))
    assert rules[2027].shares["GM0001"] == Fraction(1, 2)
    assert rules[2028].shares["GM0001"] == 0
    assert rules[2028].shares["GM0002"] == Fraction(3, 5)
    assert rules[2027].minimum == {}
    assert rules[2028].minimum == {"GM0004": 2}
    quotas = sharing(old, new).split().quotas
    assert quotas.filter(year=2028, municipality_code="GM0001")["quota"].item() == 0
    assert quotas.filter(year=2028, municipality_code="GM0004")["quota"].item() >= 2
    assert quotas.filter(year=2028)["quota"].sum() == 10


def test_a_region_where_everybody_opted_out_is_refused() -> None:
    everybody = tuple(rule(code, opted_out=True) for code in CODES)
    with pytest.raises(RefusedError, match="every municipality with a share has opted out of 2026"):
        sharing(key(2022, municipalities=everybody)).split()


def test_one_household_more_changes_only_that_municipality() -> None:
    more = sharing(key()).with_households("GM0003", 5)
    assert more.shares_of("sleutel-2022").values["households"] == (50, 30, 20, 5)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"valid_from": "2022-07"}, "valid_from must be a January"),
        ({"tie_rule": "lot"}, "lot_seed belongs to tie_rule"),
        ({"factors": (factor("households"), factor("households"))}, "stands more than once"),
        ({"factors": (factor("woz"),)}, "give its values by municipality and a source"),
        ({"factors": (factor("households", values={"GM0001": 1.0}),)}, "leave values out"),
    ],
)
def test_a_key_that_cannot_be_declared_is_refused(parts, words) -> None:
    with pytest.raises(ValidationError, match=words):
        key(**parts)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "give opted_out, or a minimum or maximum"),
        ({"opted_out": True, "maximum": 3}, "give opted_out, or a minimum or maximum"),
        ({"minimum": 4, "maximum": 3}, "minimum 4 is above maximum 3"),
    ],
)
def test_a_rule_says_one_thing(parts, words) -> None:
    with pytest.raises(ValidationError, match=words):
        rule("GM0001", **parts)


def test_who_is_no_member_in_a_year_has_no_share_of_it_and_no_minimum() -> None:
    first, last = CODES[0], CODES[-1]
    declared = key(2026, municipalities=[rule(last, minimum=2)])
    members = {year: frozenset(CODES) - {last} for year in (2026, 2027)}
    asked = sharing(declared, members=members)
    rules = asked.rules([2026, 2028])
    assert rules[2026].shares[last] == 0
    assert sum(rules[2026].shares.values()) == sum(rules[2028].shares.values()) == 1
    assert rules[2026].shares[first] == Fraction(50, 95)
    assert (rules[2026].minimum, rules[2028].minimum) == ({}, {last: 2})
    quotas = asked.split().quotas
    homes = {
        (year, code): number
        for year, code, number in quotas.select("year", "municipality_code", "quota").iter_rows()
    }
    assert homes[2026, last] == homes[2027, last] == 0
    assert homes[2028, last] == 2
    assert sharing(declared, members={}).split().quotas.equals(sharing(declared).split().quotas)
