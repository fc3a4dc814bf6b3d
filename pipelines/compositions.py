"""Rows of deliveries of any year, brought to the municipalities of the as-of date.

Belongs here: which municipalities a region has at a date, and landing accepted rows in them. Does
not belong here: the changes themselves (`sources.boundaries`), names (`sources.municipalities`),
joins (`sql/`).

A code is meant as it was on the day its row is about. Onward, counts are split by addresses into
whole numbers that add up; a single thing (a home, a facility, a project) goes where its whole
municipality went, and where that was split it goes to the one part that is of the region, else it
waits. Back, when a region is rebuilt as of an earlier month, a single thing of a municipality that
was not there yet keeps its later code: nothing is lost, and nobody says where it stood.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import polars as pl

from models.errors import RefusedError
from models.months import MONTHS_PER_YEAR, format_month, month_of, year_of
from models.params import Region
from pipelines.paths import DataRoot
from pipelines.sources.boundaries import Boundaries, split_whole
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.key_figures import facts_at
from pipelines.sources.merged import day_of
from pipelines.sources.municipalities import Municipalities
from pipelines.sources.open_data import municipal_facts, municipalities

_COUNTS = {
    "association_stock": (
        "dwellings",
        "social_dwellings",
        "relets",
        "suitable_relets",
        "new_lettings",
    ),
    "misses": ("dwellings",),
}
"""Contracts whose rows are counts of a municipality, which is in their key."""

_UNDATED = "projects"
"""Plans look ahead: their municipality is meant as of the date."""

_PLACES = {
    "capacity": "municipality_code",
    "lettings": "municipality_code",
    _UNDATED: "municipality_code",
}
"""Where a single thing stands: it has to stand somewhere."""
_PEOPLE = {"intake": "municipality_of_origin", "applications": "network_municipality"}
"""Where somebody comes from or is known: unknown when nobody can tell."""
_WISHES = {"applications": "preferred_municipalities"}
"""Several municipalities in one cell: a wish for one that was split holds for all its parts."""

_LANDED = frozenset({*_PLACES, *_PEOPLE, *_WISHES, *_COUNTS})

_WAITS = "?"
_UNKNOWN = ""
_SHOWN = 5


@dataclass(frozen=True)
class Landed:
    """Rows in the municipalities of a date.

    Args:
        accepted: The rows by contract.
        later: Codes that some rows keep although they were not there yet on the date.
    """

    accepted: dict[str, pl.DataFrame]
    later: frozenset[str]


def last_day(month: int) -> date:
    """Give the last day of a month (month number)."""
    return date(year_of(month + 1), (month + 1) % MONTHS_PER_YEAR + 1, 1) - timedelta(days=1)


def region_codes(
    region: Region, known: Municipalities, at: date, *, purpose: str | None = None
) -> frozenset[str]:
    """Give the municipalities of a region in the boundaries of a date.

    Args:
        region: The region.
        known: All municipalities.
        at: The date.
        purpose: Only what the region has for this purpose; None for everything that belongs to it
            for some purpose in some period.
    """
    codes = {
        code
        for item in region.compositions
        if purpose in {None, item.purpose}
        for code in item.municipalities
    }
    if purpose is None:
        codes |= {item.code for item in region.municipalities}
    inside = known.predecessors_inside(codes)
    return frozenset(code for code in inside if known.boundaries.exists(code, at))


def composition(
    region: Region, known: Municipalities, purpose: str, month: int, at: date
) -> tuple[str, ...]:
    """Give who forms the region for a purpose in a month, in the boundaries of a date.

    Args:
        region: The region.
        known: All municipalities.
        purpose: "care" or "quota".
        month: The month (month number).
        at: The date whose boundaries are wanted.

    Returns:
        Codes in order; none where the region has no composition for the purpose in that month.
    """
    text = format_month(month)
    for item in region.compositions:
        if item.purpose == purpose and item.valid_from <= text <= (item.valid_to or "9999-12"):
            return tuple(sorted(known.at(item.municipalities, at)))
    return ()


def quota_members(
    region: Region, known: Municipalities, years: Iterable[int], *, as_of: int
) -> dict[int, frozenset[str]]:
    """Give who shares the quota in each calendar year, in the boundaries of the as-of month.

    A year takes the first composition in force from its January on, what is left of the year in
    which the as-of month lies from the month after it. A year before the first composition takes
    the first, one after the last the last.

    Args:
        region: The region.
        known: All municipalities.
        years: The years.
        as_of: Last month that counts as known.

    Returns:
        Codes by year; no years where the region has no composition for the quota.
    """
    at, next_month = last_day(as_of), as_of + 1
    dated = sorted(
        (item for item in region.compositions if item.purpose == "quota"),
        key=lambda item: item.valid_from,
    )
    if not dated:
        return {}
    found = {}
    for year in years:
        is_running = year == year_of(as_of)
        text = format_month(next_month if is_running else month_of(year, 1))
        in_force = [item for item in dated if (item.valid_to or "9999-12") >= text]
        item = in_force[0] if in_force else dated[-1]
        found[year] = known.at(item.municipalities, at)
    return found


def region_facts(
    root: DataRoot, region: Region, *, as_of: int
) -> tuple[pl.DataFrame, frozenset[str]]:
    """Give the public figures in the municipalities of the as-of month, and the region's codes.

    The counts of the municipalities that share the quota (of all of the region's, where there is no
    quota) are brought to the boundaries of the as-of month; what the figures of others say is only
    used for the width of intervals.
    """
    facts, known, at = (
        municipal_facts(root.open_data),
        municipalities(root.open_data),
        last_day(as_of),
    )
    codes = region_codes(region, known, at)
    shared = region_codes(region, known, at, purpose="quota") or codes
    return facts_at(facts, known.boundaries, shared, at), codes


def place_names(root: DataRoot, region: Region) -> dict[str, str]:
    """Give the names of a region's municipalities of all times by code: its own, else public."""
    named = {item.code: item.name for item in region.municipalities}
    codes = {code for item in region.compositions for code in item.municipalities}
    known = municipalities(root.open_data)
    inside = known.predecessors_inside(codes | set(named))
    return {code: known.name(code) for code in sorted(inside)} | named


def land(
    accepted: Mapping[str, pl.DataFrame],
    known: Municipalities,
    codes: Collection[str],
    at: date,
) -> Landed:
    """Bring accepted rows to the boundaries of a date.

    Args:
        accepted: Accepted rows by contract.
        known: All municipalities.
        codes: The region's municipalities at that date.
        at: The last day of the as-of month.

    Returns:
        The rows; a contract whose codes did not change is the same frame.

    Raises:
        RefusedError: Homes, facilities or projects of a municipality that was split over several
            of which not exactly one is of the region; counts of one of which only a part is.
    """
    boundaries = known.boundaries
    landed = dict(accepted)
    waiting: dict[str, list[str]] = {}
    for name, frame in accepted.items():
        if name not in _LANDED or frame.is_empty():
            continue
        frame = _with_day(name, frame)
        for column, rule in (
            (_PLACES.get(name), _place),
            (_PEOPLE.get(name), _person),
            (_WISHES.get(name), _wish),
        ):
            if column is not None and column in frame.columns:
                into = partial(rule, boundaries, frozenset(codes), at)
                frame, waits = _moved(frame, column, boundaries, into)
                waiting |= {name: waits} if waits else {}
        if name in _COUNTS:
            frame, waits = _counts(name, frame, boundaries, frozenset(codes), at)
            waiting |= {name: waits} if waits else {}
        if not frame.drop(_DAY).equals(accepted[name]):
            landed[name] = frame.drop(_DAY)
    _refuse_waiting(waiting, known, at)
    return Landed(landed, _later(landed, boundaries, at))


_DAY = "_day_of_row"


def _with_day(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    day = pl.lit(None, pl.Date) if name == _UNDATED else day_of(CONTRACTS[name])
    return frame.with_columns(day.alias(_DAY))


# --- single things and people --------------------------------------------------------------------

_Into = Callable[[str, date | None], str]
"""(cell, day of the row) -> cell in the boundaries wanted, _WAITS or _UNKNOWN."""


def _place(
    boundaries: Boundaries, codes: frozenset[str], at: date, code: str, day: date | None
) -> str:
    into = boundaries.shares(code, at, drawn=day or at)
    if len(into) == 1:
        return next(iter(into))
    begins = boundaries.begins(code)
    if boundaries.exists(code, at) or (begins is not None and begins > at):
        return code
    ours = [to for to in into if to in codes]
    return ours[0] if len(ours) == 1 else _WAITS


def _person(
    boundaries: Boundaries, codes: frozenset[str], at: date, code: str, day: date | None
) -> str:
    place = _place(boundaries, frozenset(), at, code, day)
    if place != _WAITS:
        return place
    is_ours = set(boundaries.shares(code, at, drawn=day or at)) & codes
    return _UNKNOWN if is_ours else code


def _wish(
    boundaries: Boundaries, codes: frozenset[str], at: date, cell: str, day: date | None
) -> str:
    wanted: dict[str, None] = {}
    for code in cell.split("|"):
        place = _place(boundaries, frozenset(), at, code, day)
        parts = boundaries.shares(code, at, drawn=day or at) if place == _WAITS else {place: 1}
        wanted |= dict.fromkeys(parts or [code])
    return "|".join(wanted)


def _moved(
    frame: pl.DataFrame, column: str, boundaries: Boundaries, into: _Into
) -> tuple[pl.DataFrame, list[str]]:
    """Bring the cells of a column to the boundaries wanted, by distinct cell and step.

    Returns:
        The frame; and the codes of rows that have to wait.
    """
    is_dated = pl.col(_DAY).is_not_null()
    steps = [(pl.col(_DAY) >= step.day).cast(pl.Int8) for step in boundaries.steps]
    era = pl.when(is_dated).then(pl.sum_horizontal(steps) if steps else pl.lit(0)).alias("_era")
    frame = frame.with_columns(era)
    pairs = frame.filter(pl.col(column).is_not_null()).group_by(column, "_era").agg(pl.min(_DAY))
    changes = [
        (cell, era, to)
        for cell, era, day in pairs.sort(column, "_era").iter_rows()
        if (to := into(cell, day)) != cell
    ]
    waits = sorted({cell for cell, _, to in changes if to == _WAITS})
    if not changes:
        return frame.drop("_era"), waits
    table = pl.DataFrame(
        changes,
        schema={column: pl.String, "_era": frame.schema["_era"], "_to": pl.String},
        orient="row",
    )
    joined = frame.join(
        table, on=[column, "_era"], how="left", nulls_equal=True, maintain_order="left"
    )
    told = pl.when(pl.col("_to") == _UNKNOWN).then(None).otherwise(pl.coalesce("_to", column))
    return joined.with_columns(told.alias(column)).drop("_era", "_to"), waits


def _refuse_waiting(waiting: Mapping[str, list[str]], known: Municipalities, at: date) -> None:
    if not waiting:
        return
    shown = [
        f"{code} ({known.name(code)}) in {name}"
        for name, codes in sorted(waiting.items())
        for code in codes
    ]
    raise RefusedError(
        "rows name a municipality that was split over several, and nobody knows which is meant",
        found=", ".join(shown[:_SHOWN]),
        expected=f"municipalities of {at}",
        todo="Have these rows delivered again for the municipalities in which they lie now.",
    )


# --- counts --------------------------------------------------------------------------------------


def _counts(
    name: str, frame: pl.DataFrame, boundaries: Boundaries, codes: frozenset[str], at: date
) -> tuple[pl.DataFrame, list[str]]:
    """Split a contract's counts by addresses, and add up what falls in one municipality.

    A count that is unknown in one part is unknown in the sum. Rows that came together carry the
    place in the file of the first.

    Returns:
        The frame; and the codes of rows that have to wait, because addresses say how much but not
        which of an association's homes lie in a part outside the region.
    """
    counts = [column for column in _COUNTS[name] if column in frame.columns]
    key = CONTRACTS[name].key
    rows, waits = [], set()
    is_changed = False
    for row in frame.iter_rows(named=True):
        shares = boundaries.shares(row["municipality_code"], at, drawn=row[_DAY])
        if set(shares) <= {row["municipality_code"]}:
            rows.append(row)
            continue
        is_changed = True
        if shares.keys() & codes and shares.keys() - codes:
            waits.add(row["municipality_code"])
        parts = {
            column: split_whole(row[column], shares) for column in counts if row[column] is not None
        }
        for code in shares:
            part = {column: split[code] for column, split in parts.items()}
            rows.append({**row, "municipality_code": code, **part})
    if not is_changed:
        return frame, []
    others = [pl.col(column).first() for column in frame.columns if column not in {*counts, *key}]
    sums = [pl.when(pl.col(one).null_count() == 0).then(pl.col(one).sum()) for one in counts]
    landed = (
        pl.DataFrame(rows, schema=frame.schema, orient="row")
        .group_by(key, maintain_order=True)
        .agg(*[total.alias(column) for total, column in zip(sums, counts, strict=True)], *others)
        .select(frame.columns)
        .sort(key)
    )
    return landed, sorted(waits)


def _later(
    accepted: Mapping[str, pl.DataFrame], boundaries: Boundaries, at: date
) -> frozenset[str]:
    """Give the codes that are used although they were not there yet."""
    used: set[str] = set()
    for name, column in (*_PLACES.items(), *_PEOPLE.items()):
        if name in accepted and column in accepted[name].columns:
            used |= set(accepted[name][column].drop_nulls())
    begins = {code: boundaries.begins(code) for code in used}
    return frozenset(code for code, day in begins.items() if day is not None and day > at)
