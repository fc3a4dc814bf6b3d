"""CSV as senders write it: what is only form is read, a broken file is refused with its lines."""

import codecs

import pytest

from pipelines.sources import Verdict, raw
from pipelines.sources.raw import Form, read_delimited
from pipelines.sources.reasons import DeliveryRefusedError
from pipelines.sources.workbook import read_workbook
from tests.pipelines.sources.cabinet.papers import xlsx_bytes

pytestmark = pytest.mark.unit


@pytest.fixture
def rows(region):
    """Three good rows with an accent in them."""
    return region.rows("stays", 3, doelgroep="opvang huiselijk geweld")


def accepts(region):
    """Whether the one file of the region comes in with three rows."""
    result = region.read()
    return (
        result.files["verdict"].to_list() == [Verdict.ACCEPTED]
        and result.accepted["stays"].height == 3
    )


def refusal(region):
    """The reason and the sentence of the one refusal."""
    (refused,) = region.read().refusals
    return refused.reason, str(refused)


def test_a_byte_order_mark_is_no_part_of_the_first_header(region, rows):
    region.deliver("stays", codecs.BOM_UTF8 + region.csv(rows).encode())
    assert accepts(region)


def test_a_line_that_names_the_separator_is_no_header(region, rows):
    region.deliver("stays", "sep=;\r\n" + region.csv(rows))
    assert accepts(region)
    assert sorted(region.read().accepted["stays"]["_row"]) == [3, 4, 5]
    region.deliver("stays", "sep=,\r\n" + region.csv(rows, ","))
    assert refusal(region)[0] == "broken_structure"
    region.deliver("stays", "sep=,\r\n" + region.csv(rows, ","), delimiter=",")
    assert accepts(region)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(region, rows, end):
    region.deliver("stays", region.csv(rows).replace("\r\n", end))
    assert accepts(region)


def test_a_file_in_cp1252_is_read_when_the_envelope_says_so(region, rows):
    content = region.csv(rows).encode("cp1252")
    region.deliver("stays", content, encoding="cp1252")
    assert accepts(region)
    region.deliver("stays", content)
    reason, sentence = refusal(region)
    assert reason == "wrong_encoding"
    assert "line 1" in sentence


def test_utf8_under_an_envelope_that_says_cp1252_is_refused(region, rows):
    for mark in (b"", codecs.BOM_UTF8):
        region.deliver("stays", mark + region.csv(rows).encode(), encoding="cp1252")
        assert refusal(region)[0] == "wrong_encoding"


def test_a_file_with_another_separator_is_refused_as_such(region, rows):
    region.deliver("stays", region.csv(rows, ","))
    reason, sentence = refusal(region)
    assert reason == "unknown_column"
    assert "with ';' between them" in sentence
    region.deliver("stays", region.csv(rows, ","), delimiter=",")
    assert accepts(region)


@pytest.mark.parametrize("change", [";;", ""])
def test_rows_that_are_longer_or_shorter_than_the_header_refuse_the_file(region, rows, change):
    lines = region.csv(rows).split("\r\n")
    lines[2] = lines[2] + change if change else lines[2].rsplit(";", 1)[0]
    region.deliver("stays", "\r\n".join(lines))
    reason, sentence = refusal(region)
    assert reason == "broken_structure"
    assert "line 3 has" in sentence
    assert "expected 7 cells" in sentence


def test_only_the_first_of_many_broken_lines_are_named(region):
    header, *body = region.csv(region.rows("stays", 20)).split("\r\n")
    region.deliver("stays", "\r\n".join([header, *(f"{line};" for line in body if line)]))
    sentence = refusal(region)[1]
    assert "line 6 has 8 cells and 15 more" in sentence


def test_a_quote_that_stays_open_refuses_the_file(region, rows):
    region.deliver("stays", region.csv(rows).replace("C-9000011", '"C-9000011'))
    assert refusal(region)[0] == "broken_structure"


def test_a_line_end_inside_quotes_keeps_the_line_numbers_right(region):
    rows = region.rows("capacity", 3, aanbieder=lambda at: "Leger\ndes Heils" if at == 0 else "")
    region.deliver("capacity", rows, sender="Leger des Heils")
    result = region.read()
    assert result.quarantine["row"].to_list() == [4, 5]
    assert result.accepted["capacity"].select("provider", "_row").rows() == [("Leger des Heils", 2)]


def test_empty_lines_are_no_data_and_are_counted(region, rows):
    text = region.csv(rows).replace("\r\n", "\r\n\r\n", 2) + ";;;;;;\r\n"
    region.deliver("stays", text, rows=3)
    assert accepts(region)
    assert region.read().files["non_data"].to_list() == [3]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"\r\n \r\n", "empty_file"),
        (codecs.BOM_UTF8, "empty_file"),
        (b"PK\x03\x04rest", "unreadable"),
        (b"\xd0\xcf\x11\xe0rest", "unreadable"),
        (b"<html><table>", "unreadable"),
        ("verblijf_id;x".encode("utf-16"), "unreadable"),
        (b"verblijf_id;\0", "unreadable"),
    ],
)
def test_what_is_no_text_with_separators_is_refused(region, rows, content, reason):
    region.deliver("stays", rows)
    assert accepts(region)
    region.deliver("stays", content)
    assert refusal(region)[0] == reason


def test_a_file_of_more_than_a_million_rows_is_refused(monkeypatch):
    assert raw.MOST_ROWS == 1_000_000
    monkeypatch.setattr(raw, "MOST_ROWS", 100)
    row = [[f"V{at}", "x"] for at in range(101)]
    text = "a;b\r\n" + "".join(f"{one};{other}\r\n" for one, other in row)
    book = xlsx_bytes([{"a": one, "b": other} for one, other in row])
    forms = {"csv": (read_delimited, text.encode()), "xlsx": (read_workbook, book)}
    for kind, (read, content) in forms.items():
        form = Form(kind=kind, encoding="utf-8", separator=";")
        with pytest.raises(DeliveryRefusedError, match="found 101 rows; expected at most 100 rows"):
            read(content, form, "stays.csv")
    content = text.encode().removesuffix(b"V100;x\r\n")
    assert read_delimited(content, Form(kind="csv"), "stays.csv").height == 100


def test_a_file_that_is_too_large_is_refused_before_it_is_opened(region, rows):
    region.deliver("stays", rows)
    with region.path("stays", "stays.csv").open("r+b") as file:
        file.truncate(50_000_001)
    reason, sentence = refusal(region)
    assert reason == "unreadable"
    assert "50000001 bytes" in sentence
