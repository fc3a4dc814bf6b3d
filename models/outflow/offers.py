"""How a year's homes are spread over its months, and who may take them.

Belongs here: the nested spread, the cap by calendar month, contingents, groups outside the cap,
supports that can start. Does not belong here: who gets an offer (`housing_list`, `offering`).
"""

import numpy as np

from models.months import MONTHS_PER_YEAR, parse_month, year_of
from models.outflow.keyed import I64
from models.outflow.state import Offers
from models.params import Agreement
from models.registry import Resolved

EXTRA_MONTH_ORDER = (12, 6, 9, 3, 10, 4, 7, 1, 11, 5, 8, 2)
"""Months that get one more, in this order: a larger year never gives fewer homes in any month."""

_NEVER = 1_000_000


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

    An agreement counts from the month in which it starts to the month in which it ends; the months
    of such a year before and after have none.

    Args:
        resolved: The parameters in force (cap, ramp).
        first: First absolute month.
        months: How many months.
        yearly_homes: Another number a year than the agreed one, after the same ramp.

    Returns:
        Shape (months,).
    """
    if resolved.cap_value is None or resolved.region.cap is None:
        return None
    agreement = resolved.region.agreement(resolved.region.cap.agreement_id)
    offers = np.zeros(months, dtype=np.int64)
    for ahead in range(months):
        month = first + ahead
        if _holds(agreement, month):
            cap = resolved.cap_of_year(year_of(month), yearly_homes)
            offers[ahead] = spread_year(cap or 0)[month % MONTHS_PER_YEAR]
    return offers


def _holds(agreement: Agreement, month: int) -> bool:
    ends = agreement.valid_to
    begun = parse_month(agreement.valid_from) <= month
    return begun and (ends is None or month <= parse_month(ends))


def make_offers(
    resolved: Resolved,
    groups: tuple[str, ...],
    first: int,
    months: int,
    yearly_homes: int | None,
    *,
    capped: bool,
) -> Offers:
    """Give what is on offer in every month of a run.

    Args:
        resolved: The parameters in force.
        groups: The target groups in order.
        first: First absolute month.
        months: How many months.
        yearly_homes: Another number a year than the agreed one.
        capped: Whether offers are limited at all.
    """
    cap = resolved.region.cap
    outside = np.full(len(groups), _NEVER, dtype=np.int64)
    for group, month in resolved.outside_cap.items():
        outside[groups.index(group)] = max(parse_month(month) - first, 0)
    return Offers(
        homes=capped_offers(resolved, first, months, yearly_homes) if capped else None,
        contingents=_contingents(resolved, groups, first, months) if capped else (),
        outside_from=outside,
        support_starts=_support_starts(resolved, first, months) if capped else None,
        carries_unused=cap is not None and cap.unused_offers == "carried_to_year_end",
        refusal_counts=cap is not None and cap.refusal_counts,
    )


def _contingents(
    resolved: Resolved, groups: tuple[str, ...], first: int, months: int
) -> tuple[tuple[I64, np.ndarray], ...]:
    found = []
    for item in resolved.region.contingents:
        agreement = resolved.region.agreement(item.agreement_id)
        yearly = spread_year(round(agreement.value or 0))
        homes = np.array(
            [
                yearly[(first + ahead) % MONTHS_PER_YEAR] * _holds(agreement, first + ahead)
                for ahead in range(months)
            ],
            dtype=np.int64,
        )
        found.append((homes, np.isin(np.array(groups), item.target_groups)))
    return tuple(found)


def _support_starts(resolved: Resolved, first: int, months: int) -> I64 | None:
    starts = resolved.parameter("support_starts_yearly")
    if starts is None:
        return None
    yearly = spread_year(round(starts.value))
    return np.array([yearly[(first + ahead) % MONTHS_PER_YEAR] for ahead in range(months)])
