"""The schemas hold what the contracts promise: whatever breaks a promise does not pass."""

from datetime import date

import polars as pl
import pytest

from pipelines.sources import CONTRACTS, Kind
from pipelines.sources.convert import FAULTS, Converted
from pipelines.sources.results import schema_of
from pipelines.sources.rows import rule_on_rows
from pipelines.sources.schemas import row_schema, stay_schema

pytestmark = pytest.mark.unit

GOOD = {
    Kind.ID: "K-01",
    Kind.RECORD: "0" * 32,
    Kind.CLIENT: "0" * 32,
    Kind.TEXT: "Kern Wonen",
    Kind.MONTH: "2026-01",
    Kind.QUARTER: "2026K1",
    Kind.DATE: date(2026, 1, 1),
    Kind.YEAR: 2000,
    Kind.WHOLE: 3,
    Kind.DECIMAL: 3.0,
    Kind.BOOLEAN: True,
    Kind.MUNICIPALITY: "GM0392",
    Kind.MUNICIPALITIES: "GM0392|GM0453",
    Kind.GATES: "priority=met",
}


def good_row(contract):
    """Give a typed row that keeps every promise of a contract."""
    values = {}
    for column in contract.columns:
        value = next(iter(column.values), None) if column.kind is Kind.ENUM else GOOD[column.kind]
        if column.low is not None:
            value = max(value, type(value)(column.low))
        values[column.name] = value
    return values


def ruled(contract, *rows):
    """Apply the rules to typed rows that no reader of cells has seen; give (column, reason)."""
    schema = {name: kind for name, kind in schema_of(contract).items() if name[0] != "_"}
    converted = Converted(
        lines=pl.Series(range(2, len(rows) + 2), dtype=pl.Int64),
        rows=pl.DataFrame(list(rows), schema=schema),
        faulty=pl.repeat(False, len(rows), dtype=pl.Boolean, eager=True),
        faults=pl.DataFrame(schema=FAULTS),
    )
    found = rule_on_rows(contract, {"x.csv": converted}, {"x.csv": "Kern Wonen"})
    return set(found.faults["x.csv"].select("column", "reason").rows())


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_every_promise_of_a_contract_is_kept_or_told(contract):
    good = good_row(contract)
    assert ruled(contract, good) == set()
    for column in contract.columns:
        if column.required or column.name in contract.key:
            told = ruled(contract, {**good, column.name: None})
            assert (column.name, "missing_value") in told
        if column.kind in {Kind.WHOLE, Kind.YEAR, Kind.DECIMAL}:
            for bound, step in ((column.low, -1), (column.high, 1)):
                if bound is not None:
                    kind = type(good[column.name])
                    beyond = {**good, column.name: kind(bound + step)}
                    assert (column.name, "out_of_range") in ruled(contract, beyond)
        if column.kind is Kind.ENUM:
            told = ruled(contract, {**good, column.name: "anders dan dit"})
            assert (column.name, "unknown_value") in told
        if column.is_pseudonym:
            assert (column.name, "bad_id") in ruled(contract, {**good, column.name: "C-900001"})
    for earlier, later in contract.ordered:
        turned = {**good, earlier: date(2026, 1, 2), later: date(2026, 1, 1)}
        assert (later, "end_before_start") in ruled(contract, turned)


def test_a_schema_has_the_columns_and_types_of_its_contract():
    for contract in CONTRACTS.values():
        names = {name for name in schema_of(contract) if name[0] != "_"}
        assert names | {"_file", "_place", "_sender"} == set(row_schema(contract.name).columns())


def test_only_a_contract_with_stays_has_a_schema_of_stays():
    stay_schema("stays")
    with pytest.raises(ValueError, match="no stays"):
        stay_schema("capacity")
