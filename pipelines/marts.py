"""The small marts: what was used, delivered, agreed, let and split, as tables.

Belongs here: functions from objects and tables to the frames of marts that no model makes. Does not
belong here: files, Dagster, and the tables that the models make themselves.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dataframely as dy
import polars as pl

from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR, format_month, parse_month, year_of
from models.params import National, Region
from models.records import Parameter, Source
from models.registry import Resolved
from models.tables import MARTS, column_order
from models.units import CLOSES_OR_OPENS


@dataclass(frozen=True)
class RunFacts:
    """What `mart_run` says of a run beside its scenarios.

    Attributes:
        as_of: Last month that counts as known (months since year 0).
        draws: Number of draws.
        seed: Seed of the draws.
        inputs_sha256: Hash of all inputs.
        code_sha256: Hash of the code.
        synthetic: Whether any delivery is synthetic.
        national_rates: Whether national rates stand in for deliveries.
        current_lettings_yearly: Mean lettings a year in the reference years (dwellings).
    """

    as_of: int
    draws: int
    seed: int
    inputs_sha256: str
    code_sha256: str
    synthetic: bool
    national_rates: bool
    current_lettings_yearly: float


def empty_mart(name: str) -> pl.DataFrame:
    """Give a mart without rows: the lawful state of what a region does not have."""
    return MARTS[name].create_empty().select(column_order(MARTS[name]))


def join_scenarios(answers: Iterable[Mapping[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Put the tables of several scenarios under each other, by name of the table."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for tables in answers:
        for name, frame in tables.items():
            parts.setdefault(name, []).append(frame)
    return {name: pl.concat(frames, how="vertical_relaxed") for name, frames in parts.items()}


def parameter_table(scenarios: Sequence[Resolved]) -> pl.DataFrame:
    """List every parameter in force, scenario by scenario (`mart_parameter`)."""
    return _frame(
        "mart_parameter",
        (
            {
                "region_id": resolved.region.id,
                "scenario_id": resolved.scenario.id,
                "parameter": name,
                "target_group": group,
                "value": parameter.value,
                "low": parameter.low,
                "high": parameter.high,
                "unit": parameter.unit.value,
                "kind": parameter.kind.value,
                "source": source_text(parameter.source),
                "confirmed": parameter.confirmed,
                "changed_by_scenario": (name, group) in resolved.changed,
            }
            for resolved in scenarios
            for name, group, parameter in _parameters(resolved)
        ),
    )


def agreement_table(region: Region) -> pl.DataFrame:
    """List what bodies decided (`mart_agreement`)."""
    return _frame(
        "mart_agreement",
        (
            {
                "region_id": region.id,
                "agreement_id": item.agreement_id,
                "kind": item.kind,
                "scope": item.scope,
                "value": item.value,
                "unit": None if item.unit is None else item.unit.value,
                "valid_from": item.valid_from,
                "valid_to": item.valid_to,
                "commitment": item.commitment.value,
                "body": item.body,
                "decided_on": None if item.decided_on is None else item.decided_on.isoformat(),
                "state": item.state.value,
                "confirmed": item.confirmed,
                "source": source_text(item.source),
            }
            for item in region.agreements
        ),
    )


def realised_table(region: Region) -> pl.DataFrame:
    """List what came of agreed numbers of homes (`mart_agreement__realised`)."""
    return _frame(
        "mart_agreement__realised",
        (
            {
                "region_id": region.id,
                "agreement_id": item.agreement_id,
                "year": int((item.valid_to or item.valid_from)[:4]),
                "kind": item.kind,
                "scope": item.scope,
                "agreed": round(item.value),
                "realised": round(item.realised),
                "source": source_text(item.source),
            }
            for item in region.agreements
            if item.kind in {"target", "cap"}
            and item.value is not None
            and item.realised is not None
        ),
    )


def law_table(national: National, region: Region) -> pl.DataFrame:
    """List the laws that matter to the region's target groups (`mart_agreement__law`)."""
    laws = {item.id: item for item in (*national.laws, *region.laws)}.values()
    groups = set(region.target_groups)
    shown = [item for item in laws if not item.target_groups or groups & set(item.target_groups)]
    return _frame(
        "mart_agreement__law",
        (
            {
                "region_id": region.id,
                "law_id": item.id,
                "position": at,
                "name": item.name,
                "about": item.about,
                "legal_status": item.legal_status,
                "valid_from": item.valid_from,
                "status_on": item.status_on.isoformat(),
                "status_note": item.status_note,
                "source": source_text(item.source),
            }
            for at, item in enumerate(shown, start=1)
        ),
    )


def delivery_table(
    region_id: str, files: pl.DataFrame, notices: pl.DataFrame, history: pl.DataFrame
) -> pl.DataFrame:
    """List the delivered files and what became of their rows (`mart_delivery`).

    A file without an envelope, which can only be one that no longer counts, is not listed.

    Args:
        region_id: The region.
        files: One row a file: what became of it and its counts.
        notices: One row a remark on a file.
        history: One row a file: contract, file, period_to, version, replaces.
    """
    keys = ["contract", "file"]
    told = notices.group_by(keys).agg(warnings=pl.len().cast(pl.Int64))
    return (
        files.drop_nulls("sender")
        .join(told, on=keys, how="left", validate="1:1", maintain_order="left")
        .join(history, on=keys, how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col("warnings").fill_null(0), region_id=pl.lit(region_id))
    )


def notice_table(
    region_id: str, notices: pl.DataFrame, confirmed: Mapping[str, Collection[str]]
) -> pl.DataFrame:
    """List the remarks on the files (`mart_delivery__notice`).

    Args:
        region_id: The region.
        notices: One row a remark, in the order in which they were made.
        confirmed: "contract/file" -> codes of the reasons that a person confirmed.
    """
    pairs = [(name, reason) for name, reasons in confirmed.items() for reason in sorted(reasons)]
    settled = pl.DataFrame(
        pairs, schema={"name": pl.String, "reason": pl.String}, orient="row"
    ).with_columns(confirmed=pl.lit(True))
    return (
        notices.with_columns(name=pl.format("{}/{}", "contract", "file"))
        .join(settled, on=["name", "reason"], how="left", maintain_order="left")
        .select(
            pl.lit(region_id).alias("region_id"),
            "contract",
            "file",
            number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("contract", "file"),
            reason="reason",
            column="column",
            line="row",
            found="found",
            confirmed=pl.col("confirmed").fill_null(False),
        )
    )


def quarantine_table(region_id: str, quarantine: pl.DataFrame) -> pl.DataFrame:
    """Count the rows that were set apart, by reason and column (`mart_delivery__quarantine`).

    Args:
        region_id: The region.
        quarantine: One row a fault: contract, file, row, column, reason and more; what was found
            in the rows stays behind.
    """
    keys = ["contract", "file", "reason", "column"]
    counted = quarantine.group_by(keys).agg(rows=pl.col("row").n_unique().cast(pl.Int64))
    return counted.sort(keys).with_columns(region_id=pl.lit(region_id))


def quarantine_text(files: pl.DataFrame) -> tuple[bool, str]:
    """Say in a sentence how many rows were set apart, and whether that is none."""
    apart, rows = int(files["quarantined"].sum()), int(files["rows_in"].sum())
    return apart == 0, f"{apart} of {rows} delivered rows were set apart."


def source_table(region_id: str, sources: Iterable[Any]) -> pl.DataFrame:
    """List the public statistics and their editions (`mart_source`).

    Args:
        region_id: The region.
        sources: What `load_open_sources` gave.
    """
    return _frame(
        "mart_source",
        (
            {
                "region_id": region_id,
                "source_id": source.id,
                "title": source.title,
                "producer": source.producer,
                "licence": source.licence,
                "vintage": source.vintage,
                "accessed": str(source.accessed),
                "sha256": source.sha256,
            }
            for source in sources
        ),
    )


def capacity_plan_table(region_id: str, plan: pl.DataFrame) -> pl.DataFrame:
    """Add up planned changes of places by group, kind and status (`mart_capacity__plan`).

    Args:
        region_id: The region.
        plan: `core_capacity__plan`: target_group, effective_month, change_kind, status,
            places_change.
    """
    keys = ["target_group", "change_kind", "status"]
    counted = [kind.value for kind in CLOSES_OR_OPENS]
    return (
        plan.group_by(keys)
        .agg(pl.col("places_change").sum())
        .sort(keys)
        .with_columns(
            region_id=pl.lit(region_id), changes_demand=pl.col("change_kind").is_in(counted)
        )
    )


def letting_table(region_id: str, lettings: pl.DataFrame, *, as_of: int) -> pl.DataFrame:
    """Add up past lettings by year, municipality and ground (`mart_letting__yearly_municipality`).

    Args:
        region_id: The region.
        lettings: `core_letting__monthly`: month ("YYYY-MM"), municipality_code, ground, dwellings.
        as_of: Last month that counts as known; the year it lies in is covered up to it, the first
            year from the first month in which a home was let.
    """
    if lettings.is_empty():
        return empty_mart("mart_letting__yearly_municipality")
    first = parse_month(str(lettings["month"].min()))
    months = pl.DataFrame({"number": range(first, as_of + 1)}).select(
        year=(pl.col("number") // MONTHS_PER_YEAR).cast(pl.Int32)
    )
    covered = months.group_by("year").agg(months_covered=pl.len().cast(pl.Int32))
    keys = ["year", "municipality_code", "ground"]
    yearly = (
        lettings.with_columns(year=pl.col("month").str.slice(0, 4).cast(pl.Int32))
        .group_by(keys)
        .agg(pl.col("dwellings").sum())
    )
    joined = yearly.join(covered, on="year", how="left", validate="m:1")
    return joined.sort(keys).with_columns(region_id=pl.lit(region_id))


def run_table(scenarios: Sequence[Resolved], facts: RunFacts) -> pl.DataFrame:
    """Say what this run was, a row a scenario (`mart_run`).

    Args:
        scenarios: The scenarios, the region's default first.
        facts: What holds for all scenarios.
    """
    return _frame(
        "mart_run",
        (
            {
                "region_id": resolved.region.id,
                "scenario_id": resolved.scenario.id,
                "region_name": resolved.region.name,
                "scenario_label": resolved.scenario.label,
                "scenario_why": resolved.scenario.why,
                "is_default": resolved.scenario.id == resolved.region.default_scenario,
                "as_of": format_month(facts.as_of),
                "first_month": format_month(facts.as_of + 1),
                "last_month": format_month(facts.as_of + HORIZON_MONTHS),
                "draws": facts.draws,
                "seed": facts.seed,
                "parameters_sha256": resolved.sha256,
                "inputs_sha256": facts.inputs_sha256,
                "code_sha256": facts.code_sha256,
                "synthetic": facts.synthetic,
                "national_rates": facts.national_rates,
                "unconfirmed_parameters": sum(
                    not parameter.confirmed for _, _, parameter in _parameters(resolved)
                ),
                "current_lettings_yearly": facts.current_lettings_yearly,
                "reference_first_year": resolved.region.lettings_reference.first_year,
                "reference_last_year": resolved.region.lettings_reference.last_year,
                "associations": "; ".join(item.name for item in resolved.region.associations),
                "person_word": resolved.region.person_word,
            }
            for resolved in scenarios
        ),
    )


def quota_years(as_of: int) -> range:
    """Give the years of the quota table: the as-of year to the last full year of the ten."""
    return range(year_of(as_of), year_of(as_of + HORIZON_MONTHS + 1))


def source_text(source: Source) -> str:
    """Write a source for a reader: title, publisher, year."""
    year = "" if source.year is None else f", {source.year}"
    return f"{source.title} ({source.publisher}{year})"


def _parameters(resolved: Resolved) -> Iterable[tuple[str, str, Parameter]]:
    for name, groups in sorted(resolved.values.items()):
        for group, parameter in sorted(groups.items()):
            yield name, group, parameter


def agreed_caps(resolved: Resolved, years: range) -> tuple[dict[int, int | None], int | None]:
    """Give the caps from the agreement's first year on, and that year; nothing where none is."""
    cap = resolved.region.cap
    if cap is None or resolved.cap_value is None:
        return {}, None
    first = int(resolved.region.agreement(cap.agreement_id).valid_from[:4])
    return {year: resolved.cap_of_year(year) for year in range(first, years[-1] + 1)}, first


def shares_contingents(region: Region) -> bool:
    """Say whether the key splits the homes of contingents: they are agreed, and no cap is."""
    return region.cap is None and bool(region.contingents)


def municipality_names(region: Region) -> dict[str, str]:
    """Give the names of a region's municipalities by code."""
    return {item.code: item.name for item in region.municipalities}


def _frame(name: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Make a mart's frame of rows, with the declared types, so that no rows is lawful too."""
    schema = MARTS[name]
    types = {key: _plain(schema.columns()[key]) for key in column_order(schema)}
    return pl.DataFrame([dict(row) for row in rows], schema=types)


def _plain(column: dy.Column) -> pl.DataType:
    return pl.String() if isinstance(column, dy.Enum) else column.dtype
