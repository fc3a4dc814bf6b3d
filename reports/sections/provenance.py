"""What the figures were made of: the run, its seed, its code; what becomes of an edition.

Belongs here: the section with which somebody else can make the same figures again; whom to ask and
when the next edition comes. Does not belong here: hashes of what parties delivered (a guess at a
small file could be tested on them), what the deliveries held (`deliveries.py`), the public
statistics and their editions (`sources.py`).
"""

import polars as pl

from reports.blocks import Column, Section, Table, TitledTable
from reports.labels import Labels
from reports.sections import base

TABLES = ()

_HASH_CHARACTERS = 12
_SAID = ("again", "no_hashes", "revisions", "accessible")


def build_provenance(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on where the figures come from."""
    numbers, run = words.numbers, facts.run
    del tables
    rows = [
        (_said("month", words), numbers.month(facts.as_of)),
        (
            _said("period", words),
            numbers.through(numbers.month(facts.first_month), numbers.month(facts.last_month)),
        ),
        (_said("scenario", words), str(run["scenario_label"])),
        (_said("draws", words), numbers.whole(run["draws"])),
        (_said("seed", words), str(run["seed"])),
        (_said("code", words), str(run["code_sha256"])[:_HASH_CHARACTERS]),
        (_said("parameters", words), str(run["parameters_sha256"])[:_HASH_CHARACTERS]),
    ]
    frame = pl.DataFrame(rows, schema=["what", "value"], orient="row")
    columns = (
        Column("what", words.text("provenance.column_what")),
        Column("value", words.text("provenance.column_value")),
    )
    return Section(
        "provenance",
        words.text("provenance.heading"),
        words.text(
            "provenance.finding",
            draws=base.of_run(numbers.whole(run["draws"]), "draws"),
            seed=base.of_run(str(run["seed"]), "seed"),
        ),
        (*(_said(name, words) for name in _SAID), *reader_lines(facts, words)),
        tables=(
            TitledTable("provenance", words.text("provenance.table_title"), Table(frame, columns)),
        ),
    )


def reader_lines(facts: base.Facts, words: Labels) -> tuple[str, ...]:
    """Say whom to ask and when the next edition comes; nothing where the region told neither."""
    said = []
    if facts.contact:
        label = "page.contact_mailbox" if "mailbox" in facts.contact else "page.contact"
        said.append(words.text(label, **facts.contact))
    if facts.next_edition:
        day = words.numbers.day(facts.next_edition["day"])
        month = words.numbers.month(facts.next_edition["as_of"])
        said.append(words.text("page.next_edition", day=day, month=month))
    return tuple(said)


def _said(name: str, words: Labels) -> str:
    return words.text(f"provenance.{name}")
