"""How people at the front of the housing list answer offers, for all draws at once.

Belongs here: how many of a cohort are asked, accept, or are passed by. Does not belong here: who
they are and what becomes of them (`housing_list`).
"""

from dataclasses import dataclass

import numpy as np

from models.outflow.keyed import I32, I64, U64, Chance, Keys, binomial_quantile


@dataclass(frozen=True)
class Acceptance:
    """How offers are answered.

    Attributes:
        chance: Chance that somebody accepts an offer, of shape (D,).
        keys: The keyed uniforms.
        refusal_counts: A refused offer is spent and stops the clock.
    """

    chance: Chance
    keys: Keys
    refusal_counts: bool


@dataclass(frozen=True)
class Asked:
    """Cohorts of some draws that are asked for sure, each draw's one after the other.

    A draw asks its next cohort for sure while the homes are more than everybody before it.

    Attributes:
        cohort: Position of each cohort that is asked, shape (m,).
        draw: Its draw, likewise.
        here: Who may take a home in it, above 0, likewise.
        homes: Homes of its draw before the first of these, likewise.
        place: Flat position among the next cohorts (rows) of the draws (columns), likewise.
        next_cohorts: Shape of these rows and columns.
        passed: Cohorts that each draw comes past, shape (n,).
    """

    cohort: I64
    draw: I64
    here: I64
    homes: I64
    place: I64
    next_cohorts: tuple[int, int]
    passed: I64

    @classmethod
    def of(cls, waiting: I64, cohort: I64, draw: I64, homes: I64) -> "Asked":
        """Find who is asked for sure.

        Args:
            waiting: Who may take a home in the next cohorts of some draws, shape (rows, n).
            cohort: Position of the first of them, shape (n,).
            draw: The draws, likewise.
            homes: Their homes, above 0, likewise.
        """
        rows, count = waiting.shape
        if rows == 1:
            place = np.flatnonzero(waiting[0] != 0)
            passed = np.ones(count, dtype=np.int64)
            column, row = place, 0 * place
        else:
            asks = _before(waiting) < homes
            place = np.flatnonzero(asks & (waiting != 0))
            passed = asks.sum(axis=0)
            row = place // count
            column = place - row * count
        return cls(
            cohort=cohort.take(column) + row,
            draw=draw.take(column),
            here=waiting.reshape(-1).take(place),
            homes=homes.take(column),
            place=place,
            next_cohorts=(rows, count),
            passed=passed,
        )

    def added_up(self, people: I64) -> tuple[I64, I64]:
        """Give of a count how much each draw has before it, shape (m,), and at last, (n,)."""
        rows = self.next_cohorts[0]
        table = np.zeros(self.next_cohorts, dtype=np.int64)
        table.reshape(-1)[self.place] = people
        if rows == 1:
            return np.zeros_like(people), table[0]
        before = _before(table)
        return before.reshape(-1).take(self.place), before[-1] + table[-1]


def _before(people: I64) -> I64:
    """Add up over the rows, without the row itself; of the shape of `people`."""
    before = np.zeros_like(people)
    for row in range(1, people.shape[0]):
        np.add(before[row - 1], people[row - 1], out=before[row])
    return before


def answers(
    asked: Asked, words: tuple[U64, U64] | None, answer: Acceptance | None
) -> tuple[I64, I64, I64]:
    """Give homes accepted, people who got an offer, and homes that each draw has spent.

    Args:
        asked: The cohorts that are asked.
        words: Words of acceptance and of refusals, of every cohort.
        answer: How offers are answered; None where everybody accepts.

    Returns:
        Arrays of shape (m,), (m,) and (n,).
    """
    if answer is None or words is None or answer.refusal_counts:
        before = asked.added_up(asked.here)[0]
        told = np.minimum(asked.here, asked.homes - before)
        spent = asked.added_up(told)[1]
        if answer is None or words is None:
            return told, told, spent
        return _accepting(asked, told, words[0], answer), told, spent
    willing = _accepting(asked, asked.here, words[0], answer)
    before, _ = asked.added_up(willing)
    here, homes = asked.here, asked.homes - before
    taken = np.minimum(willing, homes)
    told = np.where(willing < homes, here, homes)
    # Of people in any order, so many are passed before the last home finds somebody.
    some = np.flatnonzero((willing >= homes) & (willing < here))
    here, homes, willing = here.take(some), homes.take(some), willing.take(some)
    cell = words[1].take(asked.cohort.take(some))
    luck = answer.keys.uniforms_at(cell, asked.draw.take(some))
    passed = np.floor(homes * (here - willing) / (willing + 1.0) + luck).astype(np.int64)
    told[some] = np.minimum(homes + passed, here)
    return taken, told, asked.added_up(taken)[1]


def _accepting(asked: Asked, people: I64, words: U64, answer: Acceptance) -> I64:
    """Give how many of some people in each cohort would accept; shape (m,)."""
    uniform = answer.keys.uniforms_at(words.take(asked.cohort), asked.draw)
    return binomial_quantile(uniform, people, answer.chance.at(asked.draw, answer.chance.rare.size))


def added_up(rows: I32) -> I32:
    """Add up over the places, one after the other; shape (2 G, n)."""
    reached = rows.copy()
    for place in range(1, rows.shape[0]):
        reached[place] += reached[place - 1]
    return reached


def first_of(reached: I32, people: I64) -> I32:
    """Give of so many people in front how many are of each place; shape (2 G, n)."""
    before = np.minimum(reached, people.astype(np.int32))
    first = before.copy()
    first[1:] -= before[:-1]
    return first
