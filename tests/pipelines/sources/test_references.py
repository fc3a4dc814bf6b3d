"""Ids of another contract: told where they lead nowhere, never shown where they are of a person."""

import pytest

from tests.pipelines.sources.conftest import Region

pytestmark = pytest.mark.unit


def told(region: Region) -> list[tuple[str, int, str, str]]:
    """Give file, line, column and what was found of every id that leads nowhere."""
    found = region.read()
    assert found.refusals == []
    notices = found.notices.filter(reason="unknown_reference")
    return notices.select("file", "row", "column", "found").rows()


def test_a_stay_in_a_facility_that_nobody_delivered_counts_and_is_told(region: Region) -> None:
    region.deliver("capacity", region.rows("capacity", 2))
    homes = ("K-010", "K-011", "K-O11", "K-010")
    region.deliver("stays", region.rows("stays", 4, locatie_id=lambda at: homes[at]))
    assert told(region) == [("stays.csv", 4, "facility_id", "1 of 4 rows (K-O11)")]
    assert region.read().accepted["stays"].height == 4
    assert region.verdicts()["stays.csv"] == "accepted_with_warning"


def test_an_id_of_a_person_is_never_shown(region: Region) -> None:
    region.deliver("applications", region.rows("applications", 2))
    region.deliver("lettings", region.rows("lettings", 3, aanvraag_id=lambda at: f"Q-7001{at}"))
    assert told(region) == [("lettings.csv", 4, "application_id", "1 of 3 rows")]
    assert "Q-7001" not in str(region.read().notices.to_dicts())


def test_an_empty_id_and_a_contract_that_was_not_delivered_are_no_slip(region: Region) -> None:
    region.deliver("lettings", region.rows("lettings", 2))
    region.deliver("stays", region.rows("stays", 2))
    assert told(region) == []
    region.deliver("applications", region.rows("applications", 2))
    region.deliver("lettings", region.rows("lettings", 2, aanvraag_id=""))
    assert told(region) == []


def test_the_ids_of_all_files_of_a_contract_count_together(region: Region) -> None:
    for at, file in enumerate(("a.csv", "b.csv")):
        row = region.rows("capacity", locatie_id=f"K-{at}")
        region.deliver("capacity", row, file=file)
    region.deliver("stays", region.rows("stays", 2, locatie_id=lambda at: f"K-{at}"))
    assert told(region) == []


def test_nothing_is_told_while_part_of_the_other_contract_waits_or_is_refused(
    region: Region,
) -> None:
    region.deliver("capacity", region.rows("capacity", 1), file="a.csv")
    region.deliver("capacity", region.rows("capacity", 1, plaatsen="-3"), file="b.csv")
    region.deliver("stays", region.rows("stays", 2, locatie_id="K-99"))
    assert region.read().notices.filter(reason="unknown_reference").is_empty()
