"""What all pages without a script share: templates, style, content policy, shared text.

Belongs here: the shell of a page. Does not belong here: what a page says, the report's own page
with its script (`build`).
"""

from functools import cache
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from reports import theme
from reports.document import Document
from reports.labels import Labels
from reports.marked import marked
from reports.told import tell

_TEMPLATES = "templates"
_SHEETS = ("page.css", "small.css")

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src 'self' file:; "
    "base-uri 'none'; form-action 'none'"
)
"""Nothing from elsewhere, and no script at all."""


def render_small(template: str, words: Labels, *, up: str = "", **view: Any) -> str:
    """Render a page without a script.

    Args:
        template: Name of the template.
        words: Labels.
        up: The way from the page's folder to the one where the font lies, as "../".
        view: What the template shows.
    """
    return (
        _environment()
        .get_template(template)
        .render(
            t=words.text,
            lang=words.text("html_lang"),
            style=Markup(_style(up)),
            policy=POLICY,
            cells=marked,
            worked=lambda text, made, tag="span": marked(tell(text, made), tag),
            **view,
        )
    )


def document_view(document: Document) -> dict[str, Any]:
    """Give what every page of a document shows above and below its own content."""
    return {
        "region": document.region,
        "month": document.month,
        "synthetic": document.facts.synthetic,
        "banners": document.banners,
        "footer": document.footer,
    }


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("reports", _TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


@cache
def _style(up: str) -> str:
    face = (
        f'@font-face {{ font-family: "{theme.FONT_NAME}"; src: url("{up}{theme.FONT_FILE}") '
        'format("truetype"); font-weight: 100 700; font-stretch: 85% 100%; '
        "font-display: swap; }"
    )
    folder = resources.files("reports").joinpath(_TEMPLATES)
    sheets = "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in _SHEETS)
    return f"{face}\n:root {{\n{theme.css_variables()}\n}}\n{sheets}"
