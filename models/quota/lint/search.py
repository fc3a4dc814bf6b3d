"""Splitting many cases at once in doubles, for a search that looks for trouble.

Belongs here: a fast split of shares and totals by every method. Does not belong here: splits that
are shown or stored (`apportion`, `years`: exact), what is searched for (`laws`).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Homes = NDArray[np.int64]
Floats = NDArray[np.float64]

NEAR = 1e-9
"""Doubles that differ by less count as equal."""
SERVING_METHODS = frozenset({"adams", "dean", "huntington-hill"})
"""Methods that give every weight above 0 at least one home."""


def split_many(shares: Floats, totals: Homes, method: str) -> Homes:
    """Split many cases at once; equal claims go to the first column.

    Args:
        shares: Shares that add up to 1, shape (cases, municipalities), columns in code order.
        totals: Homes, shape (cases, years).
        method: A name of `METHODS` (every year alone) or of `YEAR_METHODS`.

    Returns:
        Whole homes, shape (cases, years, municipalities).
    """
    if method == "quota-method":
        return _quota_method(shares, totals)
    years = totals.shape[1]
    homes = np.zeros((len(shares), years, shares.shape[1]), dtype=np.int64)
    claims = np.zeros_like(shares)
    for year in range(years):
        total = totals[:, year]
        owed = shares * total[:, None]
        if method == "running-claim":
            claims = claims + owed
            homes[:, year] = _largest_claims(claims, total)
            claims = claims - homes[:, year]
        elif method == "largest-remainder":
            homes[:, year] = _largest_claims(owed, total)
        else:
            homes[:, year] = _divisor(shares, total, method)
    return homes


def _largest_claims(claims: Floats, total: Homes) -> Homes:
    """Give home by home to the largest claim: whole parts first, then by remainder."""
    homes = np.floor(np.maximum(claims, 0.0) + NEAR).astype(np.int64)
    while (over := homes.sum(axis=1) > total).any():  # negative claims: not all get their part
        at = np.where(homes[over] > 0, claims[over] - homes[over], np.inf).argmin(axis=1)
        homes[np.flatnonzero(over), at] -= 1
    left = total - homes.sum(axis=1)
    order = np.argsort(-np.round(claims - homes, 9), axis=1, kind="stable")
    ranks = np.argsort(order, axis=1, kind="stable")
    return np.asarray(homes + (ranks < left[:, None]), dtype=np.int64)


_DIVISORS: dict[str, Callable[[Floats], Floats]] = {
    "sainte-lague": lambda received: received + 0.5,
    "dhondt": lambda received: received + 1.0,
    "huntington-hill": lambda received: np.sqrt(received * (received + 1.0)),
    "adams": lambda received: received,
    "dean": lambda received: 2 * received * (received + 1.0) / (2 * received + 1.0),
}


def _divisor(shares: Floats, total: Homes, method: str) -> Homes:
    width = shares.shape[1]
    homes: Homes = np.floor(shares * np.maximum(total - width, 0)[:, None]).astype(np.int64)
    if method in SERVING_METHODS:
        homes = np.maximum(homes, shares > 0)
    lean = 1.0 - NEAR * 1e-3 * np.arange(width)
    rows = np.arange(len(shares))
    for _ in range(int((total - homes.sum(axis=1)).max(initial=0))):
        left = homes.sum(axis=1) < total
        with np.errstate(divide="ignore", invalid="ignore"):
            claims = shares * lean / _DIVISORS[method](homes.astype(np.float64))
        best = np.where(shares > 0, claims, -1.0).argmax(axis=1)
        homes[rows[left], best[left]] += 1
    return homes


def _quota_method(shares: Floats, totals: Homes) -> Homes:
    readings = np.cumsum(totals, axis=1)
    received = np.zeros(shares.shape)
    cumulative = np.zeros((*totals.shape, shares.shape[1]))
    lean = shares * (1.0 - NEAR * 1e-3 * np.arange(shares.shape[1]))
    rows = np.arange(len(shares))
    read_at = set(readings.ravel().tolist())
    for home in range(1, int(readings.max(initial=0)) + 1):
        ready = received + NEAR < home * shares
        best = np.where(ready, lean / (received + 1.0), -1.0).argmax(axis=1)
        received[rows, best] += 1.0
        if home in read_at:
            case, year = np.nonzero(readings == home)
            cumulative[case, year] = received[case]
    return np.asarray(np.diff(cumulative, axis=1, prepend=0.0), dtype=np.int64)
