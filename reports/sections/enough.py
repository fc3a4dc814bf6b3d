"""How many homes a year would be enough: the smallest number that keeps the promise, and its doubt.

Belongs here: the sentences and the table of the search, part of the section on the promise. Does
not belong here: what the agreed ceiling does (`promise.py`). Two percentages, two names: the norm
is the share offered in time, the certainty is the share of draws in which a year meets the norm.
"""

import polars as pl

from reports.blocks import Column, Form, Table, TitledTable
from reports.labels import Labels
from reports.sections import base
from reports.told import join


def enough_sentences(search: pl.DataFrame, facts: base.Facts, words: Labels) -> tuple[str, ...]:
    """Say which yearly number keeps the promise with the certainty in every counted year.

    Args:
        search: `mart_promise__quota_search` of the scenario.
        facts: The facts, with the row of the promise.
        words: Labels.
    """
    row = facts.promise
    if (
        row is None
        or row["certainty"] is None
        or (row["smallest_quota"] is None and not len(search))
    ):
        return ()
    said = [
        _smallest(row, facts, words)
        if row["smallest_quota"] is not None
        else _none_enough(search, row["certainty"], facts, words),
        words.text(
            "enough.certainty",
            certainty=base.of_promise(words.numbers.share(row["certainty"]), "certainty"),
        ),
    ]
    said += cap_use_words(row, words)
    if row["smallest_quota_error"] is not None:
        said.append(_error(row, facts, words))
    if row["joint_probability_at_smallest"] is not None:
        said.append(
            words.text(
                "enough.joint",
                homes=base.of_promise(words.numbers.whole(row["smallest_quota"]), "smallest_quota"),
                joint=base.of_promise(
                    words.numbers.share(row["joint_probability_at_smallest"]),
                    "joint_probability_at_smallest",
                ),
                **base.promise_words(facts, words),
            )
        )
    return tuple(said)


def cap_use_words(row: base.Row, words: Labels) -> list[str]:
    """Say which part of a ceiling is believed to be offered, where that is not all of it."""
    if row["cap_use"] is None:
        return []
    share = words.numbers.share
    return [
        words.text(
            "enough.cap_use",
            share=base.of_promise(share(row["cap_use"]), "cap_use"),
            low=base.of_promise(share(row["cap_use_low"]), "cap_use_low"),
            high=base.of_promise(share(row["cap_use_high"]), "cap_use_high"),
        )
    ]


def _error(row: base.Row, facts: base.Facts, words: Labels) -> str:
    found = "known" if row["smallest_quota"] is not None else "searched"
    error = words.numbers.decimal(row["smallest_quota_error"])
    return words.text(
        f"enough.error_{found}",
        error=base.of_promise(error, "smallest_quota_error"),
        draws=base.of_run(words.numbers.whole(facts.run["draws"]), "draws"),
    )


def _smallest(row: base.Row, facts: base.Facts, words: Labels) -> str:
    numbers, certainty = words.numbers, row["certainty"]
    homes, below = row["smallest_quota"], row["probability_below"]
    is_exact = bool(row["smallest_quota_exact"]) and below is not None
    first = row["counted_from_year"]
    return words.text(
        "enough.smallest_exact" if is_exact else "enough.smallest_at_most",
        homes=base.of_promise(numbers.whole(homes), "smallest_quota"),
        less=base.from_rows(
            numbers.whole(homes - 1), "mart_promise__region", [{}], "smallest_quota", "one_less"
        ),
        from_year=words.text("enough.every_year")
        if first is None
        else words.text("enough.from_year", year=first),
        certainty=base.of_promise(numbers.share(certainty), "certainty"),
        worst=base.of_promise(
            numbers.apart(row["smallest_quota_probability"], certainty),
            "smallest_quota_probability",
        ),
        below=base.of_promise(numbers.apart(below, certainty), "probability_below")
        if is_exact
        else "",
        **base.promise_words(facts, words),
    )


def _none_enough(search: pl.DataFrame, certainty: float, facts: base.Facts, words: Labels) -> str:
    numbers, table = words.numbers, "mart_promise__quota_search"
    tried = search.sort("yearly_homes")
    best = tried.sort("lowest_probability", "yearly_homes").row(-1, named=True)
    return words.text(
        "enough.none" if tried.height > 1 else "enough.none_one",
        tried=numbers.join(
            [
                base.from_cell(numbers.whole(row["yearly_homes"]), table, row, "yearly_homes")
                for row in tried.to_dicts()
            ]
        ),
        homes=base.from_cell(numbers.whole(best["yearly_homes"]), table, best, "yearly_homes"),
        worst=base.from_cell(
            numbers.apart(best["lowest_probability"], certainty), table, best, "lowest_probability"
        ),
        certainty=base.of_promise(numbers.share(certainty), "certainty"),
        **base.promise_words(facts, words),
    )


def search_table(search: pl.DataFrame, facts: base.Facts, words: Labels) -> tuple[TitledTable, ...]:
    """Tabulate the numbers that were worked out in full."""
    row = facts.promise
    if search.is_empty() or row is None or row["certainty"] is None:
        return ()
    tried = search.sort("yearly_homes")
    said = [
        words.text(f"enough.{'yes' if value >= row['certainty'] else 'no'}")
        for value in tried["lowest_probability"]
    ]
    columns = (
        Column("yearly_homes", words.text("column.yearly_homes"), Form.WHOLE),
        Column("lowest_probability", words.text("column.lowest_certainty"), Form.PERCENT_HUNDREDTH),
        Column("enough", words.text("column.enough")),
        Column("joint_probability", words.text("column.joint"), Form.PERCENT_HUNDREDTH),
    )
    frame = tried.with_columns(pl.Series("enough", said, dtype=pl.String))
    title = words.text("enough.table_title", **base.promise_words(facts, words))
    return (TitledTable("promise-search", title, Table(frame, columns)),)


def class_table(classes: pl.DataFrame, facts: base.Facts, words: Labels) -> tuple[TitledTable, ...]:
    """Tabulate the share offered in time by priority class and whole year."""
    full = base.full_years(classes).sort("year", "position")
    if full.is_empty():
        return ()
    columns = (
        base.year_column(words),
        Column("label", words.text("column.priority_class"), is_given=True),
        Column("cohort_mean", words.text("column.cohort"), Form.WHOLE),
        Column("within_share_mean", words.text("column.within_mean"), Form.SHARE),
    )
    title = words.text("classes.table_title", **base.promise_words(facts, words))
    return (TitledTable("promise-classes", title, Table(full, columns), folded=True),)


def class_sentence(classes: pl.DataFrame, facts: base.Facts, words: Labels) -> tuple[str, ...]:
    """Say how often each priority class is offered a home in time in the last whole year."""
    full = base.full_years(classes)
    if full.is_empty():
        return ()
    last = full.filter(pl.col("year") == full["year"].max()).sort("position")
    parts = [
        words.text(
            "classes.part",
            label=row["label"],
            share=base.from_cell(
                words.numbers.share(row["within_share_mean"]),
                "mart_wait__yearly_class",
                row,
                "within_share_mean",
            ),
        )
        for row in last.iter_rows(named=True)
    ]
    return (
        words.text(
            "classes.finding",
            year=last["year"][0],
            parts=join("; ", parts),
            **base.promise_words(facts, words),
        ),
    )
