"""Statistics of CBS over its open data service: a table whole and believed, or the last good copy.

Belongs here: the names that others use. Does not belong here: what is fetched when, and what is
said of it (`pipelines.fetch`).
"""

from pipelines.sources.cbs.client import (
    AnswerRefusedError,
    Client,
    GoneError,
    Limits,
    UnreachableError,
)
from pipelines.sources.cbs.declarations import Table, load_tables
from pipelines.sources.cbs.reading import Hosts, ReadTable, read_table, stock_and_flow
from pipelines.sources.cbs.storing import Shelf, read_figures

__all__ = [
    "AnswerRefusedError",
    "Client",
    "GoneError",
    "Hosts",
    "Limits",
    "ReadTable",
    "Shelf",
    "Table",
    "UnreachableError",
    "load_tables",
    "read_figures",
    "read_table",
    "stock_and_flow",
]
