"""How assets are declared and how a step tells Dagster what it made.

Belongs here: specs of assets and checks from the declarations of tables, results with row counts
and column schemas. Does not belong here: an asset (`defs`), a figure, the storage itself.

One axis of partitions: the regions, which are the folders under `raw/regions`. A new folder needs
"reload definitions" in the page and nothing for the command.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

import dagster as dg
import dataframely as dy
import polars as pl

from models.errors import UitstroomError
from models.tables import MARTS, column_order
from pipelines.core import SQL_FOLDER
from pipelines.editions import EditionDraft
from pipelines.paths import DataRoot
from pipelines.region_run import CHANGES, QUARANTINE, RAW_PREFIX
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.open_data import (
    CHANGES_SOURCE,
    FACTS_SOURCE,
    NAMES_SOURCE,
    OpenSource,
    load_open_sources,
)
from pipelines.sql.header import Header, read_header

STEPS = (
    "open_data",
    "deliveries",
    "core",
    "estimate",
    "forecast",
    "outflow",
    "quota",
    "parties",
    "edition",
    "release",
    "report",
    "warehouse",
)
"""The groups along the data way; one step makes all assets of a group."""

JOB = "uitstroom"
EDITION = "mart_run"
"""The last table of an edition; when it is there, so is the edition."""

RELEASE = "release_run"
REPORT = "report_run"
WAREHOUSE = "warehouse"

DECLARED = "meets_declaration"
"""The blocking check that a table has its declared columns, types, bounds and key."""

AS_OF_TAG = "uitstroom/as_of"
REGION_TAG = "uitstroom/region"
EDITION_TAG = "uitstroom/edition"

OWNERS = ["team:uitstroom"]
REGIONS = dg.StaticPartitionsDefinition(DataRoot.from_environment().region_ids())

Made = dg.MaterializeResult[Any]
StepResults = Iterator[Made | dg.AssetCheckResult]
Given = TypeVar("Given")

SOURCES: Mapping[str, OpenSource] = {
    f"raw_source__{source.id.replace('-', '_')}": source
    for source in load_open_sources(DataRoot.from_environment().open_data)
}
"""The public sources by name of their asset."""

FIGURES = [
    name
    for name, source in SOURCES.items()
    if source.id in (FACTS_SOURCE, CHANGES_SOURCE, NAMES_SOURCE)
]
"""The sources of municipal codes and names and of the figures of a key."""

RAW_TABLES: Mapping[str, str] = {
    **{f"{RAW_PREFIX}{name}": f"Accepted: {item.row}." for name, item in CONTRACTS.items()},
    QUARANTINE: "Rows that were set apart, with line, column, what was found and expected.",
    CHANGES: "Every change of a delivered value that was only a matter of notation.",
}
"""The tables of the deliveries and what a row of them is."""

CORE_TABLES: Mapping[str, Header] = {
    path.stem: read_header(path) for path in sorted(SQL_FOLDER.glob("*.sql"))
}
"""The core tables and what their SQL files promise."""


def describe(
    name: str, group: str, about: str, *, deps: Iterable[str] = (), kinds: set[str]
) -> dg.AssetSpec:
    """Declare an asset that is no mart."""
    return dg.AssetSpec(
        name,
        deps=sorted(set(deps)),
        description=about,
        group_name=group,
        owners=OWNERS,
        kinds=kinds,
    )


def describe_core(header: Header) -> dg.AssetSpec:
    """Declare a core table from the header of its SQL file: description and origins follow."""
    known = {name.replace(RAW_PREFIX, "raw_"): name for name in RAW_TABLES}
    deps = {known.get(name, name) for name in header.reads}
    made_here = {name for name in deps if name.startswith("raw_") and name not in RAW_TABLES}
    if "raw_municipality" in made_here:
        deps |= set(FIGURES)
    about = f"One row: {header.about}."
    return describe(header.table, "core", about, deps=deps - made_here, kinds={"duckdb", "sql"})


def describe_marts(group: str, names: Iterable[str], *, deps: Iterable[str]) -> list[dg.AssetSpec]:
    """Declare marts from the declarations of their tables: description and columns follow."""
    return [
        dg.AssetSpec(
            name,
            deps=sorted(set(deps)),
            description=" ".join((MARTS[name].__doc__ or "").split()),
            metadata={"dagster/column_schema": declared_columns(MARTS[name])},
            group_name=group,
            owners=OWNERS,
            kinds={"polars", "parquet"},
        )
        for name in names
    ]


def declared_checks(names: Iterable[str]) -> list[dg.AssetCheckSpec]:
    """Declare for each table the check that reports its validation before writing."""
    about = "Checked before it was written; when this fails nothing was written."
    return [
        dg.AssetCheckSpec(DECLARED, asset=name, blocking=True, description=about) for name in names
    ]


def declared_columns(schema: type[dy.Schema]) -> dg.TableSchema:
    """Give the declared columns of a mart with types, descriptions and what may not be empty."""
    columns = schema.columns()
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name,
                type=str(columns[name].dtype),
                description=str((columns[name].metadata or {}).get("description", "")),
                constraints=dg.TableColumnConstraints(nullable=columns[name].nullable),
            )
            for name in column_order(schema)
        ]
    )


def made(name: str, frame: pl.DataFrame, **facts: str | bool) -> Made:
    """Tell that a table was made: rows, columns, more facts, and that it met its declaration."""
    columns = [dg.TableColumn(key, type=str(kind)) for key, kind in frame.schema.items()]
    return dg.MaterializeResult(
        asset_key=name,
        metadata={
            "dagster/row_count": frame.height,
            "dagster/column_schema": dg.TableSchema(columns=columns),
            **facts,
        },
        check_results=[passed(name)],
    )


def passed(name: str, check: str = DECLARED) -> dg.AssetCheckResult:
    """Tell that an asset passed a check."""
    return dg.AssetCheckResult(asset_key=name, check_name=check, passed=True)


def warned(name: str, check: str, *, is_fine: bool, about: str) -> dg.AssetCheckResult:
    """Tell the outcome of a check that warns and stops nothing."""
    return dg.AssetCheckResult(
        asset_key=name,
        check_name=check,
        passed=is_fine,
        severity=dg.AssetCheckSeverity.WARN,
        description=about,
    )


def put_marts(draft: EditionDraft, tables: Mapping[str, pl.DataFrame]) -> StepResults:
    """Check and write marts, and tell Dagster of each; the first that fails ends the step."""
    for name, frame in tables.items():
        shaped = yield from reported(name, DECLARED, partial(draft.put, name, frame))
        yield made(name, shaped)


def reported(
    name: str, check: str, work: Callable[[], Given]
) -> Generator[dg.AssetCheckResult, None, Given]:
    """Do some work that checks first; tell a failure as a check before it ends the step.

    Args:
        name: The asset that the check is about.
        check: Name of the check.
        work: What may raise a `UitstroomError`.

    Returns:
        What the work gave.
    """
    try:
        return work()
    except UitstroomError as fault:
        yield dg.AssetCheckResult(
            asset_key=name, check_name=check, passed=False, description=str(fault)
        )
        raise
