"""The declarations themselves: unambiguous words, and every word reads as what it stands for."""

from datetime import date

import pytest

from pipelines.sources.cell import Setting
from pipelines.sources.cells import reader_for
from pipelines.sources.columns import Column, Kind, fold
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.envelope import Envelope

pytestmark = pytest.mark.unit

COLUMNS = [
    pytest.param(contract, column, id=f"{contract.name}.{column.name}")
    for contract in CONTRACTS.values()
    for column in contract.columns
]


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=list(CONTRACTS))
def test_a_header_names_one_column_only(contract):
    owners = {}
    for column in contract.columns:
        assert column.dutch, f"{column.name} has no Dutch header"
        for header in column.headers:
            assert owners.setdefault(fold(header), column.name) == column.name


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=list(CONTRACTS))
def test_keys_and_rules_name_required_or_existing_columns(contract):
    assert all(contract.column(name).required for name in contract.key)
    names = {column.name for column in contract.columns}
    assert {name for pair in contract.ordered for name in pair} <= names
    assert set(contract.stay or ()) <= names


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=list(CONTRACTS))
def test_relations_name_what_is_there(contract):
    names = {column.name for column in contract.columns}
    assert {*contract.ends, *filter(None, (contract.day, contract.series))} <= names
    for column, other, its_column in contract.references:
        assert contract.column(column).kind == CONTRACTS[other].column(its_column).kind
    assert not contract.ends or "client_id" in names
    assert not contract.series or contract.series in contract.key


@pytest.mark.parametrize(("contract", "column"), COLUMNS)
def test_every_number_has_a_unit_or_a_column_that_says_it(contract, column: Column):
    is_number = column.kind in {Kind.WHOLE, Kind.DECIMAL}
    has_unit_beside = any(other.is_unit for other in contract.columns)
    assert bool(column.unit) == (is_number and not has_unit_beside)
    assert not column.adds_up or (is_number and not column.may_be_share)


@pytest.mark.parametrize(("contract", "column"), COLUMNS)
def test_every_dutch_word_reads_as_its_value(contract, column: Column):
    envelope = Envelope(
        contract=contract.name,
        sender="Kern Wonen",
        region="kern",
        period_from=date(2026, 1, 1),
        period_to=date(2026, 3, 31),
        delivered_on=date(2026, 4, 1),
        synthetic=True,
        number_language="nl-NL",
        date_formats=("dd-mm-yyyy",),
        encoding="utf-8",
    )
    read = reader_for(column, Setting(envelope, "kern", frozenset(), frozenset(), b"key"))
    assert bool(column.values) == (column.kind in {Kind.ENUM, Kind.BOOLEAN, Kind.GATES})
    if column.kind is Kind.GATES:
        cell = read(" | ".join(f"{words[0]}: voldaan" for words in column.values.values()), False)
        assert cell.value == "|".join(f"{gate}=met" for gate in column.values)
        return
    for value, words in column.values.items():
        assert words, f"{value} has no Dutch word"
        for word in (value, *words, words[0].upper()):
            cell = read(word, False)
            wanted = value == "true" if column.kind is Kind.BOOLEAN else value
            assert (cell.value, cell.reason) == (wanted, None), word
