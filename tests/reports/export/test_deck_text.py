"""Room that words take: laws of measuring and cutting."""

import pytest

from reports.export.deck_text import height, lines, plain, shorten, width

pytestmark = pytest.mark.unit

SENTENCE = "De vraag is gemiddeld 172 woningen in 2027 en 229 in 2035; de marges overlappen"


def test_width_grows_with_the_size_and_with_every_sign() -> None:
    assert width(SENTENCE, 28) == pytest.approx(2 * width(SENTENCE, 14))
    assert width(SENTENCE, 14, bold=True) > width(SENTENCE, 14)
    ends = [width(SENTENCE[:end], 14) for end in range(1, len(SENTENCE))]
    assert ends == sorted(ends)


def test_more_room_never_takes_more_lines() -> None:
    counts = [lines(SENTENCE, 18, room / 4) for room in range(2, 60)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 1


def test_a_word_that_is_wider_than_the_room_takes_several_lines() -> None:
    assert lines("x" * 200, 18, 2.0) >= width("x" * 200, 18) / 2.0
    assert lines("a\nb", 18, 5.0) == 2
    assert height("a\nb", 18, 5.0) == pytest.approx(2 * 18 * 1.2 / 72)


def test_what_is_cut_fits_is_marked_and_begins_as_it_did() -> None:
    cut = shorten(SENTENCE, 28, 5.0, 1)
    assert lines(cut, 28, 5.0) == 1
    assert cut.endswith(" …")
    assert SENTENCE.startswith(cut.removesuffix(" …"))
    assert shorten(SENTENCE, 14, 20.0, 1) == SENTENCE
    assert lines(shorten("x" * 500, 28, 5.0, 1), 28, 5.0) == 1


def test_only_signs_that_a_file_cannot_carry_are_replaced() -> None:
    assert plain("a\x00b\x1fc\ud800d\ufffee") == "a\ufffdb\ufffdc\ufffdd\ufffde"
    assert plain("€ é „ 😀\t<&>") == "€ é „ 😀\t<&>"
