"""A text as HTML in which every number names the cells that it rests on.

Belongs here: the attributes that say so. Does not belong here: which cells they are (`told`,
`origins`), templates.

A number that was read from a cell of the release carries `data-table`, `data-row` and
`data-column`. One that was worked out, or that stands in a CSV file beside the page, carries
`data-how` (one of `told.HOWS`, or `same`), `data-from`: its cells, each as table, row and column
with a bar between them, one behind the other with a semicolon (a table or column is left out where
it is that of the cell before); and `data-of`: the cells that these are set beside, if any.
"""

from collections.abc import Iterable

from markupsafe import Markup

from reports.told import Made, Origin, Source, pieces_of

SAME = "same"
"""How a number came about that is the one cell of a CSV file that it names."""

_READ = Markup('<{tag} data-table="{table}" data-row="{row}" data-column="{column}">{text}</{tag}>')
_WORKED = Markup('<{tag} data-how="{how}" data-from="{cells}"{of}>{text}</{tag}>')
_OF = Markup(' data-of="{cells}"')
_RELEASED = "mart_"


def marked(text: str, tag: str = "span") -> Markup:
    """Write a text whose numbers have been found (no end of a range is left to look up)."""
    return marked_pieces(pieces_of(text), tag)


def marked_pieces(pieces: Iterable[tuple[str, Source]], tag: str = "span") -> Markup:
    """Write pieces, those with cells in an element that names them.

    Args:
        pieces: Words, and numbers with what they rest on.
        tag: The element: `span` in text, `tspan` in a drawing.
    """
    return Markup("").join(_piece(text, source, tag) for text, source in pieces)


def _piece(text: str, source: Source, tag: str) -> str:
    if isinstance(source, Origin) and source.table.startswith(_RELEASED):
        cell = {"table": source.table, "row": source.row, "column": source.column}
        return _READ.format(tag=tag, text=text, **cell)
    if isinstance(source, Origin):
        source = Made(SAME, (source,))
    if isinstance(source, Made):
        of = _OF.format(cells=written_cells(source.of)) if source.of else ""
        cells = written_cells(source.cells)
        return _WORKED.format(tag=tag, text=text, how=source.how, cells=cells, of=of)
    return text


def written_cells(cells: Iterable[Origin]) -> str:
    """Write cells into one attribute; a table or column that stays the same is not repeated."""
    written, table, column = [], "", ""
    for cell in cells:
        shown = ("" if cell.table == table else cell.table, cell.row)
        written.append("|".join((*shown, "" if cell.column == column else cell.column)))
        table, column = cell.table, cell.column
    return ";".join(written)
