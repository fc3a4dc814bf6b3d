"""How a year's homes are spread over its months, and who may take them.

Belongs here: the nested spread, the cap by calendar month, contingents, groups outside the cap,
supports that can start. Does not belong here: who gets an offer (`housing_list`, `offering`).
"""

import numpy as np

from models.months import MONTHS_PER_YEAR, parse_month, year_of
from models.outflow.keyed import F64, I64
from models.outflow.sampler import Sample, parameter_quantile
from models.outflow.state import Offers
from models.params import Agreement
from models.registry import Resolved

EXTRA_MONTH_ORDER = (12, 6, 9, 3, 10, 4, 7, 1, 11, 5, 8, 2)
"""Months that get one more, in this order: a larger year never gives fewer homes in any month."""

USE = "cap_use_share"
"""Part of the homes of a year's cap that associations really offer; all where a region states none.
"""

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
    """Give the homes of the cap in every month, all used; None where no cap is agreed.

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


def used_offers(
    resolved: Resolved, first: int, months: int, luck: F64, yearly_homes: int | None = None
) -> I64 | None:
    """Give the homes really on offer in every month; None where no cap is agreed.

    A cap is the most that may be offered. Of a year's homes `cap_use_share` are offered, rounded;
    of a year of the ramp as many as its own number says, with the range that it has. In every draw
    a larger cap never gives fewer homes in any month.

    Args:
        resolved: The parameters in force.
        first: First absolute month.
        months: How many months.
        luck: Uniforms of the draws, shape (D,): one for all years, because what holds back homes
            in one year does so in the next.
        yearly_homes: Another number a year than the agreed one, after the same ramp.

    Returns:
        Shape (months, D).
    """
    agreed = capped_offers(resolved, first, months, yearly_homes)
    cap = resolved.region.cap
    if agreed is None or cap is None:
        return None
    share = resolved.parameter(USE)
    ramp = {step.year: parameter_quantile(step.dwellings, luck) for step in cap.ramp}
    used = np.ones_like(luck) if share is None else parameter_quantile(share, luck)
    offers = np.zeros((months, luck.size), dtype=np.int64)
    for ahead in range(months):
        month = first + ahead
        if not _holds(resolved.region.agreement(cap.agreement_id), month):
            continue
        year = year_of(month)
        homes = ramp.get(year, used * (resolved.cap_of_year(year, yearly_homes) or 0))
        base, more = np.divmod(np.floor(homes + 0.5).astype(np.int64), MONTHS_PER_YEAR)
        rank = EXTRA_MONTH_ORDER.index(month % MONTHS_PER_YEAR + 1)
        offers[ahead] = base + (rank < more)
    return offers


def cap_luck(sample: Sample) -> F64:
    """Give the uniforms that say how much of the cap is used; shape (D,)."""
    return sample.uniform(USE)


def _holds(agreement: Agreement, month: int) -> bool:
    ends = agreement.valid_to
    begun = parse_month(agreement.valid_from) <= month
    return begun and (ends is None or month <= parse_month(ends))


def make_offers(
    sample: Sample,
    groups: tuple[str, ...],
    first: int,
    months: int,
    yearly_homes: int | None,
    *,
    capped: bool,
) -> Offers:
    """Give what is on offer in every month of a run.

    Args:
        sample: Parameters of the draws.
        groups: The target groups in order.
        first: First absolute month.
        months: How many months.
        yearly_homes: Another number a year than the agreed one.
        capped: Whether offers are limited at all.
    """
    resolved = sample.resolved
    cap = resolved.region.cap
    luck = cap_luck(sample)
    outside = np.full(len(groups), _NEVER, dtype=np.int64)
    for group, month in resolved.outside_cap.items():
        outside[groups.index(group)] = max(parse_month(month) - first, 0)
    return Offers(
        homes=used_offers(resolved, first, months, luck, yearly_homes) if capped else None,
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
