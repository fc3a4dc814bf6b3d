"""Marts of lists, waits and the promise, under the cap.

Belongs here: these declarations. Does not belong here: how they are filled.
"""

import dataframely as dy

from models.marts import columns


class WaitYearlyRegion(dy.Schema):
    """Waits and the promise per calendar year, under the cap (cohort = clock starts that year)."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    months_covered = columns.months_covered()
    cohort_mean = columns.number("applications whose clock starts in the year, mean", least=0)
    within_share_mean = columns.share("share offered a home within the promise, mean over draws")
    within_share_p10 = columns.share("a tenth of the draws lie below")
    within_share_p90 = columns.share("nine tenths of the draws lie below")
    kept_probability = columns.share("share of draws in which the year's promise is kept")
    empty_share = columns.share("share of draws with an empty cohort (counted as kept)")
    waiting_months_mean = columns.number(
        "months from clock to offer, mean; empty while over 2 % still wait at the end of the run",
        least=0,
        nullable=True,
    )
    offered_mean = columns.number("homes offered in the year under the cap, mean", least=0)
    cap_dwellings = columns.whole(
        "the cap in the covered months; empty where none is agreed", nullable=True
    )
    list_end_mean = columns.number("housing list at the end of the year, mean", least=0)
    list_end_p10 = columns.number("a tenth of the draws lie below", least=0)
    list_end_p50 = columns.number("half of the draws lie below", least=0)
    list_end_p90 = columns.number("nine tenths of the draws lie below", least=0)


class WaitMonthlyList(dy.Schema):
    """Both lists at the end of each month, under the cap."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    month = dy.String(
        primary_key=True, regex=columns.MONTH, metadata=columns.about("calendar month")
    )
    measure = dy.Enum(
        ["housing_list", "intake_list"], primary_key=True, metadata=columns.about("which list")
    )
    is_observed = columns.flag("read from the deliveries rather than computed")
    unit = columns.unit()
    mean = columns.number("mean over the draws", least=0)
    p10 = columns.number("a tenth of the draws lie below", least=0)
    p50 = columns.number("half of the draws lie below", least=0)
    p90 = columns.number("nine tenths of the draws lie below", least=0)


class PromiseRegion(dy.Schema):
    """Cap against promise in one row; what a region never agreed is empty."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    cap_dwellings = columns.whole("the agreed ceiling a year after the ramp", nullable=True)
    promise_months = columns.whole("the agreed months to an offer", nullable=True)
    share_norm = columns.share("share of a cohort that must be offered in time", nullable=True)
    certainty = columns.share("share of draws in which it must be kept", nullable=True)
    clock_start = columns.text(
        "when the clock starts: ready, application or approval", nullable=True
    )
    clock_confirmed = dy.Bool(
        nullable=True, metadata=columns.about("whether the region confirmed when the clock starts")
    )
    share_norm_confirmed = dy.Bool(
        nullable=True, metadata=columns.about("whether the region confirmed the share norm")
    )
    first_year_broken = dy.Int32(
        nullable=True,
        metadata=columns.about("first full year in which the promise is more likely broken"),
    )
    joint_probability = columns.share(
        "probability that the promise is kept in every full year together", nullable=True
    )
    smallest_quota = columns.whole(
        "smallest number of homes a year that keeps it with the certainty in every counted year",
        nullable=True,
    )
    smallest_quota_exact = dy.Bool(
        nullable=True, metadata=columns.about("whether one home less was shown not to be enough")
    )
    smallest_quota_probability = columns.share(
        "with that number, in the worst counted year, share of draws that keep it", nullable=True
    )
    probability_below = columns.share("the same with one home a year less", nullable=True)
    joint_probability_at_smallest = columns.share(
        "with that number, probability of keeping it in all counted years together", nullable=True
    )
    counted_from_year = dy.Int32(
        nullable=True, metadata=columns.about("first full year that counts: the backlog is gone")
    )
    smallest_quota_error = columns.number(
        "Monte Carlo error of that number (homes a year, one standard error)",
        least=0,
        nullable=True,
    )
    backlog_persons = columns.whole("applications on the list at the start", nullable=True)
    cap_use = columns.share(
        "part of the ceiling that associations are believed to offer; empty: all of it",
        nullable=True,
    )
    cap_use_low = columns.share("the same, low end of the 80 % interval", nullable=True)
    cap_use_high = columns.share("the same, high end of the 80 % interval", nullable=True)
    backlog_within_share = columns.share(
        "share of the backlog offered within the promise", nullable=True
    )


class PromiseQuotaSearch(dy.Schema):
    """Numbers of homes a year that were tried in full, around the smallest that is enough."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    yearly_homes = dy.Int64(
        primary_key=True, min=0, metadata=columns.about("homes a year after the ramp")
    )
    lowest_probability = columns.share("share of draws that keep the promise, worst counted year")
    joint_probability = columns.share("share of draws that keep it in all counted years together")
    is_smallest = columns.flag("whether this is the smallest number that is enough")


class WaitYearlyClass(dy.Schema):
    """The promise by priority class, where the region has classes."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    months_covered = columns.months_covered()
    priority_class = columns.text_key("id of the class")
    label = columns.text("the region's words for it")
    position = dy.Int32(min=1, metadata=columns.about("order in which classes are served"))
    cohort_mean = columns.number("applications whose clock starts in the year, mean", least=0)
    within_share_mean = columns.share("share offered a home within the promise, mean over draws")
