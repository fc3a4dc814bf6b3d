"""The fourth version of CBS's open data service: one row an observation.

Belongs here: its addresses and the names of its fields. Does not belong here: what is wanted
(`declarations`), what is believed (`schema`, `reading`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pipelines.sources.cbs.client import AnswerRefusedError, Client, GoneError
from pipelines.sources.cbs.declarations import Measure, Table
from pipelines.sources.cbs.pages import PageFolder, ask_rows, download_pages
from pipelines.sources.cbs.rawcells import Edition, RawCell
from pipelines.sources.cbs.schema import (
    ATTRIBUTES,
    GIVEN,
    NOT_GIVEN,
    Topic,
    Wanted,
    check_dimensions,
    check_title,
    find_measures,
    make_wanted,
)

HOST = "https://datasets.cbs.nl/odata/v1/CBS"
NAME = "OData v4"


@dataclass(frozen=True)
class Odata4:
    """A reader of one table.

    Attributes:
        client: Who asks.
        host: Address of the catalogue.
        table: What is wanted.
    """

    client: Client
    host: str
    table: Table

    def read_edition(self) -> Edition:
        """Ask which edition of the table is published."""
        found = self.client.ask_json(self._url("Properties"))
        if isinstance(found.get("value"), list):  # one row in a list, as other sets come
            found = found["value"][0] if found["value"] else {}
        title, modified = str(found.get("Title") or ""), str(found.get("Modified") or "")
        check_title(self.table, str(found.get("Identifier") or ""), title)
        if not modified:
            raise AnswerRefusedError("the edition has no date", where=self.table.table)
        return Edition(title, modified, str(found.get("Version") or ""), NAME)

    def read_wanted(self) -> Wanted:
        """Find measures, codes, periods and regions, and check them against the declaration."""
        table = self.table
        dimensions = [str(row.get("Identifier")) for row in self._rows("Dimensions")]
        check_dimensions(table, dimensions)
        groups = self._groups()
        topics = [
            Topic(
                key=str(row.get("Identifier") or "").strip(),
                title=str(row.get("Title") or ""),
                unit=str(row.get("Unit") or ""),
                group=groups.get(str(row.get("MeasureGroupId") or ""), ""),
            )
            for row in self._rows("MeasureCodes")
        ]
        lists = {name: self._rows(f"{name}Codes") for name in sorted(table.all_dimensions)}
        return make_wanted(table, find_measures(table, topics), lists, key="Identifier")

    def download(self, wanted: Wanted, pages: PageFolder) -> int:
        """Fetch the wanted observations to disk.

        Returns:
            Their number, which is that of the service's own count.

        Raises:
            AnswerRefusedError: The numbers differ.
        """
        asked = f"?$filter={quote(_filter(wanted))}"
        expected = self.client.ask_count(self._url(f"Observations/$count{asked}"))
        rows = download_pages(self.client, self._url(f"Observations{asked}"), pages)
        if rows != expected:
            raise AnswerRefusedError(
                "the pages do not hold as many observations as the service counts",
                where=self.table.table,
                found=str(rows),
                expected=str(expected),
            )
        return rows

    def cells(self, wanted: Wanted, pages: PageFolder) -> Iterator[RawCell]:
        """Read the stored pages.

        Raises:
            AnswerRefusedError: A row lacks a field, or holds what was not asked for.
        """
        for row in pages.rows():
            yield self._cell(row, wanted)

    def _cell(self, row: dict[str, Any], wanted: Wanted) -> RawCell:
        table = self.table
        fields = {"Measure", "ValueAttribute", "Value", "StringValue", *table.all_dimensions}
        if missing := sorted(fields - set(row)):
            raise AnswerRefusedError(
                "an observation lacks a field", where=table.table, expected=", ".join(missing)
            )
        measure = wanted.measures.get(str(row["Measure"]).strip())
        if measure is None:
            raise AnswerRefusedError(
                "a measure was not asked for", where=table.table, found=str(row["Measure"])
            )
        keys = {name: str(row[name] or "").strip() for name in table.all_dimensions}
        status, symbol, value = _value(row, measure)
        return RawCell(measure, keys, value, status, symbol)

    def _groups(self) -> dict[str, str]:
        """Give the titles of the groups of measures; many tables publish none."""
        try:
            rows = self._rows("MeasureGroups")
        except GoneError:
            return {}
        return {str(row.get("Id", row.get("Identifier"))): str(row.get("Title")) for row in rows}

    def _rows(self, name: str) -> list[dict[str, Any]]:
        return ask_rows(self.client, self._url(name))

    def _url(self, name: str) -> str:
        return f"{self.host}/{self.table.table}/{name}"


def _value(row: dict[str, Any], measure: Measure) -> tuple[str, str, Any]:
    """Give the status, the symbol and the value of an observation."""
    attribute = str(row["ValueAttribute"] or "None")
    if attribute != "None":
        return ATTRIBUTES.get(attribute, NOT_GIVEN), attribute, None
    value = row["StringValue"] if measure.is_text else row["Value"]
    if value is None:
        return NOT_GIVEN, "null", None
    return GIVEN, "", value


def _filter(wanted: Wanted) -> str:
    table = wanted.table
    parts = [_any("Measure", wanted.measures)]
    parts += [_any(name, codes) for name, codes in wanted.asked.items()]
    if table.region_dimension:
        starts = [f"startswith({table.region_dimension},'{p}')" for p in table.region_prefixes]
        parts.append(f"({' or '.join(starts)})")
    return " and ".join(parts)


def _any(name: str, codes: Iterable[str]) -> str:
    return "(" + " or ".join(f"{name} eq '{code}'" for code in sorted(codes)) + ")"
