"""Explanations of regions that the real model split, for tests of what the reports say of them.

Belongs here: from a question of sharing to the frames of a release. Does not belong here: fixed
expectations, other tables.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from models.distribution import DistributionKey
from models.quota.explain import explain_split
from models.quota.region import RegionSharing
from models.tables import shape_table
from reports.explained import Explanations
from reports.labels import Labels

REGION = "proeftuin"


def explained_region(
    keys: Sequence[DistributionKey],
    figures: Mapping[str, Mapping[str, float]],
    caps: Mapping[int, int | None],
    expected: Mapping[int, float],
    words: Labels,
) -> Explanations:
    """Split a region and read its explanation as a release stores it.

    Args:
        keys: Its keys.
        figures: Values by factor and code of the municipality.
        caps: Cap per year.
        expected: Approved applications per year.
        words: Labels.
    """
    codes = sorted({code for values in figures.values() for code in values})
    frame = pl.DataFrame(
        {
            "municipality_code": codes,
            **{name: [values[code] for code in codes] for name, values in figures.items()},
        }
    )
    first_year = None if all(cap is None for cap in caps.values()) else min(caps)
    sharing = RegionSharing(keys, {key.id: frame for key in keys}, caps, expected, first_year)
    split = sharing.split()
    names = {code: f"Gemeente {code[-2:]}" for code in codes}
    key_rows, share_rows = [], []
    for key in keys:
        shares = sharing.shares_of(key.id)
        key_rows.append(
            shares.frame().with_columns(key_id=pl.lit(key.id), weight_confirmed=pl.lit(False))
        )
        for at, code in enumerate(shares.municipality_codes):
            share_rows.append(
                {
                    "key_id": key.id,
                    "key_label": key.label,
                    "position": 1,
                    "is_in_force": True,
                    "first_year": key.first_year,
                    "why": None,
                    "municipality_code": code,
                    "base_share": float(shares.base_shares[at]),
                    "indicator": None if key.correction is None else key.correction.indicator,
                    "pressure": None if shares.pressures is None else float(shares.pressures[at]),
                    "reference": None if shares.reference is None else float(shares.reference),
                    "correction": float(shares.corrections[at]),
                    "correction_confirmed": key.correction is None,
                    "key_share": float(shares.shares[at]),
                    "year_total": 0,
                    "year_homes": 0,
                    "ten_year_total": 0,
                    "ten_year_homes": 0,
                }
            )
    nullable = {"why": pl.String, "indicator": pl.String, "pressure": pl.Float64}
    share_frame = pl.DataFrame(
        share_rows, infer_schema_length=None, schema_overrides={**nullable, "reference": pl.Float64}
    )
    explanation = explain_split(sharing, split).with_columns(
        pl.col("next_home_to").replace_strict(names, return_dtype=pl.String)
    )

    def stored(name: str, made: pl.DataFrame) -> pl.DataFrame:
        municipality = pl.col("municipality_code").replace_strict(names, return_dtype=pl.String)
        return shape_table(
            name, made.with_columns(region_id=pl.lit(REGION), municipality_name=municipality)
        )

    return Explanations(
        stored("mart_quota__explanation", explanation),
        stored("mart_quota__key", pl.concat(key_rows)),
        stored("mart_quota__key_share", share_frame),
        stored("mart_quota__home", split.homes),
        words,
    )
