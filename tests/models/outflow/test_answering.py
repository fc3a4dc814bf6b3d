"""Answers to offers, against asking one cohort after the other."""

import numpy as np
import pytest

from models.outflow.answering import Acceptance, Asked, answers
from models.outflow.keyed import Chance, Keys, binomial_quantile, draw_words, mix

DRAWS, COHORTS = 64, 5


def one_by_one(
    people: np.ndarray, homes: int, draw: int, words: tuple[np.ndarray, ...], answer: Acceptance
) -> dict[int, tuple[int, int]]:
    """Ask the cohorts of one draw; give of each that is asked who accepts and who is told."""
    said = {}
    for cohort, here in enumerate(people.tolist()):
        if homes == 0 or here == 0:
            continue
        asked = min(here, homes) if answer.refusal_counts else here
        luck = [answer.keys.uniforms_at(word[[cohort]], np.array([draw])) for word in words]
        accept = answer.chance.plain()[draw]
        willing = int(binomial_quantile(luck[0], np.array([asked]), accept)[0])
        taken, told = min(willing, homes), asked
        if not answer.refusal_counts and willing >= homes:
            passed = homes * (here - willing) / (willing + 1.0) + luck[1][0]
            told = min(homes + int(passed), here) if willing < here else homes
        homes -= told if answer.refusal_counts else taken
        said[cohort] = (taken, told)
    return said


@pytest.mark.unit
@pytest.mark.parametrize("refusal_counts", [False, True])
def test_cohorts_asked_together_answer_as_cohorts_asked_one_by_one(refusal_counts: bool) -> None:
    dice = np.random.default_rng(4)
    people = dice.poisson(1.5, (COHORTS, DRAWS))
    homes = dice.integers(1, 7, DRAWS)
    keys = Keys(draw_words(4, 0, DRAWS), "proeftuin", ("shelter",))
    answer = Acceptance(Chance.of(dice.random(DRAWS)), keys, refusal_counts)
    words = tuple(mix(np.arange(COHORTS, dtype=np.uint64) + np.uint64(99 * at)) for at in (1, 2))
    draw, cohort, left = np.arange(DRAWS), np.zeros(DRAWS, dtype=np.int64), homes.copy()
    found: dict[tuple[int, int], tuple[int, int]] = {}
    while draw.size:
        beyond = np.concatenate([people, np.zeros((COHORTS, DRAWS), dtype=np.int64)])
        waiting = beyond[cohort + np.arange(2)[:, None], draw]
        asked = Asked.of(waiting, cohort, draw, left)
        taken, told, spent = answers(asked, words, answer)
        for at, key in enumerate(zip(asked.draw.tolist(), asked.cohort.tolist(), strict=True)):
            found[key] = (int(taken[at]), int(told[at]))
        left, cohort = left - spent, cohort + asked.passed
        on = (left > 0) & (cohort < COHORTS)
        draw, cohort, left = draw[on], cohort[on], left[on]
    expected = {
        (at, where): said
        for at in range(DRAWS)
        for where, said in one_by_one(people[:, at], int(homes[at]), at, words, answer).items()
    }
    assert found == expected
