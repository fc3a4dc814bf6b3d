"""What follows from rounded figures, and what is emptied or written with fewer digits.

Belongs here: what is done to the tables of every class. Does not belong here: what is done for
everybody only (`protected_public`), the rounding (`models.protect`), its cells
(`protected_counts`), the declaration (`classes`), storage.

Every step takes the tables of a class with their figures in place and changes them there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from models.months import MONTHS_PER_YEAR
from models.protect import LEAST_SHOWN
from models.tables import shape_table
from pipelines.classes import OPENBAAR
from pipelines.protected_counts import (
    DELIVERIES,
    HINDCAST,
    PROGRESS,
    PROMISE,
    RUN,
    about_clients,
)
from pipelines.storage import parquet_bytes, sha256_of

Tables = dict[str, pl.DataFrame]

DIGITS = 2
"""Digits that are kept of what was estimated: more would say how many people it rests on."""
DECIMALS = 2
"""Decimals that are kept of errors of earlier forecasts, and of shares of few people."""

_DELIVERED = "delivery"
_SURVIVAL_STEP = {OPENBAAR: 0.05}
"""Step of the observed share of stays; elsewhere a hundredth."""
_PERIOD = re.compile(r", \d{4}-\d{2} tot en met \d{4}-\d{2}")
_WEIGHT = re.compile(r"; de eerdere waarde .*$", re.DOTALL)


@dataclass(frozen=True)
class Given:
    """What the figures of a class follow from.

    Attributes:
        release_class: The class.
        figures: The rounded figures, by cell.
        truths: The counts, by cell; nothing of them may reach a table.
        base: What figures are multiples of.
        carries_lettings: Whether a shortfall of homes let is carried into quotas.
    """

    release_class: str
    figures: Mapping[str, int]
    truths: Mapping[str, int]
    base: int
    carries_lettings: bool

    @property
    def is_open(self) -> bool:
        """Whether the class is for everybody."""
        return self.release_class == OPENBAAR


def significant(value: float | None, digits: int = DIGITS) -> float | None:
    """Write a number with so many digits; 0 stays 0."""
    return None if value is None else float(f"{value:.{digits - 1}e}")


def with_columns(tables: Tables, name: str, *columns: pl.Expr | pl.Series) -> None:
    """Change columns of a table, where the release has it."""
    if name in tables:
        tables[name] = tables[name].with_columns(*columns)


def digits(column: str) -> pl.Expr:
    """Give a column with few digits."""
    return pl.col(column).map_elements(significant, return_dtype=pl.Float64)


def _medians(tables: Tables, given: Given) -> None:
    """Give a median only from ten applications up; to everybody as whole months that hold it."""
    median = pl.col("median_months")
    written = median.ceil() if given.is_open else median.round(1)
    known = pl.when(pl.col("dwellings") >= LEAST_SHOWN).then(written)
    with_columns(tables, PROGRESS, known.alias("median_months"))


def _stays(tables: Tables, given: Given) -> None:
    """Give the share of stays that go on only from ten stays up, in steps."""
    step = _SURVIVAL_STEP.get(given.release_class, 0.01)
    is_known = pl.col("at_risk") >= LEAST_SHOWN
    with_columns(
        tables,
        "mart_stay__survival",
        *(
            pl.when(is_known).then((pl.col(name) / step).round(0) * step).alias(name)
            for name in ("kaplan_meier", "lower", "upper")
        ),
        pl.when(is_known).then(pl.col("at_risk")).alias("at_risk"),
    )


def _estimates(tables: Tables, given: Given) -> None:
    """Give what deliveries say alone only from ten events up; never the time it rests on."""
    del given
    is_known = pl.col("events") >= LEAST_SHOWN
    own = ("own_value", "own_low", "own_high")
    in_force = ("value", "low", "high")
    with_columns(
        tables,
        "mart_estimate__parameter",
        pl.lit(None, pl.Float64).alias("exposure"),
        *(pl.when(is_known).then(digits(name)).alias(name) for name in own),
        *(
            pl.when("is_estimated").then(digits(name)).otherwise(pl.col(name)).alias(name)
            for name in in_force
        ),
    )


def _parameters(tables: Tables, given: Given) -> None:
    """Give estimated values with few digits, and no count in the name of their source."""
    del given
    is_own = pl.col("kind").cast(pl.String) == _DELIVERED
    text = pl.col("source").map_elements(without_counts, return_dtype=pl.String)
    with_columns(
        tables,
        "mart_parameter",
        *(
            pl.when(is_own).then(digits(name)).otherwise(pl.col(name)).alias(name)
            for name in ("value", "low", "high")
        ),
        pl.when(is_own).then(text).otherwise(pl.col("source")).alias("source"),
    )


def without_counts(source: str) -> str:
    """Write the source of an estimate without the numbers that it rests on."""
    period, weight = _PERIOD.search(source), _WEIGHT.search(source)
    parts = ("Geschat uit de leveringen van de regio", period, weight)
    return "".join(part if isinstance(part, str) else part[0] for part in parts if part)


def _scores(tables: Tables, given: Given) -> None:
    del given
    names = ("mase", "skill", "bias")
    with_columns(
        tables, "mart_forecast__scorecard", *(pl.col(name).round(DECIMALS) for name in names)
    )


def _promise(tables: Tables, given: Given) -> None:
    """Write a share of the backlog with few decimals: more would tell how large it is."""
    del given
    with_columns(tables, PROMISE, pl.col("backlog_within_share").round(DECIMALS))


def _hindcasts(tables: Tables, given: Given) -> None:
    """Hold ranges against rounded outcomes; a part of a year has none."""
    del given
    is_whole = pl.col("months_covered") == MONTHS_PER_YEAR
    observed = pl.when(is_whole).then(pl.col("observed"))
    inside = observed.is_between(pl.col("p10"), pl.col("p90"))
    with_columns(tables, HINDCAST, observed.alias("observed"), inside.alias("inside"))


def _overrides(tables: Tables, given: Given) -> None:
    del given
    with_columns(
        tables,
        "mart_quota__override",
        (pl.col("housed_for_others") - pl.col("housed_elsewhere")).alias("net"),
        (pl.col("network_in") - pl.col("network_out")).alias("network_net"),
    )


def _deliveries(tables: Tables, given: Given) -> None:
    """Take away what names a file about clients: its name, its sender, what stands in it."""
    del given
    names: dict[tuple[str, str], str] = {}
    for table in DELIVERIES:
        if table in tables:
            for contract, file in tables[table].select("contract", "file").iter_rows():
                names[contract, file] = file
    by_contract: dict[str, list[str]] = {}
    for contract, file in sorted(names):
        by_contract.setdefault(contract, []).append(file)
    for contract, files in by_contract.items():
        if about_clients(contract):
            names |= {(contract, file): f"{at}" for at, file in enumerate(files, 1)}
    for table in DELIVERIES:
        if table not in tables:
            continue
        frame = tables[table]
        closed = pl.Series([about_clients(contract) for contract in frame["contract"]])
        closed = closed.cast(pl.Boolean)
        files = [names[pair] for pair in frame.select("contract", "file").iter_rows()]
        changed = [pl.Series("file", files, dtype=pl.String)]
        texts = {"sender": "", "found": ""}
        for column in ("sha256", "replaces", "line", "sender", "found"):
            if column in frame.columns:
                kept = [
                    texts.get(column) if hide or column in ("sha256", "replaces") else value
                    for hide, value in zip(closed, frame[column], strict=True)
                ]
                changed.append(pl.Series(column, kept, dtype=frame.schema[column]))
        tables[table] = frame.with_columns(changed)
    # A reason that is listed at all was found at least once: only from ten rows up it is told.
    quarantine = DELIVERIES[1]
    if quarantine in tables:
        told = [
            not about_clients(contract) or rows >= LEAST_SHOWN
            for contract, rows in tables[quarantine].select("contract", "rows").iter_rows()
        ]
        tables[quarantine] = tables[quarantine].filter(pl.Series(told, dtype=pl.Boolean))


def _run(tables: Tables, given: Given) -> None:
    """Take away the hashes that would tell a guess about the deliveries that it is right.

    That of the parameters is made anew over those that leave.
    """
    del given
    name, parameters = "mart_parameter", None
    if name in tables:
        parameters = sha256_of(parquet_bytes(shape_table(name, tables[name])))
    with_columns(
        tables,
        RUN,
        pl.lit(parameters, pl.String).alias("parameters_sha256"),
        pl.lit(None, pl.String).alias("inputs_sha256"),
    )


STEPS: tuple[Callable[[Tables, Given], None], ...] = (
    _medians,
    _stays,
    _estimates,
    _parameters,
    _scores,
    _promise,
    _hindcasts,
    _overrides,
    _deliveries,
    _run,
)
"""What is done to the tables of every class, in order."""
