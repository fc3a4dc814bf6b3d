"""How the numbers were made, in plain words.

Belongs here: the section on method. Does not belong here: technical documentation.
"""

from reports.blocks import Section
from reports.labels import Labels
from reports.sections import base

TABLES = ()


def build_method(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on method."""
    del tables
    draws = base.of_run(words.numbers.whole(facts.run["draws"]), "draws")
    return Section(
        "method",
        words.text("method.heading"),
        words.text("method.finding", draws=draws),
        tuple(words.under("method.paragraphs")),
    )
