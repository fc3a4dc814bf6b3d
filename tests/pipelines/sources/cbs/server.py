"""A small service in the shapes of CBS, on this machine, with faults by script.

Belongs here: answers in both versions' documented shapes from one list of figures, and the faults.
Does not belong here: expectations.

The figures are invented; the shapes follow published pages of the two services.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pipelines.sources.cbs import Hosts

TABLE = "99001NED"
TITLE = "Voorzieningen; stand, instroom, regio"
PAGE = 8
"""Observations of a page (v4) or rows of a page (feed)."""

BLANK = ""
Figure = str | float | None
"""A number, or the symbol that stands instead of it."""

REGIONS = {"NL01": "Nederland", "GM0361": "Alkmaar", "GM0373": "Bergen (NH.)"}
TYPES = {"T001024": "Totaal", "A019508": "Verblijf en opvang"}
PERIODS = {"2023JJ00": "Definitief", "2024JJ00": "NaderVoorlopig", "2025JJ00": "Voorlopig"}


def _figures() -> dict[tuple[str, str, str], tuple[Figure, Figure]]:
    """Give stock and inflow by region, type and period."""
    found: dict[tuple[str, str, str], tuple[Figure, Figure]] = {}
    for place, region in enumerate(REGIONS):
        for kind, code in enumerate(TYPES):
            for year, period in enumerate(PERIODS):
                size = 100 * (3 - place) * (2 - kind) + year
                found[region, code, period] = (float(size), size / 4)
    found["GM0373", "A019508", "2023JJ00"] = (".", "x")
    found["GM0373", "A019508", "2024JJ00"] = ("-", BLANK)
    found["GM0373", "A019508", "2025JJ00"] = (0.0, 0.5)
    return found


@dataclass(frozen=True)
class Content:
    """What the service publishes."""

    modified: str = "2026-03-01T02:00:00"
    title: str = TITLE
    regions: dict[str, str] = field(default_factory=lambda: dict(REGIONS))
    types: dict[str, str] = field(default_factory=lambda: dict(TYPES))
    periods: dict[str, str] = field(default_factory=lambda: dict(PERIODS))
    measures: tuple[tuple[str, str, str, str], ...] = (
        ("M000001", "Stand", "aantal", "Stand_1"),
        ("M000002", "Instroom", "aantal", "Instroom_2"),
    )
    """Code (v4), title, unit, key (v3)."""
    extra: tuple[tuple[str, str, str, str], ...] = (("M000009", "Uitstroom", "%", "Uitstroom_3"),)
    """Measures that nobody wants."""
    figures: dict[tuple[str, str, str], tuple[Figure, Figure]] = field(default_factory=_figures)

    def scaled(self, factor: float) -> "Content":
        """Give the same with every number so many times larger."""
        figures = {
            key: (_scaled(one, factor), _scaled(other, factor))
            for key, (one, other) in self.figures.items()
        }
        return replace(self, figures=figures)


def _scaled(figure: Figure, factor: float) -> Figure:
    return figure * factor if isinstance(figure, float) else figure


@dataclass(frozen=True)
class Answer:
    """One answer of the service, or the way in which it fails to give one."""

    body: bytes = b"{}"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    how: str = ""
    """`reset` closes the connection, `cut` stops half-way, `drip` sends a byte at a time."""


@dataclass
class Script:
    """What the service does, to be changed by a test.

    Attributes:
        content: What it publishes.
        fault: Called with version, path and how often that path was asked; an answer takes the
            place of the true one.
        edit: Called with version, path and page; the page that it gives is sent.
        asked: Every question, in order.
        passed: How often each path was asked.
    """

    content: Content = field(default_factory=Content)
    fault: Callable[[str, str, int], Answer | None] = lambda version, path, nth: None
    edit: Callable[[str, str, dict[str, Any]], dict[str, Any]] = lambda version, path, page: page
    asked: list[str] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)

    def answer(self, url: str, base: str) -> Answer:
        """Answer a question."""
        parts = urlsplit(url)
        _, version, table, *rest = unquote(parts.path).split("/")
        path = "/".join(rest)
        self.asked.append(f"{version} {path}")
        self.passed[f"{version} {path}"] += 1
        planned = self.fault(version, path, self.passed[f"{version} {path}"])
        if planned is not None:
            return planned
        if table != TABLE:
            return Answer(b"not found", 404)
        query = {key: value[0] for key, value in parse_qs(parts.query).items()}
        made = (_v4 if version == "v4" else _v3)(self.content, path, query, f"{base}{parts.path}")
        if isinstance(made, int):
            return Answer(f"\ufeff{made}".encode())
        if made is None:
            return Answer(b"not found", 404)
        if version == "api" and path == "UntypedDataSet" and "$top" not in query:
            if len(made["value"]) > API_ROWS:
                return Answer(b"The query returns more than 10000 records.", 500)
            made.pop("odata.nextLink", None)
        return Answer(json.dumps(self.edit(version, path, made)).encode())


API_ROWS = 10
"""How many rows the other host of the third version gives at once (10,000 in truth)."""


# --- the fourth version --------------------------------------------------------------------------


def _v4(content: Content, path: str, query: dict[str, str], url: str) -> Any:
    if path == "Properties":
        return {
            "@odata.context": "x#Properties", "Identifier": TABLE, "Title": content.title,
            "Version": "202603",
            "Modified": f"{content.modified}+01:00" if content.modified else "",
            "ObservationCount": len(_observations(content)),
        }  # fmt: skip
    if path in ("Observations", "Observations/$count"):
        rows = [row for row in _observations(content) if _is_asked(row, query["$filter"])]
        return len(rows) if path.endswith("$count") else _paged(rows, query, url, "@odata.nextLink")
    lists = {
        "Dimensions": [
            {"Identifier": name, "Title": name, "Kind": kind, "ContainsCodes": True}
            for name, kind in (("TypeMaatwerkvoorziening", "Dimension"),
                               ("RegioS", "GeoDimension"), ("Perioden", "TimeDimension"))
        ],
        "MeasureCodes": [
            {"Identifier": code, "Index": index, "Title": title, "Unit": unit, "Decimals": 0,
             "MeasureGroupId": None}
            for index, (code, title, unit, _) in enumerate((*content.measures, *content.extra))
        ],
        "TypeMaatwerkvoorzieningCodes": _coded("Identifier", content.types),
        "RegioSCodes": _coded("Identifier", content.regions),
        "PeriodenCodes": [
            {"Identifier": code, "Title": code[:4], "DimensionGroupId": "0", "Status": status}
            for code, status in content.periods.items()
        ],
    }  # fmt: skip
    return {"@odata.context": f"x#{path}", "value": lists[path]} if path in lists else None


def _observations(content: Content) -> list[dict[str, Any]]:
    """Give one row an observation."""
    attributes = {".": "Unknown", "x": "Secret", "-": "Nil", BLANK: "Impossible"}
    rows: list[dict[str, Any]] = []
    for (region, kind, period), figures in content.figures.items():
        for (measure, *_), figure in zip(content.measures, figures, strict=True):
            is_number = isinstance(figure, float)
            rows.append(
                {"Id": len(rows), "Measure": measure,
                 "ValueAttribute": "None" if is_number else attributes[str(figure)],
                 "Value": figure if is_number else None, "StringValue": None,
                 "TypeMaatwerkvoorziening": kind, "RegioS": region, "Perioden": period}
            )  # fmt: skip
    return rows


def _is_asked(row: dict[str, Any], asked: str) -> bool:
    """Read just so much of a filter as the connector writes."""
    for clause in asked.split(" and "):
        options = clause.strip("()").split(" or ")
        if not any(_holds(row, option) for option in options):
            return False
    return True


def _holds(row: dict[str, Any], option: str) -> bool:
    if option.startswith("startswith("):
        name, start = option.removeprefix("startswith(").rstrip(")").split(",")
        return str(row[name]).startswith(start.strip("'"))
    name, code = option.split(" eq ")
    return bool(row[name] == code.strip("'"))


# --- the third version ---------------------------------------------------------------------------


def _v3(content: Content, path: str, query: dict[str, str], url: str) -> Any:
    if path in ("UntypedDataSet", "UntypedDataSet/$count"):
        rows = [row for row in _wide(content) if _is_asked(row, query["$filter"])]
        if path.endswith("$count"):
            return len(rows)
        if "$top" in query:
            start = int(query["$skip"])
            return {"value": rows[start : start + int(query["$top"])]}
        if "/api/" in url:
            return {"value": rows}
        return _paged(rows, query, url, "odata.nextLink")
    topics = [
        {"ID": 10 + index, "ParentID": None, "Type": "Topic", "Key": key, "Title": title,
         "Unit": unit, "Decimals": 0, "odata.type": "Cbs.OData.Topic"}
        for index, (_, title, unit, key) in enumerate((*content.measures, *content.extra))
    ]  # fmt: skip
    lists = {
        "TableInfos": [{"Identifier": TABLE, "Title": content.title, "Modified": content.modified}],
        "DataProperties": [
            {"ID": 0, "ParentID": None, "Type": "Dimension", "Key": "TypeMaatwerkvoorziening"},
            {"ID": 1, "ParentID": None, "Type": "GeoDimension", "Key": "RegioS"},
            {"ID": 2, "ParentID": None, "Type": "TimeDimension", "Key": "Perioden"},
            *topics,
        ],
        "TypeMaatwerkvoorziening": _coded("Key", content.types, 10),
        "RegioS": _coded("Key", content.regions, 10),
        "Perioden": [
            {"Key": code, "Title": code[:4], "Status": status}
            for code, status in content.periods.items()
        ],
    }
    return {"odata.metadata": "x", "value": lists[path]} if path in lists else None


def _wide(content: Content) -> list[dict[str, Any]]:
    """Give one row a region, type and period, everything as padded text."""
    return [
        {"ID": number, "TypeMaatwerkvoorziening": f"{kind:<10}", "RegioS": f"{region:<10}",
         "Perioden": period,
         **{
             measure[3]: f"{figure:>10}" if isinstance(figure, str) else f"{figure:>10.2f}"
             for measure, figure in zip(content.measures, figures, strict=True)
         }}
        for number, ((region, kind, period), figures) in enumerate(content.figures.items())
    ]  # fmt: skip


# --- both ----------------------------------------------------------------------------------------


def _coded(key: str, titles: dict[str, str], width: int = 0) -> list[dict[str, Any]]:
    return [{key: f"{code:<{width}}", "Title": title} for code, title in titles.items()]


def _paged(rows: list[Any], query: dict[str, str], url: str, link: str) -> dict[str, Any]:
    start = int(query.get("$skip", 0))
    page: dict[str, Any] = {"value": rows[start : start + PAGE]}
    if start + PAGE < len(rows):
        asked = "&".join(f"{key}={value}" for key, value in query.items() if key != "$skip")
        page[link] = f"{url}?{asked}&$skip={start + PAGE}".replace(" ", "%20")
    return page


@dataclass(frozen=True)
class Service:
    """The running service.

    Attributes:
        script: What it does.
        base: Its address.
    """

    script: Script
    base: str

    @property
    def hosts(self) -> Hosts:
        """The addresses that a client is given."""
        return Hosts(f"{self.base}/v4", f"{self.base}/feed", f"{self.base}/api")


@contextmanager
def serving() -> Iterator[Service]:
    """Run the service on a free port of this machine."""
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            _send(self, script.answer(self.path, f"http://{self.headers['Host']}"))

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Service(script, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.close_connection = bool(answer.how)
    if answer.how == "reset":
        return
    handler.send_response(answer.status)
    for name, value in answer.headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    if answer.how == "cut":
        handler.wfile.write(answer.body[: len(answer.body) // 2])
    elif answer.how == "drip":
        pause = threading.Event()
        try:
            for place in range(len(answer.body)):
                handler.wfile.write(answer.body[place : place + 1])
                pause.wait(0.01)
        except OSError:
            return
    else:
        handler.wfile.write(answer.body)
