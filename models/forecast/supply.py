"""Homes that associations let again, or for the first time, ten years ahead.

Belongs here: rates per home, region and parts in the same paths, the supply mart. Does not belong
here: cleaning deliveries (the core did that), claims on what is let (`models.quota`).

Three levels hang together in every path. The regional rate (lettings per home) follows a local
level on the log scale. Each cell, an association in a municipality, has a multiple of it: a Gamma
posterior, shrunk to 1 by as much as the cells resemble each other. The cell's count is drawn around
stock x rate x multiple; municipality and region are sums of cells in the same path.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from models.forecast.smoothing import local_level
from models.months import HORIZON_MONTHS, year_of
from models.units import Unit

F64 = npt.NDArray[np.float64]

ALL = "all"
DRAWS = 1024
LEAST_YEARS = 3
"""Years of lettings without which there is no forecast."""
BELIEVED_STEP = 0.05
"""Believed yearly relative change of the regional rate (standard deviation); a judgement."""
PRIOR_YEARS = 10.0
"""Weight, in years, of that belief against the change that the region shows itself."""
MOST_SPREAD = 25.0
"""Largest over-dispersion of a cell's yearly count (variance over mean) that is believed."""
_MEASURES = ("relets", "new_lettings")
_SUITABLE = "suitable_relets"


@dataclass(frozen=True)
class Cells:
    """Associations in municipalities, year by year; arrays of shape (cells, years).

    Attributes:
        names: Municipality code and association of each cell.
        years: Years in which homes were let.
        stock: Homes; not a number where nothing was delivered.
        flows: Homes let by measure; not a number where unknown.
    """

    names: list[tuple[str, str]]
    years: list[int]
    stock: F64
    flows: Mapping[str, F64]

    def until(self, years: int) -> "Cells":
        """Give the first years alone."""
        flows = {name: flow[:, :years] for name, flow in self.flows.items()}
        return Cells(self.names, self.years[:years], self.stock[:, :years], flows)


def read_cells(core_stock__yearly: pl.DataFrame) -> Cells | None:
    """Lay the delivered stock out by cell and year; None where nothing was delivered.

    Args:
        core_stock__yearly: association, municipality_code, flow_year, dwellings and the measures.
    """
    if core_stock__yearly.is_empty():
        return None
    rows = core_stock__yearly.sort("municipality_code", "association", "flow_year")
    keys = rows.select("municipality_code", "association").unique(maintain_order=True)
    names = [(str(code), str(association)) for code, association in keys.rows()]
    first, last = int(rows["flow_year"].min()), int(rows["flow_year"].max())  # type: ignore[arg-type]
    place = {name: at for at, name in enumerate(names)}
    where = [
        place[code, name]
        for code, name in rows.select("municipality_code", "association").iter_rows()
    ]
    when = (rows["flow_year"] - first).to_numpy()

    def laid(column: str) -> F64:
        table = np.full((len(names), last - first + 1), np.nan)
        table[where, when] = rows[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return table

    flows = {name: laid(name) for name in (*_MEASURES, _SUITABLE)}
    return Cells(names, list(range(first, last + 1)), laid("dwellings"), flows)


def forecast_supply(
    core_stock__yearly: pl.DataFrame, region_id: str, *, as_of: int
) -> pl.DataFrame:
    """Make `mart_supply__yearly_municipality`: what was let, and what will be.

    A cell goes on where it is in the latest delivered year. A measure that was never delivered has
    no rows, nor has one with fewer than three years a forecast.

    Args:
        core_stock__yearly: The delivered stock; without rows there are no rows.
        region_id: The region; it seeds the paths.
        as_of: Last month that counts as known; the table runs to the last full year of the ten.

    Returns:
        The mart's columns.
    """
    cells = read_cells(core_stock__yearly)
    if cells is None:
        return pl.DataFrame()
    rows = [*_observed(cells)]
    ahead = year_of(as_of + HORIZON_MONTHS + 1) - 1 - cells.years[-1]
    for measure, counts in draw_supply(cells, ahead, seed=region_id).items():
        goes_on = np.isfinite(cells.stock[:, -1])
        names = [name for name, on in zip(cells.names, goes_on, strict=True) if on]
        rows += _forecast_rows(measure, names, counts, cells.years[-1] + 1)
    return pl.DataFrame(rows).with_columns(
        region_id=pl.lit(region_id), unit=pl.lit(Unit.DWELLINGS.value)
    )


def draw_supply(cells: Cells, ahead: int, *, seed: str, draws: int = DRAWS) -> dict[str, F64]:
    """Draw paths of every measure that can be forecast.

    Args:
        cells: The history.
        ahead: Years ahead.
        seed: What seeds the paths, such as the region's id.
        draws: Number of paths.

    Returns:
        By measure, shape (cells that go on, ahead, draws); suitable re-lets never exceed re-lets.
    """
    found: dict[str, F64] = {}
    if ahead < 1:
        return found
    goes_on = np.isfinite(cells.stock[:, -1])
    for measure in _MEASURES:
        dice = _dice(seed, measure)
        paths = _draw_measure(cells.stock, cells.flows[measure], ahead, draws, dice)
        if paths is not None:
            found[measure] = paths[goes_on]
    suitable = _suitable_shares(cells, draws, _dice(seed, _SUITABLE))
    if "relets" in found and suitable is not None:
        dice = _dice(seed, f"{_SUITABLE} counts")
        shares = np.broadcast_to(suitable[goes_on][:, None], found["relets"].shape)
        found[_SUITABLE] = dice.binomial(found["relets"].astype(np.int64), shares).astype(float)
    return found


def draw_municipalities(
    core_stock__yearly: pl.DataFrame, region_id: str, *, years: Sequence[int]
) -> dict[str, npt.NDArray[np.int64]] | None:
    """Add up the suitable homes that come free in some years, by municipality, path by path.

    Suitable re-lets and, where these are delivered, first lettings of new homes. The paths are
    those of `forecast_supply`.

    Args:
        core_stock__yearly: The delivered stock.
        region_id: The region; it seeds the paths.
        years: Calendar years, all after the last delivered one.

    Returns:
        Homes by municipality, shape (paths,); None where too little was delivered for a forecast.
    """
    cells = read_cells(core_stock__yearly)
    if cells is None or not years or min(years) <= cells.years[-1]:
        return None
    ahead = max(years) - cells.years[-1]
    drawn = draw_supply(cells, ahead, seed=region_id)
    if _SUITABLE not in drawn:
        return None
    free = drawn[_SUITABLE] + drawn.get("new_lettings", 0.0)
    rows = [year - cells.years[-1] - 1 for year in years]
    goes_on = np.isfinite(cells.stock[:, -1])
    codes = [code for (code, _), on in zip(cells.names, goes_on, strict=True) if on]
    return {
        code: free[[at for at, other in enumerate(codes) if other == code]][:, rows]
        .sum(axis=(0, 1))
        .astype(np.int64)
        for code in sorted(set(codes))
    }


def _dice(*words: str) -> np.random.Generator:
    digest = hashlib.sha256(" ".join(words).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


# --- one measure ---------------------------------------------------------------------------------


def _draw_measure(
    stock: F64, flow: F64, ahead: int, draws: int, dice: np.random.Generator
) -> F64 | None:
    """Draw counts of a measure; shape (cells, ahead, draws), None where too little is known."""
    known = np.isfinite(stock) & np.isfinite(flow) & (np.nan_to_num(stock) > 0)
    homes, let = np.where(known, stock, 0.0), np.where(known, flow, 0.0)
    with_homes = homes.sum(axis=0) > 0
    if with_homes.sum() < LEAST_YEARS:
        return None
    homes, let, known = homes[:, with_homes], let[:, with_homes], known[:, with_homes]
    rate = let.sum(axis=0) / homes.sum(axis=0)
    expected = homes * rate
    shape, scale = _multiples(let.sum(axis=1), expected.sum(axis=1))
    fitted = expected * (shape * scale)[:, None]
    spread = _spread(let, fitted, known)
    rates = _draw_rates(let.sum(axis=0), homes.sum(axis=0), ahead, draws, dice)
    multiples = dice.gamma(np.broadcast_to(shape[:, None], (shape.size, draws))) * scale[:, None]
    mean = _stock_ahead(stock, ahead)[:, :, None] * rates * multiples[:, None]
    if spread > 1.0:
        steady = np.maximum(mean / (spread - 1.0), 1e-9)
        mean = dice.gamma(steady) * (spread - 1.0)
    return dice.poisson(mean).astype(np.float64)


def _multiples(let: F64, expected: F64) -> tuple[F64, F64]:
    """Give the Gamma posteriors of the cells' multiples of the regional rate: shape and scale.

    Empirical Bayes: the prior has mean 1 and the variance that the cells show beyond chance
    (moments; Clayton and Kaldor 1987, Biometrics 43). Posterior mean (let + a) / (expected + a).
    """
    total = expected.sum()
    if total <= 0.0:
        return np.ones_like(expected), np.ones_like(expected)
    ratio = np.divide(let, expected, out=np.ones_like(let), where=expected > 0.0)
    weight = expected / total
    variance = (weight * np.square(ratio - 1.0)).sum() - (expected > 0.0).sum() / total
    prior = 1.0 / float(np.clip(variance, 1e-3, 1.0))
    return let + prior, 1.0 / (expected + prior)


def _spread(let: F64, fitted: F64, known: npt.NDArray[np.bool_]) -> float:
    """Estimate variance over mean of the cells' yearly counts, between 1 and `MOST_SPREAD`."""
    chi = np.divide(np.square(let - fitted), fitted, out=np.zeros_like(let), where=fitted > 0.0)
    freedom = int(known.sum()) - let.shape[0] - let.shape[1] + 1
    return float(np.clip(chi[known].sum() / max(freedom, 1), 1.0, MOST_SPREAD))


def _draw_rates(let: F64, homes: F64, ahead: int, draws: int, dice: np.random.Generator) -> F64:
    """Draw paths of the regional rate; shape (ahead, draws)."""
    x = np.log((let + 0.5) / homes)
    level = local_level(x[None])
    own = x.size / (x.size + PRIOR_YEARS)
    step = np.sqrt(own * level.step_sd[0] ** 2 + (1.0 - own) * BELIEVED_STEP**2)
    chance = 1.0 / (let + 0.5).mean()
    common = np.sqrt(max(level.noise_sd[0] ** 2 - chance, 0.0))
    start = level.level[0] + level.level_sd[0] * dice.standard_normal(draws)
    walk = np.cumsum(step * dice.standard_normal((ahead, draws)), axis=0)
    noise = common * dice.standard_normal((ahead, draws))
    # Less half the variance: the mean rate stays where it is, and does not rise with the doubt.
    variance = level.level_sd[0] ** 2 + common**2 + step**2 * np.arange(1, ahead + 1)
    rates: F64 = np.exp(start + walk + noise - variance[:, None] / 2.0)
    return rates


def _stock_ahead(stock: F64, ahead: int) -> F64:
    """Let the homes of every cell grow as the region's homes did; shape (cells, ahead).

    Growth is counted between neighbouring years over the cells that are in both, and a cell that is
    no more stays at 0.
    """
    logs = []
    for at in range(1, stock.shape[1]):
        both = np.isfinite(stock[:, at]) & np.isfinite(stock[:, at - 1])
        before, after = stock[both, at - 1].sum(), stock[both, at].sum()
        if before > 0.0 and after > 0.0:
            logs.append(float(np.log(after / before)))
    growth = np.mean(logs) if logs else 0.0
    last = np.nan_to_num(stock[:, -1])
    return last[:, None] * np.exp(growth * np.arange(1, ahead + 1))


def _suitable_shares(cells: Cells, draws: int, dice: np.random.Generator) -> F64 | None:
    """Draw the share of re-lets that is suitable; Beta, shrunk to the region's share.

    Returns:
        Shape (cells, draws), None where it was never delivered.
    """
    suitable, relets = cells.flows[_SUITABLE], cells.flows["relets"]
    known = np.isfinite(suitable) & np.isfinite(relets)
    yes = np.where(known, np.minimum(suitable, relets), 0.0).sum(axis=1)
    of = np.where(known, relets, 0.0).sum(axis=1)
    if of.sum() <= 0.0:
        return None
    share = float(np.clip(yes.sum() / of.sum(), 1e-6, 1.0 - 1e-6))
    prior = 50.0  # homes; a cell of 50 re-lets weighs as much as the region does for it
    shape = np.broadcast_to((yes + prior * share)[:, None], (yes.size, draws))
    rest = np.broadcast_to((of - yes + prior * (1.0 - share))[:, None], (yes.size, draws))
    return dice.beta(shape, rest)


# --- rows ----------------------------------------------------------------------------------------


def _groups(names: list[tuple[str, str]]) -> Iterator[tuple[str, str, list[int]]]:
    """Give every cell, every municipality and the region, with the cells in it."""
    for at, (code, association) in enumerate(names):
        yield code, association, [at]
    for code in sorted({code for code, _ in names}):
        yield code, ALL, [at for at, name in enumerate(names) if name[0] == code]
    yield ALL, ALL, list(range(len(names)))


def _observed(cells: Cells) -> Iterator[dict[str, object]]:
    for measure, flow in cells.flows.items():
        for code, association, members in _groups(cells.names):
            for at, year in enumerate(cells.years):
                let = flow[members, at]
                there = np.isfinite(cells.stock[members, at])
                if not there.any() or not np.isfinite(let[there]).all():
                    continue  # unknown in one part: no sum that looks like the whole
                yield _row(year, code, association, measure, [float(let[there].sum())] * 3, False)


def _forecast_rows(
    measure: str, names: list[tuple[str, str]], counts: F64, first: int
) -> Iterator[dict[str, object]]:
    for code, association, members in _groups(names):
        total = counts[members].sum(axis=0)
        low, high = np.quantile(total, (0.1, 0.9), axis=1)
        for at, mean in enumerate(total.mean(axis=1)):
            ends = [float(mean), min(float(low[at]), mean), max(float(high[at]), mean)]
            yield _row(first + at, code, association, measure, ends, True)


def _row(
    year: int, code: str, association: str, measure: str, ends: list[float], is_forecast: bool
) -> dict[str, object]:
    return {
        "year": year,
        "municipality_code": code,
        "association": association,
        "measure": measure,
        "is_forecast": is_forecast,
        "mean": ends[0],
        "lo80": ends[1],
        "hi80": ends[2],
    }
