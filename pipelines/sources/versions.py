"""What a delivery says otherwise than the one before it.

Belongs here: counting rows and cells that differ, and places that jump. Does not belong here: which
delivery came before (`ledger.py`), its rows (`store.py`), what becomes of the file.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl

from pipelines.sources.columns import Contract
from pipelines.sources.series import moment

MOST_CLOSED_CHANGED = 0.10
"""When more of the cells of closed periods differ, a person has to look."""

JUMP = 10
"""Places that grow or shrink by this factor since the last delivery are for a person to judge."""

_PLACE, _CLOSED, _KNOWN = "_row", "_closed", "_known"


@dataclass(frozen=True)
class Difference:
    """What changed since the delivery before.

    Attributes:
        rows_before: Its rows.
        added: Rows whose key is new.
        removed: Rows whose key is gone.
        changed: Rows of which some cell differs.
        cells_changed: Cells that differ in rows that both have.
        closed_cells: Filled cells of the periods that were closed then.
        closed_changed: Those of them that differ, rows added and removed there included.
    """

    rows_before: int
    added: int
    removed: int
    changed: int
    cells_changed: int
    closed_cells: int
    closed_changed: int

    @property
    def closed_share(self) -> float:
        """The share of the cells of closed periods that differ."""
        return self.closed_changed / self.closed_cells if self.closed_cells else 0.0

    def as_record(self) -> dict[str, int]:
        """Give the counts by name."""
        return asdict(self)

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> "Difference":
        """Take the counts back from what `as_record` gave."""
        return cls(**record)


@dataclass(frozen=True)
class Jump:
    """Places of one facility that changed too much to be believed at once.

    Attributes:
        facility: Its id.
        before: Its places in the last quarter of the delivery before.
        now: Its places in the last quarter of this one.
    """

    facility: str
    before: int
    now: int


def compare(
    before: pl.DataFrame, now: pl.DataFrame, contract: Contract, closed_until: date
) -> Difference:
    """Count what differs between two deliveries under one name.

    A period is closed when it had ended by the last day that the delivery before declared. In a row
    of such a period a cell counts as changed unless it only tells what came after: a day that was
    empty and now lies later, with the reason or outcome that comes with it.

    Args:
        before: The rows of the delivery before: the columns of the contract.
        now: The rows of this one.
        contract: Their contract.
        closed_until: The last day that the delivery before declared.
    """
    key = list(contract.key)
    values = [column.name for column in contract.columns if column.name not in key]
    old = _prepared(before, contract, closed_until)
    new = _prepared(now, contract, closed_until)
    added = new.join(old, on=key, how="anti", nulls_equal=True)
    removed = old.join(new, on=key, how="anti", nulls_equal=True)
    both = old.join(new, on=key, how="inner", suffix="__now", nulls_equal=True)
    differs = {name: pl.col(name).ne_missing(pl.col(f"{name}__now")) for name in values}
    counted = both.select(
        cells=_added_up(differs.values()),
        closed=pl.when(_CLOSED).then(_added_up(_revised(both, differs, closed_until))).otherwise(0),
        filled=pl.when(_CLOSED).then(_filled(values)).otherwise(0),
    )
    came, went = _filled_closed(added, values), _filled_closed(removed, values)
    revised = int(counted["closed"].sum())
    return Difference(
        rows_before=before.height,
        added=added.height,
        removed=removed.height,
        changed=int((counted["cells"] > 0).sum()),
        cells_changed=int(counted["cells"].sum()),
        closed_cells=max(int(counted["filled"].sum()), revised) + came + went,
        closed_changed=revised + came + went,
    )


def capacity_jumps(before: pl.DataFrame, now: pl.DataFrame) -> list[Jump]:
    """Find the facilities whose places jumped tenfold, or fell to none, since the last delivery.

    Each is compared in the last quarter that a delivery gives of it; one that had no places, or is
    only in one of the two, is not looked at.

    Args:
        before: Rows of the contract `capacity`.
        now: Rows of the delivery that came after.
    """
    both = _last_places(before).join(_last_places(now), on="facility_id", suffix="__now")
    found = []
    for facility, old, new in both.sort("facility_id").iter_rows():
        if old > 0 and (new >= JUMP * old or new * JUMP <= old):
            found.append(Jump(facility, old, new))
    return found


def _last_places(rows: pl.DataFrame) -> pl.DataFrame:
    known = rows.drop_nulls(["facility_id", "period", "places"]).sort("facility_id", "period")
    return known.group_by("facility_id").agg(pl.col("places").last())


def _prepared(rows: pl.DataFrame, contract: Contract, closed_until: date) -> pl.DataFrame:
    known = moment(contract)
    closed = pl.lit(False) if known is None else (known <= closed_until).fill_null(False)
    names = [column.name for column in contract.columns]
    return rows.select(*names, closed.alias(_CLOSED))


def _revised(both: pl.DataFrame, differs: dict[str, pl.Expr], closed_until: date) -> list[pl.Expr]:
    """Give for each column whether a row's cell there was revised, not merely continued."""
    days = [name for name in differs if both.schema[name] == pl.Date]
    later = {
        name: (pl.col(name).is_null() | (pl.col(name) > closed_until))
        & (pl.col(f"{name}__now").is_null() | (pl.col(f"{name}__now") > closed_until))
        for name in days
    }
    goes_on = pl.any_horizontal(*(differs[name] & later[name] for name in days), pl.lit(False))
    found = []
    for name, is_other in differs.items():
        if name in later:
            found.append(is_other & ~later[name])
        else:
            found.append(is_other & ~(pl.col(name).is_null() & goes_on))
    return found


def _added_up(flags: Any) -> pl.Expr:
    return pl.sum_horizontal(*(flag.cast(pl.Int64) for flag in flags), pl.lit(0, pl.Int64))


def _filled(values: list[str]) -> pl.Expr:
    return _added_up(pl.col(name).is_not_null() for name in values)


def _filled_closed(rows: pl.DataFrame, values: list[str]) -> int:
    return int(rows.filter(_CLOSED).select(_filled(values)).to_series().sum())
