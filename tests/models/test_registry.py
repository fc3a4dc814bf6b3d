"""From text to what is in force: merging, and errors that name file, key and the right word."""

from datetime import date
from typing import Any

import pytest

from models.errors import UitstroomError, UsageError
from models.params import National, Region, Scenario
from models.registry import (
    REGION_WIDE,
    Resolved,
    load_national,
    load_region,
    load_scenario,
    nearest,
    resolve,
)
from models.units import ALL_GROUPS, SourceKind
from tests.models.invented import GROUPS, make_resolved, make_scenario, region_toml

pytestmark = pytest.mark.unit

RELAPSE_TOML = """
[parameters.relapse_share.all]
value = 0.2
low = 0.15
high = 0.3
unit = "share"
kind = "delivery"
source = { title = "Verzonnen meting", publisher = "Proeftuin" }
confirmed = true

[parameters.own_home_share.shelter]
value = 0.5
unit = "share"
kind = "delivery"
source = { title = "Verzonnen meting", publisher = "Proeftuin" }
"""

SCENARIO_TOML = """
id = "more"
extends = "baseline"
label = "Meer"
why = "Een verzonnen vraag"
author = "Proeftuin"
date = 2025-07-01

[parameters.relapse_share.shelter]
factor = 1.5
source = "Een verzonnen vraag"
"""


def national() -> National:
    return load_national()


def region(more: str = "") -> Region:
    return load_region(region_toml(more=more), "region.toml", national())


def force(*scenarios: Scenario, name: str, more: str = "") -> Resolved:
    known = {"baseline": make_scenario()} | {item.id: item for item in scenarios}
    return resolve(national(), region(more), known, name)


def change(**values: Any) -> dict[str, Any]:
    return {"source": "Een verzonnen vraag", **values}


# --- what is in force ---


def test_a_region_goes_before_the_nation_and_a_scenario_before_the_region() -> None:
    plain = force(name="baseline")
    assert plain.middle("relapse_share", "shelter") == 0.1
    local = force(name="baseline", more=RELAPSE_TOML)
    assert local.middle("relapse_share", "shelter") == 0.2
    assert local.middle("own_home_share", "shelter") == 0.5
    assert local.middle("own_home_share", "refuge") == 0.3
    found = local.parameter("relapse_share", "refuge")
    assert found is not None
    assert found.kind is SourceKind.DELIVERY
    assert found.confirmed
    more = make_scenario("more", parameters={"relapse_share": {ALL_GROUPS: change(value=0.4)}})
    changed = force(more, name="more", more=RELAPSE_TOML)
    assert changed.middle("relapse_share", "shelter") == 0.4
    assert changed.middle("own_home_share", "shelter") == 0.5


def test_a_changed_number_says_who_changed_it_and_is_not_confirmed() -> None:
    more = make_scenario("more", parameters={"relapse_share": {ALL_GROUPS: change(value=0.4)}})
    found = force(more, name="more", more=RELAPSE_TOML).parameter("relapse_share")
    assert found is not None
    assert (found.low, found.high, found.confirmed) == (None, None, False)
    assert found.kind is SourceKind.ASSUMPTION
    assert found.source.title == "Scenario more: Een verzonnen vraag"
    assert (found.source.publisher, found.source.year) == ("Proeftuin", 2025)


def test_a_factor_moves_the_range_as_well() -> None:
    more = make_scenario("more", parameters={"relapse_share": {ALL_GROUPS: change(factor=1.5)}})
    found = force(more, name="more", more=RELAPSE_TOML).parameter("relapse_share")
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.3, 0.225, 0.45))


def test_a_factor_on_all_moves_every_group_that_has_a_value_of_its_own() -> None:
    values = {"stay_years_single": {ALL_GROUPS: change(factor=2.0)}}
    values |= {"homes_per_person": {ALL_GROUPS: change(factor=0.9)}}
    found = force(make_scenario("more", parameters=values), name="more")
    before = force(name="baseline")
    for group in GROUPS:
        for name, factor in (("stay_years_single", 2.0), ("homes_per_person", 0.9)):
            expected = factor * before.middle(name, group)
            assert found.middle(name, group) == pytest.approx(expected)
    assert {group for name, group in found.changed if name == "homes_per_person"} == {
        ALL_GROUPS,
        "refuge",
    }
    assert not found.split_off


def test_a_change_of_one_group_leaves_the_others_and_is_remembered_as_split_off() -> None:
    values = {"relapse_share": {"shelter": change(factor=1.5)}}
    values |= {"own_home_share": {"shelter": change(factor=1.1)}}
    found = force(make_scenario("more", parameters=values), name="more")
    assert found.middle("relapse_share", "shelter") == pytest.approx(0.15)
    assert found.middle("relapse_share", "refuge") == 0.1
    assert found.changed == {("relapse_share", "shelter"), ("own_home_share", "shelter")}
    assert found.split_off == {("relapse_share", "shelter")}


def test_scenarios_build_on_each_other_in_the_order_of_extends() -> None:
    first = make_scenario(
        "first",
        extends="baseline",
        parameters={"relapse_share": {ALL_GROUPS: change(value=0.2)}},
        capacity={"speed": 2.0, "source": "Een verzonnen vraag"},
        cap={"value": 60, "source": "Een verzonnen vraag"},
    )
    second = make_scenario(
        "second",
        extends="first",
        label="Tweede",
        parameters={"relapse_share": {ALL_GROUPS: change(factor=2.0)}},
        capacity={"kept_open": True, "source": "Een verzonnen vraag"},
    )
    found = force(first, second, name="second")
    assert found.middle("relapse_share") == pytest.approx(0.4)
    assert (found.scenario.id, found.scenario.label) == ("second", "Tweede")
    assert (found.scenario.kept_open, found.scenario.speed) == (True, 1.0)
    assert found.cap_value == 60
    alone = force(first, second, name="first")
    assert (alone.scenario.speed, alone.scenario.kept_open) == (2.0, False)
    assert force(name="baseline").cap_value == 30


def test_what_is_in_force_has_a_hash_that_follows_every_number() -> None:
    same = make_scenario("same", extends="baseline")
    more = make_scenario("more", parameters={"relapse_share": {ALL_GROUPS: change(value=0.1)}})
    hashes = [
        force(name="baseline").sha256,
        force(name="baseline", more=RELAPSE_TOML).sha256,
        force(same, name="same").sha256,
        force(more, name="more").sha256,
    ]
    assert len(set(hashes)) == 4
    assert hashes[0] == force(name="baseline").sha256
    assert all(len(item) == 64 for item in hashes)


def test_a_parameter_without_a_value_for_a_group_is_told() -> None:
    assert force(name="baseline").parameter("stay_years_complex", "shelter") is None
    with pytest.raises(UitstroomError, match="no value for 'shelter'"):
        force(name="baseline").constant("stay_years_complex", "shelter")


# --- faults ---


def test_a_scenario_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'baseline'") as caught:
        force(name="basline")
    assert "region 'proeftuin'" in str(caught.value)
    orphan = make_scenario("orphan", extends="nowhere")
    with pytest.raises(UsageError, match="'nowhere' does not exist"):
        force(orphan, name="orphan")


def test_scenarios_that_extend_each_other_in_a_ring_are_refused() -> None:
    one, two = make_scenario("one", extends="two"), make_scenario("two", extends="one")
    with pytest.raises(UsageError, match="extends itself by way of 'one'"):
        force(one, two, name="one")
    alone = make_scenario("alone", extends="alone")
    with pytest.raises(UsageError, match="extends itself"):
        force(alone, name="alone")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SCENARIO_TOML.replace("factor", "facto"), "Did you mean 'factor'"),
        (SCENARIO_TOML.replace("relapse_share", "relapse_shar"), "Did you mean 'relapse_share'"),
        (SCENARIO_TOML.replace(".shelter", ".sheltr"), "Did you mean 'shelter'"),
        (SCENARIO_TOML.replace("extends", "extend"), "Did you mean 'extends'"),
        (SCENARIO_TOML.replace('why = "Een verzonnen vraag"\n', ""), "key why is missing"),
        (SCENARIO_TOML.replace("1.5", "1.5\nvalue = 0.2"), "either value or factor"),
        (SCENARIO_TOML.replace(".shelter", ".youth"), "not one of the region's"),
    ],
)
def test_a_slip_in_a_scenario_is_named_with_its_file_and_the_right_word(
    text: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load_scenario(text, "scenarios/more.toml", national(), region())
    assert message in str(caught.value)
    assert str(caught.value).startswith("scenarios/more.toml")
    assert caught.value.exit_code == 2


def test_a_scenario_without_slips_is_read() -> None:
    found = load_scenario(SCENARIO_TOML, "scenarios/more.toml", national(), region())
    assert found.date == date(2025, 7, 1)
    assert found.parameters["relapse_share"]["shelter"].factor == 1.5


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "Proeftuin"', 'naam = "Proeftuin"', "Did you mean 'name'"),
        ('"shelter"', '"sheltr"', "Did you mean 'shelter'"),
        ('kind = "assumption"\n', "", "key kind is missing"),
        ('unit = "share"\n', "", "key unit is missing"),
        ('source = { title = "Verzonnen norm", publisher = "Proeftuin", year = 2021 }', "",
         "key source is missing"),
        ('agreement_id = "cap"\nunused', 'agreement_id = "kap"\nunused', "Did you mean 'cap'"),
        ('municipalities = ["GM9001"]', 'municipalities = ["GM9002"]', "does not describe"),
        ("value = 0.9", "value = 1.9", "between 0 and 1"),
        ("value = 0.9", "value = ", "not valid TOML"),
        ('code = "GM9001"', 'code = "9001"', "String should match pattern"),
    ],
)  # fmt: skip
def test_a_slip_in_a_region_is_named_with_its_file(old: str, new: str, message: str) -> None:
    text = region_toml()
    assert old in text
    with pytest.raises(UitstroomError) as caught:
        load_region(text.replace(old, new, 1), "region.toml", national())
    assert message in str(caught.value)
    assert str(caught.value).startswith("region.toml")


def test_a_parameter_of_a_region_that_the_nation_does_not_know_is_refused() -> None:
    more = RELAPSE_TOML.replace("relapse_share", "relaps_share")
    with pytest.raises(UsageError, match="Did you mean 'relapse_share'") as caught:
        region(more)
    assert "[parameters.relaps_share]" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "group", "values", "expected"),
    [
        ("relapse_share", "shelter", {"value": 1.4}, "expected 0 to 1"),
        ("homes_per_person", ALL_GROUPS, {"factor": 1.2}, "expected 0 to 1"),
        ("intake_leave_share", ALL_GROUPS, {"factor": 20.0}, "expected 0 to 1"),
        ("stay_years_single", "shelter", {"value": -1.0}, "expected 0 or more"),
    ],
)
def test_a_change_that_leaves_the_allowed_range_is_refused(
    name: str, group: str, values: dict[str, float], expected: str
) -> None:
    more = make_scenario("more", parameters={name: {group: change(**values)}})
    with pytest.raises(UsageError, match="leaves the allowed range") as caught:
        force(more, name="more")
    assert expected in str(caught.value)
    assert f"scenarios/more.toml, [parameters.{name}." in str(caught.value)


def test_a_factor_on_a_group_without_a_value_is_refused() -> None:
    more = make_scenario("more", parameters={"stay_years_complex": {"shelter": change(factor=1.1)}})
    with pytest.raises(UsageError, match="no value for 'shelter' that could be changed"):
        force(more, name="more")


def test_the_nearest_word_is_a_hint_or_the_whole_list() -> None:
    assert nearest("shelte", ["shelter", "refuge"]) == "Did you mean 'shelter'?"
    assert nearest("xyz", ["shelter", "refuge"]) == "Known are: refuge, shelter."


@pytest.mark.parametrize("name", sorted(REGION_WIDE))
def test_a_group_value_that_the_model_would_not_read_is_refused(name: str) -> None:
    more = RELAPSE_TOML.replace("relapse_share.all", f"{name}.shelter")
    with pytest.raises(UsageError, match="one value for the whole region") as caught:
        region(more)
    assert f"Give it as [parameters.{name}.all]" in str(caught.value)


def test_a_clock_that_nobody_knows_is_refused_with_the_known_ones() -> None:
    text = region_toml().replace(
        '"promise"\n\n[promise.', '"promise"\nclock_start = "signed"\n\n[promise.'
    )
    assert "clock_start" in text
    with pytest.raises(UitstroomError, match="'ready', 'application' or 'approval'") as caught:
        load_region(text, "region.toml", national())
    assert "found 'signed'" in str(caught.value)


def test_a_scenario_cannot_change_a_cap_that_is_not_there() -> None:
    text = SCENARIO_TOML + '\n[cap]\nvalue = 40\nsource = "Een verzonnen vraag"\n'
    assert load_scenario(text, "more.toml", national(), region()).cap is not None
    without = load_region(region_toml(cap=False), "region.toml", national())
    with pytest.raises(UsageError, match=r"no cap in region\.toml"):
        load_scenario(text, "more.toml", national(), without)


def test_a_range_that_the_model_would_ignore_is_refused() -> None:
    resolved = make_resolved(GROUPS)
    assert resolved.middle("relapse_share") > 0
    with pytest.raises(UitstroomError, match="cannot have a range"):
        resolved.constant("relapse_share")
