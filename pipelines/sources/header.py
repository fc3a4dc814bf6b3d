"""Matching the header of a file with the columns of its contract.

Belongs here: synonyms, duplicate, unknown and missing columns, headers in several rows. Does not
belong here: cells.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.errors import RefusedError
from pipelines.sources.cell import clean
from pipelines.sources.columns import Contract, Kind, fold
from pipelines.sources.raw import RawTable
from pipelines.sources.reasons import DeliveryRefusedError, Notice, Reason

NAME_BESIDE = ":name"
"""After the name of a column of municipalities: the column with the name beside the code."""

_NAMES_BESIDE = frozenset({"gemeentenaam", "gemeente_naam", "naam_gemeente"})
_SLIP = 0.8
"""Headers as alike as this are taken for a slip, which a person has to mend."""
_MOST_LOOKED_AT = 1_000
_LONGEST_SHOWN = 40
_CELL = re.compile(r"[A-Z]+([0-9]+)(?::[A-Z]+([0-9]+))?")


@dataclass
class Header:
    """The columns of a file.

    Args:
        names: Our name for every column, "" for one that is left out; the name beside the code of a
            municipality as "municipality_code:name".
        refusals: Why the file is refused.
        warnings: Columns that are left out.
    """

    names: list[str]
    refusals: list[RefusedError] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)


def match_header(
    table: RawTable, contract: Contract, separator: str, header_row: int, where: str
) -> Header:
    """Give our column name for every header, and every fault of the header together.

    Headers are matched by name, never by place; case, spaces, hyphens and underscores count alike.
    A column that the contract does not know is left out with a warning, after the gate looked for
    personal data in it; where its header looks like a slip in a name of the contract, the file is
    refused. A header of which less than half is known may be a first row of data: its words are
    then kept out of the message.

    Args:
        table: The file's cells.
        contract: The contract of its folder.
        separator: The separator with which a CSV file was read, for the hint.
        header_row: The line or row of the header.
        where: How to name the file in a message.
    """
    header = Header(_known_names(table.header, contract))
    several = _several_rows(table, contract, header_row, where)
    if several is not None:
        header.refusals.append(several)
        return header
    if not _is_header(header.names, contract):
        header.refusals.append(_no_header(table.header, contract, separator, header_row, where))
        return header
    _duplicates(header, table.header, header_row, where)
    _unknown(header, table, contract, header_row, where)
    for column in contract.columns:
        if column.required and column.name not in header.names:
            header.refusals.append(
                DeliveryRefusedError(
                    Reason.MISSING_COLUMN,
                    "a required column is missing",
                    where=where,
                    expected=f"{column.dutch[0]!r} ({column.name})",
                    todo="Ask the sender for the column.",
                    line=header_row,
                    column=column.name,
                )
            )
    return header


def _known_names(header: Sequence[str], contract: Contract) -> list[str]:
    synonyms = contract.headers
    header = [clean(cell) for cell in header]
    names = [synonyms.get(fold(cell), "") for cell in header]
    owners = [
        one.name for one in contract.columns if one.kind is Kind.MUNICIPALITY and one.own_region
    ]
    for at, cell in enumerate(header):
        is_name = fold(cell) in _NAMES_BESIDE or (
            fold(cell) == "gemeente" and names.count(names[at]) > 1
        )
        if is_name and len(owners) == 1:
            beside = names.count(owners[0]) > (names[at] == owners[0])
            names[at] = owners[0] + NAME_BESIDE if beside else owners[0]
    return names


def _is_header(names: Sequence[str], contract: Contract) -> bool:
    required = sum(column.required for column in contract.columns)
    return len(set(names) - {""}) * 2 >= required


def _several_rows(
    table: RawTable, contract: Contract, header_row: int, where: str
) -> RefusedError | None:
    """Refuse a header that stands in two rows, is merged, or comes back under itself."""
    merged = _merged_in(table, header_row)
    if merged:
        return _several(where, header_row, f"merged cells {', '.join(merged)}")
    first = _known_names(table.header, contract)
    if not _is_header(first, contract) and sum(1 for cell in table.header if cell.strip()) < 2:
        return None  # a title above the header
    looked_at = range(table.height) if _is_header(first, contract) else range(min(1, table.height))
    named = set(contract.headers)
    for place in _rows_of_words(table, named, looked_at):
        if _is_header(_known_names(table.row(place), contract), contract):
            line = int(table.lines[place])
            found = f"names of columns in row {line} too"
            at = line if _is_header(first, contract) else header_row
            return _several(where, at, found)
    return None


def _rows_of_words(table: RawTable, named: set[str], places: range) -> list[int]:
    """Give the rows whose first filled cell is a name of a column; headers are rare."""
    found = []
    for at in range(len(table.header)):
        texts = table.texts(at).head(len(places))
        distinct = texts.unique(maintain_order=True).head(_MOST_LOOKED_AT).to_list()
        words = [text for text in distinct if fold(text) in named]
        if words:
            found.extend(texts.is_in(words).arg_true().to_list())
    return sorted(set(found))[:_MOST_LOOKED_AT]


def _merged_in(table: RawTable, header_row: int) -> list[str]:
    package = table.package
    if package is None:
        return []
    ranges = [
        one for sheet in package.sheets if sheet.name == package.sheet for one in sheet.merged
    ]
    return [one for one in ranges if _touches(one, header_row)]


def _touches(merged: str, row: int) -> bool:
    match = _CELL.fullmatch(merged)
    return match is not None and int(match[1]) <= row <= int(match[2] or match[1])


def _several(where: str, line: int, found: str) -> RefusedError:
    return DeliveryRefusedError(
        Reason.SEVERAL_HEADER_ROWS,
        "the header stands in several rows or in merged cells",
        where=where,
        found=found,
        expected="one row with the name of every column",
        todo="Write one header row; `header_row` in the envelope says which it is.",
        line=line,
    )


def _duplicates(header: Header, written: Sequence[str], header_row: int, where: str) -> None:
    names = header.names
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        cells = [cell for cell, found in zip(written, names, strict=True) if found == name]
        header.refusals.append(
            DeliveryRefusedError(
                Reason.DUPLICATE_HEADER,
                f"several headers name the column {name!r}",
                where=where,
                found=", ".join(repr(cell) for cell in cells),
                expected="one",
                todo="Take the superfluous column out.",
                line=header_row,
                column=name,
            )
        )


def _unknown(
    header: Header, table: RawTable, contract: Contract, header_row: int, where: str
) -> None:
    absent = {word: name for word, name in contract.headers.items() if name not in header.names}
    for at, (cell, name) in enumerate(zip(table.header, header.names, strict=True)):
        if name:
            continue
        is_empty = not table.texts(at).str.strip_chars().ne("").any()
        if not cell.strip() and is_empty:
            continue
        near = _meant(fold(clean(cell)), absent)
        if near or not cell.strip():
            known = contract.column(absent[near]) if near else None
            header.refusals.append(
                DeliveryRefusedError(
                    Reason.UNKNOWN_COLUMN,
                    "the contract has no such column" if near else "a column has no header",
                    where=where,
                    found=repr(cell[:_LONGEST_SHOWN]),
                    expected=f"perhaps {known.dutch[0]!r} ({known.name})" if known else "a name",
                    todo="Take the column out or give it its own name.",
                    line=header_row,
                )
            )
        else:
            header.warnings.append(
                Notice(
                    Reason.UNKNOWN_COLUMN,
                    "a column that the contract does not know is left out",
                    line=header_row,
                    found=f"column {at + 1}",
                    expected="columns of the contract",
                    todo="Nothing of it was kept; the sender may leave it out.",
                )
            )


def _meant(header: str, absent: Mapping[str, str]) -> str:
    """Give the known header that an unknown one may stand for, "" where none comes near.

    Nearly the same letters are a slip; so are part of its words ("einde" for "datum_einde") and
    its words with others ("datum_einde_verblijf").
    """
    close = difflib.get_close_matches(header, absent, n=1, cutoff=_SLIP)
    if close or not header:
        return close[0] if close else ""
    words = set(header.split("_"))
    for known in absent:
        its = set(known.split("_"))
        if words <= its or (len(its) > 1 and its <= words):
            return known
    return ""


def _no_header(
    header: list[str], contract: Contract, separator: str, header_row: int, where: str
) -> RefusedError:
    expected = separator.join(column.dutch[0] for column in contract.columns if column.required)
    alone = len(header) == 1 and len(contract.columns) > 1
    hint = f" with {separator!r} between them" if alone else ""
    return DeliveryRefusedError(
        Reason.UNKNOWN_COLUMN,
        f"row {header_row} is not the header of {contract.name!r}",
        where=where,
        found=f"{len(header)} column(s), of which hardly any is known",
        expected=f"columns{hint} such as {expected}",
        todo="Check the separator and the folder; `header_row` in the envelope says which row "
        "is the header.",
        line=header_row,
    )
