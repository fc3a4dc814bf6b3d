"""From parameters and the region's start to everything that a chunk of draws runs in.

Belongs here: intensities, places and homes per draw and month. Does not belong here: chances and
shares (`rates`), the stocks at the start (`start`), what happens in a month (`steps`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from models.errors import UitstroomError
from models.forecast import EXTRA_MONTHS, InflowForecast
from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR
from models.outflow.housing_list import stream_ranks
from models.outflow.inputs import LETTING_MONTHS, WAITING_MONTHS, OutflowInputs
from models.outflow.keyed import F64, I64, Event, Keys, draw_words
from models.outflow.offers import make_offers
from models.outflow.places import STATUSES, places_ahead
from models.outflow.projects import Project, limit_months
from models.outflow.rates import make_dated, make_rates
from models.outflow.sampler import Sample
from models.outflow.state import PROJECT_KINDS, Setting
from models.registry import Resolved

FOLLOWED_MONTHS = 40
"""Months from the start of a promise's clock to the approval that are told apart."""
_YOUTH = "youth"
_AGE_WITHOUT_YOUTH = 21.0
"""Age (years) at entry of a facility with an age limit in a region without youth care."""


@dataclass(frozen=True)
class Switches:
    """Which drivers of demand are on. All on is the region as it is.

    Attributes:
        backlog: The housing list at the start is there.
        inflow: Inflow follows the forecast rather than the last twelve months' mean.
        longer_stays: The share of complex residents among new ones follows its path.
        closing: Places close and open as planned.
        in_between: Projects open as planned.
        relapse: Relapse follows the lettings of the run rather than today's number.
        capped: Offers are limited by the cap.
    """

    backlog: bool = True
    inflow: bool = True
    longer_stays: bool = True
    closing: bool = True
    in_between: bool = True
    relapse: bool = True
    capped: bool = False


@dataclass(frozen=True)
class Chunk:
    """A span of absolute draws with their sampled parameters.

    Attributes:
        seed: Seed of the run.
        first_draw: First absolute draw.
        sample: Parameters of these draws.
    """

    seed: int
    first_draw: int
    sample: Sample

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.sample.points.shape[0])


def make_setting(
    inputs: OutflowInputs,
    inflow: InflowForecast,
    chunk: Chunk,
    switches: Switches,
    *,
    yearly_homes: int | None = None,
) -> Setting:
    """Prepare everything that a chunk of draws runs in.

    Args:
        inputs: The region at the end of the as-of month.
        inflow: Forecast of referrals.
        chunk: The draws.
        switches: Which drivers are on.
        yearly_homes: Another cap after the ramp than the agreed one.
    """
    sample, groups = chunk.sample, inputs.groups
    resolved, first = sample.resolved, inputs.as_of + 1
    keys = Keys(draw_words(chunk.seed, chunk.first_draw, chunk.draws), resolved.region.id, groups)
    pair_group, pair_of = _pairs(resolved, groups)
    phases = round(resolved.constant("stay_phases"))
    promise = _promise_months(resolved)
    months = HORIZON_MONTHS + (promise if switches.capped else 0)
    window, minimum = _after_the_move(resolved)
    rules = [resolved.target_groups[group] for group in groups]
    clock = _clock(resolved) if switches.capped else "approval"
    kinds = _kinds(inputs, on=switches.in_between)
    rates = make_rates(sample, groups, pair_group, pair_of, phases, kinds)
    places, moving_out = _places(inputs, resolved, sample, months, on=switches.closing)
    projects = _Projects(inputs, sample, months, on=switches.in_between)
    return Setting(
        first=first,
        months=months,
        groups=groups,
        blocks=inputs.blocks,
        has_limit=np.array([rule.path == "places" for rule in rules]),
        divert_after=divert_after(resolved, groups),
        applies_at_once=np.array([rule.path == "applications" for rule in rules]),
        pair_group=pair_group,
        pair_of=pair_of,
        phases=phases,
        dated=make_dated(sample, groups, pair_of, phases),
        rates=rates,
        intensity=_intensity(inputs, inflow, chunk, keys, months, on=switches.inflow),
        steady_returns=None if switches.relapse else _steady_returns(inputs, sample),
        complex_share=_complex_share(sample, groups, months, on=switches.longer_stays),
        places=places,
        moving_out=moving_out,
        offers=make_offers(sample, groups, first, months, yearly_homes, capped=switches.capped),
        clock=clock,
        ages=1 if clock == "approval" else max(promise + 2, FOLLOWED_MONTHS),
        has_projects=bool(inputs.projects),
        project_places=projects.places,
        project_stay_months=projects.stay_months,
        project_limit_months=projects.limit_months,
        relapse_window=window,
        support_minimum=minimum,
        promise_months=promise,
        turns=np.argsort(stream_ranks(groups, np.arange(first, first + months)), axis=1),
        keys=keys,
    )


def _clock(resolved: Resolved) -> str:
    promise = resolved.region.promise
    return "approval" if promise is None else promise.clock_start


def _promise_months(resolved: Resolved) -> int:
    months = resolved.promise_months or 0
    if months > EXTRA_MONTHS:
        raise UitstroomError(
            "a promise of so many months cannot be followed to its end",
            where="region.toml, promise",
            found=f"{months} months",
            expected=f"at most {EXTRA_MONTHS} months",
        )
    return months


def _after_the_move(resolved: Resolved) -> tuple[int, int]:
    window = round(resolved.constant("relapse_window_months"))
    minimum = round(resolved.constant("support_minimum_months"))
    if not 1 <= window <= minimum:
        raise UitstroomError(
            "relapse is followed longer than support lasts at least",
            where="parameters relapse_window_months and support_minimum_months",
            found=f"{window} and {minimum} months",
            expected="a window of at most the minimum",
            todo="Shorten the window or lengthen the minimum.",
        )
    return window, minimum


def divert_after(resolved: Resolved, groups: tuple[str, ...]) -> I64:
    """Give the whole months on the intake list after which a home is decided about, per group."""
    stated = [resolved.constant("divert_after_months", group) for group in groups]
    for group, months in zip(groups, stated, strict=True):
        if months != round(months) or not 0 <= months <= WAITING_MONTHS:
            raise UitstroomError(
                "the months after which a home is decided about cannot be followed",
                where=f"parameter divert_after_months, target group {group!r}",
                found=f"{months:g} months",
                expected=f"a whole number from 0 to {WAITING_MONTHS}",
            )
    return np.array(stated, dtype=np.int64)


def _pairs(resolved: Resolved, groups: tuple[str, ...]) -> tuple[I64, I64]:
    """Lay out the stay pairs: every group has a single class, some a complex one as well."""
    pair_group: list[int] = []
    pair_of = np.zeros((len(groups), 2), dtype=np.int64)
    for position, group in enumerate(groups):
        pair_of[position] = len(pair_group)
        pair_group.append(position)
        if has_complex(resolved, group):
            pair_of[position, 1] = len(pair_group)
            pair_group.append(position)
    return np.array(pair_group, dtype=np.int64), pair_of


def has_complex(resolved: Resolved, group: str) -> bool:
    """Say whether a group has complex stays with a length of their own."""
    return group in resolved.values["stay_years_complex"]


def _kinds(inputs: OutflowInputs, *, on: bool) -> tuple[bool, ...]:
    """Say of which kinds of projects the region has one; without the planned ones where off."""
    there = {item.kind for item in inputs.projects if item.is_open or on}
    return tuple(kind in there for kind in range(len(PROJECT_KINDS)))


def _intensity(
    inputs: OutflowInputs,
    inflow: InflowForecast,
    chunk: Chunk,
    keys: Keys,
    months: int,
    *,
    on: bool,
) -> F64:
    groups = inputs.groups
    factor = chunk.sample.by_group("inflow_factor", groups)
    if not on:
        base = np.array([inflow.series[group].base_rate for group in groups])
        return np.broadcast_to(base[:, None] * factor, (months, *factor.shape)).copy()
    drift = chunk.sample.by_group("inflow_drift_share", groups)
    first = inputs.as_of + 1
    shocks = np.stack(
        [ndtri(keys.uniforms(Event.INTENSITY, first + ahead)) for ahead in range(months)]
    )
    paths = [
        inflow.series[group].paths(
            ndtri(chunk.sample.uniform("inflow_level", group)), shocks[:, at], drift[at]
        )
        for at, group in enumerate(groups)
    ]
    return np.stack(paths, axis=1) * factor


def _steady_returns(inputs: OutflowInputs, sample: Sample) -> F64:
    """Give returns a month as today: of the lettings of the last two years, whatever comes."""
    share = sample.by_group("relapse_share", inputs.groups)
    back = share * (1.0 - sample.by_group("time_out_share", inputs.groups))
    returns: F64 = back * inputs.lettings.sum(axis=0)[:, None] / LETTING_MONTHS
    return returns


def _complex_share(sample: Sample, groups: tuple[str, ...], months: int, *, on: bool) -> F64:
    """Share complex among the admitted: from now to later along a straight path."""
    resolved = sample.resolved
    span = MONTHS_PER_YEAR * resolved.constant("complex_share_path_years")
    way = np.minimum(np.arange(1, months + 1) / span, 1.0) if on else np.zeros(months)
    out = np.zeros((months, len(groups), sample.points.shape[0]))
    for at, group in enumerate(groups):
        if has_complex(resolved, group):
            now = sample.values("complex_share_now", group)
            later = sample.values("complex_share_future", group)
            out[:, at] = now + way[:, None] * (later - now)
    return out


def _places(
    inputs: OutflowInputs, resolved: Resolved, sample: Sample, months: int, *, on: bool
) -> tuple[I64, I64]:
    delay = np.stack([sample.values(f"plan_delay_months_{status}") for status in STATUSES.values()])
    ahead, moving = places_ahead(
        inputs.places, inputs.plan, resolved, sample.values("closing_share"), delay, kept=not on
    )
    more = months - HORIZON_MONTHS
    if not more:
        return ahead, moving
    last = np.broadcast_to(ahead[-1:], (more, *ahead.shape[1:]))
    none = np.zeros((more, *moving.shape[1:]), dtype=np.int64)
    return np.concatenate([ahead, last]), np.concatenate([moving, none])


class _Projects:
    """Places in projects per month and draw, and the law of a stay in each kind."""

    def __init__(self, inputs: OutflowInputs, sample: Sample, months: int, *, on: bool) -> None:
        draws, kinds = sample.points.shape[0], len(PROJECT_KINDS)
        self.places = np.zeros((months if inputs.projects else 0, kinds, draws), dtype=np.int64)
        self.stay_months = np.ones(kinds)
        self.limit_months = np.full(kinds, 10_000, dtype=np.int64)
        entry = _entry_age(sample.resolved)
        ahead = np.arange(months)[:, None]
        later = np.floor(sample.values("plan_delay_months_decided") + 0.5)
        for project in inputs.projects:
            if not project.is_open and not on:
                continue
            opens = project.opens - inputs.as_of - 1 + (later if project.is_decided else 0.0)
            open_by = (ahead >= opens) | project.is_open
            self.places[:, project.kind] += project.places * open_by
        for kind in range(kinds):
            mine = [item for item in inputs.projects if item.kind == kind and item.places]
            if mine:
                self.stay_months[kind] = _weighted([item.stay_months for item in mine], mine)
                limits = [float(limit_months(item.age_limit_years, entry)) for item in mine]
                self.limit_months[kind] = round(_weighted(limits, mine))


def _weighted(values: list[float], projects: list[Project]) -> float:
    return float(np.average(values, weights=[item.places for item in projects]))


def _entry_age(resolved: Resolved) -> float:
    """Give the age at which people come into an in-between facility: after a stay in youth care."""
    if _YOUTH not in resolved.region.target_groups:
        return _AGE_WITHOUT_YOUTH
    stay = resolved.middle("stay_years_single", _YOUTH)
    return resolved.middle("entry_age_years", _YOUTH) + stay
