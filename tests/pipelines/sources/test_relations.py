"""Rules over the columns of a row: occupancy, shares, long stays, sender, units."""

import pytest

pytestmark = pytest.mark.unit


def outcome(region):
    """Give the verdict of the only file, with what was told: (reason, line, column)."""
    result = region.read()
    refused = [(one.reason.value, one.line, one.column) for one in result.refusals]
    noticed = result.notices.select("reason", "row", "column").rows()
    return result.files["verdict"].item(), [*refused, *noticed]


@pytest.mark.parametrize(
    ("people", "verdict"),
    [
        ("26", "accepted"),
        ("27", "accepted_with_warning"),
        ("48", "accepted_with_warning"),
        ("49", "refused"),
    ],
)
def test_a_tenth_too_many_people_is_told_and_twice_as_many_refuses(region, people, verdict):
    region.deliver("capacity", region.rows("capacity", plaatsen="24", bezet=people))
    told = [] if verdict == "accepted" else [("occupancy", 2, "occupied_persons")]
    assert outcome(region) == (verdict, told)


def test_people_without_any_place_are_refused_and_an_empty_facility_is_not(region):
    region.deliver("capacity", region.rows("capacity", plaatsen="0", bezet="0"))
    assert outcome(region) == ("accepted", [])
    region.deliver("capacity", region.rows("capacity", plaatsen="0", bezet="1"))
    assert outcome(region)[0] == "refused"


def test_a_file_about_one_other_organisation_needs_its_name_in_the_envelope(region):
    rows = region.rows("capacity", aanbieder="De Andere")
    region.deliver("capacity", rows)
    assert outcome(region) == ("refused", [("wrong_box", 2, "provider")])
    region.deliver("capacity", rows, providers=["De Andere"])
    assert outcome(region) == ("accepted", [])
    both = region.rows("capacity", 2, aanbieder=lambda at: "De Andere" if at else "De Derde")
    region.deliver("capacity", both)
    assert outcome(region) == ("accepted", [])


@pytest.mark.parametrize(
    ("start", "verdict"), [("06-11-2011", "accepted"), ("05-11-2011", "accepted_with_warning")]
)
def test_a_stay_without_an_end_is_told_after_fifteen_years(region, start, verdict):
    region.deliver("stays", region.rows("stays", datum_start=start))
    assert outcome(region)[0] == verdict
    region.deliver("stays", region.rows("stays", datum_start=start, datum_einde="01-10-2026"))
    assert outcome(region)[0] == "accepted"


def shares(region, *values, **envelope):
    """Deliver agreements in shares; give the verdict and what was read."""
    rows = region.rows("agreements", 2, eenheid="aandeel", waarde=lambda at: values[at])
    region.deliver("agreements", rows, **envelope)
    verdict = outcome(region)[0]
    return verdict, region.read().accepted["agreements"]["value"].to_list()


@pytest.mark.parametrize(
    ("values", "percent", "read"),
    [
        (("0,85", "1"), "share", [0.85, 1.0]),
        (("85", "0,5"), "percent", [0.85, 0.005]),
        (("85%", "90 %"), "percent", [0.85, 0.9]),
        (("85", "0,9"), "share", None),
        (("85%", "90%"), "share", None),
        (("85%", "90"), "percent", None),
        (("85", "185"), "percent", None),
    ],
)
def test_shares_are_read_in_the_one_way_that_is_declared(region, values, percent, read):
    verdict, found = shares(region, *values, percent=percent)
    assert (verdict, found) == (("refused", []) if read is None else ("accepted", read))


def test_a_fraction_that_a_workbook_holds_is_not_taken_for_a_percentage(region):
    rows = region.rows("agreements", 2, eenheid="aandeel", waarde=0.85)
    region.deliver("agreements", rows, file="a.xlsx", percent="percent")
    assert outcome(region)[0] == "refused"
    region.deliver("agreements", rows, file="a.xlsx", percent="share")
    assert outcome(region)[0] == "accepted"


def test_a_percent_sign_at_another_unit_sets_the_row_apart(region):
    rows = region.rows("agreements", 2, waarde=lambda at: "85%" if at else "12")
    region.deliver("agreements", rows)
    result = region.read()
    assert result.quarantine.select("row", "reason").rows() == [(3, "bad_number")]


def test_another_unit_than_that_of_the_contract_is_refused_and_nothing_is_converted(region):
    region.deliver("projects", region.rows("projects"), units={"stay_months_mean": "days"})
    assert outcome(region) == ("refused", [("unknown_unit", None, "stay_months_mean")])
    region.deliver("capacity", region.rows("capacity"), units={"places": "fte"})
    region.path("projects", "projects.csv").unlink()
    region.path("projects", "projects.csv.toml").unlink()
    assert outcome(region) == ("refused", [("unknown_unit", None, "places")])
