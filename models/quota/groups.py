"""A year's homes by municipality and target group, with both totals kept.

Belongs here: which totals and weights go into the two-way split. Does not belong here: the split
itself (`two_way`), quotas (`split`), how many people of a group are expected (`models.outflow`).
"""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import polars as pl

from models.quota.apportion import apportion
from models.quota.two_way import biproportional

GROUP_COLUMNS = {
    "municipality_code": pl.String,
    "target_group": pl.String,
    "group_total": pl.Int64,
    "exact": pl.Float64,
    "dwellings": pl.Int64,
}
"""Columns of `split_over_groups`."""


def split_over_groups(quotas: Mapping[str, int], expected: Mapping[str, float]) -> pl.DataFrame:
    """Split a year's quotas over target groups.

    The year's homes go to the groups by Sainte-Lague on the applications expected, and over the
    table by the two-way divisor method with standard rounding, so that every municipality keeps its
    quota and every group its total.

    Args:
        quotas: Whole homes of the year by municipality.
        expected: Approved applications expected in the year by target group.

    Returns:
        One row a municipality and group (`GROUP_COLUMNS`); none where there is nothing to split.
    """
    total = sum(quotas.values())
    wanted = {group: Fraction(str(number)) for group, number in expected.items() if number > 0}
    if not total or not wanted:
        return pl.DataFrame(schema=GROUP_COLUMNS)
    everybody = sum(wanted.values())
    totals = apportion(wanted, total, "sainte-lague")
    codes, groups = list(quotas), list(wanted)
    exact = [
        [homes * number / everybody for number in wanted.values()] for homes in quotas.values()
    ]
    split = np.asarray(
        biproportional(
            exact,
            row_totals=list(quotas.values()),
            column_totals=[totals[group] for group in groups],
            row_names=codes,
            column_names=groups,
        )
    )
    return pl.DataFrame(
        [
            {
                "municipality_code": code,
                "target_group": group,
                "group_total": totals[group],
                "exact": float(exact[row][column]),
                "dwellings": int(split[row, column]),
            }
            for row, code in enumerate(codes)
            for column, group in enumerate(groups)
        ],
        schema=GROUP_COLUMNS,
    )
