"""From inputs and sampled parameters to the setting and the first state of a chunk of draws.

Belongs here: rates from parameters, intensity paths, the phases of today's residents, what past
lettings still mean for support and relapse. Does not belong here: the months (`steps`).
"""

from collections import defaultdict
from dataclasses import dataclass
from math import comb

import numpy as np
from scipy.special import ndtri

from models.errors import UitstroomError
from models.forecast import EXTRA_MONTHS, InflowForecast
from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR
from models.outflow.inputs import LETTING_MONTHS, OutflowInputs, places_ahead
from models.outflow.keyed import F64, I64, Event, Keys, binomial_quantile, draw_words
from models.outflow.offers import capped_offers
from models.outflow.sampler import Sample
from models.outflow.state import Rates, Setting, State
from models.outflow.steps import PHASE_STRIDE
from models.registry import Resolved


@dataclass(frozen=True)
class Switches:
    """Which drivers of demand are on. All on is the region as it is.

    Attributes:
        backlog: The housing list at the start is there.
        inflow: Inflow follows the forecast rather than the last twelve months' mean.
        longer_stays: The share of complex residents among new ones follows its path.
        closing: Places close and open as planned.
        capped: Offers are limited by the cap.
    """

    backlog: bool = True
    inflow: bool = True
    longer_stays: bool = True
    closing: bool = True
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
    sample = chunk.sample
    resolved = sample.resolved
    groups = inputs.groups
    keys = Keys(draw_words(chunk.seed, chunk.first_draw, chunk.draws), resolved.region.id, groups)
    pair_group, pair_of = _pairs(resolved, groups)
    phases = round(resolved.constant("stay_phases"))
    promise = _promise_months(resolved)
    months = HORIZON_MONTHS + (promise if switches.capped else 0)
    window, minimum = _after_the_move(resolved)
    cap = resolved.region.cap
    return Setting(
        first=inputs.as_of + 1,
        months=months,
        groups=groups,
        blocks=inputs.blocks,
        pair_group=pair_group,
        pair_of=pair_of,
        phases=phases,
        rates=_rates(sample, groups, pair_group, pair_of, phases),
        intensity=_intensity(inputs, inflow, chunk, keys, months, on=switches.inflow),
        complex_share=_complex_share(sample, groups, months, on=switches.longer_stays),
        places=_places(inputs, resolved, sample, months, on=switches.closing),
        homes=capped_offers(resolved, inputs.as_of + 1, months, yearly_homes)
        if switches.capped
        else None,
        carries_unused=cap is not None and cap.unused_offers == "carried_to_year_end",
        relapse_window=window,
        support_minimum=minimum,
        promise_months=promise,
        keys=keys,
    )


def _promise_months(resolved: Resolved) -> int:
    promise = resolved.region.promise
    if promise is None:
        return 0
    value = resolved.region.agreement(promise.agreement_id).value
    months = 0 if value is None else round(value)
    if months > EXTRA_MONTHS:
        raise UitstroomError(
            "a promise of so many months cannot be followed to its end",
            where=f"region.toml, agreement {promise.agreement_id}",
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


def _pairs(resolved: Resolved, groups: tuple[str, ...]) -> tuple[I64, I64]:
    """Lay out the stay pairs: every group has a single class, some a complex one as well."""
    pair_group: list[int] = []
    pair_of = np.zeros((len(groups), 2), dtype=np.int64)
    for position, group in enumerate(groups):
        pair_of[position] = len(pair_group)
        pair_group.append(position)
        if _has_complex(resolved, group):
            pair_of[position, 1] = len(pair_group)
            pair_group.append(position)
    return np.array(pair_group, dtype=np.int64), pair_of


def _has_complex(resolved: Resolved, group: str) -> bool:
    return group in resolved.values["stay_years_complex"]


def _rates(
    sample: Sample, groups: tuple[str, ...], pair_group: I64, pair_of: I64, phases: int
) -> Rates:
    years = np.stack(
        [
            sample.values(
                "stay_years_single" if pair == pair_of[group, 0] else "stay_years_complex",
                groups[group],
            )
            for pair, group in enumerate(pair_group)
        ]
    )
    return Rates(
        stay_end=np.minimum(phases / np.maximum(MONTHS_PER_YEAR * years, phases), 1.0),
        own_home=sample.by_group("own_home_share", groups),
        divert_door=sample.by_group("divert_door_share", groups),
        divert_unplaced=sample.by_group("divert_unplaced_share", groups),
        leave_intake=sample.by_group("intake_leave_share", groups),
        decided=1.0 / np.maximum(sample.by_group("assessment_months", groups), 1.0),
        positive=sample.by_group("assessment_positive_share", groups),
        homes=sample.by_group("homes_per_person", groups),
        leave_list=sample.by_group("housing_list_leave_share", groups),
        relapse=sample.by_group("relapse_share", groups),
        support_end=1.0 / np.maximum(sample.by_group("support_extension_months", groups), 1.0),
    )


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
    if not on:
        base = np.array([inflow.series[group].base_rate for group in groups])
        shape = (months, len(groups), chunk.draws)
        return np.broadcast_to(base[:, None], shape).copy()
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
    return np.stack(paths, axis=1)


def _complex_share(sample: Sample, groups: tuple[str, ...], months: int, *, on: bool) -> F64:
    """Share complex among the admitted: from now to later along a straight path."""
    resolved = sample.resolved
    span = MONTHS_PER_YEAR * resolved.constant("complex_share_path_years")
    way = np.minimum(np.arange(1, months + 1) / span, 1.0) if on else np.zeros(months)
    out = np.zeros((months, len(groups), sample.points.shape[0]))
    for at, group in enumerate(groups):
        if _has_complex(resolved, group):
            now = sample.values("complex_share_now", group)
            later = sample.values("complex_share_future", group)
            out[:, at] = now + way[:, None] * (later - now)
    return out


def _places(
    inputs: OutflowInputs, resolved: Resolved, sample: Sample, months: int, *, on: bool
) -> I64:
    ahead = places_ahead(inputs, resolved, sample.values("closing_share"), kept=not on)
    more = np.broadcast_to(ahead[-1:], (months - HORIZON_MONTHS, *ahead.shape[1:]))
    return np.concatenate([ahead, more])


def make_state(
    inputs: OutflowInputs, setting: Setting, sample: Sample, switches: Switches
) -> State:
    """Prepare the stocks at the end of the as-of month for a chunk of draws."""
    draws = sample.points.shape[0]
    groups = len(inputs.groups)

    def spread(counts: I64) -> I64:
        return np.broadcast_to(counts[..., None], (*counts.shape, draws)).astype(np.int64)

    backlog = np.zeros((2, groups), dtype=np.int64)
    np.add.at(
        backlog,
        (inputs.backlog.blocking, inputs.backlog.group),
        inputs.backlog.applications * int(switches.backlog),
    )
    minimum = setting.support_minimum
    state = State(
        intake=spread(inputs.waiting),
        returning=np.zeros((groups, draws), dtype=np.int64),
        stay=_start_stays(inputs, setting, sample),
        assessing=spread(inputs.assessing),
        queued=spread(backlog),
        moving=spread(inputs.moving * int(switches.backlog)),
        supported=np.zeros((groups, draws), dtype=np.int64),
        graduates=np.zeros((minimum, groups, draws), dtype=np.int64),
        extended=np.zeros((groups, draws), dtype=np.int64),
        relapse_due=np.zeros((setting.relapse_window + 1, groups, draws), dtype=np.int64),
        unused=np.zeros(draws, dtype=np.int64),
        approved_now=np.zeros((2, groups, draws), dtype=np.int64),
    )
    _start_tenancies(inputs, setting, state)
    return state


def _start_stays(inputs: OutflowInputs, setting: Setting, sample: Sample) -> I64:
    """Give today's residents a class where unknown, and a phase by how long they stay already."""
    draws = sample.points.shape[0]
    pairs = setting.pair_group.size
    out = np.zeros((pairs, setting.phases, draws), dtype=np.int64)
    rows = inputs.residents
    people: defaultdict[tuple[int, int], I64] = defaultdict(lambda: np.zeros(draws, dtype=np.int64))
    for group, complexity, months, persons in zip(
        rows.group.tolist(),
        rows.complexity.tolist(),
        rows.months.tolist(),
        rows.persons.tolist(),
        strict=True,
    ):
        single, complex_ = setting.pair_of[group].tolist()
        count = np.full(draws, persons)
        if single == complex_ or complexity == 0:
            people[single, months] += count
        elif complexity == 1:
            people[complex_, months] += count
        else:
            share = _complex_given_stay(setting, sample, group, months)
            word = setting.keys.cells(
                Event.START_COMPLEX, _entry(setting, months), 0, np.array([group])
            )
            many = binomial_quantile(_uniform_row(setting, word, draws), count, share)
            people[complex_, months] += many
            people[single, months] += count - many
    for (pair, months), here in people.items():
        _start_phases(setting, out, pair, months, here)
    return out


def _entry(setting: Setting, months: int) -> int:
    """Give the calendar month in which a stay began.

    It addresses the luck of those who entered then, so that next month's edition finds them again.
    """
    return max(setting.first - 1 - months, 0)


def _uniform_row(setting: Setting, word: np.ndarray, draws: int) -> F64:
    return setting.keys.uniforms_at(np.repeat(word, draws), np.arange(draws))


def _alive(setting: Setting, pair: int, months: int) -> F64:
    """Chance that a stay goes on after some months, per draw."""
    still: F64 = np.add.accumulate(_passed(setting, pair, months), axis=0)[-1]
    return still


def _passed(setting: Setting, pair: int, months: int) -> F64:
    """Chance to have passed 0, 1, ... phases in some months (binomial); shape (phases, D)."""
    chance = setting.rates.stay_end[pair]
    return np.stack(
        [
            comb(months, k) * chance**k * (1.0 - chance) ** (months - k)
            if k <= months
            else np.zeros_like(chance)
            for k in range(setting.phases)
        ]
    )


def _complex_given_stay(setting: Setting, sample: Sample, group: int, months: int) -> F64:
    single, complex_ = setting.pair_of[group]
    share = sample.values("complex_share_now", setting.groups[group])
    both = share * _alive(setting, int(complex_), months)
    alone = (1.0 - share) * _alive(setting, int(single), months)
    return both / np.maximum(both + alone, np.finfo(float).tiny)


def _start_phases(setting: Setting, out: I64, pair: int, months: int, people: I64) -> None:
    """Split people over phases: k phases passed in m months is binomial, given not finished."""
    passed = _passed(setting, pair, months)
    reached = np.maximum(np.add.accumulate(passed, axis=0), np.finfo(float).tiny)
    left = people.copy()
    group = np.array([setting.pair_group[pair]])
    is_complex = int(pair != setting.pair_of[group[0], 0])
    for phase in range(setting.phases - 1, 0, -1):
        sub = is_complex * PHASE_STRIDE + phase
        word = setting.keys.cells(Event.START_PHASE, _entry(setting, months), sub, group)
        share = passed[phase] / reached[phase]
        here = binomial_quantile(_uniform_row(setting, word, left.size), left, share)
        out[pair, phase] += here
        left = left - here
    out[pair, 0] += left


def _start_tenancies(inputs: OutflowInputs, setting: Setting, state: State) -> None:
    """Put recent lettings into support, and date the relapses that are still to come of them.

    Of a home let `age` months ago, `age` months of the window are over: those who came back in them
    live there no more.
    """
    window, minimum = setting.relapse_window, setting.support_minimum
    chance = setting.rates.relapse
    for age in range(min(LETTING_MONTHS, minimum)):
        let = np.broadcast_to(inputs.lettings[age][:, None], state.intake.shape)
        left = max(window - age, 0)
        month = setting.first - 1 - age
        gone = chance * (window - left) / window
        uniform = setting.keys.uniforms(Event.START_RELAPSED, month)
        here = let - binomial_quantile(uniform, let, gone)
        still = chance * left / window / np.maximum(1.0 - gone, 1e-9)
        uniform = setting.keys.uniforms(Event.START_RELAPSE, month)
        relapsing = binomial_quantile(uniform, here, still)
        where = setting.keys.uniforms(Event.RELAPSE_MONTH, month)
        for nth in range(int(relapsing.max(initial=0))):
            group, draw = np.nonzero(relapsing > nth)
            position = (where[group, draw] + nth) / relapsing[group, draw]
            lag = np.floor(position * left).astype(np.int64)
            state.relapse_due[lag % (window + 1), group, draw] += 1
        state.supported += here
        state.graduates[(minimum - 1 - age) % minimum] += here - relapsing
