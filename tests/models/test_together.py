"""Municipalities published as one: code and name say who they are; the region's file decides."""

import re

import pytest

from models.errors import UsageError
from models.params import Region
from models.registry import load_national, load_region
from models.together import PLACES, are_together, code_of, members, name_of, names_in
from tests.models.invented import region_toml

pytestmark = pytest.mark.unit

OTHERS = """
[[municipalities]]
code = "GM9002"
name = "Bosdorp"
assessment_table = "Noord"
allocation_system = "Proef"

[[municipalities]]
code = "GM9003"
name = "Veenwijk"
assessment_table = "Noord"
allocation_system = "Proef"
"""


def load(together: str, quota: str = '"GM9001", "GM9002", "GM9003"') -> Region:
    text = region_toml(more=f"{OTHERS}\n[protection]\ntogether = {together}\n")
    text = text.replace('municipalities = ["GM9001"]', f"municipalities = [{quota}]")
    return load_region(text, "region.toml", load_national())


def test_a_code_says_whom_it_stands_for_in_any_order() -> None:
    assert code_of(["GM0473", "GM0397"]) == code_of(["GM0397", "GM0473"]) == "GM0397+GM0473"
    assert members("GM0397+GM0473") == ("GM0397", "GM0473")
    assert members("GM0397") == ("GM0397",)
    assert [are_together(code) for code in ("GM0397+GM0473", "GM0397", "all")] == [
        True, False, False,
    ]  # fmt: skip


def test_names_come_apart_again_whatever_stands_in_them() -> None:
    names = ("'s-Hertogenbosch", "Bergen (NH.)", "Súdwest-Fryslân", "Klein & Fijn")
    assert names_in(name_of(names)) == names
    assert names_in("Bergen op Zoom") == ("Bergen op Zoom",)


@pytest.mark.parametrize(
    ("code", "is_place"),
    [
        ("GM0397", True),
        ("GM0397+GM0473", True),
        ("GM0397+GM0473+GM0377", True),
        ("all", False),
        ("GM0397+", False),
        ("GM0397GM0473", False),
        ("GM0397 + GM0473", False),
    ],
)
def test_the_pattern_holds_codes_and_nothing_else(code: str, is_place: bool) -> None:
    assert bool(re.fullmatch(PLACES, code)) is is_place


def test_a_region_chooses_and_without_a_choice_nothing_is_together() -> None:
    assert load('["GM9003", "GM9002"]').protection.together == ("GM9003", "GM9002")
    assert load("[]").protection.together == ()
    assert load('["GM9002", "GM9003"]').protection.base == 5
    plain = load_region(region_toml(), "region.toml", load_national())
    assert plain.protection.together == ()


@pytest.mark.parametrize(
    ("together", "parts"),
    [
        (
            '["GM9002"]',
            ("a single municipality", "GM9002", "two codes or more", "take the key out"),
        ),
        ('["GM9002", "GM9003", "GM9002"]', ("'GM9002' stands more than once", "each code once")),
        ('["GM9002", "GM9030"]', ("'GM9030'", "not one of the region's", "'GM9003' (Veenwijk)?")),
        ('["GM9002", "Veenwijk"]', ("'Veenwijk'", "Did you mean 'GM9003' (Veenwijk)?")),
        ('["GM9002", "xyz"]', ("'xyz'", "Known are: GM9001, GM9002, GM9003.")),
    ],
)
def test_a_wrong_choice_says_where_what_and_what_to_do(
    together: str, parts: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError) as caught:
        load(together)
    said = str(caught.value)
    assert "region.toml, [protection] together" in said
    for part in parts:
        assert part in said


def test_who_is_together_shares_the_quota_in_the_same_months() -> None:
    """Else one of them would stand alone in the tables of the quota."""
    with pytest.raises(UsageError, match="'GM9003' does not share the quota in the same months"):
        load('["GM9002", "GM9003"]', quota='"GM9001", "GM9002"')
    assert load('["GM9002", "GM9003"]', quota='"GM9001"').protection.together


def test_a_misspelt_key_is_told_with_the_right_one() -> None:
    text = region_toml(more='\n[protection]\ntogehter = ["GM9001"]\n')
    with pytest.raises(UsageError, match="Did you mean 'together'"):
        load_region(text, "region.toml", load_national())
