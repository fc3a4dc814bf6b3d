"""From core tables to records: what is estimated, what stays, and what a reader is told."""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from models.estimation import Estimates, estimate
from models.estimation.estimate import ESTIMATORS
from models.outflow.sampler import DIMENSIONS
from models.params import Region
from models.records import Parameter
from models.registry import base_values, holds_own_value, load_national, load_region, resolve
from models.tables import shape_table
from models.units import EstimateNote, SourceKind
from tests.models.estimation.worlds import AS_OF, live_stays, stay_frame
from tests.models.invented import make_scenario, region_toml

GROUPS = ("sheltered_living", "shelter", "refuge")
NATIONAL = load_national()


def region(more: str = "") -> Region:
    """Read the invented region, with more in its file."""
    return load_region(region_toml(GROUPS, more=more), "region.toml", NATIONAL)


def own_number(name: str, group: str, value: float, kind: str, *, confirmed: bool = False) -> str:
    """Write a region's own number."""
    return f"""
[parameters.{name}.{group}]
value = {value}
low = {value * 0.9}
high = {min(value * 1.1, 0.99)}
unit = "share"
kind = "{kind}"
confirmed = {str(confirmed).lower()}
source = {{ title = "Verzonnen getal van de regio", publisher = "Proeftuin", year = 2025 }}
"""


def found(core: Mapping[str, pl.DataFrame], more: str = "") -> Estimates:
    """Estimate the invented region."""
    return estimate(NATIONAL, region(more), core, as_of=AS_OF)


def row(estimates: Estimates, name: str, group: str = "all") -> dict[str, object]:
    """Give the row of a parameter."""
    return estimates.table.row(
        by_predicate=(pl.col("parameter") == name) & (pl.col("target_group") == group), named=True
    )


def destinations(**persons: int) -> dict[str, pl.DataFrame]:
    """Lay finished stays of the shelter out by destination."""
    return {
        "core_stay__destination": pl.DataFrame(
            {
                "target_group": ["shelter"] * len(persons),
                "destination": list(persons),
                "persons": list(persons.values()),
            }
        )
    }


def windows(moves: int, back: int, days: int = 731) -> dict[str, pl.DataFrame]:
    """Lay moves out with those who came back."""
    return {
        "core_relapse__window": pl.DataFrame(
            {
                "target_group": ["shelter"] * moves,
                "exposure_days": [days] * moves,
                "has_returned": [at < back for at in range(moves)],
            }
        )
    }


@pytest.mark.unit
def test_without_deliveries_every_parameter_stays_as_it_was() -> None:
    estimates = found({})
    assert estimates.parameters == {}
    assert estimates.table.height > 20
    for one in estimates.table.iter_rows(named=True):
        assert (one["value"], one["is_thin"]) == (one["earlier_value"], True)
        assert not one["is_estimated"]
    assert estimates.survival.is_empty()
    for name, table in estimates.tables.items():
        shape_table(name, table)


@pytest.mark.unit
def test_destinations_are_weighed_with_twenty_national_persons() -> None:
    estimates = found(destinations(own_home=30, left=60, in_between=10))
    national = NATIONAL.parameters["own_home_share"]["shelter"]
    record = estimates.parameters["own_home_share"]["shelter"]
    assert record.value == pytest.approx((20 * national.value + 30) / 120)
    assert record.kind is SourceKind.DELIVERY
    assert "100 mensen" in record.source.title
    assert record.low is not None
    assert record.high is not None
    assert record.low < record.value < record.high
    assert "refuge" not in estimates.parameters["own_home_share"]
    between = NATIONAL.parameters["in_between_share"]["all"]
    assert estimates.parameters["in_between_share"]["all"].value == pytest.approx(
        (20 * between.value + 10) / 120
    )
    left = NATIONAL.parameters["elsewhere_share_left"]["all"]
    assert estimates.parameters["elsewhere_share_left"]["all"].value == pytest.approx(
        (20 * left.value + 60) / 80
    )


@pytest.mark.unit
def test_relapse_follows_the_formula_and_few_events_are_said() -> None:
    for moves, back, note in ((400, 40, "estimated"), (60, 3, "national_weighs")):
        estimates = found(windows(moves, back))
        national = NATIONAL.parameters["relapse_share"]["all"].value
        linkage = NATIONAL.parameters.get("relapse_linkage_share", {}).get("all")
        seen = moves * 731 / (24 * 30.4375) * (1.0 if linkage is None else linkage.value)
        value = estimates.parameters["relapse_share"]["all"].value
        assert value == pytest.approx((8 + back) / (8 / national + seen), rel=1e-6)
        one = row(estimates, "relapse_share")
        assert (one["events"], one["note"], one["is_thin"]) == (back, note, back < 8)


@pytest.mark.unit
def test_small_counts_are_not_named_in_the_source() -> None:
    title = found(destinations(left=7)).parameters["own_home_share"]["shelter"].source.title
    assert "minder dan 10 mensen" in title
    assert "weinig gegevens" in title


@pytest.mark.unit
def test_thin_stays_say_so_and_lean_on_the_national_value() -> None:
    dice = np.random.default_rng(21)
    national = NATIONAL.parameters["stay_years_single"]["shelter"].value
    truth = 2.0 * national
    few, many = (
        found({"core_stay__length": stay_frame({("shelter", "unknown"): lived})})
        for lived in (live_stays(dice, 12 * truth, 12), live_stays(dice, 12 * truth, 900))
    )
    thin, rich = (row(item, "stay_years_single", "shelter") for item in (few, many))
    assert (thin["is_thin"], rich["is_thin"]) == (True, False)
    assert thin["events"] < 30 <= rich["events"]  # type: ignore[operator]
    assert national < thin["value"] < truth  # type: ignore[operator]
    assert abs(rich["value"] / truth - 1.0) < 0.1  # type: ignore[operator]
    width = {name: one["high"] / one["low"] for name, one in (("few", thin), ("many", rich))}  # type: ignore[operator]
    assert width["many"] < width["few"]


@pytest.mark.unit
def test_unlabelled_stays_of_a_group_with_two_classes_stay_national() -> None:
    lived = live_stays(np.random.default_rng(22), 30.0, 400)
    mixed = found({"core_stay__length": stay_frame({("sheltered_living", "unknown"): lived})})
    assert "stay_years_single" not in mixed.parameters
    for name in ("stay_years_single", "stay_years_complex"):
        assert row(mixed, name, "sheltered_living")["note"] == EstimateNote.UNLABELLED


@pytest.mark.properties
def test_labelled_classes_are_told_apart() -> None:
    dice = np.random.default_rng(23)
    lived = {
        ("sheltered_living", "single"): live_stays(dice, 12 * 1.6, 900),
        ("sheltered_living", "complex"): live_stays(dice, 12 * 4.6, 900),
    }
    values = found({"core_stay__length": stay_frame(lived)}).parameters
    assert values["stay_years_single"]["sheltered_living"].value == pytest.approx(1.6, rel=0.08)
    assert values["stay_years_complex"]["sheltered_living"].value == pytest.approx(4.6, rel=0.1)


@pytest.mark.properties
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_a_wait_for_a_home_makes_no_stay_longer(missing: float) -> None:
    dice = np.random.default_rng(24)
    lived = live_stays(dice, 6.6, 2500)
    size = lived.length.size
    home = lived.finished & (dice.uniform(size=size) < 0.4)
    wait = np.round(dice.gamma(2, 100, size)).astype(np.int64)
    unknown = home & (dice.uniform(size=size) < missing)
    basis = np.where(unknown, "unknown", np.where(lived.finished, "ready", "open"))
    frame = stay_frame({("shelter", "unknown"): lived}, basis=basis.tolist()).with_columns(
        length_days=pl.col("length_days") + pl.Series(np.where(unknown, wait, 0)),
        waited_days=pl.Series([int(w) if h and not u else None
                               for w, h, u in zip(wait, home, unknown, strict=True)]),
    )  # fmt: skip
    one = row(found({"core_stay__length": frame}), "stay_years_single", "shelter")
    assert abs(np.log(one["value"] / 0.55)) < 0.07  # type: ignore[operator]
    assert one["note"] == ("waits_from_list" if missing else "estimated")


@pytest.mark.unit
def test_where_no_wait_is_known_the_national_road_is_taken_out_and_said() -> None:
    lived = live_stays(np.random.default_rng(25), 12.0, 300)
    basis = np.where(lived.finished, "unknown", "open").tolist()
    frame = stay_frame({("shelter", "unknown"): lived}, basis=basis)
    one = row(found({"core_stay__length": frame}), "stay_years_single", "shelter")
    plain = row(found({"core_stay__length": stay_frame({("shelter", "unknown"): lived})}),
                "stay_years_single", "shelter")  # fmt: skip
    assert one["note"] == "waits_national"
    assert one["value"] < plain["value"]  # type: ignore[operator]


@pytest.mark.unit
def test_an_age_limit_ends_no_stay() -> None:
    rules = load_region(region_toml(("youth",)), "region.toml", NATIONAL)
    lived = live_stays(np.random.default_rng(26), 18.0, 400)
    young = stay_frame({("youth", "unknown"): lived}).with_columns(age_years=pl.lit(20.0))
    grown = young.with_columns(age_years=pl.lit(23.5))
    events = [
        row(estimate(NATIONAL, rules, {"core_stay__length": frame}, as_of=AS_OF),
            "stay_years_single", "youth")["events"]
        for frame in (young, grown)
    ]  # fmt: skip
    assert events == [lived.events, 0]


@pytest.mark.unit
def test_lists_are_counted_by_month_ends() -> None:
    months = {"target_group": ["shelter"] * 100, "exposure_months": [4] * 100}
    left = [at < 20 for at in range(100)]
    frame = pl.DataFrame({**months, "has_left": left})
    estimates = found({"core_application__leaving": frame, "core_intake__leaving": frame})
    for name, group in (("housing_list_leave_share", "all"), ("intake_leave_share", "shelter")):
        one = row(estimates, name, group)
        assert one["own_value"] == pytest.approx(20 / 400)
        assert (one["exposure"], one["events"], one["is_thin"]) == (400.0, 20, False)
        earlier, value = one["earlier_value"], one["value"]
        assert min(earlier, 0.05) < value < max(earlier, 0.05)  # type: ignore[operator]


@pytest.mark.unit
def test_decisions_durations_and_contracts_are_counted() -> None:
    decisions = pl.DataFrame(
        {
            "target_group": ["shelter"] * 200,
            "outcome": ["positive"] * 150 + ["negative"] * 30 + ["returned"] * 10 + [None] * 10,
            "decided_on": ["2025-01-01"] * 190 + [None] * 10,
            "is_covered": [True] * 200,
            "days_to_decision": [61] * 190 + [30] * 10,
            "days_to_apply": [30] * 100 + [None] * 100,
            "days_to_move": [35] * 80 + [None] * 120,
        }
    )
    contracts = pl.DataFrame({"contract_form": ["three_party", "own_lease"], "dwellings": [90, 10]})
    estimates = found(
        {"core_application__decision": decisions, "core_letting__contract": contracts}
    )
    own = {
        "assessment_positive_share": 150 / 190,
        "assessment_returned_share": 10 / 190,
        "assessment_months": (190 * 61 + 300) / 30.4375 / 190,
        "ready_to_application_months": 30 / 30.4375,
        "three_party_share": 0.9,
        "offer_to_move_months": 35 / 30.4375,
    }
    for name, value in own.items():
        assert row(estimates, name)["own_value"] == pytest.approx(value), name
    assert row(estimates, "offer_to_move_months")["value"] is None
    assert row(estimates, "acceptance_share")["note"] == "last_offer_only"
    assert row(estimates, "homes_per_person")["note"] == "no_household_link"
    for table_name, table in estimates.tables.items():
        shape_table(table_name, table)


@pytest.mark.unit
def test_complexity_of_the_newly_admitted_needs_labels() -> None:
    def admitted(**persons: int) -> dict[str, pl.DataFrame]:
        groups = ["sheltered_living"] * len(persons)
        frame = {"target_group": groups, "complexity": list(persons)}
        return {"core_stay__admitted": pl.DataFrame({**frame, "persons": list(persons.values())})}

    labelled = row(found(admitted(single=30, complex=90)), "complex_share_now", "sheltered_living")
    assert labelled["own_value"] == pytest.approx(0.75)
    assert 0.6 < labelled["value"] < 0.75  # type: ignore[operator]
    mixed = found(admitted(single=10, complex=10, unknown=60))
    assert row(mixed, "complex_share_now", "sheltered_living")["note"] == "unlabelled"
    assert "complex_share_now" not in mixed.parameters


# --- what is in force ----------------------------------------------------------------------------


@pytest.mark.unit
@pytest.mark.parametrize(
    ("kind", "confirmed", "holds"),
    [
        ("statistic", False, True),
        ("study", False, True),
        ("agreement", False, True),
        ("delivery", False, True),
        ("assumption", True, True),
        ("assumption", False, False),
        ("expert_judgement", False, False),
    ],
)
def test_a_firm_number_of_the_region_holds_and_a_soft_one_is_what_was_believed(
    kind: str, confirmed: bool, holds: bool
) -> None:
    more = own_number("own_home_share", "shelter", 0.2, kind, confirmed=confirmed)
    estimates = found(destinations(own_home=30, left=60), more)
    one = row(estimates, "own_home_share", "shelter")
    assert holds_own_value(region(more), "own_home_share", "shelter") is holds
    assert one["earlier_value"] == 0.2
    assert one["own_value"] == pytest.approx(1 / 3)
    assert one["is_estimated"] is not holds
    in_force = base_values(NATIONAL, region(more), estimates.parameters)["own_home_share"]
    expected = 0.2 if holds else (20 * 0.2 + 30) / 110
    assert in_force["shelter"].value == pytest.approx(expected)
    assert (one["note"] == "region_value") is holds
    forced = {"own_home_share": {"shelter": in_force["shelter"].model_copy(update={"value": 0.5})}}
    kept = base_values(NATIONAL, region(more), forced)["own_home_share"]["shelter"].value
    assert (kept == 0.2) is holds


@pytest.mark.unit
def test_a_factor_of_a_scenario_works_on_the_estimate_and_a_value_replaces_it() -> None:
    estimated = found(destinations(own_home=30, left=60)).parameters
    value = estimated["own_home_share"]["shelter"].value
    for change, expected in (({"factor": 1.1}, 1.1 * value), ({"value": 0.25}, 0.25)):
        scenario = make_scenario(
            "other", parameters={"own_home_share": {"shelter": {**change, "source": "Een vraag"}}}
        )
        resolved = resolve(NATIONAL, region(), {"other": scenario}, "other", estimated=estimated)
        assert resolved.values["own_home_share"]["shelter"].value == pytest.approx(expected)
        assert ("own_home_share", "shelter") in resolved.changed
        assert not resolved.split_off


@pytest.mark.unit
def test_estimates_change_the_hash_of_what_is_in_force() -> None:
    estimated = found(destinations(own_home=30, left=60)).parameters
    plain, other = (
        resolve(NATIONAL, region(), {"baseline": make_scenario()}, "baseline", estimated=given)
        for given in (None, estimated)
    )
    assert plain.sha256 != other.sha256


@pytest.mark.unit
def test_every_estimate_with_a_range_has_a_dimension_of_the_sampler() -> None:
    pairs = {
        (name, group)
        for name in ESTIMATORS
        for group, record in NATIONAL.parameters.get(name, {}).items()
        if record.is_uncertain
    }
    assert len(pairs) > 15
    assert sorted(pairs - set(DIMENSIONS)) == []


@pytest.mark.unit
def test_an_estimate_has_a_range_only_where_there_was_one() -> None:
    estimates = found(destinations(own_home=30, left=60, in_between=10))
    records = [
        (NATIONAL.parameters[name][group], record)
        for name, groups in estimates.parameters.items()
        for group, record in groups.items()
    ]
    assert {before.is_uncertain for before, _ in records} == {True, False}
    for before, after in records:
        assert isinstance(after, Parameter)
        assert after.is_uncertain == before.is_uncertain
        assert after.unit == before.unit
