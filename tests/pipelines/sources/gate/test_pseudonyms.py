"""Pseudonyms tell nothing without the key, and differ from region to region."""

import hashlib
import random

import pytest

from pipelines.sources.keys import pseudonym
from tests.pipelines.sources.conftest import Region
from tests.pipelines.sources.gate.planted import bsn

pytestmark = pytest.mark.unit

KEY = hashlib.sha256(b"a key of this test").digest() * 2
TRIES = 100_000


def test_trying_numbers_without_the_key_finds_no_pseudonym() -> None:
    dice = random.Random(7)
    clients = {f"{dice.randrange(TRIES):09d}" for _ in range(50)} | {bsn(dice)}
    known = {pseudonym(KEY, "zuid", "client_id", one) for one in clients}
    guesses = (f"{at:09d}" for at in range(TRIES))
    plain = {hashlib.sha256(one.encode()).hexdigest()[:32] for one in guesses}
    wrong = {pseudonym(b"x" * 32, "zuid", "client_id", one) for one in clients}
    assert not known & (plain | wrong)
    assert known == {pseudonym(KEY, "zuid", "client_id", one) for one in clients}


def test_one_id_has_another_pseudonym_in_another_region() -> None:
    assert pseudonym(KEY, "zuid", "client_id", "C-1") != pseudonym(KEY, "noord", "client_id", "C-1")


def test_no_raw_id_comes_through_the_door(region: Region) -> None:
    region.deliver("stays", region.rows("stays", 30))
    found = region.read()
    said = str([frame.to_dicts() for frame in (*found.accepted.values(), found.changes)])
    assert found.accepted["stays"].height == 30
    assert "C-900001" not in said
    assert "V-1001" not in said
