"""The third version of CBS's open data service: one row a region and period, one column a measure.

Belongs here: its addresses, the names of its fields, its padded codes and its symbols. Does not
belong here: what is wanted (`declarations`), what is believed (`schema`, `reading`).

Always the untyped set: the typed one turns every symbol into nothing. The feed gives pages of any
table; the other host refuses more than 10,000 rows and is then asked for slices.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pipelines.sources.cbs.client import AnswerRefusedError, Client, TooManyRowsError
from pipelines.sources.cbs.declarations import Table
from pipelines.sources.cbs.pages import PageFolder, ask_rows, download_pages, download_slices
from pipelines.sources.cbs.rawcells import Edition, RawCell
from pipelines.sources.cbs.schema import (
    GIVEN,
    NOT_GIVEN,
    SYMBOLS,
    Topic,
    Wanted,
    check_dimensions,
    check_title,
    find_measures,
    make_wanted,
)

FEED = "https://opendata.cbs.nl/ODataFeed/odata"
API = "https://opendata.cbs.nl/ODataApi/odata"
NAME = "OData v3"
SLICE = 5_000
"""Rows of one question where a table is asked for in slices; half of what the host allows."""

_DIMENSIONS = {"Dimension", "TimeDimension", "GeoDimension"}


@dataclass(frozen=True)
class Odata3:
    """A reader of one table.

    Attributes:
        client: Who asks.
        host: Address of the feed or of the other host.
        table: What is wanted.
    """

    client: Client
    host: str
    table: Table

    def read_edition(self) -> Edition:
        """Ask which edition of the table is published."""
        rows = self._rows("TableInfos")
        found = rows[0] if rows else {}
        title, modified = str(found.get("Title") or ""), str(found.get("Modified") or "")
        check_title(self.table, str(found.get("Identifier") or ""), title)
        if not modified:
            raise AnswerRefusedError("the edition has no date", where=self.table.table)
        return Edition(title, modified, "", NAME)

    def read_wanted(self) -> Wanted:
        """Find measures, codes, periods and regions, and check them against the declaration."""
        table = self.table
        rows = self._rows("DataProperties")
        kinds = {str(row.get("Key") or ""): str(row.get("Type") or "") for row in rows}
        check_dimensions(table, (key for key, kind in kinds.items() if kind in _DIMENSIONS))
        groups = {str(row.get("ID")): str(row.get("Title") or "") for row in rows}
        topics = [
            Topic(
                key=str(row.get("Key") or ""),
                title=str(row.get("Title") or ""),
                unit=str(row.get("Unit") or ""),
                group=groups.get(str(row.get("ParentID")), ""),
            )
            for row in rows
            if row.get("Type") == "Topic"
        ]
        lists = {name: self._rows(name) for name in sorted(table.all_dimensions)}
        return make_wanted(table, find_measures(table, topics), lists, key="Key")

    def download(self, wanted: Wanted, pages: PageFolder) -> int:
        """Fetch the wanted rows to disk.

        Returns:
            The number of cells, which is the service's own count of rows times the measures.

        Raises:
            AnswerRefusedError: The numbers differ.
        """
        asked = _filter(wanted)
        count = self._url(f"UntypedDataSet/$count?{asked}" if asked else "UntypedDataSet/$count")
        expected = self.client.ask_count(count)
        columns = ",".join(["ID", *sorted(self.table.all_dimensions), *wanted.measures])
        url = self._url(f"UntypedDataSet?$format=json&$select={columns}")
        url = f"{url}&{asked}" if asked else url
        try:
            rows = download_pages(self.client, url, pages)
        except TooManyRowsError:
            rows = download_slices(self.client, url, pages, count=expected, size=SLICE)
        if rows != expected:
            raise AnswerRefusedError(
                "the pages do not hold as many rows as the service counts",
                where=self.table.table,
                found=str(rows),
                expected=str(expected),
            )
        return rows * len(wanted.measures)

    def cells(self, wanted: Wanted, pages: PageFolder) -> Iterator[RawCell]:
        """Read the stored pages.

        Raises:
            AnswerRefusedError: A row lacks a column.
        """
        names = self.table.all_dimensions
        for row in pages.rows():
            if missing := sorted({*names, *wanted.measures} - set(row)):
                raise AnswerRefusedError(
                    "a row lacks a column", where=self.table.table, expected=", ".join(missing)
                )
            keys = {name: str(row[name] or "").strip() for name in names}
            for key, measure in wanted.measures.items():
                status, symbol, value = _value(row[key])
                yield RawCell(measure, keys, value, status, symbol)

    def _rows(self, name: str) -> list[dict[str, Any]]:
        return ask_rows(self.client, self._url(f"{name}?$format=json"))

    def _url(self, name: str) -> str:
        return f"{self.host}/{self.table.table}/{name}"


def _filter(wanted: Wanted) -> str:
    """Ask for the wanted codes, padded as the service lists them."""
    table = wanted.table
    parts = [
        "(" + " or ".join(f"{name} eq '{code}'" for code in codes) + ")"
        for name, codes in wanted.asked.items()
    ]
    if table.region_dimension:
        starts = [f"startswith({table.region_dimension},'{p}')" for p in table.region_prefixes]
        parts.append(f"({' or '.join(starts)})")
    return f"$filter={quote(' and '.join(parts))}" if parts else ""


def _value(found: Any) -> tuple[str, str, Any]:
    """Give the status, the symbol and the value of a cell."""
    if found is None:
        return NOT_GIVEN, "null", None
    text = str(found).strip()
    if text in SYMBOLS:
        return SYMBOLS[text], text, None
    return GIVEN, "", found if not isinstance(found, str) else text
