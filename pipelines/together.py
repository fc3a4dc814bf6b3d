"""Small municipalities as one line in releases for everybody: table design before any rounding.

Belongs here: adding up the rows of municipalities that a region publishes together, and giving the
parties their own rows again. Does not belong here: which municipalities these are (the region's
file), rounding (`models.protect`), the other steps to a release (`protecting`).

It is done before cells are counted, so that there is no cell of one of them: nothing of it can
reach a release, and their sum is one cell of the joint rounding. What is about nobody (quotas,
homes that come free, stock) stays per municipality where it stands by itself.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from models.errors import UitstroomError
from models.marts.progress import FIRST_YEARS
from models.months import MONTHS_PER_YEAR
from models.together import code_of, name_of
from pipelines.protected_counts import (
    CLAIMS,
    LETTINGS,
    PACE,
    PROGRESS,
    Frames,
    month_of_run,
    year_to_date,
)

_CODE, _NAME = "municipality_code", "municipality_name"
_HUNDRED = 100.0


def put_together(frames: Frames, codes: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Give the tables with some municipalities as one line wherever people or homes are counted.

    Args:
        frames: The marts, homes let with all their rows (`complete_lettings`).
        codes: CBS codes that are published together; none changes nothing.

    Raises:
        UitstroomError: A table has some of them and not the others: one would stand alone.
    """
    out = dict(frames)
    if not codes:
        return out
    if LETTINGS in out:
        out[LETTINGS] = _lettings(out[LETTINGS], codes)
    if CLAIMS in out:
        out[CLAIMS] = _claims(out[CLAIMS], codes)
    if PACE in out:
        out[PACE] = _pace(out[PACE], codes, int(month_of_run(frames)[5:] or MONTHS_PER_YEAR))
    if PROGRESS in out:
        out[PROGRESS] = _first_years(out[PROGRESS], codes)
    return out


def take_apart(
    tables: Mapping[str, pl.DataFrame], frames: Frames, codes: Sequence[str]
) -> dict[str, pl.DataFrame]:
    """Give the parties homes let as delivered, and every municipality its own rows.

    Args:
        tables: The tables of a class, some municipalities as one line.
        frames: The marts as they were.
        codes: CBS codes that are published together.
    """
    exact = (LETTINGS, CLAIMS, PACE) if codes else (LETTINGS,)
    out = {**tables, **{name: frames[name] for name in exact if name in tables}}
    if codes and PROGRESS in out:
        apart = out[PROGRESS].filter(pl.col(_CODE) != code_of(codes))
        out[PROGRESS] = pl.concat([apart, frames[PROGRESS].filter(pl.col(_CODE).is_in(codes))])
    return out


def _lettings(frame: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    keys = ["region_id", "year", "months_covered", "ground"]
    own, rest = _split(frame, codes)
    one = own.group_by(keys, maintain_order=True).agg(pl.col("dwellings").sum())
    return _joined(frame, rest, one.with_columns(_group(frame, codes)))


def _claims(frame: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    """Add up homes let of past years; the quota of the coming year is about nobody."""
    own, rest = _split(frame, codes, ~pl.col("is_expected"))
    keys = ["region_id", "year", "claim", "is_expected"]
    _check_all_there(own, keys, codes, CLAIMS)
    one = own.group_by(keys, maintain_order=True).agg(
        *map(_known_sum, ("dwellings", "relets", "suitable_relets"))
    )
    ratios = {"per_100_relets": "relets", "per_100_suitable": "suitable_relets"}
    one = one.with_columns(
        _group(frame, codes),
        *(
            pl.when(pl.col(free) > 0).then(_HUNDRED * pl.col("dwellings") / pl.col(free)).alias(to)
            for to, free in ratios.items()
        ),
    )
    return _joined(frame, rest, one)


def _pace(frame: pl.DataFrame, codes: Sequence[str], month: int) -> pl.DataFrame:
    """Add up homes let since January, and what is owed; a pace by half-years says too much."""
    own, rest = _split(frame, codes)
    keys = ["region_id", "scenario_id", "year"]
    _check_all_there(own, keys, codes, PACE)
    homes = [year_to_date(row, month) for row in own.iter_rows(named=True)]
    one = (
        own.with_columns(pl.Series("realised", homes, dtype=frame.schema["realised"]))
        .sort(_CODE)
        .group_by(keys, maintain_order=True)
        .agg(
            *map(_known_sum, ("at_most", "quota", "norm", "realised")),
            pl.col(_NAME).map_batches(_names, return_dtype=pl.String, returns_scalar=True),
        )
        .with_columns(
            _group(frame, codes),
            pl.lit(month, frame.schema["months_passed"]).alias("months_passed"),
            pl.lit(MONTHS_PER_YEAR, frame.schema["of_months"]).alias("of_months"),
            *(
                pl.lit(None, frame.schema[name]).alias(name)
                for name in ("backlog", "difference", "state")
            ),
        )
    )
    return _joined(frame, rest, one)


def _first_years(frame: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    own, rest = _split(frame, codes, pl.col("measure") == FIRST_YEARS)
    keys = ["region_id", "month", "measure", "period"]
    _check_all_there(own, keys, codes, PROGRESS)
    one = own.group_by(keys, maintain_order=True).agg(pl.col("dwellings").sum())
    none = pl.lit(None, frame.schema["median_months"]).alias("median_months")
    return _joined(frame, rest, one.with_columns(_group(frame, codes), none))


def _split(
    frame: pl.DataFrame, codes: Sequence[str], where: pl.Expr | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the rows that are added up, and the others."""
    is_own = pl.col(_CODE).is_in(list(codes))
    is_own = is_own if where is None else is_own & where
    return frame.filter(is_own), frame.filter(~is_own)


def _joined(frame: pl.DataFrame, rest: pl.DataFrame, one: pl.DataFrame) -> pl.DataFrame:
    """Put the added up rows among the others."""
    return pl.concat([rest, one.select(frame.columns).cast(frame.schema)])


def _group(frame: pl.DataFrame, codes: Sequence[str]) -> pl.Expr:
    return pl.lit(code_of(codes), frame.schema[_CODE]).alias(_CODE)


def _known_sum(column: str) -> pl.Expr:
    """Add up a column; what is unknown of one is unknown of all."""
    return pl.when(pl.col(column).is_not_null().all()).then(pl.col(column).sum()).alias(column)


def _names(names: pl.Series) -> str | None:
    known = names.drop_nulls().to_list()
    return name_of(known) if len(known) == names.len() else None


def _check_all_there(
    own: pl.DataFrame, keys: Sequence[str], codes: Sequence[str], table: str
) -> None:
    """Check that each line is that of all of them.

    Raises:
        UitstroomError: One or more are missing from a line.
    """
    lines = own.group_by(keys).agg(pl.col(_CODE).n_unique().alias("there"))
    if lines.filter(pl.col("there") < len(codes)).is_empty():
        return
    there = sorted(own[_CODE].unique())
    raise UitstroomError(
        "of municipalities that are published together a table does not have all",
        where=table,
        found=", ".join(there),
        expected=", ".join(sorted(codes)),
        todo="Put together municipalities that share the quota in the same years: "
        "region.toml, [protection] together.",
    )
