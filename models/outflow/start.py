"""The stocks at the end of the as-of month, for a chunk of draws.

Belongs here: who is where at the start, with what is not known drawn. Does not belong here: the
setting (`setting`), what happens in a month (`steps`).
"""

from collections import defaultdict
from math import comb

import numpy as np

from models.outflow.care import (
    PERSON_STRIDE,
    PHASE_STRIDE,
    age_limit,
    months_until,
    note_stays,
    one_by_one,
)
from models.outflow.inputs import LETTING_MONTHS, OutflowInputs
from models.outflow.keyed import F64, I64, Event, binomial_quantile
from models.outflow.projects import note_exits, project_stay
from models.outflow.sampler import Sample
from models.outflow.setting import Switches
from models.outflow.state import PROJECT_KINDS, Setting, State


def make_state(
    inputs: OutflowInputs, setting: Setting, sample: Sample, switches: Switches
) -> State:
    """Prepare the stocks at the end of the as-of month for a chunk of draws."""
    draws = sample.points.shape[0]
    groups, kinds = len(inputs.groups), len(PROJECT_KINDS)
    months, dated = setting.months, setting.dated.groups.size
    kinds_used = kinds if setting.has_projects else 0

    def none(*shape: int) -> I64:
        return np.zeros((*shape, draws), dtype=np.int64)

    def spread(counts: I64) -> I64:
        return np.broadcast_to(counts[..., None], (*counts.shape, draws)).astype(np.int64)

    def aged(counts: I64) -> I64:
        cells = none(setting.ages, 2, groups)
        cells[0] = spread(counts)
        return cells

    backlog = np.zeros((2, groups), dtype=np.int64)
    np.add.at(
        backlog,
        (inputs.backlog.blocking, inputs.backlog.group),
        inputs.backlog.applications * int(switches.backlog),
    )
    state = State(
        intake=spread(inputs.waiting),
        undecided=spread(inputs.undecided(setting.divert_after)),
        returning=none(groups),
        stay=none(setting.pair_group.size, setting.phases),
        dated=none(dated),
        exits=np.zeros((months, dated, draws), dtype=np.int32),
        limit_exits=np.zeros((months, dated, draws), dtype=np.int32),
        preparing=aged(inputs.preparing),
        assessing=aged(inputs.assessing),
        queued=spread(backlog),
        moving=spread(inputs.moving * int(switches.backlog)),
        moving_passed=none(2, groups),
        supported=none(groups),
        graduates=none(setting.support_minimum, groups),
        extended=none(groups),
        away=none(groups),
        leased=none(groups),
        passed_homes=none(),
        relapse_due=none(setting.relapse_window + 1, groups),
        project_queue=spread(inputs.project_queue[:kinds_used]),
        project_residents=none(kinds_used, groups),
        project_exits=np.zeros((months, kinds_used, groups, draws), dtype=np.int32),
        unused=none(),
        joining=none(setting.ages, 2, groups),
    )
    _start_stays(inputs, setting, sample, state)
    _start_projects(inputs, setting, state)
    _start_tenancies(inputs, setting, state)
    return state


def _start_stays(inputs: OutflowInputs, setting: Setting, sample: Sample, state: State) -> None:
    """Give today's residents a class where unknown, and a phase (or an exit month)."""
    draws = sample.points.shape[0]
    rows = inputs.residents
    people: defaultdict[tuple[int, int, int], I64] = defaultdict(
        lambda: np.zeros(draws, dtype=np.int64)
    )
    for group, complexity, months, born, persons in zip(
        rows.group.tolist(),
        rows.complexity.tolist(),
        rows.months.tolist(),
        rows.birth_year.tolist(),
        rows.persons.tolist(),
        strict=True,
    ):
        single, complex_ = setting.pair_of[group].tolist()
        born = born if group in setting.dated.limit_months else 0
        count = np.full(draws, persons)
        if single == complex_ or complexity == 0:
            people[single, months, born] += count
        elif complexity == 1:
            people[complex_, months, born] += count
        else:
            share = _complex_given_stay(setting, sample, group, months)
            word = setting.keys.cells(
                Event.START_COMPLEX, _entry(setting, months), born, np.array([group])
            )
            many = binomial_quantile(_uniform_row(setting, word, draws), count, share)
            people[complex_, months, born] += many
            people[single, months, born] += count - many
    for (pair, months, born), here in people.items():
        row = int(setting.dated.position[setting.pair_group[pair]])
        if row < 0:
            _start_phases(setting, state.stay, pair, months, here)
        else:
            _start_dated(inputs, setting, sample, state, (row, pair, months, born), here)


def _start_dated(
    inputs: OutflowInputs,
    setting: Setting,
    sample: Sample,
    state: State,
    place: tuple[int, int, int, int],
    people: I64,
) -> None:
    """Give residents the month in which their stay ends, from how long they are there already."""
    row, pair, months, born = place
    group = int(setting.pair_group[pair])
    at = np.array([group])
    state.dated[row] += people
    alive = setting.dated.alive[pair]
    draw, nth = one_by_one(people)
    if draw.size:
        every = np.arange(int(people.max()))
        sub = (born * 2 + int(pair != setting.pair_of[group, 0])) * PERSON_STRIDE + every
        uniform = [
            setting.keys.uniforms_at(
                setting.keys.cells(event, _entry(setting, months), sub, at)[nth], draw
            )
            for event in (Event.START_EXIT, Event.START_AGE_LIMIT)
        ]
        stay = months_until(alive, draw, uniform[0], passed=months) - 1
        limit = _limit(setting, sample, group, born, months, draw, uniform[1])
        note_stays(setting, state, row, group, draw, 0, stay, limit, passed=months)


def _limit(
    setting: Setting,
    sample: Sample,
    group: int,
    born: int,
    months: int,
    draw: I64,
    uniform: F64,
) -> I64 | None:
    """Give months from the first to the age limit, by year of birth where it is known."""
    if group not in setting.dated.limit_months:
        return None
    if born == 0:
        limit = age_limit(setting, group, draw, uniform)
        return None if limit is None else np.maximum(limit - months, 0)
    ages = sample.values("exit_age_years", setting.groups[group])[draw]
    of_age = np.floor(12.0 * (born + ages) + 0.5) + np.floor(12.0 * uniform)
    left: I64 = np.maximum(of_age - setting.first, 0).astype(np.int64)
    return left


def _start_projects(inputs: OutflowInputs, setting: Setting, state: State) -> None:
    """Open projects are taken to be full, of the group that they are for.

    Those with an age limit are for youth, the others for sheltered living; where the region has no
    such group, for its first.
    """
    if not setting.has_projects:
        return
    for number, project in enumerate(inputs.projects):
        if not project.is_open:
            continue
        name = "sheltered_living" if project.age_limit_years is None else "youth"
        group = setting.groups.index(name) if name in setting.groups else 0
        at, every = np.array([group]), np.arange(state.unused.size)
        state.project_residents[project.kind, group] += project.places
        for nth in range(project.places):
            sub = number * PERSON_STRIDE + nth
            word = setting.keys.cells(Event.START_PROJECT, setting.first, sub, at)
            uniform = setting.keys.uniforms_at(np.repeat(word, every.size), every)
            stay = project_stay(setting, project.kind, uniform) - 1
            note_exits(state.project_exits, stay, project.kind, np.full(every.size, group), every)


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
    chance = setting.rates.stay_end.plain()[pair, 0]
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

    Of a home let `age` months ago, `age` months of the window are over: those who relapsed in them
    live there no more, or are in a time-out that counts as over. Leases that passed to the resident
    meanwhile are taken off.
    """
    window, minimum = setting.relapse_window, setting.support_minimum
    chance = setting.rates.relapse.plain()
    provider = 1.0 - setting.rates.three_party.plain()
    kept = 1.0 - setting.rates.flip.plain()
    if setting.steady_returns is not None:
        chance = np.zeros_like(chance)
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
        uniform = setting.keys.uniforms(Event.START_LEASED, month)
        state.leased += binomial_quantile(uniform, here, provider * kept ** (age + 1))
