"""A header is one row with the name of every column; slips are told, strange columns left out."""

import pytest
import xlsxwriter

pytestmark = pytest.mark.unit


def told(region):
    """Give the reasons of the refusals."""
    return [one.reason.value for one in region.read().refusals]


@pytest.mark.parametrize("header", ["datum_eind", "einde", "Datum einde verblijf"])
def test_a_slip_in_an_optional_header_refuses_the_file_and_names_what_was_meant(region, header):
    region.deliver("stays", region.rows("stays", datum_einde=None, **{header: ""}))
    (refusal,) = region.read().refusals
    assert refusal.reason == "unknown_column"
    assert "'datum_einde' (ended_on)" in str(refusal)


def test_marks_that_nobody_sees_do_not_make_another_header(region):
    rows = region.rows("stays", 3, locatie_id=None)
    rows = [{**row, "\u200blocatie_\u00adid\u00a0": "K-01"} for row in rows]
    region.deliver("stays", rows)
    assert region.verdicts() == {"stays.csv": "accepted"}


def test_a_strange_column_is_left_out_and_its_words_are_not_repeated(region):
    region.deliver("capacity", region.rows("capacity", verdieping="geheim"))
    result = region.read()
    assert result.files["verdict"].to_list() == ["accepted_with_warning"]
    assert "verdieping" not in result.notices.write_csv()
    assert "geheim" not in result.notices.write_csv()


def test_a_column_without_a_header_may_be_empty_but_not_filled(region):
    rows = region.rows("stays", 3)
    region.deliver("stays", [{**row, "": ""} for row in rows])
    assert region.verdicts() == {"stays.csv": "accepted"}
    region.deliver("stays", [{**row, "": "x"} for row in rows])
    assert told(region) == ["unknown_column"]


def test_the_header_may_stand_lower_where_the_envelope_says_so(region):
    text = "Overzicht;;;;;;\r\n;;;;;;\r\n" + region.csv(region.rows("stays", 3))
    region.deliver("stays", text, header_row=3, rows=3)
    result = region.read()
    assert result.files.select("rows_in", "accepted", "non_data").row(0) == (5, 3, 2)
    assert result.accepted["stays"]["_row"].to_list() == [4, 5, 6]
    region.deliver("stays", text, rows=3)
    assert "unknown_column" in told(region)


def test_a_header_that_comes_back_between_the_rows_is_told_with_its_line(region):
    rows = region.rows("stays", 3)
    again = {name: name.upper() for name in rows[0]}
    region.deliver("stays", [*rows[:2], again, rows[2]])
    (refusal,) = region.read().refusals
    assert (refusal.reason, refusal.line) == ("several_header_rows", 4)


def test_merged_cells_in_the_header_are_named(region):
    rows = region.rows("stays", 2)
    path = region.path("stays", "stays.xlsx")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("data")
        for at, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
            sheet.write_row(at, 0, cells)
        sheet.merge_range("C1:D1", "geboortejaar")
    region.envelope("stays", "stays.xlsx")
    (refusal,) = region.read().refusals
    assert refusal.reason == "several_header_rows"
    assert "C1:D1" in str(refusal)


def test_a_name_of_a_municipality_is_not_taken_for_that_of_another_column(region):
    region.deliver("applications", region.rows("applications", gemeentenaam="Haarlem"))
    result = region.read()
    assert result.notices["reason"].to_list() == ["unknown_column"]
    assert result.accepted["applications"]["network_municipality"].to_list() == [None]


@pytest.mark.parametrize("header", ["gemeentenaam", "gemeente", "Naam gemeente"])
def test_the_name_beside_a_code_is_compared_and_not_kept(region, header):
    region.deliver("capacity", region.rows("capacity", **{header: "Haarlem"}))
    result = region.read()
    assert result.files["verdict"].to_list() == ["accepted"]
    assert "Haarlem" not in result.accepted["capacity"].write_csv()
