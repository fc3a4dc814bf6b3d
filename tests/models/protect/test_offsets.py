"""Offsets are keyed, uniform and blind to the truth; targets follow from them."""

import hashlib
from collections import Counter
from itertools import pairwise

import pytest
from scipy.stats import chi2

from models.errors import UsageError
from models.protect import BASES, offset, round_jointly, target
from models.protect.offsets import WEIGHT_STEPS, weight

KEY = b"a fixed key that nobody uses for real"
CELLS = [f"people/GM{place:04d}/{year}" for place in range(500) for year in range(2020, 2040)]


def hmac_by_hand(key: bytes, message: bytes) -> bytes:
    """RFC 2104 with SHA-256, written out."""
    padded = (key if len(key) <= 64 else hashlib.sha256(key).digest()).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()


def chi_square(found: Counter, values: int) -> float:
    expected = found.total() / values
    return sum((found[value] - expected) ** 2 / expected for value in range(values))


@pytest.mark.reference
@pytest.mark.parametrize("base", BASES)
def test_an_offset_is_the_first_usable_byte_of_the_standards_hmac(base: int) -> None:
    passed_over = 0
    for cell in CELLS[:2000]:
        message = b"protect offset\x1fhaaglanden\x1f" + cell.encode()
        drawn = list(hmac_by_hand(KEY, message))
        usable = [byte for byte in drawn if byte < 256 // base * base]
        passed_over += drawn[0] != usable[0]
        assert offset(KEY, "haaglanden", cell, base) == usable[0] % base
    assert passed_over > 0


@pytest.mark.properties
@pytest.mark.parametrize("base", BASES)
def test_offsets_of_cells_are_uniform(base: int) -> None:
    found = Counter(offset(KEY, "haaglanden", cell, base) for cell in CELLS)
    assert chi_square(found, base) < chi2.ppf(0.999, base - 1)


@pytest.mark.properties
def test_offsets_of_one_cell_are_uniform_over_keys() -> None:
    keys = [hashlib.sha256(str(number).encode()).digest() for number in range(5000)]
    found = Counter(offset(key, "haaglanden", CELLS[0], 5) for key in keys)
    assert chi_square(found, 5) < chi2.ppf(0.999, 4)


@pytest.mark.properties
@pytest.mark.parametrize(
    ("region", "base"), [("haaglanden", 5), ("haaglanden", 10), ("alkmaar", 5)]
)
def test_offsets_of_neighbouring_cells_and_regions_are_unrelated(region: str, base: int) -> None:
    pairs = Counter(
        offset(KEY, "haaglanden", first, 5) * base + offset(KEY, region, second, base)
        for first, second in pairwise(CELLS)
    )
    assert chi_square(pairs, 5 * base) < chi2.ppf(0.999, 5 * base - 1)


@pytest.mark.unit
def test_offsets_of_one_cell_differ_between_regions_keys_and_bases() -> None:
    others = [
        [offset(KEY, "alkmaar", cell, 10) for cell in CELLS[:100]],
        [offset(KEY + b"!", "haaglanden", cell, 10) for cell in CELLS[:100]],
        [weight(KEY, "haaglanden", cell) % 10 for cell in CELLS[:100]],
    ]
    ours = [offset(KEY, "haaglanden", cell, 10) for cell in CELLS[:100]]
    for other in others:
        assert sum(a == b for a, b in zip(ours, other, strict=True)) < 30


@pytest.mark.properties
@pytest.mark.parametrize("base", BASES)
def test_the_offset_of_a_cell_is_the_same_whatever_its_truth(base: int) -> None:
    for cell in CELLS[:40]:
        drawn = offset(KEY, "haaglanden", cell, base)
        for truth in range(3 * base + 1):
            alone = round_jointly({cell: truth}, [], key=KEY, region_id="haaglanden", base=base)
            assert alone.figures[cell] == base * ((truth + drawn) // base)


@pytest.mark.properties
@pytest.mark.parametrize("base", BASES)
def test_a_target_is_unbiased_over_offsets_next_to_its_truth_and_never_falls_with_it(
    base: int,
) -> None:
    for truth in range(4 * base):
        aims = [target(truth, drawn, base) for drawn in range(base)]
        assert sum(aims) == base * truth
        assert set(aims) <= {truth // base * base, -(-truth // base) * base}
        later = [target(truth + 1, drawn, base) for drawn in range(base)]
        assert all(after >= aim for after, aim in zip(later, aims, strict=True))
        assert sum(after != aim for after, aim in zip(later, aims, strict=True)) == 1


@pytest.mark.properties
def test_weights_of_cells_are_uniform_and_never_nothing() -> None:
    weights = [weight(KEY, "haaglanden", cell) for cell in CELLS]
    assert min(weights) == 1
    assert max(weights) == WEIGHT_STEPS
    found = Counter((one - 1) // 64 for one in weights)
    assert chi_square(found, WEIGHT_STEPS // 64) < chi2.ppf(0.999, WEIGHT_STEPS // 64 - 1)


@pytest.mark.properties
@pytest.mark.parametrize("base", BASES)
def test_the_weight_of_a_cell_says_nothing_about_its_offset(base: int) -> None:
    pairs = Counter(
        offset(KEY, "haaglanden", cell, base) * 4
        + (weight(KEY, "haaglanden", cell) - 1) * 4 // WEIGHT_STEPS
        for cell in CELLS
    )
    assert chi_square(pairs, 4 * base) < chi2.ppf(0.999, 4 * base - 1)


@pytest.mark.unit
def test_a_short_key_another_base_and_a_name_with_a_separator_are_refused() -> None:
    with pytest.raises(UsageError, match="found 31 bytes; expected at least 32"):
        offset(b"k" * 31, "haaglanden", "cell", 5)
    with pytest.raises(UsageError, match="found 3; expected 5 or 10"):
        offset(KEY, "haaglanden", "cell", 3)
    for region, cell in (("haag\x1flanden", "cell"), ("haaglanden", "ce\x1fll")):
        with pytest.raises(UsageError, match="control character"):
            offset(KEY, region, cell, 5)
