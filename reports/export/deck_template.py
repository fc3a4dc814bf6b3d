"""The presentation's own template: theme, master and four layouts, made from the tokens.

Belongs here: page size, theme colours and fonts, the master's text styles, the layouts. Does not
belong here: a slide, or words of a report.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.sax.saxutils import escape

import pptx
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.presentation import Presentation
from pptx.slide import SlideLayout
from pptx.util import Inches

from models.months import MONTHS_PER_YEAR, parse_month
from reports import theme
from reports.labels import Labels

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
ROOM = WIDTH - 2 * MARGIN
"""Width between the margins (inches)."""

TITLE_PT, TEXT_PT, SMALL_PT, COVER_PT = 28, 18, 14, 40
FALL_BACK = "Arial"
FOOT = 0.32
FOOT_TOP = HEIGHT - MARGIN - FOOT
BODY_TOP = 1.75
GAP = 0.4
BODY_BOTTOM = FOOT_TOP - 0.12
HALF = (ROOM - GAP) / 2

_LONGEST_TITLE = 255
"""Characters of a property of the file (ECMA-376, part 2)."""

LAYOUTS = ("title", "idea", "columns", "table")
"""The layouts, in order: opening slide, one idea, two columns, table."""

NUMBER_FIELD = "{8B5A1C53-0E7F-4C70-9C0C-5D0E7C1F0A11}"
"""The id of the field with a slide's number."""

_TYPES = {"title": "title", "idea": "obj", "columns": "twoObj", "table": "tbl"}
_NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
_FACE = 'typeface="{face}" panose="020B0503050203000203" pitchFamily="34" charset="0"'
_INSETS = 'lIns="0" tIns="0" rIns="0" bIns="0" rtlCol="0"'


@dataclass(frozen=True)
class Holder:
    """A placeholder of master and layouts: its kind, number and place (inches)."""

    kind: str
    number: int
    x: float
    y: float
    wide: float
    high: float
    anchor: str = "t"


_TITLE = Holder("title", 0, MARGIN, MARGIN, ROOM, 1.05)
_FOOTERS = (
    Holder("ftr", 11, MARGIN, FOOT_TOP, 7.6, FOOT, "ctr"),
    Holder("sldNum", 12, WIDTH - MARGIN - 0.6, FOOT_TOP, 0.6, FOOT, "ctr"),
)
_BODY = Holder("body", 1, MARGIN, BODY_TOP, ROOM, BODY_BOTTOM - BODY_TOP)
_HOLDERS: dict[str, tuple[Holder, ...]] = {
    "title": (
        Holder("ctrTitle", 0, MARGIN, 1.5, ROOM, 1.6, "b"),
        Holder("subTitle", 1, MARGIN, 3.3, ROOM, 2.4),
        *_FOOTERS,
    ),
    "idea": (_TITLE, _BODY, *_FOOTERS),
    "columns": (
        _TITLE,
        Holder("body", 1, MARGIN, BODY_TOP, HALF, BODY_BOTTOM - BODY_TOP),
        Holder("body", 2, MARGIN + HALF + GAP, BODY_TOP, HALF, BODY_BOTTOM - BODY_TOP),
        *_FOOTERS,
    ),
    "table": (_TITLE, Holder("tbl", 1, MARGIN, BODY_TOP, ROOM, BODY_BOTTOM - BODY_TOP), *_FOOTERS),
}


def new_presentation(words: Labels, *, title: str, as_of: str) -> Presentation:
    """Make a presentation without slides, in our own template.

    Args:
        words: Labels.
        title: Title in the file's properties.
        as_of: Last month that counts as known, "YYYY-MM"; its last day stands for the clock.
    """
    presentation = pptx.Presentation()
    presentation.slide_width, presentation.slide_height = Inches(WIDTH), Inches(HEIGHT)
    presentation.element.find(_tag("sldSz")).attrib.pop("type", None)
    _drop_extras(presentation)
    _write_theme(presentation)
    _write_master(presentation, words)
    _write_layouts(presentation, words)
    about = presentation.core_properties
    about.title, about.subject = title[:_LONGEST_TITLE], words.text("deck.subject")
    about.author = about.last_modified_by = words.text("deck.author")
    about.comments = ""
    about.language, about.revision = words.text("html_lang"), 1
    about.created = about.modified = last_moment(as_of)
    return presentation


def last_moment(month: str) -> datetime:
    """Give noon of the last day of a month "YYYY-MM": the moment that files carry as theirs."""
    after = parse_month(month) + 1
    first = date(after // MONTHS_PER_YEAR, after % MONTHS_PER_YEAR + 1, 1)
    return datetime.combine(date.fromordinal(first.toordinal() - 1), time(12))


def layout(presentation: Presentation, kind: str) -> SlideLayout:
    """Give a layout by its kind, one of `LAYOUTS`."""
    return presentation.slide_layouts[LAYOUTS.index(kind)]


def _drop_extras(presentation: Presentation) -> None:
    """Take out what the library's own template brings along: a thumbnail, printer settings."""
    part = presentation.part
    for owner, kind in (
        (part, RT.PRINTER_SETTINGS),
        (part.package, RT.THUMBNAIL),
    ):
        relations = owner.rels if owner is part else owner._rels
        for key in [key for key, item in relations.items() if item.reltype == kind]:
            relations.pop(key)
    kept = list(presentation.slide_layouts)[: len(LAYOUTS)]
    for one in list(presentation.slide_layouts):
        if one not in kept:
            presentation.slide_layouts.remove(one)


def _write_theme(presentation: Presentation) -> None:
    colours = {
        "dk1": theme.INK,
        "lt1": theme.PAPER,
        "dk2": theme.QUIET,
        "lt2": theme.GROUND,
        "accent1": theme.DEMAND,
        "accent2": theme.REALISED,
        "accent3": theme.CAP,
        "accent4": theme.WAITING,
        "accent5": theme.ALARM,
        "accent6": theme.REFERENCE,
        "hlink": theme.DEMAND,
        "folHlink": theme.WAITING,
    }
    shades = "".join(
        f'<a:{name}><a:srgbClr val="{colour[1:]}"/></a:{name}>' for name, colour in colours.items()
    )
    face = (
        f"<a:latin {_FACE.format(face=theme.FONT_NAME)}/>"
        f'<a:ea typeface=""/><a:cs typeface="{FALL_BACK}"/>'
    )
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line = f'<a:ln w="9525">{fill}<a:prstDash val="solid"/></a:ln>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<a:theme {_NAMESPACES} name="Uitstroom"><a:themeElements>'
        f'<a:clrScheme name="Uitstroom">{shades}</a:clrScheme>'
        f'<a:fontScheme name="Uitstroom"><a:majorFont>{face}</a:majorFont>'
        f"<a:minorFont>{face}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="Uitstroom"><a:fillStyleLst>{fill * 3}</a:fillStyleLst>'
        f"<a:lnStyleLst>{line * 3}</a:lnStyleLst><a:effectStyleLst>{effect * 3}"
        f"</a:effectStyleLst><a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme>"
        "</a:themeElements></a:theme>"
    )
    part = presentation.slide_master.part.part_related_by(RT.THEME)
    part._blob = xml.encode()


def _write_master(presentation: Presentation, words: Labels) -> None:
    master = presentation.slide_master._element
    _replace(master, _shapes((_TITLE, _BODY, *_FOOTERS), words, with_places=True))
    language = words.text("html_lang")
    levels = "".join(
        f'<a:lvl{place}pPr marL="{bullet}" indent="{-bullet}" algn="l" rtl="0">'
        f'<a:lnSpc><a:spcPct val="100000"/></a:lnSpc><a:spcBef><a:spcPts val="600"/></a:spcBef>'
        + ('<a:buFont typeface="Arial"/><a:buChar char="•"/>' if bullet else "<a:buNone/>")
        + f"{_style(TEXT_PT, 'tx1', language)}</a:lvl{place}pPr>"
        for place, bullet in ((1, 0), (2, 228600))
    )
    styles = parse_xml(
        f"<p:txStyles {_NAMESPACES}><p:titleStyle>"
        '<a:lvl1pPr algn="l" rtl="0"><a:lnSpc><a:spcPct val="100000"/></a:lnSpc>'
        f"<a:buNone/>{_style(TITLE_PT, 'tx1', language, bold=True)}</a:lvl1pPr></p:titleStyle>"
        f"<p:bodyStyle>{levels}</p:bodyStyle><p:otherStyle>"
        f'<a:lvl1pPr algn="l" rtl="0">{_style(SMALL_PT, "tx1", language)}</a:lvl1pPr>'
        "</p:otherStyle></p:txStyles>"
    )
    old = master.find(_tag("txStyles"))
    master.replace(old, styles)


def _write_layouts(presentation: Presentation, words: Labels) -> None:
    for kind, one in zip(LAYOUTS, presentation.slide_layouts, strict=True):
        element = one._element
        element.set("type", _TYPES[kind])
        element.find(_tag("cSld")).set("name", words.text(f"deck.layout.{kind}"))
        _replace(element, _shapes(_HOLDERS[kind], words, with_places=True))


def _replace(owner: Any, tree: str) -> None:
    data = owner.find(_tag("cSld"))
    data.replace(data.find(_tag("spTree")), parse_xml(tree))


def _shapes(holders: tuple[Holder, ...], words: Labels, *, with_places: bool) -> str:
    shapes = "".join(
        _shape(place, holder, words, with_places) for place, holder in enumerate(holders, start=2)
    )
    return (
        f'<p:spTree {_NAMESPACES}><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/>'
        "</p:nvGrpSpPr><p:grpSpPr/>"
        f"{shapes}</p:spTree>"
    )


def _shape(place: int, holder: Holder, words: Labels, with_places: bool) -> str:
    name = words.text(f"deck.holder.{holder.kind}")
    marks = f' idx="{holder.number}"' if holder.number else ""
    small = holder.kind in {"ftr", "sldNum"}
    sizes = {"ctrTitle": COVER_PT, "subTitle": TEXT_PT}
    style = ""
    if small:
        style = f'<a:lvl1pPr algn="{"r" if holder.kind == "sldNum" else "l"}">'
        style += f"{_style(SMALL_PT, 'tx2', words.text('html_lang'))}</a:lvl1pPr>"
    elif holder.kind == "ctrTitle":
        style = (
            f"<a:lvl1pPr>{_style(sizes[holder.kind], 'tx1', words.text('html_lang'), bold=True)}"
        )
        style += "</a:lvl1pPr>"
    text = f"<a:r><a:t>{escape(name)}</a:t></a:r>"
    if holder.kind == "sldNum":
        text = f'<a:fld id="{NUMBER_FIELD}" type="slidenum"><a:t>1</a:t></a:fld>'
    where = (
        f'<a:xfrm><a:off x="{Inches(holder.x)}" y="{Inches(holder.y)}"/>'
        f'<a:ext cx="{Inches(holder.wide)}" cy="{Inches(holder.high)}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        if with_places
        else ""
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{place}" name="{escape(name)} {place}"/>'
        f'<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="{holder.kind}"{marks}/>'
        f"</p:nvPr></p:nvSpPr><p:spPr>{where}</p:spPr><p:txBody>"
        f'<a:bodyPr vert="horz" wrap="square" {_INSETS} anchor="{holder.anchor}"><a:noAutofit/>'
        f"</a:bodyPr><a:lstStyle>{style}</a:lstStyle><a:p>{text}</a:p></p:txBody></p:sp>"
    )


def _style(size: float, colour: str, language: str, *, bold: bool = False) -> str:
    heavy = ' b="1"' if bold else ""
    return (
        f'<a:defRPr lang="{language}" sz="{round(size * 100)}"{heavy} kern="1200"><a:solidFill>'
        f'<a:schemeClr val="{colour}"/></a:solidFill><a:latin typeface="+mn-lt"/>'
        f'<a:ea typeface="+mn-ea"/><a:cs typeface="+mn-cs"/></a:defRPr>'
    )


def _tag(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/presentationml/2006/main}}{name}"
