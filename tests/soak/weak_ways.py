"""Weak ways of publishing small counts, in which the attack must find what is there.

Belongs here: primary suppression, rounding cell by cell, and all tables tried one by one. Does not
belong here: the attack, the product's rounding (`protection.py`, which writes the evidence of
both).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from models.attack import Flaw, Publication, Relation, attack_outsider, rounded
from models.protect import offset, target
from tests.models.attack.attacked_regions import KEY
from tests.models.attack.tables import (
    BASE,
    draw_table,
    publish_nearest,
    publish_with_holes,
    truths,
)
from tests.models.protect.brute import known_from_suppression, pins, with_margins
from tests.models.protect.regions import Region, make_region

LEAST_PINS = 200


@dataclass(frozen=True)
class Weak:
    """What the attack found in ways of publishing that give counts away.

    Attributes:
        found_pins: Counts of primary suppression that are known.
        wrong_pins: Of these, those that are wrong.
        unflagged: Tables and regions rounded cell by cell that were not flagged.
        brute_pins: Pins that trying all tables found.
        missed: Of these, those that the attack did not find, and those it found besides.
    """

    found_pins: int
    wrong_pins: int
    unflagged: int
    brute_pins: int
    missed: int

    def broken(self) -> Iterator[str]:
        """Say where the attack is blind."""
        if self.found_pins < LEAST_PINS or self.wrong_pins:
            yield f"suppression: {self.found_pins} pins, {self.wrong_pins} of them wrong"
        if self.unflagged:
            yield f"{self.unflagged} publications rounded cell by cell were not flagged"
        if self.missed or not self.brute_pins:
            yield f"{self.missed} of {self.brute_pins} pins differ from those of all tables tried"

    def told(self) -> dict[str, Any]:
        """Give it for the evidence."""
        return {
            "suppression_pins_found": self.found_pins,
            "rounded_apart_not_flagged": self.unflagged,
            "brute_force_pins": self.brute_pins,
            "brute_force_pins_missed": self.missed,
        }


def attack_weak_ways(tables: int, brute_tables: int, apart: int, *, seed: int) -> Weak:
    """Attack primary suppression and rounding cell by cell.

    Args:
        tables: Tables of nine by six, published in both ways.
        brute_tables: Tables up to three by three, of which all fillings are tried.
        apart: Regions of which every linked cell is rounded by itself.
        seed: Seed of them all.
    """
    chance = np.random.default_rng([seed, 1])
    found = wrong = unflagged = 0
    for _ in range(tables):
        table = draw_table(chance)
        known = truths(table)
        pinned = _pinned(publish_with_holes(table))
        found += len(pinned)
        wrong += sum(known[cell] != count for cell, count in pinned.items())
        unflagged += not _is_flagged(publish_nearest(table))
    for number in range(apart):
        region = make_region(np.random.default_rng([seed, number]), number)
        unflagged += not _is_flagged(_publish_apart(region))
    by_trying = missed = 0
    for _ in range(brute_tables):
        shape = tuple(int(size) for size in chance.integers(2, 4, 2))
        table = chance.poisson(chance.uniform(1, 6), shape)
        expected = _pins_by_trying(table)
        by_trying += len(expected)
        missed += len(expected ^ set(_pinned(publish_with_holes(table))))
    return Weak(found, wrong, unflagged, by_trying, missed)


def _pinned(publication: Publication) -> dict[str, int | None]:
    """Give the counts that the attack says it knows."""
    findings = attack_outsider(publication).findings
    return {one.cell: one.least for one in findings if one.flaw is Flaw.PINNED}


def _is_flagged(publication: Publication) -> bool:
    findings = attack_outsider(publication).findings
    return Flaw.NOT_ADDITIVE in {one.flaw for one in findings}


def _publish_apart(region: Region) -> Publication:
    """Publish every cell at its own target, whatever the sums say."""
    published = region.published()
    aim = partial(offset, KEY, region.region_id, base=BASE)
    shown = [
        rounded(cell, target(truth, aim(cell=cell), BASE), BASE)
        for cell, truth in published.truths.items()
    ]
    sums = [Relation(one.total, one.parts) for one in published.sums]
    return Publication(tuple(shown), tuple(sums))


def _pins_by_trying(table: np.ndarray) -> set[str]:
    """Name the cells of a table with holes that are the same in every table that fits."""
    rows, columns = table.shape
    places = pins(*known_from_suppression(with_margins(table), BASE))
    return {f"{'all' if i == rows else i}/{'all' if j == columns else j}" for i, j in places}
