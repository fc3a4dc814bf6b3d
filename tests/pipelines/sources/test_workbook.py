"""Workbooks: typed cells and text cells give the same rows; what hides something is refused."""

import zipfile
from datetime import datetime

import pytest

from pipelines.sources import Verdict

pytestmark = pytest.mark.unit


def refusal(region):
    """The reason and the sentence of the one refusal."""
    (refused,) = region.read().refusals
    return refused.reason, str(refused)


def test_a_workbook_with_typed_cells_gives_the_rows_of_its_csv_twin(region):
    rows = region.rows("stays", 3, geboortejaar=1980, huishoudgrootte=2)
    typed = [
        {**row, "datum_start": datetime(2024, 2, 1), "datum_einde": datetime(2024, 5, 1 + at)}
        for at, row in enumerate(rows)
    ]
    region.xlsx("stays", typed)
    from_workbook = region.read()
    assert from_workbook.files["verdict"].to_list() == [Verdict.ACCEPTED]
    region.path("stays", "stays.xlsx").unlink()
    region.path("stays", "stays.xlsx.toml").unlink()
    written = [{**row, "datum_einde": f"0{at + 1}-05-2024"} for at, row in enumerate(rows)]
    region.deliver("stays", written)
    from_csv = region.read()
    columns = from_csv.accepted["stays"].drop("_file")
    assert columns.equals(from_workbook.accepted["stays"].drop("_file"))
    assert columns["ended_on"].null_count() == 0


def test_a_workbook_of_text_cells_is_read_in_the_declared_notation(region):
    region.deliver("association_stock", region.rows("association_stock"), file="stock.xlsx")
    assert region.read().accepted["association_stock"]["dwellings"].to_list() == [1450]


def test_text_and_numbers_mixed_in_one_column_are_each_read_for_what_they_are(region):
    values = ["1.450", 1450, 1.45, "1450"]
    rows = region.rows("association_stock", 4, woningen=lambda at: values[at])
    region.deliver("association_stock", rows, file="stock.xlsx")
    result = region.read()
    assert result.accepted["association_stock"]["dwellings"].to_list() == [1450, 1450, 1450]
    assert result.quarantine.select("row", "reason").rows() == [(4, "not_whole")]
    values[3] = "1,45"
    rows = region.rows("association_stock", 4, woningen=lambda at: values[at])
    region.deliver("association_stock", rows, file="stock.xlsx")
    assert refusal(region)[0] == "wrong_number_language"


def test_days_text_and_numbers_of_days_mixed_in_one_column_are_all_read(region):
    values = [datetime(2024, 4, 3), "03-04-2024", 45385, "45385"]
    region.deliver(
        "stays", region.rows("stays", 4, datum_start=lambda at: values[at]), file="s.xlsx"
    )
    started = region.read().accepted["stays"]["started_on"].cast(str).to_list()
    assert started == ["2024-04-03"] * 4


def test_numbers_as_ids_lose_nothing(region):
    rows = region.rows("capacity", 2, locatie_id=lambda at: 100200300 + at)
    region.deliver("capacity", rows, file="c.xlsx")
    ids = region.read().accepted["capacity"]["facility_id"].to_list()
    assert ids == ["100200300", "100200301"]


def test_empty_rows_of_a_workbook_are_no_data_and_rows_keep_their_numbers(region):
    rows = region.rows("stays", 4)
    rows[1] = {name: "" for name in rows[1]}
    rows[3] |= {"datum_start": "x"}
    region.deliver("stays", rows, file="s.xlsx")
    result = region.read()
    assert result.files.select("rows_in", "accepted", "quarantined", "non_data").rows() == [
        (4, 2, 1, 1)
    ]
    assert result.quarantine["row"].to_list() == [5]


def test_an_error_in_a_cell_sets_its_row_apart_and_in_a_key_refuses_the_workbook(region):
    region.deliver("stays", region.rows("stays", 2, huishoudgrootte=""), file="s.xlsx")
    assert region.verdicts() == {"s.xlsx": Verdict.ACCEPTED}
    region.deliver("stays", region.rows("stays", 2, huishoudgrootte="=1/0"), file="s.xlsx")
    apart = region.read().quarantine.select("row", "column", "reason").rows()
    assert apart == [(line, "household_size", "spreadsheet_error") for line in (2, 3)]
    region.deliver("stays", region.rows("stays", 2, verblijf_id="=1/0"), file="s.xlsx")
    assert refusal(region)[0] == "broken_key"


def repacked(region, old: bytes, new: bytes):
    """Replace some XML inside the delivered workbook."""
    path = region.path("stays", "stays.xlsx")
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert any(old in content for content in parts.values())
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content.replace(old, new))


def test_a_formula_that_was_never_calculated_refuses_the_workbook(region):
    region.deliver("stays", region.rows("stays", huishoudgrootte=2), file="stays.xlsx")
    repacked(region, b'<c r="H2"><v>2</v></c>', b'<c r="H2"><f>1+1</f><v>2</v></c>')
    assert region.verdicts() == {"stays.xlsx": Verdict.ACCEPTED}
    repacked(region, b"<f>1+1</f><v>2</v>", b"<f>1+1</f><v></v>")
    reason, sentence = refusal(region)
    assert reason == "spreadsheet_error"
    assert "H2" in sentence


def test_a_workbook_that_counts_days_from_1904_gives_the_days_it_shows(region):
    days = [datetime(2024, 4, 3), 45385]
    rows = region.rows("stays", 2, datum_start=lambda at: days[at])
    region.deliver("stays", rows, file="stays.xlsx")
    assert region.read().accepted["stays"]["started_on"].cast(str).to_list() == ["2024-04-03"] * 2
    repacked(region, b"<v>45385</v>", b"<v>43923</v>")
    repacked(region, b"<workbookPr ", b'<workbookPr date1904="1" ')
    assert region.read().accepted["stays"]["started_on"].cast(str).to_list() == ["2024-04-03"] * 2


def test_a_hidden_sheet_refuses_the_workbook(region):
    region.xlsx("stays", region.rows("stays"))
    assert region.verdicts() == {"stays.xlsx": Verdict.ACCEPTED}
    region.xlsx("stays", region.rows("stays"), hide="lijst")
    reason, sentence = refusal(region)
    assert reason == "wrong_sheet"
    assert "lijst" not in sentence


def test_the_sheet_among_several_is_named_by_the_envelope(region):
    region.xlsx("stays", region.rows("stays"), also="toelichting")
    assert refusal(region)[0] == "wrong_sheet"
    region.envelope("stays", "stays.xlsx", sheet="data")
    assert region.verdicts() == {"stays.xlsx": Verdict.ACCEPTED}
    region.envelope("stays", "stays.xlsx", sheet="gegevens")
    assert "'gegevens'" in refusal(region)[1]
    region.envelope("stays", "stays.xlsx", sheet="toelichting")
    assert refusal(region)[0] == "empty_file"


def test_a_damaged_workbook_and_one_with_a_password_are_refused(region):
    region.xlsx("stays", region.rows("stays"))
    content = region.path("stays", "stays.xlsx").read_bytes()
    for bad in (content[: len(content) // 2], b"\xd0\xcf\x11\xe0" + content, b"a;b\r\n1;2\r\n"):
        region.path("stays", "stays.xlsx").write_bytes(bad)
        assert refusal(region)[0] == "unreadable"


def test_a_workbook_with_macros_is_refused(region):
    region.xlsx("stays", region.rows("stays"))
    with zipfile.ZipFile(region.path("stays", "stays.xlsx"), "a") as package:
        package.writestr("xl/vbaProject.bin", b"x")
    assert "macros" in refusal(region)[1]
