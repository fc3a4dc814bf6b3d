"""Finding what is wrong with a key, each time with a counter-example that was run again.

Belongs here: running a rule on all trials, choosing what is told, laws that speak of many trials
together. Does not belong here: the laws one by one (`laws`), their Dutch sentences (label files, by
the law's id and with the values of the finding).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.quota.lint.columns import has_rounded_figures, rounding_units, weighted_factors
from models.quota.lint.laws import LAWS, Law
from models.quota.lint.rules import KeyCase, KeySplit, SplitRule, split_all
from models.quota.lint.stability import DRAWS, perturb
from models.quota.lint.trials import Breach, Severity, Told, Trial

WEIGHTS = "weights-do-not-matter"
ROUNDING = "hangs-on-rounding"
MOST_MOVED_SHARE = 0.05
"""Share of the perturbations in which a home may go elsewhere without being told."""
WEIGHT_STEP = 0.1
"""Ten points of weight, taken from or given to the other factors in proportion."""
_TRIES = 5
"""Counter-examples from the fast search that are run again before the law counts as kept."""

LAW_IDS = (*LAWS, WEIGHTS, ROUNDING)
"""Ids of all laws, in reading order."""
_SENTENCES = {
    WEIGHTS: "{reason}, for instance {example}: the whole numbers stay the same",
    ROUNDING: "{name} has {homes} homes in all, and another number in {percent:.0f} % of {draws} "
    "draws in which the inputs move inside their rounding ({lowest} to {highest} homes)",
}

HomesTable = tuple[tuple[int, ...], ...]
"""Whole homes by year, and within a year by municipality."""


@dataclass(frozen=True)
class CounterExample:
    """A trial and what the rule made of it.

    Attributes:
        trial: Both cases, and which input moved from what to what.
        homes_before: Whole homes of the case before, by year and municipality.
        homes_after: Of the case after, in the order of that case's codes.
    """

    trial: Trial
    homes_before: HomesTable
    homes_after: HomesTable


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a key, or good to know.

    Attributes:
        law: Id of the law.
        severity: How grave it is.
        code: Municipality whose number it is, empty where it is everybody's.
        name: Its name.
        examples: The counter-examples; several where a law speaks of all of them together.
        values: Numbers and words for the sentence, by the names of its gaps.
    """

    law: str
    severity: Severity
    code: str
    name: str
    examples: tuple[CounterExample, ...]
    values: Mapping[str, Told] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The finding in an English sentence."""
        template = LAWS[self.law].sentence if self.law in LAWS else _SENTENCES[self.law]
        text = template.format_map(self.told)
        return text[:1].upper() + text[1:] + "."

    @property
    def told(self) -> dict[str, Told]:
        """What fills the gaps of a sentence: the values, with name and code of the municipality."""
        return {**self.values, "name": self.name, "code": self.code}

    def holds_against(self, rule: SplitRule) -> bool:
        """Run every counter-example again: same whole numbers, and the law broken."""
        return bool(self.examples) and all(self._holds(rule, each) for each in self.examples)

    def _holds(self, rule: SplitRule, example: CounterExample) -> bool:
        trial = example.trial
        before, after = rule(trial.before), rule(trial.after)
        same = (_table(before), _table(after)) == (example.homes_before, example.homes_after)
        if self.law == WEIGHTS:
            return same and _table(before) == _table(after)
        if self.law == ROUNDING:
            at = trial.before.codes.index(self.code)
            return same and bool(before.cumulative[-1, at] != after.cumulative[-1, at])
        return same and LAWS[self.law].breaks(trial, before, after) is not None


def lint(
    case: KeyCase,
    rule: SplitRule,
    *,
    laws: Collection[str] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[Finding, ...]:
    """Look for what is wrong with a key before it is decided on.

    The search is quick and seeded by the names in the case; what it finds counts only after the
    rule itself has split both cases of the counter-example.

    Args:
        case: The inputs of the split.
        rule: What splits them: `KeyRule`, or any function.
        laws: Ids of `LAW_IDS` to look at; None for all.
        draws: Perturbed cases for the rounding of inputs.
        seed: Seed of the perturbations.

    Returns:
        Findings, the gravest first and then in the order of `LAW_IDS`; none for a sound key.

    Raises:
        UitstroomError: The rule refuses the case as it is.
    """
    chosen = LAW_IDS if laws is None else tuple(laws)
    base = rule(case)
    trials = {name: list(law.trials(case)) for name, law in LAWS.items() if name in chosen}
    splits = _split_trials(rule, [trial for each in trials.values() for trial in each])
    found: list[Finding] = []
    for name, tried in trials.items():
        found += _broken(name, LAWS[name], tried, splits, case, rule, base)
    if WEIGHTS in chosen:
        found += _weights(case, rule, _table(base))
    if ROUNDING in chosen:
        found += _rounding(case, rule, base, draws, seed)
    graveness = list(Severity)
    return tuple(sorted(found, key=lambda finding: graveness.index(finding.severity)))


def _split_trials(rule: SplitRule, trials: Sequence[Trial]) -> dict[int, KeySplit | None]:
    """Split every case of some trials once, by its identity."""
    cases = {id(case): case for trial in trials for case in (trial.before, trial.after)}
    return dict(zip(cases, split_all(rule, list(cases.values())), strict=True))


def _broken(
    name: str,
    law: Law,
    trials: Sequence[Trial],
    splits: Mapping[int, KeySplit | None],
    case: KeyCase,
    rule: SplitRule,
    base: KeySplit,
) -> Iterator[Finding]:
    """Tell the first and worst trial that breaks a law, after running it again.

    `base` is what the rule itself made of the case as it is, which most trials start from.
    """

    def run(one: KeyCase) -> KeySplit:
        return base if one is case else rule(one)

    broken: dict[str, list[tuple[Breach, Trial]]] = {}
    for trial in trials:
        before, after = splits[id(trial.before)], splits[id(trial.after)]
        breach = None if before is None or after is None else law.breaks(trial, before, after)
        if breach is not None:
            broken.setdefault(trial.what if law.tells_each else "", []).append((breach, trial))
    graveness = list(Severity)
    for each in broken.values():
        each.sort(key=lambda pair: (graveness.index(pair[0].severity), pair[1].rank, -pair[0].size))
        for _, trial in each[:_TRIES]:
            before, after = run(trial.before), run(trial.after)
            breach = law.breaks(trial, before, after)
            if breach is not None:
                example = CounterExample(trial, _table(before), _table(after))
                yield _finding(name, breach, (example,), case)
                break


def _finding(
    name: str, breach: Breach, examples: tuple[CounterExample, ...], case: KeyCase
) -> Finding:
    who = case.name_of(breach.code) if breach.code else ""
    return Finding(name, breach.severity, breach.code, who, examples, breach.values)


def _table(split: KeySplit) -> HomesTable:
    return tuple(tuple(row) for row in split.homes.tolist())


# --- laws that speak of many trials together -----------------------------------------------------


def _weights(case: KeyCase, rule: SplitRule, base: HomesTable) -> Iterator[Finding]:
    """Tell where the weights decide nothing: any weighting at all, or ten points either way."""
    factors = weighted_factors(case)
    if len(factors) < 2 or not any(case.totals):
        return
    any_at_all = [_only(case, factor) for factor in factors]
    ten_points = [
        weights for factor in factors for sign in (1, -1) if (weights := _step(case, factor, sign))
    ]
    for all_of, severity, reason in (
        (any_at_all, Severity.WARNING, "the weights decide nothing, any weighting at all will do"),
        (ten_points, Severity.NOTE, "moving a weight by ten points decides nothing"),
    ):
        trials = [Trial(case, case.with_weights(weights), "weights") for weights in all_of]
        examples = _all_the_same(trials, rule, base)
        if examples:
            first = trials[0].after.weight_shares()
            shown = ", ".join(f"{factor} {100.0 * first[factor]:.0f} %" for factor in factors)
            values: dict[str, Told] = {"reason": reason, "example": shown}
            values["kind"] = "any" if severity is Severity.WARNING else "ten-points"
            yield _finding(WEIGHTS, Breach(severity, values=values), examples, case)
            return


def _only(case: KeyCase, chosen: str) -> dict[str, float]:
    return {factor: float(factor == chosen) for factor in case.weights}


def _step(case: KeyCase, factor: str, sign: int) -> dict[str, float] | None:
    """Move a weight by ten points, the others in proportion; None where there is no room."""
    shares = case.weight_shares()
    old, new = shares[factor], round(shares[factor] + sign * WEIGHT_STEP, 12)
    if not 0.0 <= new <= 1.0:
        return None
    rest = (1.0 - new) / (1.0 - old)
    return {name: new if name == factor else share * rest for name, share in shares.items()}


def _all_the_same(
    trials: Sequence[Trial], rule: SplitRule, base: HomesTable
) -> tuple[CounterExample, ...]:
    """Give the trials where all of them leave every whole number as it was, else nothing."""
    splits = split_all(rule, [trial.after for trial in trials])
    if not trials or any(split is None or _table(split) != base for split in splits):
        return ()
    made = tuple(CounterExample(trial, base, _table(rule(trial.after))) for trial in trials)
    return made if all(each.homes_after == base for each in made) else ()


def _rounding(
    case: KeyCase, rule: SplitRule, base: KeySplit, draws: int, seed: int
) -> Iterator[Finding]:
    """Tell where a home hangs on the rounding of inputs.

    A warning where a unit is declared or shows in the figures; a note where they are whole counts,
    which may be exact.
    """
    if not any(case.totals):
        return
    severity = Severity.WARNING if has_rounded_figures(case) else Severity.NOTE
    found = perturb(case, rule, base, draws, seed, rounding_units(case))
    at = int(found.moved.argmax())
    if found.moved[at] <= MOST_MOVED_SHARE:
        return
    values: dict[str, Told] = {
        "homes": int(found.base[at]),
        "percent": 100.0 * float(found.moved[at]),
        "draws": len(found.cases),
        "lowest": int(min(found.homes[:, at].min(), found.base[at])),
        "highest": int(max(found.homes[:, at].max(), found.base[at])),
    }
    breach = Breach(severity, code=case.codes[at], values=values)
    for draw in np.flatnonzero(found.homes[:, at] != found.base[at])[:_TRIES]:
        after = found.cases[int(draw)]
        split = rule(after)
        if split.cumulative[-1, at] != base.cumulative[-1, at]:
            trial = Trial(case, after, "rounding", case.codes[at])
            example = CounterExample(trial, _table(base), _table(split))
            yield _finding(ROUNDING, breach, (example,), case)
            return
