"""Rules over the rows of one person: one person a number, once on a list.

Belongs here: what the rows of a client say together, over all files of a contract. Does not belong
here: keys and overlapping stays (`rows.py`), making pseudonyms (`cells.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from pipelines.sources.columns import Contract
from pipelines.sources.reasons import Notice, Reason
from pipelines.sources.relations import Finding

_ENDED = ("negative", "returned")
"""Assessments that end a place on the list."""


@dataclass(frozen=True)
class PersonRows:
    """The rows of one file whose cells could be read.

    Args:
        sender: Who sent it.
        values: Its typed columns.
        places: The place of each of these rows in the file's data.
        lines: Their lines.
        counts: Whether they count so far; a row that is set apart still tells of its person.
    """

    sender: str
    values: pl.DataFrame
    places: pl.Series
    lines: pl.Series
    counts: pl.Series


@dataclass
class PersonRulings:
    """What the rules over persons say of the files of one contract.

    Args:
        findings: File -> rows that are set apart.
        warnings: File -> what a reader should know.
        waits: File -> what a person must confirm.
    """

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    warnings: dict[str, list[Notice]] = field(default_factory=dict)
    waits: dict[str, list[Notice]] = field(default_factory=dict)


def rule_on_persons(contract: Contract, files: Mapping[str, PersonRows]) -> PersonRulings:
    """Look for numbers that two people share, people twice on a list, people at two senders.

    Args:
        contract: The contract.
        files: File name -> its rows.
    """
    rulings = PersonRulings(
        {name: [] for name in files}, {name: [] for name in files}, {name: [] for name in files}
    )
    names = {column.name for column in contract.columns}
    if "client_id" not in names or not files:
        return rulings
    rows = _together(contract, files)
    if "birth_year" in names:
        _rule_on_births(rows, rulings)
    counting = rows.filter("_counts")
    if contract.ends:
        _rule_on_lists(counting, contract, rulings)
    _rule_on_senders(counting, rulings)
    return rulings


def _together(contract: Contract, files: Mapping[str, PersonRows]) -> pl.DataFrame:
    wanted = ["client_id", "birth_year", *contract.ends, "assessment"]
    frames = []
    for name in sorted(files):
        file = files[name]
        kept = [column for column in wanted if column in file.values.columns]
        frames.append(
            file.values.select(kept).with_columns(
                pl.lit(name).alias("_file"),
                pl.lit(file.sender).alias("_sender"),
                file.places.cast(pl.Int64).alias("_place"),
                file.lines.alias("_line"),
                file.counts.alias("_counts"),
            )
        )
    return pl.concat(frames).drop_nulls("client_id")


def _rule_on_births(rows: pl.DataFrame, rulings: PersonRulings) -> None:
    shared = rows.filter(pl.col("birth_year").n_unique().over("client_id") > 1).filter(
        pl.col("birth_year").drop_nulls().n_unique().over("client_id") > 1
    )
    for name, place, _ in _places(shared):
        rulings.findings[name].append(
            Finding(
                place,
                "client_id",
                Reason.DIFFERENT_PERSONS,
                found="",
                expected="one year of birth for one client number",
            )
        )
    for name, lines in _lines(shared).items():
        rulings.waits[name].append(
            Notice(
                Reason.DIFFERENT_PERSONS,
                "one client number belongs to people with different years of birth",
                line=lines[0],
                column="client_id",
                found=f"{len(lines)} rows",
                expected="one number for one person",
                todo="Ask the sender; confirm only if the years of birth are a slip.",
            )
        )


def _rule_on_lists(rows: pl.DataFrame, contract: Contract, rulings: PersonRulings) -> None:
    is_open = pl.all_horizontal(pl.col(name).is_null() for name in contract.ends)
    if "assessment" in rows.columns:
        is_open &= ~pl.col("assessment").is_in(_ENDED).fill_null(False)
    twice = rows.filter(is_open).filter(pl.len().over("_sender", "client_id") > 1)
    for name, place, _ in _places(twice):
        rulings.findings[name].append(
            Finding(
                place,
                "client_id",
                Reason.TWICE_ON_THE_LIST,
                found="",
                expected="one open row for one person",
            )
        )


def _rule_on_senders(rows: pl.DataFrame, rulings: PersonRulings) -> None:
    shared = rows.filter(pl.col("_sender").n_unique().over("client_id") > 1)
    for name, lines in _lines(shared).items():
        persons = shared.filter(pl.col("_file") == name)["client_id"].n_unique()
        rulings.warnings[name].append(
            Notice(
                Reason.PERSON_AT_TWO_SENDERS,
                "client numbers also come from another organisation",
                line=lines[0],
                column="client_id",
                found=f"{persons} numbers",
                expected='client numbers of the region, or client_numbers = "sender"',
                todo="Rows count for both; ask whether both use the region's client numbers.",
            )
        )


def _places(rows: pl.DataFrame) -> list[tuple[str, int, int]]:
    return rows.select("_file", "_place", "_line").sort("_file", "_place").rows()


def _lines(rows: pl.DataFrame) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, _, line in _places(rows):
        found.setdefault(name, []).append(line)
    return found
