"""Every planted item is found by itself, and no message repeats it."""

import random

import polars as pl
import pytest

from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.gate import PrivacyRule, check_privacy
from pipelines.sources.gate.patterns import TEXT, bare_numbers, look, passes_eleven
from pipelines.sources.package import facts_of
from tests.pipelines.sources.gate.planted import (
    ONLY_IN_WORKBOOKS,
    Item,
    bsn,
    columns_for,
    envelope,
    good_rows,
    items,
    raw_table,
    workbook,
)

ITEMS = items()
CELLS = [item for item in ITEMS if item.where in {"cell", "birth_year"}]
AROUND = [item for item in ITEMS if item.where in ONLY_IN_WORKBOOKS]
PLACES = ("stays", "applications", "capacity", "lettings", "agreements", "association_stock")

pytestmark = pytest.mark.unit


def numbers_of(texts: pl.Series) -> pl.Series:
    return look(texts, number=bare_numbers(TEXT))["number"]


def rules_of_one(item: Item, contract: str, header: str) -> set[PrivacyRule]:
    """Plant one item in one column of good rows and give what the gate calls it."""
    rows = [{header: row.get(header, "")} for row in good_rows(contract)]
    rows[7][header] = item.text
    found = check_privacy(
        raw_table(rows), CONTRACTS[contract], envelope(contract), "levering.csv", None
    )
    assert all(item.text not in str(refusal) for refusal in found)
    assert {refusal.line for refusal in found} <= {9}
    return {refusal.rule for refusal in found}


def test_there_are_five_hundred_items_of_every_kind() -> None:
    assert len(ITEMS) == 500
    assert {item.rule for item in ITEMS} == set(PrivacyRule) - {
        PrivacyRule.OTHER,
        PrivacyRule.ENVELOPE,
    }


def test_each_item_planted_alone_is_found_and_called_what_it_is() -> None:
    missed = []
    for at, item in enumerate(CELLS):
        contract = "stays" if item.where == "birth_year" else PLACES[at % len(PLACES)]
        header = columns_for(item, contract)[-1]
        if item.rule not in rules_of_one(item, contract, header):
            missed.append((item, contract, header))
    assert not missed


def test_each_item_planted_alone_under_a_header_of_the_contract_is_found() -> None:
    missed = []
    for at, item in enumerate(CELLS):
        contract = "stays" if item.where == "birth_year" else PLACES[at % len(PLACES)]
        headers = [name for name in columns_for(item, contract) if name != "kenmerk"]
        header = headers[at % len(headers)] if headers else "kenmerk"
        if not rules_of_one(item, contract, header):
            missed.append((item, contract, header))
    assert not missed


def test_each_item_around_the_rows_of_a_workbook_is_found() -> None:
    rows = good_rows("stays")
    missed = []
    for item in AROUND:
        content = workbook([{**row} for row in rows], [item])
        table = raw_table(rows)
        if item.where == "hidden_column":
            table = raw_table([{**row, "extra": ""} for row in rows])
        facts = facts_of(content, "x")
        facts.sheet = "data"
        facts.other_cells = [item.text] if item.where == "other_sheet" else []
        found = check_privacy(table, CONTRACTS["stays"], envelope("stays"), "lijst.xlsx", facts)
        assert all(item.text not in str(refusal) for refusal in found)
        if item.rule not in {refusal.rule for refusal in found}:
            missed.append(item)
    assert not missed


def test_each_item_in_a_file_name_is_found_and_not_repeated() -> None:
    table = raw_table(good_rows("stays"))
    for item in (one for one in ITEMS if one.where == "file_name"):
        found = check_privacy(
            table, CONTRACTS["stays"], envelope("stays"), f"{item.text}.csv", None
        )
        assert [refusal.rule for refusal in found] == [PrivacyRule.FILE_NAME], item
        assert item.text not in str(found[0])


def test_the_elfproef_passes_one_random_number_in_eleven() -> None:
    dice = random.Random(1)
    numbers = pl.Series([f"{dice.randrange(10**8, 10**9)}" for _ in range(50_000)])
    share = passes_eleven(numbers_of(numbers)).mean()
    assert isinstance(share, float)
    assert abs(share - 1 / 11) < 0.005


def test_the_published_example_passes_the_elfproef() -> None:
    numbers = numbers_of(pl.Series(["111222333", "111222334", "1112.22.333", "12345672"]))
    assert passes_eleven(numbers).to_list() == [True, False, True, True]


def test_a_column_of_citizen_numbers_is_found_whatever_its_header_says() -> None:
    dice = random.Random(2)
    rows = [{**row, "cliëntnummer": bsn(dice)} for row in good_rows("stays")]
    found = check_privacy(
        raw_table(rows), CONTRACTS["stays"], envelope("stays"), "levering.csv", None
    )
    assert [(one.rule, one.column, one.cells) for one in found] == [
        (PrivacyRule.CITIZEN_NUMBER, "client_id", len(rows))
    ]


def test_numbers_of_which_excel_ate_a_zero_or_made_powers_of_ten_are_found() -> None:
    dice = random.Random(3)
    tries = (f"{dice.randrange(10**7, 10**8)}" for _ in range(400))
    short = [number for number in tries if passes(number)][:8]
    powers = [f"{bsn(dice)[0]},{bsn(dice)[1:6]}E+08" for _ in range(8)]
    for ids in (short, powers):
        rows = good_rows("stays", len(ids))
        for row, number in zip(rows, ids, strict=True):
            row["cliëntnummer"] = number
        found = check_privacy(
            raw_table(rows), CONTRACTS["stays"], envelope("stays"), "levering.csv", None
        )
        assert PrivacyRule.CITIZEN_NUMBER in {one.rule for one in found}


def passes(digits: str) -> bool:
    return bool(passes_eleven(numbers_of(pl.Series([digits])))[0])
