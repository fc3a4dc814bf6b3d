"""Cleaning what a browser drew: what goes, what is refused, what stays."""

import io

import pytest
from PIL import Image

from reports.export.pictures_svg import UnfitPictureError, clean_svg, png_of, size_of

pytestmark = pytest.mark.unit


def _svg(inside: str, root: str = 'width="40" height="20"') -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {names} {root}>{inside}</svg>".encode()


def test_shapes_texts_and_own_references_stay() -> None:
    inside = (
        '<defs><clipPath id="a"><rect width="9" height="9"/></clipPath></defs>'
        '<g clip-path="url(#a)"><path d="M0,0h9" style="stroke: rgb(1, 2, 3)"/></g>'
        '<text x="1" y="9">Zorg &amp; wonen <tspan style="font-weight: bold">12</tspan></text>'
    )
    assert clean_svg(_svg(inside)).decode() == (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" viewBox="0 0 40 20">'
        '<defs><clipPath id="a"><rect width="9" height="9" /></clipPath></defs>'
        '<g clip-path="url(#a)"><path d="M0,0h9" style="stroke: rgb(1, 2, 3)" /></g>'
        '<text x="1" y="9">Zorg &amp; wonen <tspan style="font-weight: bold">12</tspan></text>'
        "</svg>"
    )


def test_the_order_of_the_roots_attributes_makes_no_difference() -> None:
    one = _svg("<path d='M0,0'/>", 'width="40" height="20" style="" viewBox="0 0 40 20"')
    other = _svg("<path d='M0,0'/>", 'viewBox="0 0 40 20" style="" height="20" width="40"')
    assert clean_svg(one) == clean_svg(other)


def test_classes_data_attributes_and_empty_groups_go() -> None:
    inside = (
        '<g class="a"><g class="b"/></g>'
        '<rect class="c" data-index="1" style="pointer-events: all; cursor: auto" width="1"/>'
    )
    cleaned = clean_svg(_svg(inside)).decode()
    assert cleaned.endswith('viewBox="0 0 40 20"><rect width="1" /></svg>')


def test_a_link_becomes_plain_text() -> None:
    inside = (
        '<text>naar <a xlink:href="https://uit.example" href="javascript:x" target="_top" '
        'onclick="x()">Dorp</a> toe</text>'
    )
    cleaned = clean_svg(_svg(inside)).decode()
    assert "<text>naar <tspan>Dorp</tspan> toe</text>" in cleaned
    assert not any(word in cleaned for word in ("href", "example", "onclick", "target"))


@pytest.mark.parametrize(
    "inside",
    [
        "<script>x()</script>",
        '<image href="https://uit.example/a.png"/>',
        "<foreignObject><b>x</b></foreignObject>",
        '<use href="https://uit.example/a.svg#b"/>',
        "<style>@import 'https://uit.example'</style>",
        "<animate attributeName='x'/>",
        '<path style="fill: url(https://uit.example/a)"/>',
        "<path fill=\"url('https://uit.example/a')\"/>",
        '<path filter="URL( data:image/svg+xml,x )"/>',
        '<x xmlns="http://www.w3.org/1999/xhtml"/>',
    ],
)
def test_what_acts_or_points_elsewhere_is_refused(inside: str) -> None:
    with pytest.raises(UnfitPictureError):
        clean_svg(_svg(inside))


@pytest.mark.parametrize(
    "drawn",
    [
        b"",
        b"data:,",
        b"<svg",
        b"<html width='1' height='1'/>",
        _svg("", ""),
        _svg("", 'width="100%" height="20"'),
        _svg("<text>\x00</text>"),
    ],
)
def test_what_is_no_picture_with_a_size_is_refused(drawn: bytes) -> None:
    with pytest.raises(UnfitPictureError):
        clean_svg(drawn)


def test_png_has_the_pixels_of_the_picture_times_the_scale() -> None:
    svg = clean_svg(_svg('<rect width="40" height="20" style="fill: rgb(255, 0, 0)"/>'))
    assert size_of(svg) == (40, 20)
    for scale in (1, 2, 3):
        image = Image.open(io.BytesIO(png_of(svg, scale=scale)))
        assert image.size == (40 * scale, 20 * scale)
        assert image.convert("RGB").getcolors() == [(800 * scale**2, (255, 0, 0))]
