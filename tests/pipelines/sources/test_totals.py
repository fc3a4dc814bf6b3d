"""Rows of totals are taken out when they are the sum of their rows; control totals must hold."""

import pytest

pytestmark = pytest.mark.unit

STOCK = "association_stock"


def stock(region, *counts):
    """Make rows of an association with these numbers of homes."""
    rows = region.rows(STOCK, len(counts), woningen=lambda at: counts[at], mutaties="1")
    return rows if len(counts) > 1 else region.rows(STOCK, woningen=counts[0], mutaties="1")


def total(rows, label, **figures):
    """Make a row of totals."""
    return {**dict.fromkeys(rows[0], ""), "corporatie": label, **figures}


def told(region):
    """Give reason, line and column of the only refusal, None when the file comes in."""
    refusals = region.read().refusals
    if not refusals:
        return None
    (one,) = refusals
    return one.reason.value, one.line, one.column


@pytest.mark.parametrize("label", ["Totaal", "TOTAAL", "Eindtotaal", "Totaal Haarlem", "totalen"])
def test_a_row_of_totals_is_no_data_and_is_on_record(region, label):
    rows = stock(region, "100", "1.450")
    region.deliver(STOCK, [*rows, total(rows, label, woningen="1.550", mutaties="2")], rows=2)
    result = region.read()
    assert result.files.select("rows_in", "accepted", "non_data").row(0) == (3, 2, 1)
    recorded = result.changes.filter(result.changes["rule"] == "total_row")
    assert recorded.select("count", "examples").rows() == [(1, "line 4")]


def test_one_wrong_figure_among_right_ones_refuses_the_file(region):
    rows = stock(region, "100", "200")
    region.deliver(STOCK, [*rows, total(rows, "Totaal", woningen="300", mutaties="3")])
    assert told(region) == ("total_mismatch", 4, "relets")


def test_subtotals_sum_their_own_rows_and_the_last_total_sums_all(region):
    rows = stock(region, "100", "200", "300", "400")
    region.deliver(
        STOCK,
        [
            *rows[:2],
            total(rows, "Subtotaal", woningen="300"),
            *rows[2:],
            total(rows, "Subtotaal", woningen="700"),
            total(rows, "Totaal", woningen="1000"),
        ],
    )
    assert told(region) is None


def test_a_column_that_cannot_be_summed_proves_nothing(region):
    rows = stock(region, "100", "200")
    for row in rows:
        row["passende_mutaties"] = "<5"
    region.deliver(STOCK, [*rows, total(rows, "Totaal", woningen="300", passende_mutaties="6")])
    assert told(region) is None
    region.deliver(STOCK, [*rows, total(rows, "Totaal", passende_mutaties="6")])
    assert told(region) == ("total_mismatch", 4, "")


def test_a_total_of_people_may_give_the_number_of_rows(region):
    rows = region.rows("stays", 4)
    for number, outcome in (("4", None), ("5", ("total_mismatch", 6, ""))):
        last = {**dict.fromkeys(rows[0], ""), "verblijf_id": "Totaal", "datum_einde": number}
        region.deliver("stays", [*rows, last])
        assert told(region) == outcome


def test_an_organisation_that_is_called_total_is_data(region):
    rows = [{**row, "corporatie": "Totaal Wonen"} for row in stock(region, "100")]
    region.deliver(STOCK, rows)
    assert region.read().accepted[STOCK].height == 1


def test_control_totals_are_held_by_our_name_or_the_header(region):
    rows = stock(region, "100", "1.450")
    for name in ("woningen", "dwellings"):
        region.deliver(STOCK, rows, control_totals={name: 1550})
        assert told(region) is None
        region.deliver(STOCK, rows, control_totals={name: 1551})
        assert told(region) == ("control_total", None, "dwellings")
    region.deliver(STOCK, rows, control_totals={"corporatie": 2})
    assert told(region)[0] == "bad_envelope"


def test_many_rows_of_totals_are_answered_in_a_moment(region):
    rows = stock(region, "100")
    region.deliver(STOCK, [*rows, *(total(rows, "Totaal", woningen="100") for _ in range(3000))])
    assert told(region) is None
    assert region.read().files["non_data"].to_list() == [3000]
