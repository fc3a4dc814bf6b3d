"""Pseudonyms tell nothing without the key, and differ from region to region."""

import hashlib
import random

import pytest

from pipelines.sources.keys import pseudonym, read_example_key
from tests.pipelines.sources.conftest import Region
from tests.pipelines.sources.gate.brute import citizen_numbers, guesses, matches, tried

pytestmark = pytest.mark.unit

KEY = hashlib.sha256(b"a key of this test").digest() * 2
TRIES = 20_000
"""`make soak` tries a million."""


def test_trying_numbers_without_the_key_finds_no_pseudonym() -> None:
    numbers = citizen_numbers(TRIES)
    clients = set(random.Random(7).sample(numbers, 50))
    *without, (name, found) = tried(KEY, numbers, clients)
    assert len(without) == 10
    assert {guess: hits for guess, hits in without if hits} == {}
    assert (name, found) == ("the secret", clients)  # the search finds what it looks for


def test_the_numbers_that_are_tried_are_citizen_numbers() -> None:
    numbers = citizen_numbers(1000)
    assert len(set(numbers)) == 1000
    assert numbers[0] == "100000009"
    for number in numbers:
        weighed = sum((9 - at) * int(digit) for at, digit in enumerate(number[:8]))
        assert (weighed - int(number[8])) % 11 == 0


@pytest.mark.parametrize("name", guesses("zuid", "client_id"))
def test_a_pseudonym_that_anybody_can_make_is_found(name: str) -> None:
    """Every guess would have found its own kind of pseudonym: no search that cannot find."""
    numbers = citizen_numbers(200)
    guess = guesses("zuid", "client_id")[name]
    weak = {guess(number)[:16].hex() for number in numbers[50:60]}
    assert matches(numbers, weak, guess) == set(numbers[50:60])
    if name == "the example key":
        assert weak == {
            pseudonym(read_example_key(), "zuid", "client_id", one) for one in numbers[50:60]
        }


def test_one_id_has_another_pseudonym_in_another_region() -> None:
    assert pseudonym(KEY, "zuid", "client_id", "C-1") != pseudonym(KEY, "noord", "client_id", "C-1")


def test_no_raw_id_comes_through_the_door(region: Region) -> None:
    region.deliver("stays", region.rows("stays", 30))
    found = region.read()
    said = str([frame.to_dicts() for frame in (*found.accepted.values(), found.changes)])
    assert found.accepted["stays"].height == 30
    assert "C-900001" not in said
    assert "V-1001" not in said
