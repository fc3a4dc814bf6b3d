"""The words of the report that mean something precise, each in a sentence.

Belongs here: the section on terms. Does not belong here: how numbers are made (`method.py`).
"""

import polars as pl

from reports.blocks import Column, Section, Table, TitledTable
from reports.labels import Labels, capital
from reports.sections import base

TABLES = ()


def build_terms(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on terms; what was not agreed needs no word."""
    del tables
    left_out = {"cap"} if facts.cap is None else set()
    left_out |= {"promise", "certainty"} if facts.promise_months is None else set()
    rows = [
        (capital(words.text(f"term.{code}.name")), words.text(f"term.{code}.meaning"))
        for code in dict.fromkeys(path.split(".")[0] for path in words.codes("term"))
        if code not in left_out
    ]
    columns = (
        Column("term", words.text("terms.column_term")),
        Column("meaning", words.text("terms.column_meaning")),
    )
    frame = pl.DataFrame(rows, schema=["term", "meaning"], orient="row")
    return Section(
        "terms",
        words.text("terms.heading"),
        words.text("terms.finding"),
        tables=(TitledTable("terms", words.text("terms.table_title"), Table(frame, columns)),),
    )
