"""Trying every citizen number without the key: what somebody would do who has pseudonyms only.

Belongs here: the numbers, what can be made of each without the secret, the comparison. Does not
belong here: making pseudonyms (`pipelines.sources.keys`), expectations.

A plain hash of a number of nine digits falls in minutes: there are only a billion of them. What is
tried is every such hash, and the real function under every key that anybody could know.
"""

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterator

import numpy as np
import numpy.typing as npt

from pipelines.sources.keys import PSEUDONYM_BYTES, pseudonym, read_example_key

FIRST = 100_000_000
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_LOOKED_AT = 12
"""Numbers looked at for each one wanted: about one in eleven passes the elfproef."""

Guess = Callable[[str], bytes]


def citizen_numbers(count: int) -> list[str]:
    """Give the first numbers of nine digits that pass the elfproef."""
    found: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
    start = FIRST
    while found.size < count:
        every = np.arange(start, start + _LOOKED_AT * count, dtype=np.int64)
        total = sum(
            weight * (every // 10 ** (8 - place) % 10) for place, weight in enumerate(_WEIGHTS)
        )
        found = np.concatenate([found, every[total % 11 == 0]])
        start += _LOOKED_AT * count
    return [str(number) for number in found[:count]]


def guesses(region_id: str, domain: str) -> dict[str, Guess]:
    """Give what can be made of a number without the secret, by name.

    Every guess gives at least as many bytes as a pseudonym has.
    """

    def message(number: str) -> bytes:
        return f"{region_id}\x1f{domain}\x1f{number}".encode()

    def keyed(key: bytes) -> Guess:
        return lambda number: hmac.digest(key, message(number), "sha256")

    return {
        "md5": lambda number: hashlib.md5(number.encode()).digest(),
        "sha1": lambda number: hashlib.sha1(number.encode()).digest(),
        "sha256": lambda number: hashlib.sha256(number.encode()).digest(),
        "sha512": lambda number: hashlib.sha512(number.encode()).digest(),
        "blake2": lambda number: hashlib.blake2b(number.encode()).digest(),
        "sha256 of the whole message": lambda number: hashlib.sha256(message(number)).digest(),
        "no key": keyed(b""),
        "the example key": keyed(read_example_key()),
        "the region as key": keyed(region_id.encode()),
        "the number as key": lambda number: hmac.digest(number.encode(), message(number), "sha256"),
    }


def matches(numbers: Collection[str], known: Collection[str], guess: Guess) -> set[str]:
    """Give the numbers of which a guess gives one of the known pseudonyms."""
    wanted = {bytes.fromhex(one) for one in known}
    return {number for number in numbers if guess(number)[:PSEUDONYM_BYTES] in wanted}


def tried(
    key: bytes, numbers: list[str], clients: Collection[str], *, region_id: str = "zuid"
) -> Iterator[tuple[str, set[str]]]:
    """Try all numbers against the pseudonyms of some of them, guess by guess.

    Args:
        key: The secret that made the pseudonyms.
        numbers: What is tried.
        clients: The numbers of which the pseudonyms are known.
        region_id: The region.

    Yields:
        The name of a guess and the numbers that it finds; last the secret itself, which finds all.
    """
    known = {pseudonym(key, region_id, "client_id", one) for one in clients}
    for name, guess in guesses(region_id, "client_id").items():
        yield name, matches(numbers, known, guess)

    def with_the_secret(number: str) -> bytes:
        return bytes.fromhex(pseudonym(key, region_id, "client_id", number))

    yield "the secret", matches(numbers, known, with_the_secret)
