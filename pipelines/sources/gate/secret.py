"""Secret addresses: the location of such a facility is cut to the region at the door.

Belongs here: which facilities have a secret address, and taking their municipality out. Does not
belong here: anything that shows places; after the door nothing knows where they are.
"""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from pipelines.sources.results import DeliveredFile

CONTRACT, PLACE, SECRET, FACILITY = "capacity", "municipality_code", "secret_address", "facility_id"


def cut_secret_locations(files: Sequence[DeliveredFile]) -> None:
    """Take the municipality out of every row of a facility whose address is or once was secret.

    An earlier quarter with the address open would tell where the facility is. The rows were checked
    before: the municipality lay in the region. What was said of these cells (examples of notation,
    values that were set apart) goes too.

    Args:
        files: All files of a region that were read; changed in place.
    """
    read = [file for file in files if file.parcel.contract == CONTRACT and file.rows is not None]
    rows = [file.rows.rows for file in read if file.rows is not None]
    if not rows:
        return
    told = pl.concat([frame.select(FACILITY, SECRET) for frame in rows])
    secret = told.filter(pl.col(SECRET)).get_column(FACILITY).drop_nulls().unique()
    for file in read:
        _cut(file, secret)


def _cut(file: DeliveredFile, secret: pl.Series) -> None:
    converted = file.rows
    if converted is None:
        return
    is_open = pl.col(FACILITY).is_null() | ~pl.col(FACILITY).is_in(secret.implode())
    hidden = converted.rows.select((~is_open | pl.col(SECRET).fill_null(False)).alias("h"))["h"]
    if not hidden.any():
        return
    converted.rows = converted.rows.with_columns(
        pl.when(hidden).then(None).otherwise(pl.col(PLACE)).alias(PLACE)
    )
    converted.changes = [
        replace(change, examples=()) if change.column == PLACE else change
        for change in converted.changes
    ]
    places = pl.int_range(len(hidden), eager=True).filter(hidden)
    about = (pl.col("column") == PLACE) & pl.col("place").is_in(places.implode())
    file.faults = file.faults.with_columns(
        pl.when(about).then(pl.lit("")).otherwise(pl.col("found")).alias("found")
    )
