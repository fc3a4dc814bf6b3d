"""Projects that come all at once: who has carried what, beside who asks for it and who bids.

Belongs here: the section on projects and bids. Does not belong here: quotas, which projects never
change, and the queues of projects over the years (`routes.py`).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from reports import findings, theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table, TitledTable
from reports.charts import rows as row_charts
from reports.charts.anatomy import safe
from reports.labels import Labels, capital
from reports.sections import base

TABLES = ("mart_quota__project", "mart_quota__project_need", "mart_quota__bid")

_ALL, _UNKNOWN = "all", "unknown"
_GATES = ("priority", "support", "budget", "tender")
_SHOWN = ("open", "in_aanbouw", "besluit", "bod")
_NEED = "mart_quota__project_need"
_CARRIED = ("open_places", "building_places", "decided_places")
"""Places that are there, being built or decided on: what a municipality has carried."""


def build_projects_carried(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on projects; a region without any gets one lawful sentence."""
    projects = tables.frame("mart_quota__project")
    needs = tables.frame("mart_quota__project_need")
    bids = tables.frame("mart_quota__bid")
    chart = _chart(needs, facts, words)
    told = projects_finding(projects, words)
    whole = needs.filter(pl.col("municipality_code") == _ALL)
    said = (
        *([told + "."] if chart else []),
        *nowhere_sentence(needs, words),
        words.text("projects_carried.beside"),
        *need_sentences(whole.to_dicts(), words),
        *gate_sentence(projects.to_dicts(), words),
        *([words.text("projects_carried.no_bids")] if bids.is_empty() else []),
    )
    return Section(
        "projects_carried",
        words.text("projects_carried.heading"),
        chart[0].title if chart else told,
        said,
        chart,
        (*_project_table(projects, words), *_need_table(whole, words), *_bid_table(bids, words)),
    )


def projects_finding(projects: pl.DataFrame, words: Labels) -> str:
    """Say how many places the projects have, and how far these are."""
    if projects.is_empty():
        return words.text("projects_carried.none")
    whole = words.numbers.whole
    counted = dict(projects.group_by("status").agg(pl.col("places").sum()).iter_rows())
    parts = [
        words.text(
            f"projects_carried.part_{status}",
            places=_places_of(whole(counted[status]), projects, (status,)),
        )
        for status in _SHOWN
        if counted.get(status)
    ]
    total = sum(counted.get(status, 0) for status in _SHOWN)
    if not parts:
        return words.text("projects_carried.nothing_firm")
    return words.text(
        "projects_carried.finding",
        total=_places_of(whole(total), projects, _SHOWN),
        parts=words.numbers.join(parts),
    )


def _places_of(text: str, projects: pl.DataFrame, statuses: Iterable[str]) -> str:
    """Let the places of projects remember these."""
    rows = projects.filter(pl.col("status").cast(pl.String).is_in(list(statuses))).to_dicts()
    return base.from_rows(text, "mart_quota__project", rows, "places")


def need_sentences(needs: Sequence[base.Row], words: Labels) -> tuple[str, ...]:
    """Say for every kind that people ask for how many they are, and how many places are open."""
    said = []
    for row in needs:
        if not row["asked_mean"] and not row["needed_places"]:
            continue
        asked = base.estimate(row, "asked_")
        gaps = {
            "kind": words.code("project_kind", row["kind"]),
            "year": row["year"],
            "asked": words.numbers.about(asked),
            "span": words.numbers.span(asked),
            "open": words.text(
                "projects_carried.some_open" if row["open_places"] else "projects_carried.no_open",
                places=base.from_cell(
                    words.numbers.whole(row["open_places"]), _NEED, row, "open_places"
                ),
            ),
        }
        if row["needed_places"] is None:
            said.append(words.text("projects_carried.asked", **gaps))
        else:
            written = words.numbers.whole(row["needed_places"])
            needed = base.from_cell(written, _NEED, row, "needed_places")
            said.append(words.text("projects_carried.needed", needed=needed, **gaps))
    return tuple(said)


def gate_sentence(projects: Sequence[base.Row], words: Labels) -> tuple[str, ...]:
    """Count the projects, open ones left out, for which a gate is still open."""
    waiting = [row for row in projects if row["status"] in {"besluit", "in_aanbouw", "bod"}]
    held = [row for row in waiting if any(row[f"gate_{gate}"] == "open" for gate in _GATES)]
    if not waiting:
        return ()
    label = "projects_carried.gates" if held else "projects_carried.gates_met"
    counts = {
        name: base.from_rows(
            words.numbers.whole(len(some)), "mart_quota__project", some, how="count"
        )
        for name, some in (("count", held), ("all", waiting))
    }
    return (words.text(label, **counts),)


def gate_words(row: base.Row, words: Labels) -> str:
    """Write which gates of a project are still open."""
    states = {gate: row[f"gate_{gate}"] for gate in _GATES}
    still = [words.code("gate", gate) for gate, state in states.items() if state == "open"]
    if still:
        return words.text("projects_carried.still_open", gates=words.numbers.join(still))
    is_told = None not in states.values()
    return words.text("projects_carried.all_met") if is_told else words.text("not_known")


def carried_places(needs: pl.DataFrame) -> list[dict[str, Any]]:
    """Add up the places that each municipality carries over the kinds, the most first."""
    own = needs.filter(~pl.col("municipality_code").is_in([_ALL, _UNKNOWN]))
    summed = own.group_by("municipality_code", "municipality_name").agg(
        pl.col(*_CARRIED, "bid_places").sum()
    )
    total = summed.with_columns(carried=pl.sum_horizontal(_CARRIED))
    ordered = total.sort(["carried", "municipality_code"], descending=[True, False])
    return ordered.to_dicts()


def nowhere_sentence(needs: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say how many of these places stand in a municipality that is not known."""
    own = needs.filter(pl.col("municipality_code") == _UNKNOWN)
    places = int(own.select(pl.sum_horizontal(_CARRIED)).sum().item())
    if not places:
        return ()
    written = _carried(words.numbers.whole(places), own.to_dicts())
    return (words.text("projects_carried.nowhere", places=written),)


def _carried(text: str, rows: Iterable[base.Row]) -> str:
    """Let places that stand or are decided remember the rows that they were added up from."""
    cells = [base.cell(_NEED, row, column) for row in rows for column in _CARRIED]
    return base.worked_out(text, "sum", *cells)


def most_finding(rows: list[dict[str, Any]], words: Labels, needs: Iterable[base.Row] = ()) -> str:
    """Name the municipality that carries the most places, or those that carry as many.

    Args:
        rows: The municipalities with the places that they carry, the most first.
        words: Labels.
        needs: Rows of `mart_quota__project_need` that they were added up from.
    """
    written = words.numbers.whole(rows[0]["carried"])
    added = [row for row in needs if row["municipality_code"] == rows[0].get("municipality_code")]
    names = findings.most((row["municipality_name"], row["carried"]) for row in rows)
    label = "most" if len(names) == 1 else "most_several"
    return base.finding(
        words,
        f"projects_carried.{label if rows[0]['carried'] else 'nobody_yet'}",
        municipality=base.several(names, "municipalities", words),
        places=_carried(written, added) if added else written,
    )


def _chart(needs: pl.DataFrame, facts: base.Facts, words: Labels) -> tuple[Chart, ...]:
    rows = carried_places(needs)
    if not rows or not rows[0]["carried"]:
        return ()
    whole = words.numbers.whole
    finding = most_finding(rows, words, needs.to_dicts())
    drawn = [
        row_charts.Row(
            row["municipality_name"],
            row["carried"],
            whole(row["carried"]),
            theme.REALISED,
            f"{safe(row['municipality_name'])}: "
            f"{words.text('hover.project_places', places=whole(row['carried']))}",
        )
        for row in rows
    ]
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        *(Column(name, words.text(f"column.{name}"), Form.WHOLE) for name in _CARRIED),
        Column("bid_places", words.text("column.bid_places"), Form.WHOLE),
    )
    chart = Chart(
        "projects-carried",
        finding,
        words.text("projects_carried.subtitle"),
        words.text("projects_carried.alternative", finding=finding),
        Picture((row_charts.bullets(drawn),), Table(pl.DataFrame(rows), columns)),
        words.text("source_line.projects", month=words.numbers.month(facts.as_of)),
    )
    return (chart,)


def _project_table(projects: pl.DataFrame, words: Labels) -> tuple[TitledTable, ...]:
    if projects.is_empty():
        return ()
    rows = projects.sort("expected_open_month", "project_id").to_dicts()
    unknown = words.text("not_known")
    frame = pl.DataFrame(
        [
            {
                "name": row["name"] or words.text("projects_carried.nameless"),
                "kind": words.code("project_kind", row["kind"]),
                "place": row["municipality_name"],
                "places": row["places"],
                "status": None
                if row["status"] is None
                else words.code("project_status", row["status"]),
                "month": row["expected_open_month"],
                "gates": gate_words(row, words),
            }
            for row in rows
        ],
        infer_schema_length=None,
        schema_overrides={"place": pl.String, "status": pl.String},
    )
    columns = (
        Column("name", words.text("column.project"), is_given=True),
        Column("kind", words.text("column.kind")),
        Column("place", words.text("column.municipality"), missing=unknown),
        Column("places", words.text("column.places"), Form.WHOLE),
        Column("status", words.text("column.state"), missing=unknown),
        Column("month", words.text("column.opens"), Form.MONTH),
        Column("gates", words.text("column.gates")),
    )
    title = words.text("projects_carried.table_title")
    return (TitledTable("projects-list", title, Table(frame, columns)),)


def _need_table(whole: pl.DataFrame, words: Labels) -> tuple[TitledTable, ...]:
    counts = ("bid_places", "decided_places", "building_places", "open_places", "unknown_places")
    asked = whole.filter(
        (pl.col("asked_mean") > 0) | (pl.sum_horizontal(counts) > 0) | (pl.col("needed_places") > 0)
    )
    if asked.is_empty():
        return ()
    rows = asked.to_dicts()
    frame = asked.with_columns(
        pl.Series("name", [capital(words.code("project_kind", row["kind"])) for row in rows]),
        pl.Series("asked", [base.written_range(row, words, "asked_") for row in rows]),
    )
    columns = (
        Column("name", words.text("column.kind")),
        base.year_column(words),
        Column("asked", words.text("column.asked"), Form.RANGE),
        Column("needed_places", words.text("column.needed_places"), Form.WHOLE,
               words.text("not_known")),
        *(Column(name, words.text(f"column.{name}"), Form.WHOLE) for name in counts[:4]),
    )  # fmt: skip
    title = words.text("projects_carried.need_title")
    return (TitledTable("projects-need", title, Table(frame, columns)),)


def _bid_table(bids: pl.DataFrame, words: Labels) -> tuple[TitledTable, ...]:
    if bids.is_empty():
        return ()
    rows = bids.sort("municipality_code", "first_year", nulls_last=True).to_dicts()
    numbers = words.numbers
    frame = pl.DataFrame(
        {
            "place": [row["municipality_name"] or words.text("region_total") for row in rows],
            "amount": [
                words.text(
                    "amount",
                    value=numbers.decimal(row["amount"]),
                    unit=words.code("unit", row["unit"]),
                )
                for row in rows
            ],
            "period": [
                words.text("projects_carried.from", year=row["first_year"])
                if row["last_year"] is None
                else numbers.years(row["first_year"], row["last_year"])
                for row in rows
            ],
            "scope": [row["scope"] for row in rows],
        }
    )
    columns = (
        Column("place", words.text("column.municipality")),
        Column("amount", words.text("column.bid_yearly")),
        Column("period", words.text("column.valid")),
        Column("scope", words.text("column.scope"), is_given=True),
    )
    note = words.text("projects_carried.bid_note")
    title = words.text("projects_carried.bid_title")
    return (TitledTable("quota-bids", title, Table(frame, columns), (note,)),)
