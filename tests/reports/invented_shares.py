"""The invented region's list of homes, the shares of its key and the explanation of its quotas.

Belongs here: frames that follow from the invented quotas, so that all tables tell one story. Does
not belong here: the quotas themselves (`invented_release.py`), the model that would split them.
"""

from collections.abc import Mapping

import polars as pl

KEY = "sleutel"
_EXTRA = 0.0004


def share_frames(
    region: str, names: Mapping[str, tuple[str, float]], quotas: pl.DataFrame, cap: int
) -> dict[str, pl.DataFrame]:
    """Make the frames from the invented quotas of the default scenario."""
    homes = _homes(quotas, names)
    return {
        "mart_quota__key_share": _key_shares(region, names),
        "mart_quota__home": homes.with_columns(region_id=pl.lit(region)),
        "mart_quota__explanation": _explanation(quotas, homes, cap),
    }


def _key_shares(region: str, names: Mapping[str, tuple[str, float]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "region_id": region,
                "key_id": KEY,
                "key_label": "Huishoudens en corporatiewoningen",
                "position": 1,
                "is_in_force": True,
                "first_year": 2022,
                "why": None,
                "municipality_code": code,
                "municipality_name": name,
                "base_share": share,
                "indicator": None,
                "pressure": None,
                "reference": None,
                "correction": 1.0,
                "correction_confirmed": True,
                "key_share": share,
                "year_total": 178,
                "year_homes": round(178 * share),
                "ten_year_total": 1780,
                "ten_year_homes": round(1780 * share),
            }
            for code, (name, share) in names.items()
        ],
        schema_overrides={
            "first_year": pl.Int32,
            "why": pl.String,
            "indicator": pl.String,
            "pressure": pl.Float64,
            "reference": pl.Float64,
        },
    )


def _homes(quotas: pl.DataFrame, names: Mapping[str, tuple[str, float]]) -> pl.DataFrame:
    """Put every year's homes in one order: each municipality's spread evenly over the year."""
    rows = []
    for (year,), part in quotas.group_by("year", maintain_order=True):
        turns = sorted(
            ((at + 0.5) / row["quota"], row["municipality_code"])
            for row in part.to_dicts()
            for at in range(row["quota"])
        )
        first = turns[0][1] if turns else next(iter(names))
        order = [code for _, code in turns] + [first]
        rows += [
            {
                "year": year,
                "home": home,
                "municipality_code": code,
                "municipality_name": names[code][0],
                "is_next": home == len(order),
            }
            for home, code in enumerate(order, start=1)
        ]
    return pl.DataFrame(rows)


def _explanation(quotas: pl.DataFrame, homes: pl.DataFrame, cap: int) -> pl.DataFrame:
    given = homes.filter(~pl.col("is_next")).group_by("year", "municipality_code").agg("home")
    places = {(year, code): sorted(numbers) for year, code, numbers in given.iter_rows()}
    after = {row["year"]: row for row in homes.filter(pl.col("is_next")).to_dicts()}
    totals = dict(quotas.group_by("year").agg(pl.col("quota").sum()).iter_rows())
    rows = []
    for row in quotas.to_dicts():
        year, code = row["year"], row["municipality_code"]
        rows.append(
            {
                "region_id": row["region_id"],
                "year": year,
                "municipality_code": code,
                "municipality_name": row["municipality_name"],
                "key_id": KEY,
                "base_share": row["key_share"],
                "correction": 1.0,
                "key_share": row["key_share"],
                "cap": cap,
                "total": totals[year],
                "exact": row["exact"],
                "minimum": None,
                "maximum": None,
                "opted_out": None,
                "carried": row["carried"],
                "claim": row["exact"] + row["carried"],
                "quota": row["quota"],
                "carried_on": row["exact"] + row["carried"] - row["quota"],
                "at_most": row["at_most"],
                "homes": ", ".join(map(str, places.get((year, code), []))),
                "gets_next_home": after[year]["municipality_code"] == code,
                "next_home_to": after[year]["municipality_name"],
                "extra_exact": _EXTRA,
                "extra_homes": 0,
                "households_for_a_home": 241,
                "method": row["method"],
            }
        )
    return pl.DataFrame(
        rows,
        infer_schema_length=None,
        schema_overrides={
            "minimum": pl.Int64,
            "maximum": pl.Int64,
            "opted_out": pl.String,
            "at_most": pl.Int64,
        },
    )
