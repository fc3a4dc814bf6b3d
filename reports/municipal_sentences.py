"""The sentences of the pages of municipalities, from a row of a table to words.

Belongs here: what is said of one number. Does not belong here: the pages (`municipal`).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from models.marts.parties import GATES
from reports.figures import Figure, Ruler, Sentence, read_figure, say
from reports.labels import Labels, capital
from reports.standing import PACE, bullet, is_public, tenth

QUOTAS, CLAIMS = "mart_quota__yearly_municipality", "mart_quota__claim"
PROJECTS = "mart_quota__project"
MEASURES = ("per_100_suitable", "per_100_relets")
"""What claims are held against: suitable homes, else all that come free."""

Row = Mapping[str, Any]


def headline(
    quota: Row | None, name: str, contingent: str | None, words: Labels
) -> tuple[Figure, str, str, Sentence]:
    """Give the number of the year, what it is, its kind, and the sentence that belongs to it.

    Args:
        quota: The municipality's row of `mart_quota__yearly_municipality`, None where there is
            none.
        name: Name of the municipality.
        contingent: What the key splits where it is no cap, None where it is.
        words: Labels.
    """
    if quota is None:
        return (
            Figure(capital(words.text("not_agreed"))),
            words.text("municipal.big_none", name=name),
            "none",
            say(words, "municipal.second_none"),
        )
    year = quota["year"]
    owed = read_figure(QUOTAS, quota, "quota", words.numbers.whole)
    number = "one" if quota["quota"] == 1 else "many"
    if quota["at_most"] is not None:
        at_most = read_figure(QUOTAS, quota, "at_most", words.numbers.whole)
        one = "one" if quota["at_most"] == 1 else "many"
        label = words.text(f"municipal.big_at_most_{one}", year=year)
        homes = say(words, f"municipal.homes_{number}", count=owed)
        return at_most, label, "cap", say(words, "municipal.second_cap", homes=homes, name=name)
    label = words.text(f"municipal.big_owed_{number}", year=year, name=name)
    if contingent is not None:
        return owed, label, "owed", say(words, "municipal.second_contingent", scope=contingent)
    return owed, label, "owed", say(words, "municipal.second_open")


def pace_ruler(row: Row, words: Labels) -> Ruler:
    """Draw the homes let beside what is needed by now and the ceiling of the year."""
    whole = words.numbers.whole
    let = words.numbers.spoken if is_public(row) else whole
    realised = say(words, "municipal.ruler_let", count=read_figure(PACE, row, "realised", let))
    norm = say(words, "municipal.ruler_norm", count=read_figure(PACE, row, "norm", tenth(words)))
    most = None
    if row["at_most"] is not None:
        at_most = read_figure(PACE, row, "at_most", whole)
        most = say(words, "municipal.ruler_most", count=at_most)
    longest = max(1, row["realised"], row["norm"], row["at_most"] or 0)
    said = [str(one) for one in (realised, norm, most) if one]
    return Ruler(bullet(row, longest), realised, norm, most, capital(words.numbers.join(said)))


def together_pace(row: Row, names: str, month: str, words: Labels) -> Sentence:
    """Say how many homes were let so far in municipalities that are published as one.

    Args:
        row: Their row of `mart_quota__progress`.
        names: Their names.
        month: As-of month in words.
        words: Labels.
    """
    if row["quota"] == 0:
        return say(words, "municipal.together_zero", name=names, year=row["year"])
    return say(
        words,
        "municipal.together_pace",
        name=names,
        month=month,
        year=row["year"],
        realised=read_figure(PACE, row, "realised", words.numbers.spoken),
        norm=read_figure(PACE, row, "norm", tenth(words)),
        quota=read_figure(PACE, row, "quota", words.numbers.whole),
    )


def vacated_row(claims: pl.DataFrame) -> tuple[Row, str] | None:
    """Give the row that tells most: the coming year before the past, suitable homes before all.

    Args:
        claims: Rows of `mart_quota__claim` of one municipality on the ground outflow, by year.
    """
    for ahead in (True, False):
        for measure in MEASURES:
            known = claims.filter(
                (pl.col("is_expected") == ahead) & pl.col(measure).is_not_null()
            ).to_dicts()
            if known:
                return (known[0] if ahead else known[-1]), measure
    return None


def vacated_sentence(row: Row, measure: str, name: str, persons: str, words: Labels) -> Sentence:
    """Say how many of every hundred homes that come free go to the people of the scheme."""
    when = "ahead" if row["is_expected"] else "past"
    kind = words.text("municipal.suitable" if measure == MEASURES[0] else "municipal.all_free")
    figure = read_figure(CLAIMS, row, measure, words.numbers.decimal)
    many = "over" if row[measure] > 100 else "none" if row[measure] == 0 else "some"
    return say(
        words,
        f"municipal.vacated_{when}_{many}",
        kind=kind,
        year=row["year"],
        name=name,
        count=figure,
        persons=persons,
    )


def open_gates(project: Row) -> list[str]:
    """Give what a project still waits for."""
    return [gate for gate in GATES if project[f"gate_{gate}"] == "open"]


def project_sentence(row: Row, words: Labels) -> Sentence:
    """Say how far a project is and what it waits for."""
    gates = [words.code("gate", gate) for gate in open_gates(row)]
    waits = (
        words.text("projects_carried.still_open", gates=words.numbers.join(gates))
        if gates
        else words.text("projects_carried.all_met")
    )
    return say(
        words,
        "municipal.decide_project",
        project=row["name"] or words.code("project_kind", row["kind"]),
        places=read_figure(PROJECTS, row, "places", words.numbers.whole),
        status=words.code("project_status", row["status"]),
        waits=waits,
    )


def homes_sentence(
    row: Row, table: str, column: str, words: Labels, *, is_rounded: bool = False
) -> Sentence:
    """Give a number of homes with its noun."""
    number = "one" if row[column] == 1 else "many"
    write = words.numbers.spoken if is_rounded else words.numbers.whole
    count = read_figure(table, row, column, write)
    return say(words, f"municipal.homes_{number}", count=count)
