"""How far each municipality is in the year of the as-of month, beside what should be let by now.

Belongs here: the section on progress. Does not belong here: the norm (`models.quota.pacing`).
"""

from collections.abc import Sequence

import polars as pl

from models.quota.pacing import Course
from models.together import are_together
from reports import theme, together
from reports.blocks import Chart, Column, Form, Panel, Picture, Section, Table
from reports.charts import rows as row_charts
from reports.charts.anatomy import quiet, safe
from reports.labels import Labels
from reports.sections import base
from reports.standing import course_words, is_public, norm_words

TABLES = ("mart_quota__progress", "mart_agreement")

_ALL = "all"
_HALF_YEAR = 6


def build_progress(tables: base.Tables, facts: base.Facts, words: Labels) -> Section | None:
    """Build the section on progress; without quotas there is none."""
    rows = together.named(tables.frame("mart_quota__progress"), words)
    if rows.is_empty():
        return None
    whole = rows.filter(pl.col("municipality_code") == _ALL).row(0, named=True)
    own = rows.filter(pl.col("municipality_code") != _ALL).sort(*together.ORDER)
    shown = together.as_heads(own)
    finding = progress_finding(whole, facts, words)
    is_half = whole["of_months"] == _HALF_YEAR
    norm = norm_words(whole, words)
    chart = Chart(
        "progress",
        finding,
        words.text(
            "progress.subtitle_contingent"
            if base.shared_contingent(tables, facts) is not None
            else "progress.subtitle_half"
            if is_half
            else "progress.subtitle",
            month=words.numbers.month(facts.as_of),
        ),
        words.text("progress.alternative", finding=finding),
        Picture((_panel(shown.to_dicts(), words),), _table(shown, whole, words)),
        words.text("source_line.both", month=words.numbers.month(facts.as_of)),
        (norm,),
    )
    said = [*state_sentences(own.to_dicts(), words)]
    if is_half:
        said.append(words.text("progress.half_years"))
    said.append(words.text("progress.no_duty"))
    return Section("progress", words.text("progress.heading"), finding, tuple(said), (chart,))


def progress_finding(whole: base.Row, facts: base.Facts, words: Labels) -> str:
    """Say how many homes were let in the region so far, and how many the quota asks by now."""
    numbers = words.numbers

    def told(written: str, column: str) -> str:
        return base.from_cell(written, "mart_quota__progress", whole, column)

    if whole["quota"] == 0:
        return words.text("progress.zero", year=whole["year"])
    is_half, is_open = whole["of_months"] == _HALF_YEAR, is_public(whole)
    label = f"half_{whole['state']}" if is_half else whole["state"]
    return words.text(
        "progress.open" if is_open else f"progress.{label}",
        month=numbers.month(facts.as_of),
        year=whole["year"],
        realised=told(
            (numbers.spoken if is_open else numbers.whole)(whole["realised"]), "realised"
        ),
        norm=told(numbers.decimal(whole["norm"]), "norm"),
        quota=told(numbers.whole(whole["quota"]), "quota"),
    )


def state_sentences(rows: Sequence[base.Row], words: Labels) -> list[str]:
    """Name the municipalities that are ahead, on course and behind."""
    said = []
    is_open = bool(rows) and is_public(rows[0])
    for course in Course:
        names = [row["municipality_name"] for row in rows if row["state"] == course.value]
        if names:
            label = f"progress.{'years' if is_open else 'who'}_{course.value}"
            said.append(words.text(label, names=words.numbers.join(names)))
    return [words.text("progress.years_none")] if is_open and not said else said


def _panel(rows: Sequence[base.Row], words: Labels) -> Panel:
    drawn = []
    for row in sorted(rows, key=_place_in_chart):
        write = words.numbers.count if is_public(row) else words.numbers.whole
        realised, norm = safe(write(row["realised"])), words.numbers.decimal(row["norm"])
        said = words.text("progress.bullet", norm=norm)
        hover = words.text("hover.progress", realised=realised, norm=norm)
        drawn.append(
            row_charts.Row(
                row["municipality_name"],
                row["realised"],
                f"{realised} {quiet(f'({said})')}",
                theme.REALISED,
                f"{safe(row['municipality_name'])}: {hover}",
                mark=row["norm"],
                mark_colour=theme.INK,
                narrow_text=f"{realised} {quiet(f'({norm})')}",
            )
        )
    return row_charts.bullets(drawn)


def _place_in_chart(row: base.Row) -> tuple[bool, float, str]:
    """Order by the norm, municipalities that are published as one last."""
    code = row["municipality_code"]
    return are_together(code), -row["norm"], code


def _table(own: pl.DataFrame, whole: base.Row, words: Labels) -> Table:
    both = [*own.to_dicts(), {**whole, "municipality_name": words.text("region_total")}]
    frame = pl.DataFrame(both, schema=own.schema).with_columns(
        pl.Series("course", [course_words(row, words) for row in both])
    )
    is_half, is_open = whole["of_months"] == _HALF_YEAR, is_public(whole)
    let = Form.ROUNDED if is_open else Form.WHOLE
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        Column("at_most", words.text("column.at_most_year"), Form.WHOLE, words.text("not_agreed")),
        Column("quota", words.text("column.quota_year"), Form.WHOLE),
        *([Column("backlog", words.text("column.backlog"), Form.SIGNED)] if is_half else []),
        Column("norm", words.text("column.norm"), Form.TENTH),
        Column("realised", words.text("column.let_so_far"), let),
        *([] if is_open else [Column("difference", words.text("column.against_norm"), Form.TENTH)]),
        Column("course", words.text("column.state")),
    )
    return Table(frame, columns, total_rows=1)
