"""What a browser drew, made clean: bare shapes and text, nothing that acts or points elsewhere.

Belongs here: cleaning and refusing an SVG, its size, and the PNG made of it. Does not belong here:
drawing (`pictures`), what stands around a picture (`chart_files` and the other formats).
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Literal
from xml.etree import ElementTree

import typst

from reports import theme
from reports.export.pdf_font import printable_text
from reports.visible import code_point

_SVG = "http://www.w3.org/2000/svg"
_SHAPES = frozenset(
    {"svg", "g", "defs", "clipPath", "rect", "path", "line", "circle", "text", "tspan"}
)
_LINK = "a"
_DROPPED = frozenset({"class", "role", "cursor"})
_DROPPED_STARTS = ("data-", "aria-", "on", "{")
_DROPPED_STYLES = frozenset(
    {"pointer-events", "cursor", "user-select", "vector-effect", "direction"}
)
_ELSEWHERE = re.compile(r"url\(\s*[\"']?(?!#)", re.IGNORECASE)


class UnfitPictureError(ValueError):
    """A picture that failed, or holds what no picture of ours holds."""


def clean_svg(drawn: bytes) -> bytes:
    """Give an SVG with the shapes and the text only.

    Empty groups, classes, data attributes and links go; the order of the root's attributes, which
    the browser does not keep, is fixed.

    Raises:
        UnfitPictureError: It is no SVG, or holds an element or address that does not belong there.
    """
    try:
        root = ElementTree.fromstring(drawn)
    except ElementTree.ParseError as error:
        raise UnfitPictureError(f"the browser gave no SVG: {error}") from error
    _clean(root)
    width, height = root.get("width", ""), root.get("height", "")
    if root.tag != f"{{{_SVG}}}svg" or not (width.isdigit() and height.isdigit()):
        raise UnfitPictureError("the browser gave no SVG with a size in pixels")
    root.attrib.clear()
    root.attrib |= {"width": width, "height": height, "viewBox": f"0 0 {width} {height}"}
    ElementTree.register_namespace("", _SVG)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=False))


def _clean(element: ElementTree.Element) -> None:
    name = element.tag.rpartition("}")[2]
    if name == _LINK:
        element.tag = element.tag.replace(f"}}{_LINK}", "}tspan")
    elif name not in _SHAPES:
        raise UnfitPictureError(f"a picture holds no <{name}>")
    for key, value in list(element.attrib.items()):
        if key in _DROPPED or key.startswith(_DROPPED_STARTS) or key in ("href", "target"):
            del element.attrib[key]
        elif _ELSEWHERE.search(value):
            raise UnfitPictureError(f"a picture points nowhere: {key}={value[:60]}")
    if "style" in element.attrib:
        _clean_style(element)
    element.text, element.tail = _said(element.text), _said(element.tail)
    for child in list(element):
        _clean(child)
        if child.tag == f"{{{_SVG}}}g" and not len(child):
            element.remove(child)


def _said(text: str | None) -> str | None:
    """Write a text in characters that a PDF can set; a mark without its letter is none."""
    if text is None:
        return None
    return "".join(
        code_point(char) if unicodedata.combining(char) else char for char in printable_text(text)
    )


def _clean_style(element: ElementTree.Element) -> None:
    parts = [part.strip() for part in element.attrib["style"].split(";")]
    kept = [part for part in parts if part and part.split(":")[0] not in _DROPPED_STYLES]
    if kept:
        element.set("style", "; ".join(kept))
    else:
        del element.attrib["style"]


def size_of(svg: bytes) -> tuple[int, int]:
    """Give the width and height (pixels) of a clean SVG."""
    root = ElementTree.fromstring(svg)
    return int(root.attrib["width"]), int(root.attrib["height"])


def png_of(svg: bytes, *, scale: float = 2.0) -> bytes:
    """Give a picture as PNG with `scale` pixels for each of its own, in the font of the theme."""
    source = (
        "#set page(width: auto, height: auto, margin: 0pt)\n"
        '#image(bytes(sys.inputs.svg), format: "svg", width: float(sys.inputs.width) * 1pt)'
    )
    return typeset(
        source, {"svg": svg.decode(), "width": str(size_of(svg)[0])}, "png", ppi=72 * scale
    )


def typeset(
    source: str,
    inputs: Mapping[str, str],
    kind: Literal["png", "svg", "pdf"],
    *,
    ppi: float | None = None,
) -> bytes:
    """Typeset one page in the font of the theme, whatever fonts the system has."""
    made = _compiler().compile(source.encode(), format=kind, ppi=ppi, sys_inputs=dict(inputs))
    assert isinstance(made, bytes)
    return made


@cache
def _compiler() -> typst.Compiler:
    """Make the compiler once: reading the fonts costs more than a picture."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(theme.font_file().parent)])
    return typst.Compiler(font_paths=fonts)
