"""Municipalities whose counts are published as one: their order, their name, whom a line is about.

Belongs here: what sections and small pages share about these lines. Does not belong here: the code
(`models.together`), adding up (it is done before a release is made).
"""

from collections.abc import Callable, Sequence

import polars as pl

from models.together import are_together, members, names_in
from reports.labels import Labels, capital

ORDER = (pl.col("municipality_code").str.contains("+", literal=True), pl.col("municipality_code"))
"""By code, those that are published as one last."""


def named(progress: pl.DataFrame, words: Labels) -> pl.DataFrame:
    """Call a line of several municipalities "other municipalities", with their names.

    Args:
        progress: A table with the columns municipality_code and municipality_name.
        words: Labels.
    """
    return _renamed(progress, lambda name: others(names_in(name), words))


def as_heads(progress: pl.DataFrame) -> pl.DataFrame:
    """Write such a name as the head of a row: with a capital."""
    return _renamed(progress, capital)


def others(names: Sequence[str], words: Labels) -> str:
    """Give the words for municipalities that are published as one."""
    return words.text("place.together", names=words.numbers.join(list(names)))


def lines_about(frame: pl.DataFrame, code: str) -> pl.DataFrame:
    """Give the lines about a municipality and others together; none where nothing is together."""
    codes = frame["municipality_code"].unique().to_list()
    wanted = [one for one in codes if are_together(one) and code in members(one)]
    return frame.filter(pl.col("municipality_code").is_in(wanted))


def _renamed(frame: pl.DataFrame, write: Callable[[str], str]) -> pl.DataFrame:
    pairs = frame.select("municipality_code", "municipality_name").iter_rows()
    names = [write(name) if name and are_together(code) else name for code, name in pairs]
    return frame.with_columns(pl.Series("municipality_name", names, dtype=pl.String))
