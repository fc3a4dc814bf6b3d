"""Rules over several rows: a key stands once, a person is in one place at a time."""

import pytest

pytestmark = pytest.mark.unit


def counts(result):
    """Rows in, accepted, set apart and no data, per file by name."""
    files = result.files.sort("file")
    return files.select("rows_in", "accepted", "quarantined", "non_data").rows()


def test_a_row_that_repeats_another_counts_once_and_is_recorded(region):
    rows = region.rows("stays", 3)
    region.deliver("stays", [*rows, {**rows[1], "doelgroep": "BW"}])
    result = region.read()
    assert counts(result) == [(4, 3, 0, 1)]
    recorded = result.changes.filter(result.changes["rule"] == "identical_row")
    assert recorded.select("row", "count", "examples").rows() == [
        (5, 1, "repeats stays.csv line 3")
    ]


def test_rows_with_one_key_that_differ_are_all_set_apart(region):
    rows = region.rows("stays", 3)
    region.deliver("stays", [*rows, {**rows[1], "doelgroep": "MO"}])
    result = region.read()
    assert counts(result) == [(4, 2, 2, 0)]
    assert result.quarantine.select("row", "column", "reason", "found").rows() == [
        (3, "stay_id", "duplicate_key", ""),
        (5, "stay_id", "duplicate_key", ""),
    ]
    assert "also at stays.csv line 5" in result.quarantine["expected"][0]


def test_a_key_that_also_stands_in_a_faulty_row_is_not_trusted(region):
    rows = region.rows("stays", 3)
    region.deliver("stays", [*rows, {**rows[1], "datum_start": "x"}])
    assert counts(region.read()) == [(4, 2, 2, 0)]


def test_rows_that_look_alike_because_a_cell_could_not_be_read_are_all_set_apart(region):
    rows = region.rows("stays", 3)
    region.deliver("stays", [*rows, *({**rows[1], "datum_einde": end} for end in ("x", "y"))])
    assert counts(region.read()) == [(5, 2, 3, 0)]
    region.deliver("stays", [rows[0], *({**rows[1], "datum_einde": end} for end in ("x", "y"))])
    assert counts(region.read()) == [(3, 1, 2, 0)]


def test_a_key_of_things_is_shown_and_needs_all_its_parts(region):
    rows = region.rows("capacity", 3)
    other_quarter = {**rows[0], "kwartaal": "2026K2", "bezet": "19"}
    region.deliver("capacity", [*rows, other_quarter])
    assert counts(region.read()) == [(4, 4, 0, 0)]
    region.deliver("capacity", [*rows, {**rows[0], "bezet": "19"}])
    result = region.read()
    assert counts(result) == [(4, 0, 4, 0)]
    (refusal,) = result.refusals
    assert (refusal.reason, refusal.line, refusal.column) == ("same_period_twice", 2, "period")
    assert "K-010, 2026K1" in str(refusal)


def test_keys_are_compared_over_the_files_of_a_contract(region):
    rows = region.rows("stays", 3)
    region.deliver("stays", rows, file="a.csv")
    region.deliver("stays", [rows[0], {**rows[1], "doelgroep": "MO"}], file="b.csv")
    result = region.read()
    assert counts(result) == [(3, 2, 1, 0), (2, 0, 1, 1)]
    assert set(result.accepted["stays"]["_file"]) == {"a.csv"}


def test_a_refused_file_takes_no_row_of_another_with_it(region):
    rows = region.rows("stays", 6)
    spoilt = [{**row, "datum_start": "x"} for row in region.rows("stays", 20)[10:]]
    region.deliver("stays", [rows[0], *spoilt], file="a.csv")
    region.deliver("stays", rows, file="b.csv")
    result = region.read()
    assert counts(result) == [(11, 0, 11, 0), (6, 6, 0, 0)]


def test_a_file_that_clashes_too_much_goes_and_the_other_keeps_all_its_rows(region):
    rows = region.rows("stays", 120)
    clashing = [{**row, "doelgroep": "MO"} for row in rows[:5]]
    region.deliver("stays", [*clashing, *region.rows("stays", 130)[120:]], file="a.csv")
    region.deliver("stays", rows, file="b.csv")
    assert counts(region.read()) == [(15, 0, 15, 0), (120, 120, 0, 0)]


@pytest.mark.parametrize(
    ("second", "overlaps"),
    [("10-05-2024", False), ("11-05-2024", False), ("09-05-2024", True), ("01-03-2024", True)],
)
def test_stays_of_one_person_may_share_the_day_of_the_move_only(region, second, overlaps):
    rows = region.rows("stays", 2, cliëntnummer="C-900001")
    rows[0] |= {"datum_start": "01-02-2024", "datum_einde": "10-05-2024"}
    rows[1] |= {"datum_start": second, "datum_einde": "01-09-2024"}
    region.deliver("stays", rows)
    result = region.read()
    assert counts(result) == [(2, 0, 2, 0) if overlaps else (2, 2, 0, 0)]
    assert set(result.quarantine["reason"]) == ({"overlapping_stays"} if overlaps else set())


def test_stays_of_two_persons_may_overlap(region):
    region.deliver("stays", region.rows("stays", 2))
    assert counts(region.read()) == [(2, 2, 0, 0)]


def test_a_stay_without_an_end_overlaps_all_that_follow_but_not_what_came_before(region):
    rows = region.rows("stays", 4, cliëntnummer="C-900001", datum_einde="")
    for row, start, end in zip(
        rows,
        ("01-01-2020", "01-01-2022", "01-01-2023", "01-01-2024"),
        ("31-12-2021", "", "01-02-2023", ""),
        strict=True,
    ):
        row |= {"datum_start": start, "datum_einde": end}
    region.deliver("stays", rows)
    result = region.read()
    assert counts(result) == [(4, 1, 3, 0)]
    found = dict(result.quarantine.select("row", "found").rows())
    assert found[3] == "2022-01-01 to no end"
    assert 2 not in found


def test_senders_number_their_clients_themselves_so_overlaps_stay_within_a_sender(region):
    rows = region.rows("stays", 2, cliëntnummer="C-900001")
    region.deliver("stays", rows[:1], file="a.csv")
    region.deliver("stays", rows[1:], file="b.csv")
    assert counts(region.read()) == [(1, 0, 1, 0), (1, 0, 1, 0)]
    region.envelope("stays", "b.csv", sender="De Andere")
    assert counts(region.read()) == [(1, 1, 0, 0), (1, 1, 0, 0)]
