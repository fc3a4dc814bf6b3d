"""What is asked of a file as a whole: its hash, hidden and merged cells, whole municipalities."""

import hashlib

import pytest
import xlsxwriter

pytestmark = pytest.mark.unit


def write(region, contract, rows, adorn):
    """Deliver rows as a workbook of texts, with something else done to the sheet."""
    with xlsxwriter.Workbook(region.path(contract, f"{contract}.xlsx")) as book:
        sheet = book.add_worksheet("data")
        for at, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
            for place, text in enumerate(cells):
                if text:
                    sheet.write_string(at, place, text)
        adorn(sheet)
    region.envelope(contract, f"{contract}.xlsx")


def test_a_file_with_another_hash_than_the_envelope_gives_is_refused(region):
    region.deliver("stays", region.rows("stays", 3))
    digest = hashlib.sha256(region.path("stays", "stays.csv").read_bytes()).hexdigest()
    region.envelope("stays", "stays.csv", sha256=digest)
    assert region.verdicts() == {"stays.csv": "accepted"}
    region.deliver("stays", region.rows("stays", 2), sha256=digest)
    assert region.reasons() == ["wrong_hash"]


def test_merged_cells_are_filled_from_their_first_row_and_each_is_on_record(region):
    rows = region.rows("capacity", 4)
    for row in rows[1:3]:
        row["gemeentecode"] = ""
    write(region, "capacity", rows, lambda sheet: sheet.merge_range("D2:D4", "GM0453"))
    result = region.read()
    codes = result.accepted["capacity"]["municipality_code"].to_list()
    assert codes == ["GM0453", "GM0453", "GM0453", "GM0392"]
    recorded = result.changes.filter(result.changes["rule"] == "merged_cell")
    assert recorded["row"].to_list() == [3, 4]
    write(region, "capacity", rows, lambda sheet: None)
    assert region.reasons() == ["missing_value"] * 2


def test_cells_merged_over_columns_are_refused(region):
    rows = region.rows("capacity", 3)
    write(region, "capacity", rows, lambda sheet: sheet.merge_range("B3:C3", "2026K1"))
    assert region.reasons()[0] == "broken_structure"


def test_hidden_rows_count_as_data_once_a_person_said_so(region):
    rows = region.rows("stays", 4)
    write(region, "stays", rows, lambda sheet: sheet.set_row(2, None, None, {"hidden": True}))
    result = region.read()
    assert result.files["verdict"].to_list() == ["waiting"]
    assert result.notices.select("reason", "row", "found").rows() == [
        ("hidden_rows", 3, "1 rows, 0 columns")
    ]
    digest = hashlib.sha256(region.path("stays", "stays.xlsx").read_bytes()).hexdigest()
    confirmed = region.read(confirmed={digest: frozenset({"hidden_rows"})})
    assert confirmed.accepted["stays"].height == 4


def test_a_file_that_would_lose_a_whole_municipality_is_refused(region):
    codes = ("GM0392", "GM0392", "GM0453")
    rows = region.rows("capacity", 3, gemeentecode=lambda at: codes[at])
    region.deliver("capacity", [rows[0], {**rows[1], "doelgroep": "?!"}, rows[2]])
    assert region.verdicts() == {"capacity.csv": "accepted_with_quarantine"}
    region.deliver("capacity", [*rows[:2], {**rows[2], "doelgroep": "?!"}])
    (refusal,) = region.read().refusals
    assert refusal.reason == "whole_municipality"
    assert "GM0453" in str(refusal)


def test_stays_that_overlap_are_set_apart_and_told(region):
    rows = region.rows("stays", 3)
    rows[2]["cliëntnummer"] = rows[0]["cliëntnummer"]
    region.deliver("stays", rows)
    result = region.read()
    assert result.files["verdict"].to_list() == ["accepted_with_quarantine"]
    assert result.notices.select("kind", "reason", "row").rows() == [
        ("warning", "overlapping_stays", 2)
    ]
