"""Corrections: found by the sender's own key, refused when the source has overtaken them."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.corrections import Corrections
from pipelines.sources.keys import pseudonym, read_example_key
from pipelines.sources.parcels import Parcel
from pipelines.sources.results import schema_of

pytestmark = pytest.mark.unit

KEY = read_example_key()
PARCEL = Parcel("intake", "x.csv", Path("x.csv"))

GOOD: dict[str, Any] = {
    "contract": "intake",
    "key": {"registration_id": "R1"},
    "column": "admitted_on",
    "expect": "2018-01-21",
    "value": "2018-01-25",
    "reason": "the sender wrote the day of the letter",
    "status": "reported",
    "author": "regiosecretariaat",
}


def written(**changes: Any) -> bytes:
    fields = {**GOOD, **changes}
    key = ", ".join(f'{name} = "{value}"' for name, value in fields.pop("key").items())
    lines = [f'{name} = "{value}"' for name, value in fields.items()]
    return "\n".join(["[[corrections]]", f"key = {{{key}}}", *lines, "date = 2026-11-05"]).encode()


def read(content: bytes) -> Corrections:
    return Corrections(
        content,
        region_id="noord",
        codes=frozenset({"GM0375"}),
        known_codes=frozenset({"GM0375"}),
        key=KEY,
    )


def rows(**changes: Any) -> pl.DataFrame:
    """Two registrations, R1 and R2, of which the changes are those of R1."""
    schema = {
        name: kind for name, kind in schema_of(CONTRACTS["intake"]).items() if name != "_file"
    }
    given = [
        {
            "registration_id": pseudonym(KEY, "noord", "registration_id", name),
            "target_group": "shelter",
            "birth_year": 1981,
            "registered_on": date(2018, 1, 3),
            "admitted_on": date(2018, 1, 21),
            "_row": line,
            **(changes if name == "R1" else {}),
        }
        for line, name in ((2, "R1"), (3, "R2"))
    ]
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in given], schema=schema)


def test_one_cell_of_one_row_changes_and_is_on_record() -> None:
    corrections = read(written())
    done = corrections.apply(PARCEL, rows())
    assert corrections.faults == done.refusals == corrections.unmet() == []
    assert done.rows["admitted_on"].to_list() == [date(2018, 1, 25), date(2018, 1, 21)]
    assert done.rows.drop("admitted_on").equals(rows().drop("admitted_on"))
    (change,) = done.changes
    assert (change.line, change.column, change.count) == (2, "admitted_on", 1)
    assert change.examples == ("2018-01-21 -> 2018-01-25: the sender wrote the day of the letter",)


def test_rows_of_another_contract_are_left_alone() -> None:
    corrections = read(written())
    found = corrections.apply(Parcel("stays", "x.csv", Path("x.csv")), rows())
    assert found.rows.equals(rows())
    (refusal,) = corrections.unmet()
    assert "no delivered row has the key" in str(refusal)


@pytest.mark.parametrize("now", [None, date(2018, 1, 25)])
def test_a_value_that_is_not_the_expected_one_is_told_and_never_changed(now: date | None) -> None:
    done = read(written()).apply(PARCEL, rows(admitted_on=now))
    (refusal,) = done.refusals
    assert "The source is mended: take it out." in str(refusal)
    assert ("2018-01-25" if now else "an empty cell") in str(refusal)
    assert "R1" not in str(refusal)
    assert done.rows.equals(rows(admitted_on=now))
    assert done.changes == []


def test_an_empty_cell_can_be_expected_and_filled_and_a_filled_one_emptied() -> None:
    done = read(written(expect="")).apply(PARCEL, rows(admitted_on=None))
    assert done.rows["admitted_on"][0] == date(2018, 1, 25)
    done = read(written(value="")).apply(PARCEL, rows())
    assert done.rows["admitted_on"][0] is None


def test_words_may_be_those_of_the_contract_in_dutch() -> None:
    told = written(column="target_group", expect="MO", value="jeugd 18+")
    assert read(told).apply(PARCEL, rows()).rows["target_group"].to_list() == ["youth", "shelter"]


def test_what_may_point_at_a_person_is_repeated_nowhere() -> None:
    stale = read(written(column="birth_year", expect="1980", value="1982"))
    (refusal,) = stale.apply(PARCEL, rows()).refusals
    assert "1981" not in str(refusal)
    good = read(written(column="birth_year", expect="1981", value="1982"))
    (change,) = good.apply(PARCEL, rows()).changes
    assert change.examples == ("the sender wrote the day of the letter",)


def test_a_withdrawn_correction_is_kept_and_not_applied() -> None:
    corrections = read(written(status="withdrawn"))
    assert corrections.apply(PARCEL, rows()).rows.equals(rows())
    assert corrections.unmet() == corrections.faults == []


def test_corrections_follow_one_another() -> None:
    both = written() + b"\n" + written(expect="2018-01-25", value="2018-01-26")
    assert read(both).apply(PARCEL, rows()).rows["admitted_on"][0] == date(2018, 1, 26)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reason": "short"}, "reason is wrong"),
        ({"column": "client_id"}, "column is wrong"),
        ({"column": "registration_id"}, "column is wrong"),
        ({"contract": "intaek"}, "contract is wrong"),
        ({"key": {"client_id": "x"}}, "key is not the contract's"),
        ({"key": {}}, "key is wrong"),
        ({"value": "soon"}, "value is wrong"),
        ({"expect": "soon"}, "expect is wrong"),
        ({"status": "maybe"}, "status is wrong"),
        ({"author": "jan@example.org"}, "author is wrong"),
        ({"author": "x" * 41}, "author is wrong"),
        ({"column": "target_group", "value": "", "expect": "shelter"}, "value is wrong"),
        ({"more": "x"}, "more is wrong"),
    ],
)
def test_a_correction_that_cannot_be_read_is_refused_by_name(
    changes: dict[str, Any], told: str
) -> None:
    corrections = read(written(**changes))
    assert told in " ".join(map(str, corrections.faults))
    assert all("corrections.toml, correction 1" in str(one) for one in corrections.faults)
    assert corrections.apply(PARCEL, rows()).rows.equals(rows())


@pytest.mark.parametrize("content", [b"\xff", b"[[corrections", b"corrections = 3", b"other = 1"])
def test_a_file_that_is_none_is_refused(content: bytes) -> None:
    assert read(content).faults


def test_no_file_is_no_correction() -> None:
    corrections = read(b"")
    assert corrections.faults == corrections.unmet() == []
