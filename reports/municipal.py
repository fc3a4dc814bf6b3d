"""What the region's numbers mean for one municipality, on one page, in plain words.

Belongs here: what the page says, as a view that its PDF shows too, and writing the pages. Does not
belong here: why a municipality has its number (`explained`), what the region's report says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from models.marts.progress import FIRST_YEARS
from models.protect import LEAST_SHOWN
from models.together import members
from reports import ladder, together
from reports.document import Document
from reports.explained import Explanations
from reports.explained_pages import page_addresses
from reports.figures import Figure, Hundred, Part, Sentence, read_figure, say
from reports.labels import capital
from reports.municipal_sentences import (
    CLAIMS,
    PROJECTS,
    QUOTAS,
    headline,
    homes_sentence,
    open_gates,
    pace_ruler,
    project_sentence,
    together_pace,
    vacated_row,
    vacated_sentence,
)
from reports.numbers import is_few
from reports.pages import document_view, render_small
from reports.progress_counts import COUNTS
from reports.sections import base
from reports.sections.quota import quota_year
from reports.standing import AGREEMENTS, PACE, open_decisions, pace_sentence

FOLDER = "gemeenten"
"""Folder of the pages, beside the report's page."""
TEMPLATE = "municipal.html.j2"

LETTINGS = "mart_letting__yearly_municipality"
_NAMED = ("mart_quota__override", "mart_quota__key", QUOTAS)
TABLES = (*_NAMED, PACE, CLAIMS, LETTINGS, PROJECTS, AGREEMENTS, COUNTS)
"""Tables of the pages."""

_OUTFLOW = "outflow"
_PLANNED = ("idee", "bod", "besluit", "in_aanbouw")
"""States of a project for which something may still have to be arranged."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class MunicipalView:
    """The page of one municipality in words and figures, for every format.

    Attributes:
        code: CBS code.
        name: Name of the municipality.
        slug: Name of its files, the same as of its explanation.
        title: The question of the page.
        stand: Up to when its figures go.
        big: The number of the year.
        big_label: What it is.
        big_kind: cap, owed or none.
        second: The sentence that belongs to it.
        parts: The parts of the page, in reading order.
    """

    code: str
    name: str
    slug: str
    title: str
    stand: str
    big: Figure
    big_label: str
    big_kind: str
    second: Sentence
    parts: tuple[Part, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Give every figure of the page, in reading order."""
        held = [figure for part in self.parts for figure in part.figures]
        return (self.big, *self.second.figures, *held)


def municipal_addresses(document: Document) -> dict[str, str]:
    """Give the address of each municipality's page, seen from the report's folder, by code."""
    return {code: f"{FOLDER}/{stem}.html" for code, stem in _stems(_names(document)).items()}


def municipal_views(document: Document) -> tuple[MunicipalView, ...]:
    """Give what the pages say, in the order of the codes; none where nobody is named."""
    facts, words = document.facts, document.words
    tables = base.Tables(document.release, TABLES, facts.scenario_id)
    names = _names(document)
    stems = _stems(names)
    explanations = Explanations.of_release(document.release, words)
    links = page_addresses(explanations.names)
    place = _Place(document, tables, explanations, names)
    return tuple(place.view(code, name, stems[code], links) for code, name in names.items())


def _names(document: Document) -> dict[str, str]:
    tables = base.Tables(document.release, TABLES, document.facts.scenario_id)
    return dict(sorted(base.municipality_names(*(tables.frame(name) for name in _NAMED)).items()))


def _stems(names: Mapping[str, str]) -> dict[str, str]:
    return {code: Path(address).stem for code, address in page_addresses(names).items()}


def municipal_pages(document: Document) -> dict[str, str]:
    """Render the pages: HTML by address, as seen from the report's folder."""
    views = municipal_views(document)
    pages = {}
    for view in views:
        others = [{"name": other.name, "slug": other.slug} for other in views if other is not view]
        pages[f"{FOLDER}/{view.slug}.html"] = render_small(
            TEMPLATE,
            document.words,
            up="../",
            view=view,
            others=others,
            **document_view(document),
        )
    return pages


def write_municipal(document: Document, folder: Path) -> list[Path]:
    """Write the pages below the report's folder, in which the font lies."""
    files = []
    for address, page in municipal_pages(document).items():
        file = folder / address
        file.parent.mkdir(exist_ok=True)
        file.write_text(page, encoding="utf-8", newline="\n")
        files.append(file)
    return files


class _Place:
    """The tables of a release, looked at from one municipality at a time."""

    def __init__(
        self,
        document: Document,
        tables: base.Tables,
        explanations: Explanations,
        names: Mapping[str, str],
    ) -> None:
        self.document, self.tables, self.explanations = document, tables, explanations
        self.names = names
        self.facts, self.words = document.facts, document.words

    def view(self, code: str, name: str, slug: str, links: Mapping[str, str]) -> MunicipalView:
        words = self.words
        quota = self._quota(code)
        big, label, kind, second = headline(
            quota, name, base.shared_contingent(self.tables, self.facts), words
        )
        return MunicipalView(
            code,
            name,
            slug,
            words.text("municipal.title", name=name),
            words.text("municipal.as_of", month=self.document.month),
            big,
            label,
            kind,
            second,
            (
                self._so_far(code, name),
                self._vacated(code, name),
                self._first_years(code, name),
                self._decide(code, name),
                self._origin(code, name, links.get(code, "")),
            ),
        )

    def _rows(self, table: str, code: str) -> pl.DataFrame:
        return self.tables.frame(table).filter(pl.col("municipality_code") == code)

    def _together(self, table: str, code: str) -> pl.DataFrame:
        """Give the rows of a municipality and others whose counts are published as one."""
        return together.lines_about(self.tables.frame(table), code)

    def _jointly(self, code: str, *, others: bool = False) -> str:
        """Name the municipalities whose counts are published as one, or the others of them."""
        codes = {
            one
            for table in (PACE, LETTINGS, CLAIMS, COUNTS)
            for group in self._together(table, code)["municipality_code"].unique()
            for one in members(group)
        }
        own = [self.names[one] for one in sorted(codes) if one in self.names]
        if others:
            return self.words.numbers.join([one for one in own if one != self.names[code]])
        return self.words.text("place.jointly", names=self.words.numbers.join(own))

    def _why(self, code: str, name: str) -> tuple[Sentence, ...]:
        """Say that the counts of a municipality are published together with those of others."""
        others = self._jointly(code, others=True)
        return (say(self.words, "municipal.together", name=name, others=others),)

    def _quota(self, code: str) -> Row | None:
        frame = self.tables.frame(QUOTAS)
        if frame.is_empty():
            return None
        year = quota_year(frame, self.facts)
        rows = self._rows(QUOTAS, code).filter(pl.col("year") == year).to_dicts()
        return rows[0] if rows else None

    def _so_far(self, code: str, name: str) -> Part:
        words, month = self.words, self.document.month
        heading = words.text("municipal.so_far")
        rows = self._rows(PACE, code).to_dicts()
        if rows:
            row = rows[0]
            return Part(
                "so-far",
                heading,
                pace_sentence(row, month, words),
                "realised",
                ruler=pace_ruler(row, words),
                notes=(words.text("municipal.no_duty"),),
            )
        if shared := self._together(PACE, code).to_dicts():
            pace = together_pace(shared[0], self._jointly(code), month, words)
            notes = (words.text("municipal.no_duty"),)
            return Part("so-far", heading, pace, "realised", self._why(code, name), notes=notes)
        lines, whose = self._rows(LETTINGS, code), name
        why: tuple[Sentence, ...] = ()
        if lines.is_empty() and (lines := self._together(LETTINGS, code)).height:
            whose, why = self._jointly(code), self._why(code, name)
        let = lines.filter(
            (pl.col("ground") == _OUTFLOW) & (pl.col("year") == self.facts.as_of_year)
        ).to_dicts()
        if not let:
            known = self.tables.frame(LETTINGS).filter(pl.col("ground") == _OUTFLOW).height
            label = "municipal.let_none" if known else "municipal.let_unknown"
            return Part("so-far", heading, say(words, label, month=month, name=name))
        finding = say(
            words,
            "municipal.let",
            month=month,
            name=whose,
            homes=homes_sentence(
                let[0],
                LETTINGS,
                "dwellings",
                words,
                is_rounded=self.tables.rounds(LETTINGS, "dwellings"),
            ),
        )
        return Part("so-far", heading, finding, "realised", why)

    def _vacated(self, code: str, name: str) -> Part:
        heading = self.words.text("municipal.vacated")
        claims = self._rows(CLAIMS, code).filter(pl.col("claim") == _OUTFLOW).sort("year")
        found = vacated_row(claims)
        shared = self._together(CLAIMS, code).filter(pl.col("claim") == _OUTFLOW).sort("year")
        if found is None and shared.height:
            claims, name = shared, self._jointly(code)
            found = vacated_row(claims)
        if found is None:
            known = claims.filter(~pl.col("is_expected"))["dwellings"].drop_nulls().len()
            few = known > 0 and self.tables.rounds(CLAIMS, "dwellings")
            label = "municipal.vacated_few" if few else "municipal.vacated_unknown"
            said = say(self.words, label, persons=self.document.persons, least=LEAST_SHOWN)
            return Part("vacated", heading, said, "demand")
        row, measure = found
        past = claims.filter(~pl.col("is_expected") & pl.col(measure).is_not_null()).tail(1)
        before = past.to_dicts() if row["is_expected"] else []
        who = self.document.persons
        return Part(
            "vacated",
            heading,
            vacated_sentence(row, measure, name, who, self.words),
            "demand",
            tuple(
                say(
                    self.words,
                    "municipal.vacated_before",
                    year=one["year"],
                    count=read_figure(CLAIMS, one, measure, self._tenth),
                    persons=who,
                )
                for one in before
            ),
            hundred=Hundred(
                round(min(row[measure], 100.0), 2),
                self.words.text("municipal.hundred", count=self._tenth(row[measure])),
            ),
        )

    def _first_years(self, code: str, name: str) -> Part:
        words = self.words
        lines = self._rows(COUNTS, code)
        if lines.is_empty() and (lines := self._together(COUNTS, code)).height:
            name = self._jointly(code)
        rows = lines.filter(
            (pl.col("measure") == FIRST_YEARS) & (pl.col("month") == self.facts.as_of)
        ).to_dicts()
        agreed = self.tables.frame(AGREEMENTS).filter(pl.col("kind") == "support")
        scopes = agreed.sort("agreement_id")["scope"].to_list()
        said = (
            say(words, "municipal.support_agreed", scope="; ".join(scopes).rstrip("."))
            if scopes
            else say(words, "municipal.support_not_agreed")
        )
        if not rows:
            finding = say(words, "municipal.first_years_unknown")
        else:
            count = rows[0]["dwellings"]
            label = "none" if count == 0 else "one" if count == 1 else "many"
            if self.document.release.is_rounded(COUNTS, rows[0], "dwellings") and is_few(count):
                label = "few"
            finding = say(
                words,
                f"municipal.first_years_{label}",
                name=name,
                least=LEAST_SHOWN,
                count=read_figure(COUNTS, rows[0], "dwellings", words.numbers.whole),
            )
        return Part(
            "first-years", words.text("municipal.first_years"), finding, "realised", (said,)
        )

    def _decide(self, code: str, name: str) -> Part:
        words = self.words
        agreements = self.tables.frame(AGREEMENTS)
        waiting = [
            say(
                words,
                "municipal.decide_agreement",
                what=capital(words.code("agreement_kind", row["kind"])),
                scope=row["scope"].rstrip("."),
                state=words.code("state", row["state"]),
                body=row["body"],
            )
            for row in open_decisions(agreements)
        ]
        projects = self._rows(PROJECTS, code).filter(pl.col("status").is_in(_PLANNED))
        planned = [
            row
            for row in projects.sort("expected_open_month", "project_id").to_dicts()
            if open_gates(row) or row["status"] in _PLANNED[:2]
        ]
        waiting += [project_sentence(row, words) for row in planned]
        held = [
            *(base.cell(AGREEMENTS, row, "agreement_id") for row in open_decisions(agreements)),
            *(base.cell(PROJECTS, row, "project_id") for row in planned),
        ]
        count = base.worked_out(words.numbers.whole(len(waiting)), "count", *held)
        label = "none" if not waiting else "one" if len(waiting) == 1 else "many"
        if agreements.is_empty() and not waiting:
            label = "unknown"
        finding = say(words, f"municipal.decide_{label}", count=count, name=name)
        heading = words.text("municipal.decide", name=name)
        return Part("decide", heading, finding, "cap", tuple(waiting))

    def _origin(self, code: str, name: str, link: str) -> Part:
        words, heading = self.words, self.words.text("municipal.origin")
        if not link:
            return Part("origin", heading, say(words, "municipal.origin_none"))
        year = self.explanations.year_of(self.facts.as_of_year)
        return Part(
            "origin",
            heading,
            self._share_sentence(code, name, year),
            link=f"../{link}",
            link_text=words.text("municipal.origin_link", name=name),
        )

    def _share_sentence(self, code: str, name: str, year: int) -> Sentence:
        told = self.explanations.explain(code, year)
        if told.row["opted_out"]:
            return Sentence((told.short[0].rstrip("."),))
        digits = ladder.share_digits(self.explanations.basis(code, year)).count
        share = read_figure(
            "mart_quota__explanation",
            told.row,
            "key_share",
            lambda value: ladder.percent(100 * value, digits, self.words),
        )
        return say(self.words, "municipal.origin_share", name=name, share=share)

    def _tenth(self, value: float) -> str:
        return self.words.numbers.decimal(value)
