"""Random keys, sound ones and ones with a planted fault, and rules that break a law."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from models.quota.lint import KeyCase, KeyRule, KeySplit, SplitRule
from models.quota.lint.search import Floats

Planted = tuple[KeyCase, SplitRule]
FACTORS = ("households", "association_dwellings")


def generators(count: int, seed: int) -> Iterator[np.random.Generator]:
    for number in range(count):
        yield np.random.default_rng([seed, number])


def random_case(
    draw: np.random.Generator, *, years: int = 0, factors: int = 2, pressures: bool | None = None
) -> KeyCase:
    """Make a key as regions have them: whole counts, weights in percents, a measured pressure."""
    count = int(draw.integers(4, 11))
    codes = tuple(f"GM{number:04d}" for number in sorted(draw.permutation(2000)[:count]))
    values = {
        name: tuple(int(value) for value in draw.lognormal(9.0, 0.9, count))
        for name in FACTORS[:factors]
    }
    weights = {name: round(float(draw.uniform(0.3, 1.0)), 2) for name in values}
    length = years or int(draw.integers(1, 6))
    total = int(draw.integers(15, 41))
    measured = bool(draw.integers(2)) if pressures is None else pressures
    burden = tuple(round(float(value), 8) for value in draw.uniform(0.5, 2.0, count))
    return KeyCase(codes, values, weights, (total,) * length, burden if measured else None)


def base_shares(case: KeyCase) -> Floats:
    values = np.array(list(case.factors.values()), dtype=np.float64)
    weights = np.array([case.weights[name] for name in case.factors])
    parts = values / values.sum(axis=1, keepdims=True)
    return np.asarray((parts * (weights / weights.sum())[:, None]).sum(axis=0))


def remainders(shares: Floats, total: int) -> np.ndarray:
    homes = np.floor(shares * total + 1e-12).astype(np.int64)
    order = np.argsort(-(shares * total - homes), kind="stable")
    homes[order[: total - homes.sum()]] += 1
    return homes


def rule_of(shares_of: Callable[[KeyCase], Floats]) -> SplitRule:
    """Make a rule of shares: whole homes by remainder on the running total, rows by code."""

    def rule(case: KeyCase) -> KeySplit:
        order = np.argsort(np.array(case.codes))
        back = np.argsort(order)
        shares = shares_of(case)
        exact = shares * np.array(case.totals)[:, None]
        claims, rows = np.zeros(len(shares)), []
        for owed, total in zip(exact, case.totals, strict=True):
            claims = claims + owed
            ordered = np.maximum(claims[order], 0.0)
            homes = remainders(ordered / ordered.sum(), total)[back]
            claims = claims - homes
            rows.append(homes)
        return KeySplit(np.array(rows), exact)

    return rule


def additive_inverse(part: float) -> SplitRule:
    """Average the inverse of the pressure in, as the EU's key of 2015 did."""

    def shares(case: KeyCase) -> Floats:
        base = base_shares(case)
        if case.pressures is None:
            return base
        inverse = 1.0 / np.array(case.pressures)
        return np.asarray((1.0 - part) * base + part * inverse / inverse.sum())

    return rule_of(shares)


def rewards_pressure(case: KeyCase) -> Floats:
    """Give more to whoever has more burden."""
    shares = base_shares(case) * np.array(case.pressures or (1.0,) * len(case.codes))
    return np.asarray(shares / shares.sum())


def punishes_growth(case: KeyCase) -> Floats:
    """Divide by the second factor instead of counting it."""
    first, second = (np.array(column, dtype=np.float64) for column in case.factors.values())
    shares = first / first.sum() / (0.1 + second / second.sum())
    return np.asarray(shares / shares.sum())


def rounds_naively(case: KeyCase) -> KeySplit:
    exact = base_shares(case) * np.array(case.totals)[:, None]
    return KeySplit(np.floor(exact + 0.5).astype(np.int64), exact)


def first_rows_first(case: KeyCase) -> KeySplit:
    """Give the homes that are left to the first rows."""
    exact = base_shares(case) * np.array(case.totals)[:, None]
    homes = np.floor(exact + 1e-12).astype(np.int64)
    left = np.array(case.totals) - homes.sum(axis=1)
    homes += np.arange(len(case.codes)) < left[:, None]
    return KeySplit(homes, exact)


def loses_a_home(case: KeyCase, total: int) -> bool:
    """Tell in fractions whether one home more of a year takes one away by largest remainder."""
    shares = exact_shares(case)
    return any(
        more < less
        for less, more in zip(hamilton(shares, total), hamilton(shares, total + 1), strict=True)
    )


def exact_shares(case: KeyCase) -> list[Fraction]:
    weights = {name: Fraction(str(weight)) for name, weight in case.weights.items()}
    return [
        sum(
            (weights[name] * column[at] / sum(column) for name, column in case.factors.items()),
            Fraction(0),
        )
        / sum(weights.values())
        for at in range(len(case.codes))
    ]


def hamilton(shares: list[Fraction], total: int) -> list[int]:
    homes = [int(share * total) for share in shares]
    order = sorted(range(len(shares)), key=lambda at: homes[at] - shares[at] * total)
    for at in order[: total - sum(homes)]:
        homes[at] += 1
    return homes


# --- one planted fault each -------------------------------------------------------------------


def plant_additive_inverse(draw: np.random.Generator) -> Planted:
    case = random_case(draw, pressures=True)
    return case, additive_inverse(float(draw.uniform(0.05, 0.5)))


def plant_inverse_factor(draw: np.random.Generator) -> Planted:
    case = random_case(draw, pressures=True)
    scale = float(draw.uniform(0.1, 9.0))
    inverse = tuple(scale / each for each in case.pressures or ())
    return replace(
        case, factors={**case.factors, "own": inverse}, weights={**case.weights, "own": 0.2}
    ), KeyRule()


def plant_named_inverse(draw: np.random.Generator) -> Planted:
    case, rule = plant_inverse_factor(draw)
    factors = {("inverse_pressure" if name == "own" else name): values
               for name, values in case.factors.items()}  # fmt: skip
    weights = {name: case.weights.get(name, 0.2) for name in factors}
    return replace(case, factors=factors, weights=weights, pressures=None), rule


def plant_reward(draw: np.random.Generator) -> Planted:
    return random_case(draw, pressures=True), rule_of(rewards_pressure)


def plant_pressure_as_factor(draw: np.random.Generator) -> Planted:
    case = random_case(draw, pressures=True)
    factors = {**case.factors, "care_pressure": case.pressures or ()}
    weights = {**case.weights, "care_pressure": 0.3}
    return replace(case, factors=factors, weights=weights, pressures=None), KeyRule()


def plant_punished_growth(draw: np.random.Generator) -> Planted:
    return random_case(draw, pressures=False), rule_of(punishes_growth)


def plant_lost_home(draw: np.random.Generator) -> Planted:
    """Find a key of which one home more in a year takes one away."""
    while True:
        case = random_case(draw, years=1, pressures=False)
        quickly = [remainders(base_shares(case), case.totals[0] + more) for more in (0, 1)]
        if (quickly[1] < quickly[0]).any() and loses_a_home(case, case.totals[0]):
            return case, KeyRule("largest-remainder")


def plant_yearly_rounding(draw: np.random.Generator) -> Planted:
    """Find ten years split one by one that stray by a home or more."""
    while True:
        case = random_case(draw, years=10, pressures=False)
        shares, total = exact_shares(case), case.totals[0]
        off = zip(hamilton(shares, total), shares, strict=True)
        if any(abs(10 * (homes - share * total)) >= 1 for homes, share in off):
            return case, KeyRule("largest-remainder")


def plant_order(draw: np.random.Generator) -> Planted:
    """Find a key by which first rows get the homes that are left, neither none nor all."""
    while True:
        case = random_case(draw, pressures=False)
        homes = np.floor(base_shares(case) * case.totals[0] + 1e-12).sum()
        if 0 < case.totals[0] - homes < len(case.codes):
            return case, first_rows_first


def plant_naive_rounding(draw: np.random.Generator) -> Planted:
    """Find a key of which the rounded shares do not add up."""
    while True:
        case = random_case(draw, pressures=False)
        rounded = [int(share * case.totals[0] + Fraction(1, 2)) for share in exact_shares(case)]
        if sum(rounded) != case.totals[0]:
            return case, rounds_naively


def plant_minimum(draw: np.random.Generator) -> Planted:
    case = random_case(draw, years=1, pressures=False)
    owed = [share * case.totals[0] for share in exact_shares(case)]
    smallest = owed.index(min(owed))
    minimum = case.totals[0] // 10 + 1 + int(draw.integers(3)) + int(owed[smallest])
    minima = tuple(minimum if at == smallest else None for at in range(len(owed)))
    return replace(case, minima=minima), KeyRule("largest-remainder")


def plant_same_figures(draw: np.random.Generator) -> Planted:
    case = random_case(draw, pressures=False)
    unit = int(draw.integers(2, 9))
    again = tuple(unit * value for value in case.factors["households"])
    factors = {**case.factors, "again": again}
    return replace(case, factors=factors, weights={**case.weights, "again": 0.3}), KeyRule()


def plant_same_rows(draw: np.random.Generator) -> Planted:
    case = random_case(draw, pressures=False)
    other = str(draw.choice(["population", "households_2020"]))
    values = tuple(int(2.1 * value + draw.integers(900)) for value in case.factors["households"])
    if draw.integers(2):
        other = "social_dwellings"
        values = tuple(int(0.9 * value) for value in case.factors["association_dwellings"])
    factors = {**case.factors, other: values}
    return replace(case, factors=factors, weights={**case.weights, other: 0.3}), KeyRule()


def plant_idle_weights(draw: np.random.Generator) -> Planted:
    """Find a key of which each factor alone gives the same whole numbers."""
    while True:
        case = random_case(draw, years=1, pressures=False)
        nearly = tuple(
            round(value * 0.4 * float(draw.uniform(0.995, 1.005)))
            for value in case.factors["households"]
        )
        case = replace(case, factors={**case.factors, "association_dwellings": nearly})
        alone = [
            hamilton(exact_shares(case.with_weights({**dict.fromkeys(FACTORS, 0), name: 1})),
                     case.totals[0])
            for name in FACTORS
        ]  # fmt: skip
        mixed = hamilton(exact_shares(case), case.totals[0])
        if alone[0] == alone[1] == mixed:
            return case, KeyRule("largest-remainder")


def plant_knife_edge(draw: np.random.Generator) -> Planted:
    """Make two municipalities alike but for less than the rounding, with one odd home between."""
    case = random_case(draw, years=1, factors=1, pressures=False)
    values = [100 * max(value // 100, 5) for value in case.factors["households"]]
    values[1] = values[0]
    case = replace(case, factors={"households": tuple(values)})
    for total in range(case.totals[0], 10_000):
        homes = hamilton(exact_shares(case), total)
        if homes[0] != homes[1]:
            return replace(case, totals=(total,)), KeyRule("largest-remainder")
    raise AssertionError("two equal shares always get different numbers of some total")


def plant_unfit_indicator(draw: np.random.Generator) -> Planted:
    case = random_case(draw, pressures=True)
    if draw.integers(2):
        return replace(case, by_residence=False), KeyRule()
    return replace(case, without_facility_residents=False), KeyRule()


PLANTED: dict[str, tuple[str, Callable[[np.random.Generator], Planted]]] = {
    "additive inverse correction": ("least-burdened-loses", plant_additive_inverse),
    "inverse of the pressure as a factor": ("inverse-factor", plant_inverse_factor),
    "factor that says it is an inverse": ("inverse-factor", plant_named_inverse),
    "more burden, more homes": ("more-burden-raises", plant_reward),
    "the pressure itself as a factor": ("more-burden-raises", plant_pressure_as_factor),
    "more of a factor, fewer homes": ("more-households-lowers", plant_punished_growth),
    "a larger total takes a home": ("larger-total-lowers", plant_lost_home),
    "every year rounded alone": ("strays-from-share", plant_yearly_rounding),
    "first rows first": ("order-of-rows", plant_order),
    "naive rounding": ("does-not-add-up", plant_naive_rounding),
    "a minimum of more than a tenth": ("minima-take-much", plant_minimum),
    "the same figures twice": ("same-rows", plant_same_figures),
    "the same homes or people twice": ("same-rows", plant_same_rows),
    "weights that decide nothing": ("weights-do-not-matter", plant_idle_weights),
    "a home on the rounding": ("hangs-on-rounding", plant_knife_edge),
    "an indicator that counts facilities": ("pressure-indicator", plant_unfit_indicator),
}
"""Planted faults by name: the law they break, and how to make one."""
