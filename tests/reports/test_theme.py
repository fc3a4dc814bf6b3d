"""The look: contrast as measured, and one set of tokens for page and charts."""

import re

import pytest

from reports import theme

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("colour", theme.TEXT_COLOURS)
def test_every_colour_of_text_is_readable_on_paper(colour: str) -> None:
    assert theme.contrast(colour) >= 4.5


@pytest.mark.parametrize("colour", theme.TEXT_COLOURS)
def test_labels_are_readable_on_the_ground_of_the_forecast(colour: str) -> None:
    if colour != theme.REFERENCE:
        assert theme.contrast(colour, theme.GROUND) >= 4.5


@pytest.mark.parametrize(
    "colour",
    [theme.DEMAND, theme.REALISED, theme.CAP, theme.WAITING, theme.ALARM, theme.REFERENCE],
)
def test_every_line_stands_out_from_paper_ground_and_its_own_range(colour: str) -> None:
    assert theme.contrast(colour) >= 3
    assert theme.contrast(colour, theme.GROUND) >= 3
    assert theme.contrast(colour, theme.blend(colour, theme.OUTER_TINT)) >= 3


def test_the_measured_contrast_is_that_of_the_guideline() -> None:
    assert theme.contrast("#000000") == pytest.approx(21)
    assert theme.contrast("#FFFFFF") == pytest.approx(1)
    assert theme.contrast("#777777") == pytest.approx(4.48, abs=0.01)
    assert theme.contrast("#D9D9D9") < 3


def test_a_tint_and_its_solid_colour_agree() -> None:
    assert theme.tint(theme.DEMAND, 0.18) == "rgba(10,94,168,0.18)"
    assert theme.blend("#000000", 0.5) == "#808080"


def test_the_page_takes_every_colour_and_size_from_the_tokens() -> None:
    variables = theme.css_variables()
    for name, colour in theme.COLOURS.items():
        assert f"--{name}: {colour};" in variables
    assert "--type-headline: 4.0000rem;" in variables


def test_the_style_sheet_names_no_colour_of_its_own(page: str) -> None:
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    assert style is not None
    after_tokens = style[1].split("\n}\n", 1)[1]
    assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b|rgba?\(", after_tokens)


def test_the_charts_have_no_legend_no_vertical_gridlines_and_the_font() -> None:
    layout = theme.plotly_template().layout
    assert layout.showlegend is False
    assert layout.xaxis.showgrid is False
    assert layout.yaxis.showgrid is True
    assert layout.font.family.startswith('"IBM Plex Sans"')
    assert layout.separators == ",."


def test_the_font_and_its_licence_are_installed() -> None:
    assert theme.font_file().stat().st_size > 100_000
    assert "SIL Open Font License" in theme.font_licence().read_text(encoding="utf-8")
