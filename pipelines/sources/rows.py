"""Rules over several rows of one contract: a key stands once, a person is in one place at a time.

Belongs here: duplicates and overlaps, across all files of a contract. Does not belong here: single
cells (`cells.py`) and the fate of whole files (`deliveries.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from pipelines.sources.cell import Value
from pipelines.sources.columns import Contract
from pipelines.sources.convert import Converted, RowFault
from pipelines.sources.reasons import Reason


class _At(NamedTuple):
    file: str
    place: int


@dataclass
class RowRulings:
    """What the rules over several rows say of the files of one contract.

    Args:
        faults: File -> faults of its rows.
        repeats: File -> place of a row that repeats an earlier one -> (file, line) of that one.
    """

    faults: dict[str, list[RowFault]] = field(default_factory=dict)
    repeats: dict[str, dict[int, tuple[str, int]]] = field(default_factory=dict)


def rule_on_rows(
    contract: Contract, files: Mapping[str, Converted], senders: Mapping[str, str]
) -> RowRulings:
    """Look for duplicate keys and overlapping stays over all files of a contract.

    Rows with one key that are alike count once. Rows with one key that differ are all set apart,
    also when one of them has another fault: which of them is right is not ours to say. Stays
    overlap when one starts before the other has ended; the day of a move counts for both. A
    person's stays are compared within one sender, because senders number their clients themselves.

    Args:
        contract: The contract.
        files: File name -> its rows.
        senders: File name -> who sent it.
    """
    rulings = RowRulings({name: [] for name in files}, {name: {} for name in files})
    _rule_on_keys(contract, files, rulings)
    if contract.stay is not None:
        _rule_on_stays(contract.stay, files, senders, rulings)
    return rulings


def _rule_on_keys(contract: Contract, files: Mapping[str, Converted], rulings: RowRulings) -> None:
    groups: dict[tuple[Value, ...], list[_At]] = {}
    for name in sorted(files):
        keys = zip(*(files[name].values[column] for column in contract.key), strict=True)
        for place, key in enumerate(keys):
            if None not in key:
                groups.setdefault(key, []).append(_At(name, place))
    faulty = {name: {fault.place for fault in rows.faults} for name, rows in files.items()}
    for group in groups.values():
        if len(group) > 1:
            _rule_on_group(contract, group, files, faulty, rulings)


def _rule_on_group(
    contract: Contract,
    group: list[_At],
    files: Mapping[str, Converted],
    faulty: Mapping[str, set[int]],
    rulings: RowRulings,
) -> None:
    columns = [column.name for column in contract.columns]
    contents = {tuple(files[at.file].values[name][at.place] for name in columns) for at in group}
    first = group[0]
    if len(contents) == 1 and not any(at.place in faulty[at.file] for at in group):
        for at in group[1:]:
            line = files[first.file].lines[first.place]
            rulings.repeats[at.file][at.place] = (first.file, line)
        return
    is_personal = any(contract.column(name).is_personal for name in contract.key)
    for at in group:
        other = next(one for one in group if one != at)
        key = (files[at.file].values[name][at.place] for name in contract.key)
        rulings.faults[at.file].append(
            RowFault(
                at.place,
                contract.key[0],
                Reason.DUPLICATE_KEY,
                found="" if is_personal else ", ".join(str(part) for part in key),
                expected=f"one row per {', '.join(contract.key)}; also at {other.file} "
                f"line {files[other.file].lines[other.place]}",
            )
        )


def _rule_on_stays(
    stay: tuple[str, str, str],
    files: Mapping[str, Converted],
    senders: Mapping[str, str],
    rulings: RowRulings,
) -> None:
    client, start, end = stay
    persons: dict[tuple[str, Value], list[tuple[date, date, _At]]] = {}
    for name in sorted(files):
        rows = files[name]
        apart = {fault.place for fault in (*rows.faults, *rulings.faults[name])}
        apart |= set(rulings.repeats[name])
        columns = zip(rows.values[client], rows.values[start], rows.values[end], strict=True)
        for place, (person, since, until) in enumerate(columns):
            if place not in apart and isinstance(since, date):
                last = until if isinstance(until, date) else date.max
                stays = persons.setdefault((senders[name], person), [])
                stays.append((since, last, _At(name, place)))
    for stays in persons.values():
        for since, last, at, other in _overlapping(sorted(stays)):
            shown = "no end" if last == date.max else last.isoformat()
            rulings.faults[at.file].append(
                RowFault(
                    at.place,
                    start,
                    Reason.OVERLAPPING_STAYS,
                    found=f"{since.isoformat()} to {shown}",
                    expected=f"no other stay in these days; also at {other.file} "
                    f"line {files[other.file].lines[other.place]}",
                )
            )


def _overlapping(
    stays: list[tuple[date, date, _At]],
) -> list[tuple[date, date, _At, _At]]:
    """Give each stay that overlaps another one, with that other one; `stays` by first day."""
    found = []
    longest: tuple[date, _At] | None = None
    for place, (since, last, at) in enumerate(stays):
        following = stays[place + 1] if place + 1 < len(stays) else None
        if longest is not None and since < longest[0]:
            found.append((since, last, at, longest[1]))
        elif following is not None and following[0] < last:
            found.append((since, last, at, following[2]))
        if longest is None or last > longest[0]:
            longest = (last, at)
    return found
