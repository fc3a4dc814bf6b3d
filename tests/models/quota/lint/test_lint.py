"""The linter on known keys, planted faults and sound keys; every counter-example is run again."""

from dataclasses import replace

import numpy as np
import pytest

from models.errors import RefusedError, UsageError
from models.quota.lint import (
    LAW_IDS,
    PRESSURE,
    Finding,
    KeyCase,
    KeyRule,
    KeySplit,
    Severity,
    SplitRule,
    lint,
)
from tests.models.quota.lint.random_keys import (
    PLANTED,
    additive_inverse,
    first_rows_first,
    generators,
    random_case,
    rounds_naively,
)

CODES = ("A", "B", "C")
EU = KeyCase(CODES, {"households": (800, 100, 100)}, {"households": 1}, (100,), (1, 2, 2))
"""The counter-example to an inverse that is averaged in: base .80/.10/.10, pressure 1/2/2."""
ALABAMA = KeyCase(CODES, {"households": (6, 6, 2)}, {"households": 1}, (10,))
KEYS = 500
EXACT_KEYS = 60
"""Keys of each planted fault in a full lint, which takes longer than its own law."""


def one(findings: tuple[Finding, ...], law: str) -> Finding:
    (found,) = [finding for finding in findings if finding.law == law]
    return found


def grave(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is not Severity.NOTE]


@pytest.mark.reference
def test_the_additive_inverse_of_2015_is_refused_with_its_published_numbers() -> None:
    rule = additive_inverse(0.1)
    found = one(lint(EU, rule), "least-burdened-loses")
    assert (found.severity, found.code) == (Severity.REFUSED, "A")
    assert found.values["percent_before"] == pytest.approx(80.0)
    assert found.values["percent_after"] == pytest.approx(77.0)
    assert "80.0 % to 77.0 %" in found.sentence
    assert rule(EU).exact[0] == pytest.approx([77.0, 11.5, 11.5])
    assert found.holds_against(rule)


@pytest.mark.reference
def test_the_multiplicative_correction_of_the_same_key_is_not() -> None:
    rule = KeyRule()
    assert rule(EU).exact[0] == pytest.approx([800 / 9, 50 / 9, 50 / 9])
    assert {finding.law for finding in grave(lint(EU, rule))} <= {"hangs-on-rounding"}


@pytest.mark.reference
@pytest.mark.parametrize("name", ["inverse_pressure", "own"])
def test_an_inverse_in_the_table_is_seen_by_its_name_and_by_its_figures(name: str) -> None:
    case = replace(
        EU,
        factors={**EU.factors, name: (1.0, 0.5, 0.5)},
        weights={"households": 0.9, name: 0.1},
        pressures=None if name == "inverse_pressure" else EU.pressures,
    )
    found = one(lint(case, KeyRule()), "inverse-factor")
    assert found.severity is Severity.REFUSED
    assert found.values["percent_after"] < found.values["percent_before"]  # type: ignore[operator]
    assert found.holds_against(KeyRule())


@pytest.mark.reference
def test_yearly_largest_remainder_loses_a_home_from_10_to_11() -> None:
    rule = KeyRule("largest-remainder")
    found = one(lint(ALABAMA, rule), "larger-total-lowers")
    assert (found.code, found.values["old"], found.values["new"]) == ("C", 10, 11)
    assert found.examples[0].homes_before == ((4, 4, 2),)
    assert found.examples[0].homes_after == ((5, 5, 1),)
    assert found.holds_against(rule)
    assert not found.holds_against(KeyRule())
    assert not grave(lint(ALABAMA, KeyRule()))


@pytest.mark.unit
def test_ten_years_split_one_by_one_stray_by_the_sum_of_their_roundings() -> None:
    case = KeyCase(CODES, {"households": (970, 24, 6)}, {"households": 1}, (10,) * 10)
    found = one(lint(case, KeyRule("largest-remainder")), "strays-from-share")
    assert (found.code, found.values["year"], found.values["homes"]) == ("A", 10, 100)
    assert found.values["deviation"] == pytest.approx(3.0)
    assert not [each for each in lint(case, KeyRule()) if each.law == "strays-from-share"]


@pytest.mark.unit
def test_rules_that_round_naively_or_by_row_are_refused() -> None:
    case = KeyCase(CODES, {"households": (1, 1, 1)}, {"households": 1}, (10,))
    found = one(lint(case, rounds_naively), "does-not-add-up")
    assert (found.values["total"], found.values["given"]) == (10, 9)
    found = one(lint(case, first_rows_first), "order-of-rows")
    assert found.severity is Severity.REFUSED
    assert found.holds_against(first_rows_first)


@pytest.mark.unit
def test_a_binding_minimum_of_more_than_a_tenth_is_told_and_one_that_does_not_bind_is_not() -> None:
    rule = KeyRule("largest-remainder")
    case = KeyCase(CODES, {"households": (800, 150, 50)}, {"households": 1}, (100,))
    found = one(lint(replace(case, minima=(None, None, 11)), rule), "minima-take-much")
    assert (found.severity, found.code) == (Severity.WARNING, "C")
    assert (found.values["homes_before"], found.values["homes_after"]) == (5, 11)
    assert found.holds_against(rule)
    loose = lint(replace(case, minima=(40, None, None)), rule)
    assert one(loose, "minima-take-much").severity is Severity.NOTE
    small = lint(replace(case, minima=(None, None, 10)), rule)
    assert not [each for each in small if each.law == "minima-take-much"]


@pytest.mark.unit
def test_every_pair_of_factors_that_share_rows_is_named() -> None:
    factors = {
        "households": (1000, 2500, 400, 900),
        "population": (2100, 5600, 870, 2000),
        "association_dwellings": (330, 200, 310, 120),
        "social_dwellings": (300, 170, 305, 110),
    }
    case = KeyCase(("A", "B", "C", "D"), factors, dict.fromkeys(factors, 1), (50,) * 4)
    pairs = {
        (each.values["one"], each.values["other"])
        for each in lint(case, KeyRule())
        if each.law == "same-rows"
    }
    assert pairs == {
        ("households", "population"),
        ("association_dwellings", "social_dwellings"),
    }
    unweighted = {**case.weights, "population": 0, "social_dwellings": 0}
    found = lint(case.with_weights(unweighted), KeyRule())
    assert not [each for each in found if each.law == "same-rows"]


@pytest.mark.unit
@pytest.mark.parametrize("flag", ["by_residence", "without_facility_residents"])
def test_a_pressure_that_counts_facilities_is_refused(flag: str) -> None:
    found = one(lint(replace(EU, **{flag: False}), KeyRule()), "pressure-indicator")  # type: ignore[arg-type]
    assert found.severity is Severity.REFUSED
    assert not lint(replace(EU, **{flag: False, "pressures": None}), KeyRule(),  # type: ignore[arg-type]
                    laws=["pressure-indicator"])  # fmt: skip


@pytest.mark.unit
def test_a_case_that_the_rule_refuses_is_an_error_and_no_finding() -> None:
    zeros = replace(EU, factors={"households": (0, 0, 0)})
    with pytest.raises(RefusedError, match="share nothing"):
        lint(zeros, KeyRule())
    with pytest.raises(UsageError, match="one value for every municipality"):
        replace(EU, pressures=(1, 2))
    with pytest.raises(UsageError, match="Did you mean 'largest-remainder'"):
        KeyRule("largest-remainders")


@pytest.mark.unit
def test_a_key_of_nothing_but_an_inverse_is_refused_and_small_cases_are_no_trouble() -> None:
    case = KeyCase(CODES, {"inverse_pressure": (1, 0.5, 0.5)}, {"inverse_pressure": 1}, (100,))
    found = one(lint(case, KeyRule()), "inverse-factor")
    assert found.sentence.endswith("averaged in; take a multiplicative correction.")
    alone = KeyCase(("A",), {"households": (3,)}, {"households": 1}, (7, 0), (2,))
    assert not lint(alone, KeyRule())
    zeros = replace(EU, factors={"households": (0, 5, 5)}, minima=(None, 0, None))
    assert not [each for each in lint(zeros, KeyRule("running-claim")) if each.code == "A"]
    assert one(lint(replace(EU, totals=(0,)), KeyRule()), "nothing-to-split")


@pytest.mark.unit
def test_a_negative_number_of_homes_is_refused() -> None:
    def takes_back(case: KeyCase) -> KeySplit:
        homes = np.array([[total + 1, -1, 0] for total in case.totals])
        return KeySplit(homes, homes.astype(np.float64))

    found = one(lint(EU, takes_back, laws=["negative-homes"]), "negative-homes")
    assert (found.code, found.values["homes"]) == ("B", -1)
    assert found.holds_against(takes_back)


@pytest.mark.unit
def test_the_same_case_gives_the_same_findings_in_any_order_of_rows() -> None:
    case = replace(random_case(np.random.default_rng(3)), roundings={"households": 400.0})
    first = [(each.law, each.code) for each in lint(case, KeyRule())]
    again = lint(case.in_order([*range(1, len(case.codes)), 0]), KeyRule())
    assert first == [(each.law, each.code) for each in again]
    assert first


@pytest.mark.properties
@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_fault_is_found_and_its_counter_example_breaks_the_law_again(
    name: str,
) -> None:
    law, plant = PLANTED[name]
    for draw in generators(KEYS, seed=7):
        case, rule = plant(draw)
        found = [each for each in grave(lint(case, rule, laws=[law], draws=100))]
        assert found, case
        assert all(each.holds_against(rule) for each in found)


@pytest.mark.properties
def test_all_laws_together_find_what_was_planted_and_every_counter_example_holds() -> None:
    for law, plant in PLANTED.values():
        for draw in generators(EXACT_KEYS // len(PLANTED), seed=8):
            case, rule = plant(draw)
            found = lint(case, rule, draws=40)
            assert law in {each.law for each in grave(found)}
            assert all(each.holds_against(rule) and each.sentence for each in found)


@pytest.mark.properties
def test_at_most_one_sound_key_in_a_hundred_is_flagged() -> None:
    flagged = [
        case
        for draw in generators(KEYS, seed=9)
        if grave(lint(case := random_case(draw), KeyRule(), draws=40))
    ]
    assert len(flagged) <= KEYS // 100


@pytest.mark.properties
def test_the_fast_search_splits_as_the_exact_rule_does() -> None:
    methods = ("largest-remainder", "sainte-lague", "dhondt", "huntington-hill", "adams", "dean",
               "quota-method", "running-claim")  # fmt: skip
    for number, draw in enumerate(generators(160, seed=10)):
        rule: SplitRule = KeyRule(methods[number % 8], strength=0.5, least=0.8, most=1.3)
        case = random_case(draw)
        fast = rule.many([case])[0]  # type: ignore[attr-defined]
        exact = rule(case)
        assert np.array_equal(fast.homes, exact.homes)
        assert fast.exact == pytest.approx(exact.exact)


@pytest.mark.unit
def test_every_law_has_a_planted_fault_or_is_only_a_note() -> None:
    planted = {law for law, _ in PLANTED.values()}
    assert set(LAW_IDS) - planted == {"negative-homes", "gets-nothing", "nothing-to-split"}
    assert PRESSURE not in EU.factors
