"""Many splits at once: draws, years and keys in one call, with the results of the exact path.

Belongs here: vectorised largest remainder, Sainte-Lague and D'Hondt, and the look-up of the quota
method. Does not belong here: what a method is (`apportion`, `years`).

A result found in floating point counts only where it provably is the only one: every method has an
optimality condition that compares neighbouring claims, and a row is certain where the condition
holds by more than all rounding errors together. Ties and near ties therefore go the exact path of
`apportion`, with the same tie rule.

Source: the conditions are the min-max inequality of divisor methods, in Balinski & Young, "Fair
Representation" (1982), appendix A, and its counterpart for largest remainder (all of homes - share
lie within less than one of each other). Starting from rounding and repairing: Dorfleitner & Klein,
"Rounding with multiplier methods", Statistical Papers 40 (1999), 143-157.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import RefusedError, UsageError
from models.quota.apportion import METHODS
from models.quota.claims import Claimants, TieRule, Weights, read_claimants, whole_homes
from models.quota.years import quota_method_homes
from models.registry import nearest

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_CELLS_AT_ONCE = 1 << 17
"""Numbers in a chunk of rows: small enough for the processor's cache."""
_LARGEST_TOTAL = 1 << 40
"""Above this total (homes) and outside these weights rounding errors are not bounded here."""
_SMALLEST_WEIGHT, _LARGEST_WEIGHT = 1e-100, 1e100
_UNIT = float(np.finfo(np.float64).eps)


def apportion_many(
    weights: ArrayLike,
    totals: ArrayLike,
    method: str = "largest-remainder",
    *,
    ties: str = TieRule.CODE,
    seed: int | None = None,
    names: Iterable[str] | None = None,
) -> I64:
    """Split many totals into whole homes, each as `apportion` would.

    `largest-remainder`, `sainte-lague` and `dhondt` are vectorised; the other methods go row by
    row. Equal rows are split once.

    Args:
        weights: Weights of 0 or more, shape (claimants,) for all or (*batch, claimants).
        totals: Homes to split, whole numbers, shape (*batch) or one number; the batch shapes are
            broadcast together (keys by draw of shape (draws, 1, claimants) with totals of shape
            (draws, years) for instance).
        method: A name of `METHODS`.
        ties: How equal claims are decided (`TieRule`).
        seed: Seed of the lot.
        names: Names of the claimants; without names the position stands for the name.

    Returns:
        int64 of shape (*batch, claimants); the last axis adds up to the totals.

    Raises:
        UsageError: An unknown method or tie rule, totals that are negative or not whole, shapes
            that do not fit.
        RefusedError: Weights that are no numbers, negative or all 0; a tie where ties are refused.
    """
    if method not in METHODS:
        raise UsageError(
            f"method {method!r} does not split one total",
            todo=f"{nearest(method, METHODS)} A split over several years has its own methods.",
        )
    keys = _Keys(weights, ties, seed, names)
    homes_to_split = read_totals(totals)
    batch, key_of = keys.broadcast(homes_to_split)
    count = keys.values.shape[-1]
    if len(keys.values) == len(key_of):
        every_total = np.broadcast_to(homes_to_split, batch).ravel()
        return _split_all(keys, key_of, every_total, method).reshape(*batch, count)
    wanted, number = np.unique(homes_to_split, return_inverse=True)
    total_of = np.broadcast_to(number.reshape(homes_to_split.shape), batch).ravel()
    pairs, back = np.unique(key_of * max(len(wanted), 1) + total_of, return_inverse=True)
    if 2 * len(pairs) > len(key_of):
        homes = _split_all(keys, key_of, wanted[total_of], method)
    else:
        key, total = np.divmod(pairs, len(wanted))
        homes = _split_all(keys, key, wanted[total], method)[back.ravel()]
    return homes.reshape(*batch, count)


def _split_all(keys: "_Keys", key: I64, totals: I64, method: str) -> I64:
    """Split rows of a key and a total each: fast where that is certain, else exactly."""
    count = keys.values.shape[1]
    homes = np.zeros((len(key), count), dtype=np.int64)
    certain = np.zeros(len(key), dtype=np.bool_)
    if method in _VECTORISED:
        for rows in _chunks(len(key), count):
            found = split_rows(keys.values[key[rows]], totals[rows], method)
            homes[rows], certain[rows] = found
    exact: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(~certain).tolist():
        case = (int(key[row]), int(totals[row]))
        if case not in exact:
            exact[case] = METHODS[method](keys.claimants(case[0]), case[1], None)
        homes[row] = exact[case]
    return homes


def received_many(
    weights: Weights,
    running_totals: ArrayLike,
    *,
    ties: str = TieRule.CODE,
    seed: int | None = None,
    names: Iterable[str] | None = None,
) -> NDArray[np.int32]:
    """Look up how many homes each has received after running totals, under the quota method.

    One list of homes is made up to the largest running total; the counts are kept only at the
    totals that occur.

    Args:
        weights: One vector of weights, by name or as a list.
        running_totals: Homes given out since the first one, any shape (draws and years, for
            instance).
        ties: How equal claims are decided (`TieRule`).
        seed: Seed of the lot.
        names: Names of the weights of a list.

    Returns:
        int32 of shape (*running_totals.shape, claimants); the last axis adds up to the totals.

    Raises:
        UsageError: Totals that are negative or not whole.
        RefusedError: Weights that `apportion` refuses; a tie that decides one of the totals, where
            ties are refused.
    """
    claimants = read_claimants(weights, names=names, ties=ties, seed=seed)
    totals = read_totals(running_totals)
    readings, back = np.unique(totals, return_inverse=True)
    table = _counts_at(claimants, readings)
    return table[back.reshape(totals.shape)]


def apportion_years_many(
    weights: Weights,
    totals: ArrayLike,
    *,
    ties: str = TieRule.CODE,
    seed: int | None = None,
    names: Iterable[str] | None = None,
) -> NDArray[np.int32]:
    """Split the yearly totals of many draws by the quota method, each as `apportion_years` would.

    Args:
        weights: One vector of weights, by name or as a list.
        totals: Homes of a year, whole numbers, shape (*draws, years).
        ties: How equal claims are decided (`TieRule`).
        seed: Seed of the lot.
        names: Names of the weights of a list.

    Returns:
        int32 of shape (*draws, years, claimants); the last axis adds up to the totals.

    Raises:
        UitstroomError: See `received_many`.
    """
    yearly = read_totals(totals)
    if yearly.ndim == 0:
        raise UsageError(
            "the totals are not given per year", where="totals", expected="shape (..., years)"
        )
    received = received_many(weights, np.cumsum(yearly, axis=-1), ties=ties, seed=seed, names=names)
    # From the last year back, so that no second copy of the whole table is needed.
    for year in range(yearly.shape[-1] - 1, 0, -1):
        received[..., year, :] -= received[..., year - 1, :]
    return received


def read_totals(totals: ArrayLike) -> I64:
    """Give totals as int64.

    Raises:
        UsageError: One is no number, negative or not whole.
    """
    given = np.asarray(totals)
    if given.dtype.kind == "i":
        if given.size:
            whole_homes(int(given.min()), "totals")
        return given.astype(np.int64)
    flat = [whole_homes(value, "totals") for value in given.ravel().tolist()]
    return np.asarray(flat, dtype=np.int64).reshape(given.shape)


def _counts_at(claimants: Claimants, readings: I64) -> NDArray[np.int32]:
    """Give everybody's homes of the quota method after each of some rising totals."""
    homes = np.asarray(quota_method_homes(claimants, readings.tolist()), dtype=np.int64)
    table = np.zeros((len(readings), len(claimants)), dtype=np.int32)
    at_reading = np.searchsorted(readings, np.arange(1, len(homes) + 1))
    np.add.at(table, (at_reading, homes), 1)
    return np.cumsum(table, axis=0, dtype=np.int32, out=table)


class _Keys:
    """Distinct vectors of weights: as floats for the fast path, exact on demand.

    Attributes:
        values: float64, shape (keys, claimants).
    """

    def __init__(
        self, weights: ArrayLike, ties: str, seed: int | None, names: Iterable[str] | None
    ) -> None:
        given = _numbers(weights)
        self._shape = given.shape[:-1]
        self._given = given.reshape(-1, given.shape[-1])
        self._ties, self._seed = ties, seed
        self._names = None if names is None else list(names)
        self._read: dict[bytes | int, Claimants] = {}
        if given.dtype.kind == "O":
            for key in range(len(self._given)):
                self.claimants(key)
        if given.dtype.kind == "f" and given.dtype != np.float64:
            # The shortest decimal of a short float is not that of the float64 nearest to it.
            self.values = self._given.astype(str).astype(np.float64)
        else:
            self.values = self._given.astype(np.float64)
        is_sound = self.values.sum(axis=1) > 0
        if not self.values.min(initial=0.0) >= 0 or not self.values.max(initial=0.0) < np.inf:
            is_sound &= (np.isfinite(self.values) & (self.values >= 0)).all(axis=1)
        if is_sound.size:
            self.claimants(int(np.argmin(is_sound)))

    def broadcast(self, totals: I64) -> tuple[tuple[int, ...], I64]:
        """Give the shape of the batch, and the number of the key for each of its rows.

        Raises:
            UsageError: The shapes do not fit.
        """
        try:
            batch = np.broadcast_shapes(self._shape, totals.shape)
        except ValueError as error:
            raise UsageError(
                "weights and totals do not match",
                where="totals",
                found=f"shape {totals.shape} beside weights of {self._shape} splits",
                expected="shapes that can be broadcast together",
            ) from error
        numbers = np.arange(len(self.values)).reshape(self._shape)
        return batch, np.broadcast_to(numbers, batch).ravel()

    def claimants(self, key: int) -> Claimants:
        """Read one vector of weights exactly, once.

        Raises:
            UitstroomError: See `apportion`.
        """
        row = self._given[key]
        mark = key if row.dtype.kind == "O" else row.tobytes()
        if mark not in self._read:
            values = list(row) if row.dtype.kind == "f" else row.tolist()
            self._read[mark] = read_claimants(
                values, names=self._names, ties=self._ties, seed=self._seed
            )
        return self._read[mark]


def _numbers(weights: ArrayLike) -> NDArray[Any]:
    try:
        given = np.asarray(weights)
    except ValueError:  # rows of different lengths
        given = np.zeros(0)
    if given.ndim == 0 or given.shape[-1] == 0 or given.dtype.kind not in "iufO":
        raise RefusedError(
            "these are no weights to split by",
            where="weights",
            expected="numbers of shape (..., claimants)",
        )
    return given


def _chunks(rows: int, count: int) -> Iterator[slice]:
    step = max(_CELLS_AT_ONCE // count, 1)
    for start in range(0, rows, step):
        yield slice(start, start + step)


def split_rows(weights: F64, totals: I64, method: str) -> tuple[F64, NDArray[np.bool_]]:
    """Split some rows in floating point, by a vectorised method.

    Args:
        weights: Shape (rows, claimants).
        totals: Homes, shape (rows).
        method: `largest-remainder`, `sainte-lague` or `dhondt`.

    Returns:
        Whole homes, shape (rows, claimants), and which rows are certainly the only result.
    """
    bounded = totals < _LARGEST_TOTAL
    if weights.min() < _SMALLEST_WEIGHT or weights.max() > _LARGEST_WEIGHT:
        is_large = (weights > _LARGEST_WEIGHT).any(axis=1)
        is_small = ((weights > 0) & (weights < _SMALLEST_WEIGHT)).any(axis=1)
        bounded &= weights.any(axis=1) & ~is_large & ~is_small
    if not bounded.all():
        weights = np.where(bounded[:, None], weights, 1.0)
        totals = np.where(bounded, totals, 0)
    homes, is_only = _VECTORISED[method](weights, totals.astype(np.float64))
    return homes, bounded & is_only


def _largest_remainder(weights: F64, totals: F64) -> tuple[F64, NDArray[np.bool_]]:
    """Round every share, then repair the sum where homes - share is least (or most).

    Works on columns, one a split: sums and extremes over few claimants are fastest that way.
    """
    columns = np.ascontiguousarray(weights.T)
    shares = columns * (totals / columns.sum(axis=0))
    homes = np.rint(shares)
    ahead = homes - shares
    missing = (totals - homes.sum(axis=0)).astype(np.int64)
    wrong = np.flatnonzero(missing)
    if wrong.size:
        step = np.sign(missing[wrong])
        # Whoever is furthest behind gets a home; turned round where there are homes too many.
        behind = ahead[:, wrong] * step
        count = np.minimum(np.abs(missing[wrong]), len(columns))
        limit = np.sort(behind, axis=0)[count - 1, np.arange(wrong.size)]
        homes[:, wrong] += (behind <= limit) * step
        ahead = homes - shares
    # A share is off by an input's rounding, a sum of all weights, a quotient and a product.
    error = (len(columns) + 8) * _UNIT * (shares.max(axis=0) + 1)
    is_only = ahead.max(axis=0) - ahead.min(axis=0) < 1 - 2 * error
    return homes.T, is_only & (homes.sum(axis=0) == totals)


def _divisor_method(weights: F64, totals: F64, shift: float) -> tuple[F64, NDArray[np.bool_]]:
    """Round multiples of the weights, move the multiplier, then move homes one by one."""
    per_weight = 1 / weights.sum(axis=1)
    multiplier = totals * per_weight
    homes = np.floor(weights * multiplier[:, None] + shift)
    missing = totals - homes.sum(axis=1)
    rows = np.flatnonzero(np.abs(missing) > 1)
    for _ in range(8):
        if not rows.size:
            break
        multiplier[rows] += missing[rows] * per_weight[rows]
        homes[rows] = np.floor(weights[rows] * multiplier[rows, None] + shift)
        missing[rows] = totals[rows] - homes[rows].sum(axis=1)
        rows = rows[np.abs(missing[rows]) > 1]
    np.maximum(homes, 0, out=homes)
    missing = totals - homes.sum(axis=1)
    following = weights / (homes + (1 - shift))
    latest = _latest(weights, homes, shift)
    rows = np.flatnonzero(missing != 0)
    for _ in range(weights.shape[1]):
        if not rows.size:
            break
        step = np.sign(missing[rows])
        at = np.where(step > 0, following[rows].argmax(axis=1), latest[rows].argmin(axis=1))
        homes[rows, at] += step
        weight, number = weights[rows, at], homes[rows, at]
        following[rows, at] = weight / (number + (1 - shift))
        latest[rows, at] = _latest(weight, number, shift)
        missing[rows] -= step
        rows = rows[missing[rows] != 0]
    # Each quotient is off by an input's rounding and its own.
    is_only = latest.min(axis=1) > following.max(axis=1) * (1 + 8 * _UNIT)
    return homes, is_only & (missing == 0)


def _latest(weights: F64, homes: F64, shift: float) -> F64:
    """Give the claim by which each got its last home; nobody without homes can lose one."""
    divisors = np.where(homes > 0, homes - shift, 1.0)
    return np.where(homes > 0, weights / divisors, np.inf)


_VECTORISED: dict[str, Callable[[F64, F64], tuple[F64, NDArray[np.bool_]]]] = {
    "largest-remainder": _largest_remainder,
    "sainte-lague": partial(_divisor_method, shift=0.5),
    "dhondt": partial(_divisor_method, shift=0.0),
}
"""Homes under a divisor method are floor(multiplier x weight + shift), and the divisor of the next
home is homes + 1 - shift."""
