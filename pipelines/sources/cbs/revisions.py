"""What changed between two editions of a table.

Belongs here: figures that were revised, confirmed or withdrawn, and the changes that are too large
to believe. Does not belong here: where editions are kept (`storing`).
"""

from dataclasses import dataclass

import polars as pl

from pipelines.sources.cbs.client import AnswerRefusedError
from pipelines.sources.cbs.reading import FIGURE_KEY
from pipelines.sources.cbs.schema import GIVEN

REVISION_COLUMNS: dict[str, str] = {
    "region_code": "CBS code of the region",
    "period": "CBS code of the period",
    "category": "our word for the code of a further dimension",
    "measure": "what is counted",
    "change": "revised (another figure), confirmed (same figure, other status), or withdrawn",
    "edition_before": "the edition before",
    "value_before": "the figure in the edition before",
    "value_status_before": "given, or what stood instead",
    "period_status_before": "final, further_provisional, provisional or not_stated",
    "value": "the figure now",
    "value_status": "given, or what stands instead",
    "period_status": "final, further_provisional, provisional or not_stated",
}

LARGEST_FACTOR = 10.0
"""A median figure that grew or shrank so many times has another unit."""

LARGEST_WITHDRAWN = 0.5
"""A larger share of stored figures that are gone is no revision."""


@dataclass(frozen=True)
class Revision:
    """What an edition changed.

    Attributes:
        before: The edition before, empty for the first one.
        rows: REVISION_COLUMNS, one row a figure that changed.
        added: Figures that the edition before did not have.
        stored: Figures that it had.
        factor: For each measure, the median of new over old figures.
    """

    before: str
    rows: pl.DataFrame
    added: int
    stored: int
    factor: dict[str, float]

    def count(self, change: str) -> int:
        """Count the figures that changed in one way."""
        return self.rows.filter(pl.col("change") == change).height

    def sentence(self) -> str:
        """Say in Dutch what changed since the edition before."""
        words = {"revised": "herzien", "confirmed": "met andere status", "withdrawn": "vervallen"}
        counts = [f"{self.count(change)} {word}" for change, word in words.items()]
        return (
            f"ten opzichte van de uitgave van {self.before[:10]}: cijfers {', '.join(counts)}, "
            f"{self.added} nieuw"
        )


def compare_editions(before: pl.DataFrame | None, now: pl.DataFrame) -> Revision:
    """Compare the figures of two editions cell by cell.

    Args:
        before: Figures of the edition before, None for none.
        now: Figures of the new one.
    """
    if before is None or before.is_empty():
        empty = pl.DataFrame(schema=dict.fromkeys(REVISION_COLUMNS, pl.String))
        return Revision("", empty, now.height, 0, {})
    key = list(FIGURE_KEY)
    facts = ["value", "value_status", "period_status"]
    edition = str(before["edition"][0])
    old = before.select(*key, *(pl.col(name).alias(f"{name}_before") for name in facts))
    both = old.join(now.select(*key, *facts), on=key, how="full", coalesce=True, validate="1:1")
    is_new, is_gone = pl.col("value_status_before").is_null(), pl.col("value_status").is_null()
    is_same = (pl.col("value") == pl.col("value_before")) & (
        pl.col("value_status") == pl.col("value_status_before")
    )
    change = (
        pl.when(is_gone).then(pl.lit("withdrawn"))
        .when(~is_same).then(pl.lit("revised"))
        .when(pl.col("period_status") != pl.col("period_status_before"))
        .then(pl.lit("confirmed"))
    )  # fmt: skip
    known = both.filter(~is_new).with_columns(change=change, edition_before=pl.lit(edition))
    rows = known.drop_nulls("change").sort(key).select(list(REVISION_COLUMNS))
    return Revision(
        before=edition,
        rows=rows.with_columns(pl.all().fill_null("")),
        added=both.height - known.height,
        stored=known.height,
        factor=_factors(known),
    )


def check_revision(revision: Revision, table: str) -> None:
    """Refuse an edition that a person must look at first.

    Raises:
        AnswerRefusedError: Figures are many times what they were, or most of them are gone.
    """
    for measure, factor in revision.factor.items():
        if not 1 / LARGEST_FACTOR < factor < LARGEST_FACTOR:
            raise AnswerRefusedError(
                f"{measure} is {factor:g} times what it was",
                where=table,
                expected=f"less than {LARGEST_FACTOR:g} times more or less",
                todo="Look whether its unit has changed.",
            )
    gone = revision.count("withdrawn")
    if revision.stored and gone > LARGEST_WITHDRAWN * revision.stored:
        raise AnswerRefusedError(
            f"{gone} of {revision.stored} stored figures are gone",
            where=table,
            todo="If that is right, move the stored folder away and fetch again.",
        )


def _factors(known: pl.DataFrame) -> dict[str, float]:
    """Give the median of new over old by measure, of figures that are above 0 in both."""
    given = known.filter(
        (pl.col("value_status") == GIVEN) & (pl.col("value_status_before") == GIVEN)
    ).with_columns(
        new=pl.col("value").cast(pl.Float64, strict=False),
        old=pl.col("value_before").cast(pl.Float64, strict=False),
    )
    positive = given.filter((pl.col("new") > 0) & (pl.col("old") > 0))
    ratios = positive.select("measure", ratio=pl.col("new") / pl.col("old"))
    medians = ratios.group_by("measure").agg(pl.col("ratio").median()).sort("measure")
    return {str(name): float(ratio) for name, ratio in medians.iter_rows()}
