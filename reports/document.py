"""A release as a document: the first screen, the sections, what is said above and below them.

Belongs here: reading a release once into what every format (page, PDF, slides, workbook) writes,
and how a cell is written. Does not belong here: a format, what a section says.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from reports.blocks import Chart, Column, Form, Section, Table
from reports.labels import Labels, load_labels
from reports.release import Release
from reports.sections import SECTIONS, base, summary

_HASH_CHARACTERS = 12


@dataclass(frozen=True)
class Document:
    """A release in words, charts and tables, in one language.

    Attributes:
        release: The release.
        facts: What every part must know about the run.
        words: The labels of the language.
    """

    release: Release
    facts: base.Facts
    words: Labels

    @cached_property
    def front(self) -> summary.Summary:
        """The first screen."""
        tables = base.Tables(self.release, summary.TABLES, self.facts.scenario_id)
        return summary.build_summary(tables, self.facts, self.words)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Every section that applies, each with no more than the tables that it declared."""
        return self.build(spec.section_id for spec in SECTIONS)

    def build(self, section_ids: Iterable[str]) -> tuple[Section, ...]:
        """Build some sections, in reading order."""
        asked = set(section_ids)
        found = (
            spec.build(
                base.Tables(self.release, spec.tables, self.facts.scenario_id),
                self.facts,
                self.words,
            )
            for spec in SECTIONS
            if spec.section_id in asked
        )
        return tuple(self._spoken(section) for section in found if section is not None)

    def _spoken(self, section: Section) -> Section:
        """Let the axes of a section's charts write numbers as the language does."""
        separators = self.words.numbers.separators
        for chart in section.charts:
            for panel in chart.picture.panels:
                if panel.figure.layout.template.layout.separators != separators:
                    panel.figure.update_layout(separators=separators)
        return section

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Every chart, in reading order."""
        return tuple(chart for section in self.sections for chart in section.charts)

    @property
    def tables(self) -> tuple[tuple[str, Table], ...]:
        """Every table, behind a chart or on its own, with its name."""
        return tuple(section_tables(self.sections))

    @property
    def region(self) -> str:
        """Name of the region."""
        return str(self.facts.run["region_name"])

    @property
    def month(self) -> str:
        """The as-of month in words."""
        return self.words.numbers.month(self.facts.as_of)

    @property
    def period(self) -> str:
        """The ten years in words."""
        numbers = self.words.numbers
        return numbers.through(
            numbers.month(self.facts.first_month), numbers.month(self.facts.last_month)
        )

    @property
    def persons(self) -> str:
        """The region's word for the people whom it is about."""
        return self.words.code("person", self.facts.person_word)

    @property
    def missing(self) -> str:
        """Headings of the sections for which the release holds nothing."""
        return self._headings(withheld=False)

    @property
    def withheld(self) -> str:
        """Headings of the sections whose tables stay behind in releases of this class."""
        return self._headings(withheld=True)

    def _headings(self, *, withheld: bool) -> str:
        dropped = {
            spec.section_id for spec in SECTIONS if any(map(self.release.drops, spec.tables[:1]))
        }
        headings = [
            item.heading
            for item in self.sections
            if item.is_missing and (item.section_id in dropped) == withheld
        ]
        return self.words.numbers.join(headings)

    @property
    def band(self) -> str:
        """What stands on every page, slide and sheet: for whom it is, and that data is invented."""
        said = []
        if self.release.is_protected and self.release.release_class == "partijen":
            said.append(self.words.text("parties_only"))
        if self.facts.synthetic:
            said.append(self.words.text("synthetic"))
        return ". ".join(said)

    @property
    def rounding(self) -> str:
        """What a reader must know of a table with rounded counts; empty where none is rounded."""
        if not self.release.is_protected:
            return ""
        steps = self.words.text(f"banner.steps_{self.release.base}")
        return self.words.text("banner.rounded", steps=steps)

    @cached_property
    def banners(self) -> tuple[str, ...]:
        """What a reader must know before anything else."""
        release, facts, words = self.release, self.facts, self.words
        said = [
            words.text("banner.retracted", what=one["what"], why=_sentence(one["why"]))
            for one in release.retracted
        ]
        if facts.synthetic:
            said.append(words.text("banner.synthetic"))
        if facts.run["national_rates"]:
            said.append(words.text("banner.national"))
        if release.is_protected:
            steps = words.text(f"banner.steps_{release.base}")
            said.append(words.text(f"banner.{release.release_class}", steps=steps))
        else:
            is_final = release.is_final
            said.append(words.text("banner.final" if is_final else "banner.unprotected"))
        count = facts.run["unconfirmed_parameters"]
        if count:
            label = "banner.unconfirmed_one" if count == 1 else "banner.unconfirmed"
            said.append(
                words.text(
                    label, count=base.of_run(words.numbers.whole(count), "unconfirmed_parameters")
                )
            )
        return tuple(said)

    @cached_property
    def footer(self) -> tuple[str, ...]:
        """What the figures were made of."""
        manifest, run, words = self.release.manifest, self.facts.run, self.words

        def short(key: str) -> str:
            return str(run[key])[:_HASH_CHARACTERS]

        made_with = words.text(
            "footer.run",
            scenario=run["scenario_label"],
            month=words.numbers.month(self.facts.as_of),
            draws=base.of_run(words.numbers.whole(run["draws"]), "draws"),
            seed=base.of_run(str(run["seed"]), "seed"),
        )
        if self.release.is_protected:  # hashes of what was delivered would let a guess be tested
            name = words.code("release_class", self.release.release_class)
            edition = words.text(
                "footer.protected", release=manifest["release_id"], release_class=name
            )
            return edition, made_with, words.text("footer.remake"), words.text("footer.font")
        return (
            words.text(
                "footer.release",
                release=manifest["release_id"],
                edition=manifest["edition_id"],
                **{"class": manifest["class"]},
            ),
            made_with,
            words.text(
                "footer.hashes",
                inputs=short("inputs_sha256"),
                parameters=short("parameters_sha256"),
                code=short("code_sha256"),
            ),
            words.text("footer.remake"),
            words.text("footer.font"),
        )


def read_document(release_folder: Path, *, language: str = "nl") -> Document:
    """Read a release as a document.

    Raises:
        UitstroomError: The release cannot be read.
        UsageError: There are no labels in the language.
    """
    words, release = load_labels(language), Release(release_folder)
    return Document(release, base.read_facts(release), words)


def section_tables(sections: Iterable[Section]) -> list[tuple[str, Table]]:
    """List every table of some sections with its name, each once."""
    found: dict[str, Table] = {}
    for section in sections:
        for chart in section.charts:
            found[chart.chart_id] = chart.picture.table
        for titled in section.tables:
            found[titled.table_id] = titled.table
    return list(found.items())


def write_cell(value: Any, column: Column, words: Labels) -> str:
    """Write a cell for a reader."""
    if value is None:
        return column.missing
    numbers = words.numbers
    writers: dict[Form, Callable[[Any], str]] = {
        Form.WHOLE: numbers.whole,
        Form.ROUNDED: numbers.count,
        Form.TENTH: lambda number: numbers.decimal(number, 1, fixed=True),
        Form.HUNDREDTH: lambda number: numbers.decimal(number, 2, fixed=True),
        Form.SHARE: numbers.share,
        Form.PERCENT_TENTH: lambda number: numbers.share(number, 1, fixed=True),
        Form.PERCENT_HUNDREDTH: lambda number: numbers.share(number, 2, fixed=True),
        Form.EURO: numbers.euro,
        Form.SIGNED: numbers.signed,
        Form.MONTH: numbers.month,
        Form.DAY: numbers.day,
    }
    writer = writers.get(column.form)
    return str(value) if writer is None else writer(value)


def _sentence(text: str) -> str:
    return f"{text.strip().rstrip('.')}."
