"""The section on public statistics says of which day they are."""

import polars as pl
import pytest

from reports.labels import load_labels
from reports.sections.sources import build_sources
from tests.reports.invented_release import REGION


class _Tables:
    """One table, as a section asks for it."""

    def __init__(self, days: list[str]) -> None:
        self._frame = pl.DataFrame(
            [
                {"region_id": REGION, "source_id": f"s{number}", "title": "Huishoudens",
                 "producer": "CBS", "licence": "CC BY 4.0", "vintage": "2026", "accessed": day,
                 "sha256": "0" * 64}
                for number, day in enumerate(days)
            ]
        )  # fmt: skip

    def frame(self, name: str) -> pl.DataFrame:
        """Give the table."""
        assert name == "mart_source"
        return self._frame


@pytest.mark.unit
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["2026-11-21"], "Stand van 21 november 2026:"),
        (["2026-11-21", "2026-11-21"], "Stand van 21 november 2026:"),
        (["2026-11-21", "2025-03-02", "2026-01-01"],
         "Stand van 2 maart 2025 tot en met 21 november 2026:"),
    ],
)  # fmt: skip
def test_the_section_says_of_which_days_the_stored_copies_are(
    days: list[str], expected: str
) -> None:
    section = build_sources(_Tables(days), None, load_labels())  # type: ignore[arg-type]
    assert section.paragraphs[0].startswith(expected)
    assert "Stand van" in [column.head for column in section.tables[0].table.columns]
