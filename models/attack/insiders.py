"""Organisations that somebody could be, for a publication of which nobody's own part is known.

Belongs here: drawing counts that fit and parting them over organisations. Does not belong here: the
attack of an insider (`modes`).
"""

import numpy as np

from models.attack.bounds import Solver
from models.attack.modes import can_be
from models.attack.publication import Publication
from models.attack.system import UNLIMITED, build_system

SHARES = (0.5, 0.3, 0.2)
"""Shares of three organisations in all people (a choice)."""


def draw_insiders(publication: Publication, *, seed: int = 1) -> dict[str, dict[str, int]]:
    """Draw counts that fit a publication and part them over organisations by chance.

    Args:
        publication: What was published.
        seed: Seed of the draws.

    Returns:
        For each organisation its own part of every hidden cell that is no total.

    Raises:
        RefusedError: A program was not solved in time.
    """
    chance = np.random.default_rng(seed)
    totals = {relation.total for relation in publication.relations}
    found: dict[str, dict[str, int]] = {f"organisation {n + 1}": {} for n in range(len(SHARES))}
    system, _ = build_system([publication])
    for group in system.groups():
        if not can_be(group):
            continue
        counts = Solver(group).solve(chance.normal(size=len(group.least)))
        for cell, count in zip(group.names, counts, strict=False):
            if cell not in totals and count < UNLIMITED / 2:
                parts = chance.multinomial(int(count), SHARES)
                for own, part in zip(found.values(), parts, strict=True):
                    own[cell] = int(part)
    return found
