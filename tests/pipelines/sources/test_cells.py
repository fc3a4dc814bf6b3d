"""What one cell means: notation that is declared is read, the rest comes back with a reason."""

from datetime import date

import pytest

from pipelines.sources.cell import Setting
from pipelines.sources.cells import reader_for
from pipelines.sources.columns import Column, Kind
from pipelines.sources.envelope import Envelope
from pipelines.sources.reasons import Reason, Rule

pytestmark = pytest.mark.unit


def cell(kind, text, *, typed=False, language="nl-NL", formats=("dd-mm-yyyy",), **column):
    """Read one cell of a column of this kind."""
    envelope = Envelope(
        contract="stays",
        sender="Kern Wonen",
        region="kern",
        period_from=date(2026, 1, 1),
        period_to=date(2026, 10, 31),
        delivered_on=date(2026, 11, 5),
        synthetic=True,
        number_language=language,
        date_formats=formats,
        encoding="utf-8",
    )
    codes = frozenset({"GM0392", "GM0453"})
    setting = Setting(envelope, "kern", codes, codes | {"GM0363"}, b"key")
    return reader_for(Column("c", kind, ("k",), **column), setting)(text, typed)


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("1450", "nl-NL", 1450),
        ("1.450", "nl-NL", 1450),
        ("1.450.000", "nl-NL", 1_450_000),
        ("1\u00a0450", "nl-NL", 1450),
        ("\u22123", "nl-NL", -3),
        ("0", "nl-NL", 0),
        ("1,450", "en", 1450),
    ],
)
def test_a_whole_number_is_read_in_the_declared_language(text, language, value):
    read = cell(Kind.WHOLE, text, language=language)
    assert (read.value, read.reason) == (value, None)
    assert read.rule == (None if text == str(value) else Rule.NUMBER_NOTATION)


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("1,450", "nl-NL", Reason.NOT_WHOLE),
        ("1.450", "en", Reason.NOT_WHOLE),
        ("1.45", "nl-NL", Reason.BAD_NUMBER),
        ("2,5", "nl-NL", Reason.NOT_WHOLE),
        ("1E5", "nl-NL", Reason.BAD_NUMBER),
        ("inf", "nl-NL", Reason.BAD_NUMBER),
        ("(3,5)", "nl-NL", Reason.NOT_WHOLE),
        ("<5", "nl-NL", Reason.SUPPRESSED_COUNT),
        ("<50", "nl-NL", Reason.BAD_NUMBER),
        ("9" * 5000, "nl-NL", Reason.BAD_NUMBER),
        ("\u0661\u0662", "nl-NL", Reason.BAD_NUMBER),
    ],
)
def test_a_whole_number_in_another_notation_is_not_guessed(text, language, reason):
    assert cell(Kind.WHOLE, text, language=language).reason == reason


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("17,5", "nl-NL", 17.5),
        ("1.450,25", "nl-NL", 1450.25),
        ("1.450.000", "nl-NL", 1_450_000.0),
        ("17.5", "en", 17.5),
        ("0,1234567", "nl-NL", 0.123457),
    ],
)
def test_a_decimal_number_is_read_in_the_declared_language(text, language, value):
    assert cell(Kind.DECIMAL, text, language=language).value == value


@pytest.mark.parametrize(
    ("text", "language"), [("1.450", "nl-NL"), ("1,450", "en"), ("-9.001", "nl-NL")]
)
def test_a_mark_that_may_be_thousands_or_decimals_waits_for_a_person(text, language):
    read = cell(Kind.DECIMAL, text, language=language)
    assert (read.reason, read.wait) == (None, Reason.AMBIGUOUS_NUMBER)
    assert abs(read.value) >= 1000


def test_a_number_in_brackets_waits_for_a_person():
    read = cell(Kind.WHOLE, "(3)")
    assert (read.value, read.wait) == (-3, Reason.AMBIGUOUS_NUMBER)
    assert cell(Kind.WHOLE, "(3)", low=0).reason == Reason.OUT_OF_RANGE


def test_a_count_given_as_fewer_than_stays_empty_with_its_interval():
    read = cell(Kind.WHOLE, "<5", required=False)
    assert (read.value, read.rule, read.shown) == (None, Rule.INTERVAL, "[1, 4]")
    assert cell(Kind.WHOLE, "< 10", required=False).shown == "[1, 9]"
    assert cell(Kind.DECIMAL, "<5", required=False).reason == Reason.BAD_NUMBER


def test_a_percent_sign_is_read_only_where_a_share_may_stand():
    read = cell(Kind.DECIMAL, "85,5 %", may_be_share=True)
    assert (read.value, read.rule) == (85.5, Rule.PERCENT)
    assert cell(Kind.DECIMAL, "85%").reason == Reason.BAD_NUMBER


def test_spoilt_letters_are_mended_only_by_a_person():
    read = cell(Kind.TEXT, "Pr\u00c3\u00a9 Wonen")
    assert (read.value, read.wait, read.rule) == ("Pr\u00e9 Wonen", Reason.MOJIBAKE, Rule.REPAIR)
    assert "Pr\u00e9 Wonen" in read.expected


def test_a_unit_that_is_unknown_or_missing_is_told_as_such():
    for text in ("dagen", "", "-"):
        read = cell(Kind.ENUM, text, is_unit=True, values={"months": ("maanden",)})
        assert read.reason == Reason.UNKNOWN_UNIT


def test_words_for_outside_the_region_name_no_municipality():
    read = cell(Kind.MUNICIPALITY, "buiten regio", required=False)
    assert (read.value, read.rule) == (None, Rule.OUTSIDE_REGION)
    own = cell(Kind.MUNICIPALITY, "buiten regio", own_region=True)
    assert own.reason == Reason.UNKNOWN_MUNICIPALITY


def test_a_decimal_point_in_a_dutch_file_is_no_number():
    assert cell(Kind.DECIMAL, "1450.5").reason == Reason.BAD_NUMBER


def test_bounds_hold_and_only_a_capacity_refuses_a_negative():
    assert cell(Kind.WHOLE, "-1", low=0).reason == Reason.OUT_OF_RANGE
    assert cell(Kind.WHOLE, "21", high=20).reason == Reason.OUT_OF_RANGE
    negative = cell(Kind.WHOLE, "-1", low=0, negative_refuses=True)
    assert negative.reason == Reason.NEGATIVE_CAPACITY


def test_a_number_of_a_workbook_is_read_as_it_stands_whatever_the_language():
    assert cell(Kind.DECIMAL, "1.234", typed=True).value == 1.234
    assert cell(Kind.WHOLE, "1450", typed=True).value == 1450
    assert cell(Kind.WHOLE, "1.234", typed=True).reason == Reason.NOT_WHOLE
    assert cell(Kind.WHOLE, "1.234", typed=False).value == 1234


@pytest.mark.parametrize(
    ("text", "formats", "value"),
    [
        ("13-04-2024", ("dd-mm-yyyy",), date(2024, 4, 13)),
        ("2024-04-13", ("yyyy-mm-dd",), date(2024, 4, 13)),
        ("3/4/2024", ("d/m/yyyy",), date(2024, 4, 3)),
        ("20240413", ("yyyymmdd",), date(2024, 4, 13)),
        ("2024-04-13", ("dd-mm-yyyy", "yyyy-mm-dd"), date(2024, 4, 13)),
        ("05-05-2024", ("dd-mm-yyyy", "mm-dd-yyyy"), date(2024, 5, 5)),
    ],
)
def test_a_day_is_read_by_the_declared_notations(text, formats, value):
    read = cell(Kind.DATE, text, formats=formats)
    assert read.value == value
    assert read.rule == (None if text == value.isoformat() else Rule.DATE_NOTATION)


@pytest.mark.parametrize(
    ("text", "formats", "reason"),
    [
        ("2024-04-13", ("dd-mm-yyyy",), Reason.BAD_DATE),
        ("04-13-2024", ("dd-mm-yyyy",), Reason.WRONG_DATE_ORDER),
        ("13/04/2024", ("mm/dd/yyyy",), Reason.WRONG_DATE_ORDER),
        ("03/04/2024", ("dd-mm-yyyy",), Reason.WRONG_DATE_ORDER),
        ("13/04/2024", ("dd-mm-yyyy",), Reason.BAD_DATE),
        ("03-04-2024", ("yyyy-mm-dd",), Reason.WRONG_DATE_ORDER),
        ("29-02-2023", ("dd-mm-yyyy",), Reason.BAD_DATE),
        ("1-2-2024", ("dd-mm-yyyy",), Reason.BAD_DATE),
        ("03-04-2024", ("dd-mm-yyyy", "mm-dd-yyyy"), Reason.AMBIGUOUS_DATE),
        ("01-01-0024", ("dd-mm-yyyy",), Reason.DATE_OUT_OF_RANGE),
        ("31-12-9999", ("dd-mm-yyyy",), Reason.DATE_OUT_OF_RANGE),
        ("06-11-2026", ("dd-mm-yyyy",), Reason.FUTURE_DATE),
    ],
)
def test_a_day_that_the_notation_does_not_settle_is_not_guessed(text, formats, reason):
    assert cell(Kind.DATE, text, formats=formats).reason == reason


def test_the_day_of_delivery_itself_is_not_the_future_and_a_planned_day_may_be():
    assert cell(Kind.DATE, "05-11-2026").reason is None
    assert cell(Kind.DATE, "06-11-2026", planned=True).value == date(2026, 11, 6)


def test_an_open_end_is_read_only_where_the_contract_has_one():
    read = cell(Kind.DATE, "31-12-9999", planned=True, open_end=True)
    assert read.value == date(9999, 12, 31)


@pytest.mark.parametrize(
    ("serial", "reason"),
    [("36525", Reason.BAD_DATE), ("36526", None), ("55153", None), ("55154", Reason.BAD_DATE)],
)
def test_excels_number_of_a_day_is_read_from_2000_to_2050(serial, reason):
    read = cell(Kind.DATE, serial, planned=True)
    assert read.reason == reason
    assert cell(Kind.DATE, "45385").value == date(2024, 4, 3)
    assert cell(Kind.DATE, "45385").rule == Rule.SERIAL_DATE


def test_a_number_of_a_day_outside_a_date_column_stays_a_number():
    assert cell(Kind.WHOLE, "45385").value == 45385
    assert cell(Kind.ID, "45385").value == "45385"


def test_a_day_that_excel_made_of_a_code_is_no_id_and_no_text():
    stamp = "2024-02-01 00:00:00"
    assert cell(Kind.DATE, stamp, typed=True).value == date(2024, 2, 1)
    assert cell(Kind.ID, stamp, typed=True).reason == Reason.BAD_ID
    assert cell(Kind.TEXT, stamp, typed=True).reason == Reason.BAD_TEXT


@pytest.mark.parametrize(
    "text", ["2027-03", "03-2027", "2027M03", "202703", "maart 2027", "01-03-2027", "3/2027"]
)
def test_a_month_is_read_in_the_ways_senders_write_it(text):
    assert cell(Kind.MONTH, text, planned=True).value == "2027-03"


@pytest.mark.parametrize("text", ["2027-13", "02-03-2027", "maart", "2027", "marzo 2027"])
def test_what_is_no_month_is_not_guessed(text):
    assert cell(Kind.MONTH, text, planned=True).reason == Reason.BAD_MONTH


@pytest.mark.parametrize(
    "text", ["2026K1", "2026-K1", "2026Q1", "2026KW01", "K1 2026", "q1-2026", "1e kwartaal 2026"]
)
def test_a_quarter_is_read_in_the_ways_senders_write_it(text):
    assert cell(Kind.QUARTER, text).value == "2026K1"


def test_a_quarter_must_exist_and_have_begun_at_delivery():
    assert cell(Kind.QUARTER, "2026K5").reason == Reason.BAD_QUARTER
    assert cell(Kind.QUARTER, "2026K4").reason is None
    assert cell(Kind.QUARTER, "2027K1").reason == Reason.FUTURE_DATE


def test_a_year_must_be_one_and_not_lie_ahead():
    assert cell(Kind.YEAR, "2026").value == 2026
    assert cell(Kind.YEAR, "26").reason == Reason.BAD_YEAR
    assert cell(Kind.YEAR, "1989", low=1990).reason == Reason.OUT_OF_RANGE
    assert cell(Kind.YEAR, "2027").reason == Reason.FUTURE_DATE


@pytest.mark.parametrize("text", ["GM0392", "gm0392", "0392", "392"])
def test_a_municipality_code_is_read_with_and_without_its_zeros(text):
    assert cell(Kind.MUNICIPALITY, text).value == "GM0392"


def test_a_municipality_of_the_region_must_lie_in_it_and_an_origin_need_not():
    assert cell(Kind.MUNICIPALITY, "GM0363").value == "GM0363"
    foreign = cell(Kind.MUNICIPALITY, "GM0363", own_region=True)
    assert foreign.reason == Reason.FOREIGN_MUNICIPALITY
    for text in ("GM9999", "Haarlem"):
        assert cell(Kind.MUNICIPALITY, text).reason == Reason.UNKNOWN_MUNICIPALITY


def test_several_municipalities_keep_their_order_and_fail_together():
    assert cell(Kind.MUNICIPALITIES, "0453, GM0392").value == "GM0453|GM0392"
    assert cell(Kind.MUNICIPALITIES, "0453, 9999").reason == Reason.UNKNOWN_MUNICIPALITY


@pytest.mark.parametrize("text", ["", "  ", "-", "onbekend", "n.v.t."])
@pytest.mark.parametrize("kind", [Kind.WHOLE, Kind.DATE, Kind.TEXT, Kind.CLIENT])
def test_nothing_is_missing_and_never_zero(text, kind):
    assert cell(kind, text, required=False).value is None
    assert cell(kind, text, required=False).reason is None
    assert cell(kind, text, required=True).reason == Reason.MISSING_VALUE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("=1+1", Reason.UNSAFE_TEXT),
        ("@SUM(A1)", Reason.UNSAFE_TEXT),
        ("<script>", Reason.UNSAFE_TEXT),
        ("'; DROP TABLE x", Reason.UNSAFE_TEXT),
        ("{{7*7}}", Reason.UNSAFE_TEXT),
        ("$\\href{x}$", Reason.UNSAFE_TEXT),
        ("a\u202eb", Reason.CONTROL_CHARACTERS),
        ("a\x07b", Reason.CONTROL_CHARACTERS),
        ("#REF!", Reason.SPREADSHEET_ERROR),
        ("#DEEL/0!", Reason.SPREADSHEET_ERROR),
        ("x" * 81, Reason.BAD_TEXT),
        ("wat? ja!", Reason.BAD_TEXT),
    ],
)
def test_text_that_no_name_holds_is_not_taken(text, reason):
    assert cell(Kind.TEXT, text, high=80).reason == reason


def test_names_as_people_write_them_are_kept():
    for name in (
        "Pré Wonen",
        "RIBW K/AM",
        "'s-Heerenberg",
        "HVO-Querido",
        "Súdwest-Fryslân",
        "Hofje (bij 'De Linde')",
    ):
        assert cell(Kind.TEXT, name).value == name
    spread = cell(Kind.TEXT, "Leger  des\nHeils")
    assert (spread.value, spread.rule) == ("Leger des Heils", Rule.TEXT_FORM)
    assert cell(Kind.TEXT, "Pre\u0301 Wonen").value == "Pr\u00e9 Wonen"


@pytest.mark.parametrize("text", ["1,23E+08", "1E5", "a\nb", "*A1", "a" * 65])
def test_an_id_that_a_spreadsheet_spoilt_is_set_apart(text):
    for kind in (Kind.ID, Kind.CLIENT, Kind.RECORD):
        assert cell(kind, text).reason == Reason.BAD_ID


def test_a_client_becomes_a_pseudonym_and_spaces_do_not_make_another():
    read = cell(Kind.CLIENT, "C-900001").value
    assert len(read) == 32
    assert "900001" not in read
    assert cell(Kind.CLIENT, " C-900001 ").value == read
    assert cell(Kind.CLIENT, "C-900002").value != read


def test_an_unknown_word_is_never_read_as_other():
    read = cell(Kind.ENUM, "iets", values={"other": ("overig",)})
    assert read.reason == Reason.UNKNOWN_VALUE
    assert "overig" in read.expected


@pytest.mark.parametrize("text", ["a=open", "a=open|a=open", "a=open|b=dicht", "a=open|b"])
def test_the_state_of_every_gate_must_be_given_once(text):
    gates = {"a": ("a",), "b": ("b",)}
    assert cell(Kind.GATES, text, values=gates).reason == Reason.BAD_GATES
    assert cell(Kind.GATES, "b=voldaan; a=open", values=gates).value == "a=open|b=met"
