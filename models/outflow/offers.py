"""How a year's homes are spread over its months.

Belongs here: the nested spread and the cap by calendar month. Does not belong here: who gets an
offer (`housing_list`).
"""

import numpy as np

from models.months import MONTHS_PER_YEAR, year_of
from models.outflow.keyed import I64
from models.registry import Resolved

EXTRA_MONTH_ORDER = (12, 6, 9, 3, 10, 4, 7, 1, 11, 5, 8, 2)
"""Months that get one more, in this order: a larger year never gives fewer homes in any month."""


def spread_year(total: int) -> tuple[int, ...]:
    """Spread a year's total over its months, nested.

    Every month gets floor(total / 12); what remains goes one by one to the first months of
    `EXTRA_MONTH_ORDER`.

    Args:
        total: Homes in the year, at least 0.

    Returns:
        Twelve whole numbers, January first, that add up to the total.
    """
    base, more = divmod(total, MONTHS_PER_YEAR)
    extra = set(EXTRA_MONTH_ORDER[:more])
    return tuple(base + (month in extra) for month in range(1, MONTHS_PER_YEAR + 1))


def capped_offers(
    resolved: Resolved, first: int, months: int, yearly_homes: int | None = None
) -> I64 | None:
    """Give the homes on offer in every month; None where no cap is agreed.

    Args:
        resolved: The parameters in force (cap, ramp).
        first: First absolute month.
        months: How many months.
        yearly_homes: Another number a year than the agreed one, after the same ramp.

    Returns:
        Shape (months,).
    """
    if resolved.cap_value is None:
        return None
    offers = np.zeros(months, dtype=np.int64)
    for ahead in range(months):
        cap = resolved.cap_of_year(year_of(first + ahead), yearly_homes)
        offers[ahead] = spread_year(cap or 0)[(first + ahead) % MONTHS_PER_YEAR]
    return offers
