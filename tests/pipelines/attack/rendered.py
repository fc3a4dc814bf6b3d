"""A real report, in any language, of an invented release for everybody.

Belongs here: making the release and rendering it without a browser. Does not belong here: small
reports written by hand (`published_folder`), the attack.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipelines.classes import OPENBAAR, exact_rows, rounded_columns
from pipelines.protected_counts import CLAIMS, LETTINGS, PACE
from pipelines.protecting import Protection, protect_edition
from pipelines.sources.keys import read_example_key
from reports.build import write_pages
from reports.document import read_document
from reports.export import FORMATS
from reports.export.pictures import Pictures
from tests.reports import invented_release
from tests.reports.invented_release import Frames

OTHER_HOMES = 12
"""Homes let in the as-of year that an agreement does not count."""
PAGES = ("progress", "municipal")
"""Pages beside the report, which no browser draws."""


def coherent(frames: Frames) -> Frames:
    """Let claims of the region be those of its municipalities, and homes let: so they are."""
    claims, lettings = frames[CLAIMS], frames[LETTINGS]
    known = ~pl.col("is_expected") & pl.col("dwellings").is_not_null()
    own = claims.filter(known & (pl.col("municipality_code") != "all"))
    sums = own.group_by("region_id", "year", "claim").agg(pl.col("dwellings").sum().alias("sum"))
    is_total = known & (pl.col("municipality_code") == "all")
    whole = claims.join(sums, on=["region_id", "year", "claim"], how="left").with_columns(
        dwellings=pl.when(is_total).then("sum").otherwise("dwellings")
    )
    now = frames[PACE].filter(pl.col("municipality_code") != "all")
    let = [
        own.with_columns(ground=pl.col("claim").cast(pl.String), months_covered=12),
        now.with_columns(
            ground=pl.lit("outflow"), months_covered="months_passed", dwellings="realised"
        ),
        lettings.filter(pl.col("year") < own["year"].min()),
    ]
    both = pl.concat([one.select(lettings.columns).cast(lettings.schema) for one in let])
    return {**frames, CLAIMS: whole.drop("sum"), LETTINGS: both}


def counted_apart(frames: Frames) -> Frames:
    """Let a municipality have let more homes in the as-of year than the agreement counts."""
    pace = frames[PACE].filter(pl.col("municipality_code") != "all")
    is_more = (
        (pl.col("year") == pace["year"].max())
        & (pl.col("ground") == "outflow")
        & (pl.col("municipality_code") == pace["municipality_code"].min())
    )
    more = pl.when(is_more).then(pl.col("dwellings") + OTHER_HOMES).otherwise("dwellings")
    return {**frames, LETTINGS: frames[LETTINGS].with_columns(dwellings=more)}


def protected_release(
    folder: Path, frames: Frames, *, together: tuple[str, ...] = (), release_id: str = "0" * 16
) -> Path:
    """Protect frames for everybody and write them as a release."""
    protection = Protection("duinstreek", read_example_key(), folder / "private", together=together)
    made = protect_edition("0" * 16, frames, protection, facts={})
    return invented_release.write_release(
        folder / "release",
        made.tables[OPENBAAR],
        release_id=release_id,
        protected=True,
        base=5,
        rounded=rounded_columns(OPENBAAR),
        exact_rows=exact_rows(OPENBAAR),
        dropped=made.dropped[OPENBAAR],
        **{"class": OPENBAAR},
    )


def render(
    release: Path, folder: Path, *, language: str = "nl", formats: Sequence[str] = PAGES
) -> Path:
    """Render the report of a release with some other formats, names of `reports.export`."""
    document = read_document(release, language=language)
    write_pages(document, folder)
    for name in formats:
        FORMATS[name].write(document, Pictures(), folder)
    return folder
