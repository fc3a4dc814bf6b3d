"""Matching the header of a file with the columns of its contract.

Belongs here: synonyms, duplicate, unknown and missing columns. Does not belong here: cells.
"""

import difflib

from models.errors import RefusedError
from pipelines.sources.columns import Contract, fold
from pipelines.sources.reasons import DeliveryRefusedError, Reason


def match_header(
    header: list[str], contract: Contract, separator: str, where: str
) -> tuple[list[str], list[RefusedError]]:
    """Give our column name for every header, and every fault of the header together.

    Headers are matched by name, never by place; case, spaces, hyphens and underscores count alike.
    A header of which less than half is known may be a first row of data: its words are then kept
    out of the message.

    Args:
        header: The header cells of the file.
        contract: The contract of its folder.
        separator: The separator with which a CSV file was read, for the hint.
        where: How to name the file in a message.

    Returns:
        The names ("" where a header is unknown) and the faults.
    """
    synonyms = contract.headers
    names = [synonyms.get(fold(cell), "") for cell in header]
    if len(set(names) - {""}) * 2 < sum(column.required for column in contract.columns):
        return names, [_no_header(header, contract, separator, where)]
    faults: list[RefusedError] = []
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        written = [cell for cell, found in zip(header, names, strict=True) if found == name]
        faults.append(
            DeliveryRefusedError(
                Reason.DUPLICATE_HEADER,
                f"several headers name the column {name!r}",
                where=where,
                found=", ".join(repr(cell) for cell in written),
                expected="one",
                todo="Take the superfluous column out.",
            )
        )
    for cell, name in zip(header, names, strict=True):
        if not name:
            near = difflib.get_close_matches(fold(cell), synonyms, n=1, cutoff=0.0)
            column = contract.column(synonyms[near[0]]) if near else contract.columns[0]
            faults.append(
                DeliveryRefusedError(
                    Reason.UNKNOWN_COLUMN,
                    "the contract has no such column",
                    where=where,
                    found=repr(cell[:40]),
                    expected=f"perhaps {column.dutch[0]!r} ({column.name})",
                    todo="Take the column out or give it its own name.",
                )
            )
    for column in contract.columns:
        if column.required and column.name not in names:
            faults.append(
                DeliveryRefusedError(
                    Reason.MISSING_COLUMN,
                    "a required column is missing",
                    where=where,
                    expected=f"{column.dutch[0]!r} ({column.name})",
                    todo="Ask the sender for the column.",
                )
            )
    return names, faults


def _no_header(header: list[str], contract: Contract, separator: str, where: str) -> RefusedError:
    expected = separator.join(column.dutch[0] for column in contract.columns if column.required)
    alone = len(header) == 1 and len(contract.columns) > 1
    hint = f" with {separator!r} between them" if alone else ""
    return DeliveryRefusedError(
        Reason.UNKNOWN_COLUMN,
        f"the first row is not the header of {contract.name!r}",
        where=where,
        found=f"{len(header)} column(s), of which hardly any is known",
        expected=f"columns{hint} such as {expected}",
        todo="Check the separator, the folder and whether the header is the first row.",
    )
