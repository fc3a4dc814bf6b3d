"""Places: who comes, who is admitted, who leaves, and what happens when places close.

Belongs here: the steps of a month about the intake list and stays. Does not belong here: the
application for a home (`applying`).
"""

import numpy as np

from models.outflow.keyed import F64, I64, Chance, Event
from models.outflow.state import Setting, State

PHASE_STRIDE = 16
"""Sub-index of a stay event = class x 16 + phase."""
PERSON_STRIDE = 4096
"""Sub-index of a person's own date = class x 4096 + rank within the month."""
AGE_SPREAD = 12
"""Months over which people of one age reach an age limit: a year of birth."""
NEVER = 1_000_000
"""Months to what lies beyond every run."""


def move_out(setting: Setting, state: State, ahead: int) -> None:
    """Where places close with moving out, residents above what is left leave, some for a home."""
    moved = np.zeros_like(state.intake)
    state.flows["left_elsewhere"] = np.zeros_like(state.intake)
    closing = setting.moving_out[ahead]
    if closing.any():
        month = setting.first + ahead
        above = np.maximum(state.residents(setting) - setting.places[ahead], 0)
        moved = np.minimum(np.minimum(above, closing), state.in_stay(setting))
        _take_from_stays(setting, state, ahead, moved)
        home = setting.keys.binomial(Event.MOVE_OUT_HOME, month, moved, setting.rates.move_out_home)
        state.preparing[0, 0] += home
        state.flows["left_elsewhere"] = moved - home
        state.flows["ready"] = home
    else:
        state.flows["ready"] = np.zeros_like(state.intake)
    state.flows["moved_out"] = moved


def _take_from_stays(setting: Setting, state: State, ahead: int, moved: I64) -> None:
    """Take people out of stays as they are spread: by phase, or by the month of the exit."""
    exits, limits = state.exits[ahead:], state.limit_exits[ahead:]
    for group in np.flatnonzero(moved.any(axis=1)).tolist():
        row = int(setting.dated.position[group])
        if row < 0:
            pairs = dict.fromkeys(setting.pair_of[group].tolist())
            cells = [state.stay[pair, phase] for pair in pairs for phase in range(setting.phases)]
            _take_from_cells(setting, ahead, group, cells, moved[group])
            continue
        noted = [part[:, row] for part in (exits, limits)]
        later = state.dated[row] - sum(part.sum(axis=0, dtype=np.int64) for part in noted)
        cells = [part[at] for at in range(noted[0].shape[0]) for part in noted]
        _take_from_cells(setting, ahead, group, [*cells, later], moved[group])
        state.dated[row] -= moved[group]


def _take_from_cells(
    setting: Setting, ahead: int, group: int, cells: list[np.ndarray], moved: I64
) -> None:
    """Take people out of cells of shape (D,), each of the people as likely as any other."""
    left = moved
    people = np.sum(cells, axis=0, dtype=np.int64)
    for nth, cell in enumerate(cells):
        if not cell.any():
            continue
        rest = people - cell
        share = Chance.of(cell / np.maximum(people, 1))
        gone = setting.keys.binomial(
            Event.MOVE_OUT, setting.first + ahead, left[None], share, nth, np.array([group])
        )[0]
        gone = np.clip(gone, np.maximum(left - rest, 0), np.minimum(cell, left))
        cell -= gone.astype(cell.dtype)
        left, people = left - gone, rest


def refer(setting: Setting, state: State, ahead: int) -> None:
    """People are referred; some are ready for a home at once by policy, the rest need a place."""
    month = setting.first + ahead
    referred = setting.referrals(ahead)
    at_the_door = referred + state.returning
    diverted = setting.keys.binomial(
        Event.DIVERT_DOOR, month, at_the_door, setting.rates.divert_door
    )
    state.preparing[0, 0] += diverted
    state.flows["referred"] = referred
    state.flows["returned"] = state.returning
    state.flows["diverted_door"] = diverted
    state.flows["newcomers"] = at_the_door - diverted
    state.returning = np.zeros_like(referred)


def admit(setting: Setting, state: State, ahead: int) -> None:
    """Free places go to the intake list first, the longest waiting first, then to newcomers.

    Who is without a place for as many months as the group says is decided about, once: a home, or
    to wait on. At 0 months that are the newcomers themselves.
    """
    month = setting.first + ahead
    newcomers = state.flows.pop("newcomers")
    asking = state.intake + newcomers
    free = np.maximum(setting.places[ahead] - state.residents(setting), 0)
    free = np.where(setting.has_limit[:, None], free, asking)
    from_list = np.minimum(free, state.intake)
    at_once = np.minimum(free - from_list, newcomers)
    still = _not_admitted(state, from_list)
    rows = np.arange(still.shape[0])[:, None]
    left = setting.keys.binomial(Event.INTAKE_LEAVE, month, still, setting.rates.leave_intake, rows)
    by_age = still - left
    decided = by_age[0].copy()
    by_age[0] = newcomers - at_once
    due = by_age[setting.divert_after, np.arange(len(setting.groups))]
    diverted = setting.keys.binomial(
        Event.DIVERT_UNPLACED, month, due, setting.rates.divert_unplaced
    )
    state.preparing[0, 0] += diverted
    state.intake = decided + by_age.sum(axis=0) - diverted
    state.undecided = by_age[:-1] * (rows[:-1] < setting.divert_after)[..., None]
    admitted = from_list + at_once
    _place(setting, state, ahead, admitted)
    state.flows["admitted"] = admitted
    state.flows["diverted_unplaced"] = diverted
    state.flows["left_intake"] = left.sum(axis=0)


def _not_admitted(state: State, from_list: I64) -> I64:
    """Give who of the intake list gets no place: decided about, and for 1, 2, ... months on it."""
    still = np.concatenate([(state.intake - state.undecided.sum(axis=0))[None], state.undecided])
    for at in (0, *range(still.shape[0] - 1, 0, -1)):
        placed = np.minimum(from_list, still[at])
        still[at] -= placed
        from_list = from_list - placed
    return still


def _place(setting: Setting, state: State, ahead: int, admitted: I64) -> None:
    """Put the admitted into the first phase of their class, or give them an exit month."""
    complex_ = np.zeros_like(admitted)
    some = np.flatnonzero(setting.pair_of[:, 0] != setting.pair_of[:, 1])
    if some.size:
        month, share = setting.first + ahead, Chance.of(setting.complex_share[ahead, some])
        complex_[some] = setting.keys.binomial(Event.COMPLEX, month, admitted[some], share, 0, some)
    by_class = (admitted - complex_, complex_)
    dated = setting.dated
    for klass, people in enumerate(by_class):
        pairs = setting.pair_of[:, klass]
        if not dated.groups.size:
            state.stay[pairs, 0] += people
            continue
        others = dated.position < 0
        state.stay[pairs[others], 0] += people[others]
        for row, group in enumerate(dated.groups):
            if people[group].any():
                _date_stays(setting, state, ahead, row, int(group), klass, people[group])


def _date_stays(
    setting: Setting, state: State, ahead: int, row: int, group: int, klass: int, people: I64
) -> None:
    """Give everybody who is admitted the month in which the stay ends; one uniform a person."""
    state.dated[row] += people
    month, at = setting.first + ahead, np.array([group])
    alive = setting.dated.alive[int(setting.pair_of[group, klass])]
    draw, nth = one_by_one(people)
    sub = klass * PERSON_STRIDE + np.arange(int(people.max(initial=0)))
    uniform = [
        setting.keys.uniforms_at(setting.keys.cells(event, month, sub, at)[nth], draw)
        for event in (Event.EXIT_MONTH, Event.AGE_LIMIT)
    ]
    stay = months_until(alive, draw, uniform[0]) - 1
    limit = age_limit(setting, group, draw, uniform[1])
    note_stays(setting, state, row, group, draw, ahead, stay, limit)


def one_by_one(people: I64) -> tuple[I64, I64]:
    """Give each of some people a line: their draw, and the how many-th of that draw they are."""
    draw = np.repeat(np.arange(people.size), people)
    before = np.cumsum(people) - people
    return draw, np.arange(draw.size) - before[draw]


def age_limit(setting: Setting, group: int, draw: I64, uniform: F64) -> I64 | None:
    """Give months until the age limit for people who come now; None in a group without one."""
    mean = setting.dated.limit_months.get(group)
    if mean is None:
        return None
    part = np.floor(uniform * AGE_SPREAD) - AGE_SPREAD / 2
    months: I64 = np.maximum(np.floor(mean[draw] + 0.5) + part, 0).astype(np.int64)
    return months


def note_stays(
    setting: Setting,
    state: State,
    row: int,
    group: int,
    draw: I64,
    ahead: int,
    stay: I64,
    limit: I64 | None,
    *,
    passed: int = 0,
) -> None:
    """Note in which month stays end, cut at the age limit and the agreed longest stay.

    Args:
        setting: The setting.
        state: The stocks; exits are noted in it.
        row: Row of the group among those with exit months.
        group: Position of the group.
        draw: Draws, a person each.
        ahead: Month in which they come.
        stay: Months from then to the end of the stay.
        limit: Months from then to the age limit.
        passed: Months that they have been there already.
    """
    if limit is not None:
        stay = np.minimum(stay, limit)
    longest = setting.dated.longest.get(group)
    if longest is None:
        inside = np.flatnonzero(stay < state.exits.shape[0] - ahead)
        _note(state.exits, row, ahead + stay.take(inside), draw.take(inside))
        return
    left = max(longest - passed, 0)
    at_limit = stay > left
    when = ahead + np.minimum(stay, left)
    inside = when < state.exits.shape[0]
    for exits, mine in ((state.exits, ~at_limit), (state.limit_exits, at_limit)):
        _note(exits, row, when[mine & inside], draw[mine & inside])


def _note(exits: np.ndarray, row: int, when: I64, draw: I64) -> None:
    """Note exits of a row in their month and draw; a place may come more than once."""
    _, rows, draws = exits.shape
    np.add.at(exits.reshape(-1), (when * rows + row) * draws + draw, np.int32(1))


def months_until(alive: F64, draw: I64, uniform: F64, *, passed: int = 0) -> I64:
    """Give in which month from now a stay ends: 1 is this month.

    It is the first n with alive(passed + n) <= (1 - u) alive(passed).

    Args:
        alive: Chance that a stay takes more than 0, 1, ... months, shape (T, D); decreasing.
        draw: Draws, a person each.
        uniform: Uniforms of these.
        passed: Months that they have been there already.
    """
    last = alive.shape[0] - 1
    table, own = alive.T.reshape(-1), draw * alive.shape[0]
    # The chance to leave hardly changes any more in the second half of the table.
    passed = min(passed, last // 2)
    bound = (1.0 - uniform) * table.take(own + passed)
    # The last month that is not over: the bits of its number, the highest first.
    low = np.zeros(draw.shape, dtype=np.int64)
    start = own + passed
    for bit in range((last - passed).bit_length() - 1, -1, -1):
        middle = low + (1 << bit)
        np.minimum(middle, last - passed, out=middle)
        still = table.take(start + middle) > bound
        np.copyto(low, middle, where=still)
    return np.where(table.take(own + last) <= bound, low + 1, NEVER)


def end_stays(setting: Setting, state: State, ahead: int) -> None:
    """Stays end; people are ready for an own home, go to an in-between facility or elsewhere."""
    month = setting.first + ahead
    pairs, phases, _ = state.stay.shape
    is_complex = (np.arange(pairs) != setting.pair_of[setting.pair_group, 0]).astype(np.int64)
    sub = is_complex[:, None] * PHASE_STRIDE + np.arange(phases)
    ended = setting.keys.binomial(
        Event.STAY, month, state.stay, setting.rates.stay_end, sub, setting.pair_group[:, None]
    )
    state.stay -= ended
    state.stay[:, 1:] += ended[:, :-1]
    finished = setting.by_group(ended[:, -1])
    homeward, away = _end_dated(setting, state, ahead, finished)
    ready = setting.keys.binomial(Event.OWN_HOME, month, finished, setting.rates.own_home)
    between = np.zeros_like(ready)
    if setting.has_projects:
        between = setting.keys.binomial(
            Event.IN_BETWEEN, month, finished - ready, setting.rates.in_between
        )
        state.project_queue[0, 1] += between
    state.preparing[0, 1] += ready + homeward
    state.flows["ready"] = state.flows["ready"] + ready + homeward
    state.flows["to_in_between"] = between
    elsewhere = finished - ready - between + away
    state.flows["left_elsewhere"] = state.flows["left_elsewhere"] + elsewhere


def _end_dated(setting: Setting, state: State, ahead: int, finished: I64) -> tuple[I64, I64]:
    """End the stays whose month has come; give who must leave, for a home and for elsewhere."""
    homeward, away = np.zeros_like(finished), np.zeros_like(finished)
    dated = setting.dated
    if dated.groups.size:
        over = state.exits[ahead].astype(np.int64)
        limit = state.limit_exits[ahead].astype(np.int64)
        state.dated -= over + limit
        finished[dated.groups] += over
        for row, group in enumerate(dated.groups.tolist()):
            to_home = dated.longest_to_home.get(group, False)
            (homeward if to_home else away)[group] += limit[row]
    return homeward, away
