"""Columns are converted as their cells one by one are, and a table holds what was written."""

import csv
import io
from collections import Counter
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources import CONTRACTS
from pipelines.sources.cell import Setting
from pipelines.sources.cells import REFUSING, hider_for, reader_for
from pipelines.sources.convert import FAULTS, TYPES, Converted, convert, is_plain_id
from pipelines.sources.envelope import Envelope
from pipelines.sources.raw import LINE, Form, RawFacts, RawTable, read_delimited, table_of
from pipelines.sources.reasons import ROW_BY_ROW, DeliveryRefusedError
from pipelines.sources.rows import rule_on_rows

pytestmark = pytest.mark.properties
quick = settings(max_examples=40, deadline=None, derandomize=True)

ENVELOPE = Envelope(
    contract="stays",
    sender="Kern Wonen",
    region="zk-ijmond",
    period_from=date(2020, 1, 1),
    period_to=date(2026, 10, 31),
    delivered_on=date(2026, 11, 5),
    synthetic=True,
    number_language="nl-NL",
    date_formats=("dd-mm-yyyy",),
    encoding="utf-8",
)
CODES = frozenset({"GM0392", "GM0453"})
SETTING = Setting(ENVELOPE, "zk-ijmond", CODES, CODES | {"GM0363"}, b"k" * 32)
ODD = ("", " ", "x", "-", "onbekend", "1E5", "C-1", " C-1 ", "C-1 en C-2", "0001", "1.450", "2,5")
DAYS = ("01-02-2024", "31-02-2024", "45385", "2024-02-01 00:00:00", "01-02-2030", "1-2-2024")
WORDS = (
    "BW",
    "bw",
    "beschermd wonen",
    "MO",
    "overleden",
    "GM0392",
    "392",
    "GM9999",
    "1980",
    "1899",
)
texts = st.one_of(st.sampled_from(ODD + DAYS + WORDS), st.text(max_size=6))
ids = st.one_of(
    st.sampled_from(ODD),
    st.from_regex(r"[A-Za-z0-9_./:+#=' -]{1,8}", fullmatch=True),
    st.text(max_size=70),
)


def made(contract: str, rows: list[tuple[str, ...]], typed: list[bool] | None = None) -> RawTable:
    """Make a table of text with the columns of a contract."""
    names = [column.name for column in CONTRACTS[contract].columns]
    cells = {str(at): [row[at] for row in rows] for at in range(len(names))}
    block = pl.DataFrame(
        {LINE: range(2, len(rows) + 2), **cells},
        schema={LINE: pl.Int64, **dict.fromkeys(cells, pl.String)},
    )
    table = table_of(RawFacts(names), [block])
    if typed is not None:
        table.typed = pl.DataFrame({name: typed for name in cells})
    return table


@quick
@given(data=st.data())
@pytest.mark.parametrize("contract", ["stays", "agreements", "projects"])
def test_columns_are_read_as_their_cells_one_by_one(contract, data):
    columns = CONTRACTS[contract].columns
    cells = st.tuples(*(texts for _ in columns))
    rows = data.draw(st.lists(cells, max_size=8))
    typed = data.draw(st.none() | st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    names = [column.name for column in columns]
    found = convert(made(contract, rows, typed), names, CONTRACTS[contract], SETTING, "x")
    faults, counts, values = [], Counter(), {}
    for at, column in enumerate(columns):
        read = reader_for(column, SETTING)
        one_by_one = [read(row[at], bool(typed and typed[n])) for n, row in enumerate(rows)]
        values[column.name] = [cell.value for cell in one_by_one]
        for place, cell in enumerate(one_by_one):
            if cell.reason is not None and cell.reason not in REFUSING:
                faults.append((place, column.name, cell.reason.value, cell.expected))
            elif cell.reason is None and cell.rule is not None:
                counts[column.name, cell.rule] += 1
    assert {name: found.rows[name].to_list() for name in names} == values
    told = found.faults.select("place", "column", "reason", "expected").rows()
    assert sorted(told) == sorted(faults)
    assert set(found.faulty.arg_true()) == {place for place, *_ in faults}
    recorded: Counter = Counter()
    for change in found.changes:
        recorded[change.column, change.rule] += change.count
        assert (change.line is not None) == (change.rule in ROW_BY_ROW)
    assert recorded == counts


@quick
@given(st.lists(ids, min_size=1, max_size=30))
@pytest.mark.parametrize("name", ["stay_id", "client_id", "facility_id"])
def test_an_id_that_goes_round_the_reader_is_one_that_it_takes_as_it_stands(name, found):
    column = CONTRACTS["stays"].column(name)
    read, hide = reader_for(column, SETTING), hider_for(column, SETTING)
    plain = pl.DataFrame({"text": found}, schema={"text": pl.String}).filter(
        is_plain_id(pl.col("text"))
    )["text"]
    for text in plain:
        cell = read(text, False)
        assert (cell.reason, cell.rule, cell.wait) == (None, None, None)
        assert cell.value == (hide(text) if column.is_pseudonym else text)


def test_ordinary_ids_do_go_round_the_reader():
    usual = pl.DataFrame({"text": ["C-900001", "V.12/3", "0001234", "ab12_3"]})
    assert usual.select(is_plain_id(pl.col("text")).all()).item()


def test_many_ids_give_what_few_give():
    stays = CONTRACTS["stays"]
    names = [column.name for column in stays.columns]
    rows = [
        tuple({"stay_id": f"V{at}", "client_id": f"C {at % 7}"}.get(name, "") for name in names)
        for at in range(2_500)
    ]
    rows[5] = ("x;y", *rows[5][1:])
    many = convert(made("stays", rows), names, stays, SETTING, "x")
    few = convert(made("stays", rows[:50]), names, stays, SETTING, "x")
    assert many.rows.head(50).equals(few.rows)
    assert many.faults.filter(pl.col("place") < 50).equals(few.faults.filter(pl.col("place") < 50))
    assert many.rows["stay_id"].null_count() == 1


@quick
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(
                st.text(alphabet="ab ;,\"\n\r\u00e9'", max_size=4), min_size=width, max_size=width
            ),
            min_size=1,
            max_size=9,
        )
    ),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from(["utf-8", "cp1252", "utf-16"]),
)
def test_a_table_holds_the_cells_that_were_written_and_their_lines(rows, end, encoding):
    rows[0] = [f"h{at}" for at in range(len(rows[0]))]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator=end, quoting=csv.QUOTE_ALL)
    starts = []
    for row in rows:
        written = out.getvalue().replace("\r\n", "\n").replace("\r", "\n")
        starts.append(written.count("\n") + 1)
        writer.writerow(row)
    content = out.getvalue().encode(encoding)
    try:
        table = read_delimited(content, Form(encoding=encoding), "x")
    except DeliveryRefusedError as refused:
        assert encoding == "cp1252"
        assert "encoding" in str(refused)
        return
    filled = [at for at, row in enumerate(rows) if at and any(cell.strip() for cell in row)]
    assert table.header == rows[0]
    assert table.cells.rows() == [tuple(rows[at]) for at in filled]
    assert table.blank == len(rows) - 1 - len(filled)
    assert table.lines.to_list() == [starts[at] for at in filled]


# --- rules over rows, against every pair of rows -------------------------------------------------

stays = st.lists(
    st.tuples(
        st.integers(0, 3),  # key
        st.integers(0, 1),  # client
        st.integers(1, 9),  # first day
        st.one_of(st.none(), st.integers(1, 12)),  # last day
        st.booleans(),  # has a fault of a cell
        st.integers(0, 2),  # which file
    ),
    max_size=8,
)


def converted(rows) -> Converted:
    """Make converted stays of May 2024."""
    columns = CONTRACTS["stays"].columns
    good = {
        "stay_id": [f"{key:032x}" for key, *_ in rows],
        "client_id": [f"{row[1]:032x}" for row in rows],
        "facility_id": ["K"] * len(rows),
        "target_group": ["shelter"] * len(rows),
        "started_on": [date(2024, 5, row[2]) for row in rows],
        "ended_on": [row[3] and date(2024, 5, row[3]) for row in rows],
    }
    frame = pl.DataFrame(
        [
            pl.Series(
                column.name,
                good.get(column.name, [None] * len(rows)),
                TYPES.get(column.kind, pl.String()),
            )
            for column in columns
        ]
    )
    return Converted(
        lines=pl.Series(range(2, len(rows) + 2), dtype=pl.Int64),
        rows=frame,
        faulty=pl.Series([row[4] for row in rows], dtype=pl.Boolean),
        faults=pl.DataFrame(schema=FAULTS),
    )


@settings(max_examples=120, deadline=None, derandomize=True)
@given(stays)
def test_keys_and_stays_are_ruled_on_as_every_pair_of_rows_says(rows):
    files = {name: [row for row in rows if row[5] == at] for at, name in enumerate("abc")}
    senders = {"a": "Een", "b": "Een", "c": "Twee"}
    found = rule_on_rows(
        CONTRACTS["stays"], {name: converted(own) for name, own in files.items()}, senders
    )
    every = [(name, place, row) for name, own in files.items() for place, row in enumerate(own)]
    expected = set()
    for name, place, row in every:
        if row[3] is not None and row[3] < row[2]:
            expected.add((name, place, "end_before_start"))
    spoilt = {(n, p) for n, p, row in every if row[4]} | {(n, p) for n, p, _ in expected}
    again, clashing = set(), set()
    for name, place, row in every:
        group = [one for one in every if one[2][0] == row[0]]
        alike = len({one[2][:4] for one in group}) == 1
        clean = not any(one[:2] in spoilt for one in group)
        if len(group) > 1 and not (alike and clean):
            clashing.add((name, place, "duplicate_key"))
        elif (name, place) != group[0][:2]:
            again.add((name, place))
    out = spoilt | again | {(n, p) for n, p, _ in clashing}
    left = [one for one in every if one[:2] not in out]
    for name, place, row in left:
        for other, at, its in left:
            same_person = its[1] == row[1] and senders[other] == senders[name]
            if (other, at) != (name, place) and same_person:
                last, its_last = row[3] or 99, its[3] or 99
                first_of_both = (row[2], last, name, place) <= (its[2], its_last, other, at)
                starts, ends = (its[2], last) if first_of_both else (row[2], its_last)
                if starts < ends:
                    expected.add((name, place, "overlapping_stays"))
    told = {
        (name, place, reason)
        for name, frame in found.faults.items()
        for place, reason in frame.select("place", "reason").iter_rows()
    }
    assert told == expected | clashing
    repeated = {(n, p) for n, frame in found.repeats.items() for p in frame["place"]}
    assert repeated == again
