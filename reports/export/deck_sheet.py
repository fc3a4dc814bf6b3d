"""The workbook inside a native chart: its table as in the CSV file, then what helps to draw.

Belongs here: its columns, the references that a chart makes to them, its bytes. Does not belong
here: how a chart looks (`deck_charts`), which columns it draws (`deck_series`).
"""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from reports.blocks import Table
from reports.export.deck_text import plain
from reports.labels import Labels

DECIMALS = 6
"""Decimals of a number in the workbook, as in the CSV file."""


class Sheet:
    """The only worksheet of a chart's workbook.

    Args:
        table: The table behind the chart: its shown columns come first, just as in its CSV file.
        words: Labels.
    """

    def __init__(self, table: Table, words: Labels) -> None:
        self.name = words.text("deck.sheet")
        self.heads = [plain(column.head) for column in table.columns]
        self.columns: list[list[Any]] = [table.frame[one.key].to_list() for one in table.columns]
        self.shown = len(self.columns)
        self._keys = [column.key for column in table.columns]

    @property
    def height(self) -> int:
        """Give the number of rows below the head."""
        return len(self.columns[0])

    def place(self, key: str) -> int:
        """Give the number of a column of the table."""
        return self._keys.index(key)

    def add(self, head: str, values: Sequence[Any]) -> int:
        """Add a column that helps to draw, right of the table; give its number."""
        self.heads.append(plain(head))
        self.columns.append(list(values))
        return len(self.columns) - 1

    def thin(self, column: int, rows: Sequence[int], skip: int, head: str) -> int:
        """Add the texts of one row out of so many, for an axis without room for all."""
        kept = set(rows[::skip])
        texts = [
            str(as_written(value)) if row in kept else ""
            for row, value in enumerate(self.columns[column])
        ]
        return self.add(head, texts)

    def cells(self, column: int, rows: Sequence[int]) -> list[Any]:
        """Give the cells of a column, as they are written."""
        return [as_written(self.columns[column][row]) for row in rows]

    def head_reference(self, column: int) -> str:
        """Write the address of the head of a column."""
        return f"{self.name}!${xl_col_to_name(column)}$1"

    def reference(self, column: int, rows: Sequence[int]) -> str:
        """Write the address of some cells of a column: one range, or several in brackets."""
        letter = xl_col_to_name(column)
        runs: list[list[int]] = []
        for row in rows:
            if runs and row == runs[-1][-1] + 1:
                runs[-1].append(row)
            else:
                runs.append([row])
        parts = [f"{self.name}!${letter}${run[0] + 2}:${letter}${run[-1] + 2}" for run in runs]
        return parts[0] if len(parts) == 1 else f"({','.join(parts)})"

    def blob(self, moment: datetime) -> bytes:
        """Write the workbook; the moment stands for the clock."""
        out = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(out, options) as book:
            book.set_properties({"created": moment})
            sheet = book.add_worksheet(self.name)
            for place, (head, values) in enumerate(zip(self.heads, self.columns, strict=True)):
                sheet.write_string(0, place, head)
                for row, value in enumerate(values, start=1):
                    written = as_written(value)
                    if isinstance(written, str):
                        sheet.write_string(row, place, written)
                    elif written is not None:
                        sheet.write_number(row, place, written)
            sheet.set_column(0, len(self.columns) - 1, 18)
        return out.getvalue()


def as_written(value: Any) -> str | float | int | None:
    """Give a value as it stands in a cell: numbers with the decimals of the CSV file."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return plain(str(value))
    return round(value, DECIMALS) + 0.0 if isinstance(value, float) else value
