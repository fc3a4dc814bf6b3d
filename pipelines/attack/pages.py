"""Reading HTML pages and SVG drawings: figures that name their cell, tables, texts, chart data.

Belongs here: the parser. Does not belong here: other formats (`books`, `papers`), matching
(`matching`).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

from models.errors import RefusedError
from pipelines.attack.language import Language, language_named
from pipelines.attack.readings import (
    Cell,
    File,
    Reading,
    Table,
    Token,
    cut,
    read_value,
)

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_SAID = ("aria-label", "alt", "title", "content", "aria-description")
"""Attributes in which words stand."""


@dataclass
class _Box:
    """A cell of a table while it is read."""

    text: str = ""
    cell: Cell | None = None
    is_head: bool = False


@dataclass
class _Tagged:
    """An element that names its cell, while it is read."""

    cell: Cell
    depth: int
    value: str | None
    language: Language
    text: str = ""
    row: list[_Box] | None = None


@dataclass
class _Grid:
    """A table while it is read; `file` is the CSV file with its numbers, where it says so."""

    file: str = ""
    heads: list[str] = field(default_factory=list)
    rows: list[list[_Box]] = field(default_factory=list)


def read_page(path: str, source: str, language: Language) -> File:
    """Read an HTML page or an SVG drawing.

    Args:
        path: Its path within the release.
        source: Its text.
        language: Of the edition. A part that says to be in another one is read in that.

    Raises:
        RefusedError: A part says to be in a language that is not read here, or does not end.
    """
    parser = _Parser(path, language)
    parser.feed(source)
    parser.close()
    return parser.finish()


class _Parser(HTMLParser):
    """Collects the tagged figures, tables, texts and data of a page."""

    def __init__(self, path: str, language: Language) -> None:
        super().__init__(convert_charrefs=True)
        self._file = File(path)
        self._language = language
        self._outer: list[tuple[int, Language]] = []
        self._depth = 0
        self._tagged: list[_Tagged] = []
        self._grids: list[_Grid] = []
        self._box: _Box | None = None
        self._tokens: list[Token] = []
        self._skip = ""
        self._data = ""
        self._held: list[tuple[_Tagged, list[_Box]]] = []
        self._renamed: dict[Cell | None, Cell] = {}

    def finish(self) -> File:
        """Give what was read, rows of the page's own tables named by their words.

        Raises:
            RefusedError: Where a part in another language ends cannot be told.
        """
        if self._outer:
            raise RefusedError(
                "A published page cannot be read, so that nothing can be said of it",
                where=self._file.path,
                found="elements that are not closed, inside of one that says its language",
                expected="a page as a report of this product writes it",
                todo="Render the report again.",
            )
        name = self._renamed.get
        self._file.places.update({cell: new for cell, new in self._renamed.items() if cell})
        self._file.texts.insert(
            0, tuple(replace(one, cell=name(one.cell, one.cell)) for one in self._tokens)
        )
        self._file.tables = [
            replace(
                table,
                cells=tuple(tuple(name(cell, cell) for cell in row) for row in table.cells),
            )
            for table in self._file.tables
        ]
        for one, row in self._held:
            words = tuple(box.text.strip() for box in row if box.cell is None)
            self._keep(one, words)
        return self._file

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        found = {name: value or "" for name, value in attrs}
        if found.get("lang"):
            self._enter(tag, found["lang"])
        said = [found[name] for name in _SAID if found.get(name)]
        self._file.texts += [tuple(cut(one, self._language)) for one in said]
        if tag in ("script", "style"):
            self._skip = found.get("type", tag) if tag == "script" else tag
            return
        if tag == "table":
            self._grids.append(_Grid(found.get("data-file", "")))
        elif tag == "tr" and self._grids:
            self._grids[-1].rows.append([])
        elif tag in ("td", "th") and self._grids and self._grids[-1].rows:
            self._box = _Box(is_head=tag == "th")
            self._grids[-1].rows[-1].append(self._box)
            found = {**self._by_place(found), **found}
        if tag not in _VOID:
            self._depth += 1
        if "data-table" in found and "data-column" in found:
            cell = Cell(found["data-table"], found.get("data-row", ""), found["data-column"])
            row = self._grids[-1].rows[-1] if self._box is not None and self._grids else None
            if self._box is not None:
                self._box.cell = cell
            value = found.get("value")
            self._tagged.append(_Tagged(cell, self._depth, value, self._language, row=row))

    def _enter(self, tag: str, code: str) -> None:
        """Read what stands in an element in the language that it says to be in."""
        named = language_named(code, self._file.path)
        if tag not in _VOID and tag not in ("script", "style"):
            self._outer.append((self._depth, self._language))
            self._language = named

    def _by_place(self, found: dict[str, str]) -> dict[str, str]:
        """Name the cell of a number that stands where it stands in the CSV file of its table."""
        grid = self._grids[-1]
        if not grid.file or "number" not in found.get("class", "").split():
            return {}
        row, column = len(grid.rows), len(grid.rows[-1])
        return {"data-table": grid.file, "data-row": str(row), "data-column": str(column)}

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read an element without content."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if tag in ("script", "style"):
            if "json" in self._skip and self._data.strip():
                self._read_data()
            self._skip = self._data = ""
            return
        if self._tagged and self._tagged[-1].depth >= self._depth:
            self._close_tagged(self._tagged.pop())
        if tag not in _VOID:
            self._depth -= 1
        while self._outer and self._outer[-1][0] >= self._depth:
            self._language = self._outer.pop()[1]
        if tag in ("td", "th"):
            self._box = None
        elif tag == "table" and self._grids:
            self._close_table(self._grids.pop())

    def handle_data(self, data: str) -> None:
        """Read text."""
        if self._skip:
            self._data += data if "json" in self._skip else ""
            return
        if self._box is not None:
            self._box.text += data
        if self._tagged:
            self._tagged[-1].text += data
        else:
            self._tokens += cut(data, self._language)

    def _close_tagged(self, one: _Tagged) -> None:
        value = read_value(one.text, one.language)
        if value is not None:
            sign = "<" if value.is_below else ""
            self._tokens.append(Token(f"{sign}{_plain(value.number)}", one.cell))
        else:
            self._tokens += cut(one.text, one.language)
        if one.row is not None:
            self._held.append((one, one.row))
        else:
            self._keep(one, ())

    def _keep(self, one: _Tagged, words: tuple[str, ...]) -> None:
        for text in dict.fromkeys(filter(None, (one.text, one.value))):
            value = read_value(text, one.language)
            if value is not None:
                cell = self._renamed.get(one.cell, one.cell)
                self._file.readings.append(Reading(self._file.path, cell, value, words))

    def _close_table(self, grid: _Grid) -> None:
        heads = grid.rows[0] if grid.rows and all(box.is_head for box in grid.rows[0]) else []
        body = [row for row in grid.rows[1 if heads else 0 :] if row]
        self._name_rows(body)
        self._file.tables.append(
            Table(
                next(
                    (
                        box.cell.table
                        for row in body
                        for box in row
                        if box.cell and not box.cell.table.startswith("mart_")
                    ),
                    "",
                ),
                tuple(box.text.strip() for box in heads),
                tuple(tuple(box.text.strip() for box in row) for row in body),
                tuple(tuple(box.cell for box in row) for row in body),
            )
        )

    def _name_rows(self, body: list[list[_Box]]) -> None:
        """Name rows of a table that no mart holds by their words; alike ones by number too."""
        seen: dict[str, int] = {}
        for row in body:
            label = "|".join(box.text.strip() for box in row if box.cell is None)
            seen[label] = seen.get(label, 0) + 1
            if seen[label] > 1:
                label = f"{label}#{seen[label]}"
            for box in row:
                if box.cell and not box.cell.table.startswith("mart_"):
                    self._renamed[box.cell] = replace(box.cell, row=label)

    def _read_data(self) -> None:
        """Read the data that charts are drawn with."""
        for value in _leaves(json.loads(self._data)):
            if isinstance(value, str):
                self._file.texts.append(tuple(cut(value.replace("<br>", " "), self._language)))
            else:
                self._file.loose.append(float(value))


def _leaves(data: Any) -> Iterator[str | float]:
    """Give the texts and numbers of the traces and notes of charts, not how they look."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key not in _LOOKS:
                yield from _leaves(value)
    elif isinstance(data, list):
        for value in data:
            yield from _leaves(value)
    elif isinstance(data, str) or (isinstance(data, int | float) and not isinstance(data, bool)):
        yield data


_LOOKS = frozenset(
    {
        "template", "marker", "line", "font", "tickfont", "margin", "xaxis", "yaxis", "height",
        "width", "hoverlabel", "shapes", "narrow", "xshift", "yshift", "ax", "ay", "opacity",
        "xref", "yref", "bgcolor", "fillcolor", "legend", "uid", "texttemplate", "hovertemplate",
        "type", "mode", "name", "showarrow", "align", "xanchor", "yanchor", "cliponaxis", "bargap",
    }
)  # fmt: skip
"""Parts of a chart that say how it looks."""


def _plain(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".").removeprefix("-")
