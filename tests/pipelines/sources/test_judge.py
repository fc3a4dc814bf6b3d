"""What the texts of a column say together: one number language, one notation, no words."""

import pytest

pytestmark = pytest.mark.unit

STOCK = "association_stock"


def outcome(region, values, contract=STOCK, column="woningen", **envelope):
    """Deliver a column; give the verdict and (reason, line) of what was told of the file."""
    rows = region.rows(contract, len(values), **{column: lambda at: values[at]})
    region.deliver(contract, rows, **envelope)
    result = region.read()
    refused = [(one.reason.value, one.line) for one in result.refusals]
    return result.files["verdict"].item(), [
        *refused,
        *result.notices.select("reason", "row").rows(),
    ]


def test_words_in_rows_about_persons_are_never_repeated(region):
    for text in ("<b>Jan woont", "Jan\u202e woont"):
        region.deliver("applications", region.rows("applications", toetstafel=text))
        (refusal,) = region.read().refusals
        assert refusal.column == "assessment_table"
        assert "woont" not in str(refusal)
    region.deliver("capacity", region.rows("capacity", aanbieder="<b>Kern"))
    assert "<b>Kern" in str(region.read().refusals[0])
    region.path("capacity", "capacity.csv").unlink()
    region.path("capacity", "capacity.csv.toml").unlink()
    region.deliver("applications", region.rows("applications", toetstafel="caf\u00c3\u00a9 woont"))
    result = region.read()
    assert result.files["verdict"].to_list() == ["waiting"]
    assert "woont" not in result.notices.write_csv() + str(result.waits[0])


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (["100", "1,450"], 3),
        (["1.450", "1450", "1,45"], 4),
        (["100", "17.5"], 3),
        (["1.450", "2,5"], 3),
    ],
)
def test_numbers_of_two_notations_in_one_column_refuse_the_file(region, values, line):
    told = [("wrong_number_language", line)]
    assert outcome(region, values) == ("refused", told)


def test_a_fraction_alone_is_a_fault_of_its_row(region):
    assert outcome(region, ["100", "2,5"]) == ("accepted_with_quarantine", [])


def test_words_in_a_count_are_told_once_with_their_number(region):
    values = ["3", "<5", "-", "onbekend", ""]
    verdict, told = outcome(region, values, column="passende_mutaties")
    assert (verdict, told) == ("accepted_with_warning", [("missing_words", 3)])
    result = region.read()
    assert result.accepted[STOCK]["suitable_relets"].to_list() == [3, None, None, None, None]
    assert result.notices["found"].to_list() == ["3 cells"]
    interval = result.changes.filter(result.changes["rule"] == "interval")
    assert interval.select("row", "examples").rows() == [(3, "'<5' -> [1, 4]")]


def test_several_declared_notations_of_days_are_told(region):
    formats = {"date_formats": ["dd-mm-yyyy", "yyyy-mm-dd"]}
    values = ["01-02-2024", "2024-02-02", "03-02-2024"]
    assert outcome(region, values, "stays", "datum_start", **formats) == (
        "accepted_with_warning",
        [("mixed_dates", 3)],
    )
    assert outcome(region, values[::2], "stays", "datum_start", **formats) == ("accepted", [])
