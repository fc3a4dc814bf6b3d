"""Rules over the rows of one person: one person a number, once on a list."""

import hashlib

import pytest

pytestmark = pytest.mark.unit


def told(region, **changes):
    """Give the verdicts, and (reason, line) of what was set apart, waits or is told."""
    result = region.read(**changes)
    apart = result.quarantine.select("file", "row", "reason").rows()
    noticed = result.notices.select("file", "row", "reason").rows()
    return dict(result.files.select("file", "verdict").rows()), {*apart, *noticed}


def test_one_number_with_two_years_of_birth_waits_and_its_rows_never_count(region):
    rows = region.rows("intake", 6, geboortejaar="1980", datum_plaatsing="")
    rows[4] |= {"cliëntnummer": rows[1]["cliëntnummer"], "geboortejaar": "1999"}
    rows[1]["datum_plaatsing"] = "04-03-2025"
    region.deliver("intake", rows)
    verdicts, found = told(region)
    assert verdicts == {"intake.csv": "waiting"}
    assert ("intake.csv", 3, "different_persons") in found
    assert ("intake.csv", 6, "different_persons") in found
    digest = hashlib.sha256(region.path("intake", "intake.csv").read_bytes()).hexdigest()
    confirmed = region.read(confirmed={digest: frozenset({"different_persons"})})
    assert confirmed.files.select("accepted", "quarantined").row(0) == (4, 2)
    assert confirmed.files["verdict"].to_list() == ["accepted_with_quarantine"]


def test_a_missing_year_of_birth_is_no_other_person(region):
    rows = region.rows("intake", 2, geboortejaar=lambda at: "1980" if at else "")
    rows[1]["cliëntnummer"] = rows[0]["cliëntnummer"]
    rows[0]["datum_plaatsing"] = "04-03-2025"
    region.deliver("intake", rows)
    assert told(region) == ({"intake.csv": "accepted"}, set())


@pytest.mark.parametrize(
    ("first", "counts"),
    [
        ({}, False),
        ({"datum_verhuizing": "01-09-2025"}, True),
        ({"datum_intrekking": "01-09-2025"}, True),
        ({"beoordeling": "negatief"}, True),
    ],
)
def test_a_person_stands_on_a_list_once_and_may_come_back_after_an_end(region, first, counts):
    rows = region.rows("applications", 3, beoordeling="positief", datum_intrekking="")
    rows = [{**row, "datum_verhuizing": ""} for row in rows]
    rows[2]["cliëntnummer"] = rows[0]["cliëntnummer"]
    rows[0] |= first
    region.deliver("applications", rows)
    apart = {("applications.csv", line, "twice_on_the_list") for line in (2, 4)}
    assert told(region)[1] == (set() if counts else apart)


def test_one_number_from_two_organisations_is_told_to_both_and_counts_for_both(region):
    rows = region.rows("intake", 4)
    others = [{**row, "aanmelding_id": f"B{row['aanmelding_id']}"} for row in rows[:2]]
    region.deliver("intake", rows, file="a.csv")
    region.deliver("intake", others, file="b.csv", sender="De Andere")
    verdicts, found = told(region)
    assert verdicts == dict.fromkeys(("a.csv", "b.csv"), "accepted_with_warning")
    assert found == {(file, 2, "person_at_two_senders") for file in ("a.csv", "b.csv")}
    assert region.read().accepted["intake"]["client_id"].n_unique() == 4
    region.envelope("intake", "b.csv", sender="De Andere", client_numbers="sender")
    assert set(told(region)[0].values()) == {"accepted"}
    assert region.read().accepted["intake"]["client_id"].n_unique() == 6
