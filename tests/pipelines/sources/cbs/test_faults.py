"""What a statistics service does wrong: never half a table, always the last good copy or the new.

Every case starts with a stored edition, lets CBS publish a next one, and breaks the way to it.
Afterwards the stored copy is byte for byte the old one, or byte for byte what an undisturbed fetch
of the new one gives.
"""

import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.paths import DataRoot
from tests.pipelines.sources.cbs.bench import (
    FIRST_DAY,
    NEXT,
    SECOND_DAY,
    SOURCE,
    WAITS_SECONDS,
    Patience,
    fetch,
    make_client,
    make_root,
    next_edition,
    start_fetch,
    stored,
)
from tests.pipelines.sources.cbs.server import Answer, Content, Script, Service, serving

OBSERVATIONS = "Observations"


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Give the hashes of both editions, fetched without any fault."""
    root = make_root(tmp_path_factory.mktemp("undisturbed"))
    found = {}
    with serving() as service:
        assert fetch(root, service).error is None
        found["old"] = stored(root)
        service.script.content = next_edition()
        assert fetch(root, service, SECOND_DAY).error is None
        found["new"] = stored(root)
    assert found["old"] != found["new"]
    return found


Fault = Callable[[str, str, int], Answer | None]
Edit = Callable[[str, str, dict[str, Any]], dict[str, Any]]


def always(answer: Answer, path: str = OBSERVATIONS) -> Fault:
    """Answer every question for a path so, in both versions."""
    names = {path, "UntypedDataSet"} if path == OBSERVATIONS else {path}
    return lambda version, asked, nth: answer if asked in names else None


def first(*answers: Answer) -> Fault:
    """Answer the first questions for the observations so, and then as one should."""
    return lambda version, asked, nth: (
        answers[nth - 1] if asked == OBSERVATIONS and nth <= len(answers) else None
    )


def on(path: str, change: Callable[[dict[str, Any]], None]) -> Edit:
    """Change every page of a path."""

    def edit(version: str, asked: str, page: dict[str, Any]) -> dict[str, Any]:
        if asked == path:
            change(page)
        return page

    return edit


def loop(page: dict[str, Any]) -> None:
    """Let the second page lead back to itself."""
    if "@odata.nextLink" in page:
        page["@odata.nextLink"] = page["@odata.nextLink"].partition("&$skip=")[0] + "&$skip=8"


def repeat(page: dict[str, Any]) -> None:
    """Give the first page twice, and the last one never: the count still fits."""
    if "@odata.nextLink" not in page:
        page["value"] = page["value"][:0]


def rename_field(page: dict[str, Any]) -> None:
    """Call the field of the region otherwise."""
    for row in page["value"]:
        row["Regio"] = row.pop("RegioS")


def other_unit(page: dict[str, Any]) -> None:
    """Publish in thousands."""
    page["value"][0]["Unit"] = "x 1 000"


def other_code(page: dict[str, Any]) -> None:
    """Give a code that is asked for another meaning."""
    page["value"][1]["Title"] = "Hulpmiddelen"


def no_code(page: dict[str, Any]) -> None:
    """Take a code away that is asked for."""
    del page["value"][1]


def no_measure(page: dict[str, Any]) -> None:
    """Take a measure away."""
    del page["value"][1]


def other_measure(page: dict[str, Any]) -> None:
    """Call a measure otherwise."""
    page["value"][1]["Title"] = "Nieuwe voorzieningen"


def new_dimension(page: dict[str, Any]) -> None:
    """Split the table by something more."""
    page["value"].append({"Identifier": "Leeftijd", "Kind": "Dimension"})


def new_status(page: dict[str, Any]) -> None:
    """Give a period a status that nobody knows."""
    page["value"][0]["Status"] = "Herzien"


def duplicate(page: dict[str, Any]) -> None:
    """Put another page's rows in the place of the last one's."""
    if "@odata.nextLink" not in page:
        page["value"] = [{**page["value"][0]} for _ in page["value"]]


@dataclass(frozen=True)
class Case:
    """A fault, and what is right.

    Attributes:
        outcome: `old` (unreachable), `refused` (old, exit code 3) or `new`.
        says: What the sentence or error holds.
        fault: Answers in the place of the true ones.
        edit: Changes of the true answers.
        content: What CBS publishes instead of the next edition.
        waits: What was waited, where that is the point.
    """

    outcome: str
    says: str = ""
    fault: Fault | None = None
    edit: Edit | None = None
    content: Callable[[], Content] = next_edition
    waits: tuple[float, ...] | None = None


BUSY = Answer(b"busy", 429, (("Retry-After", "7"),))
DOWN = [Answer(b"down", status) for status in (500, 502, 503)]

CASES = {
    "429 with Retry-After": Case("new", fault=first(BUSY, BUSY), waits=(7.0, 7.0)),
    "429 for ever": Case("old", "status 429", fault=always(BUSY), waits=(7.0, 7.0, 7.0, 8.0)),
    "429 that asks for an hour": Case(
        "old", "status 429", waits=(),
        fault=always(Answer(b"busy", 429, (("Retry-After", "3600"),))),
    ),
    "500, 502, 503, then fine": Case("new", fault=first(*DOWN), waits=(2.0, 4.0)),
    "503 for ever": Case("old", "status 503", fault=lambda version, path, nth: DOWN[2]),
    "connection reset": Case("new", fault=first(Answer(how="reset"), Answer(how="reset"))),
    "connection reset for ever": Case(
        "old", "gives no answer", fault=lambda version, path, nth: Answer(how="reset")
    ),
    "body cut off": Case(
        "new", fault=first(Answer(b'{"value": [{"Id": 0}]}', how="cut"))
    ),
    "slow drip": Case(
        "old", "too slowly",
        fault=lambda version, path, nth: Answer(b"{" + b" " * 500 + b"}", how="drip"),
    ),
    "cut JSON": Case(
        "refused", "cannot be read", fault=always(Answer(b'{"value": [{"Id": 0, "Meas'))
    ),
    "cut JSON once": Case("new", fault=first(Answer(b'{"value": [{"Id": 0, "Meas'))),
    "HTML for an answer": Case(
        "refused", "<!DOCTYPE", fault=always(Answer(b"<!DOCTYPE html><p>Onderhoud</p>"))
    ),
    "empty value": Case(
        "refused", "found 0; expected 36", fault=always(Answer(b'{"value": []}'))
    ),
    "empty value, and a count that agrees": Case(
        "refused", "no figure of 'Stand'",
        fault=lambda version, path, nth: {
            OBSERVATIONS: Answer(b'{"value": []}'), "Observations/$count": Answer(b"0")
        }.get(path),
    ),
    "no value": Case("refused", "holds no rows", fault=always(Answer(b'{"error": "x"}'))),
    "nextLink loop": Case("refused", "was there before", edit=on(OBSERVATIONS, loop)),
    "nextLink to elsewhere": Case(
        "refused", "another host",
        edit=on(OBSERVATIONS, lambda page: page.update({"@odata.nextLink": "https://x.test/"})),
    ),
    "duplicated rows, count fits": Case("refused", "came twice", edit=on(OBSERVATIONS, duplicate)),
    "page lost": Case("refused", "as many observations", edit=on(OBSERVATIONS, repeat)),
    "count mismatch": Case(
        "refused", "expected 999", fault=always(Answer(b"999"), "Observations/$count")
    ),
    "field renamed": Case("refused", "RegioS", edit=on(OBSERVATIONS, rename_field)),
    "dimension added": Case("refused", "Leeftijd", edit=on("Dimensions", new_dimension)),
    "measure gone": Case("refused", "'Instroom' is there 0", edit=on("MeasureCodes", no_measure)),
    "measure renamed": Case(
        "refused", "'Instroom' is there 0", edit=on("MeasureCodes", other_measure)
    ),
    "unit changed": Case("refused", "'x 1 000'", edit=on("MeasureCodes", other_unit)),
    "thousand times larger, same unit": Case(
        "refused", "largest figure", content=lambda: next_edition().scaled(1000.0)
    ),
    "twelve times larger, same unit": Case(
        "refused", "12 times what it was",
        content=lambda: replace(next_edition().scaled(12.0), modified=NEXT),
        edit=on(OBSERVATIONS, lambda page: [
            row.update(Value=row["Value"] / 12) for row in page["value"]
            if row["Measure"] == "M000001" and row["Value"]
        ] and None),
    ),
    "code means something else": Case(
        "refused", "'Hulpmiddelen'", edit=on("TypeMaatwerkvoorzieningCodes", other_code)
    ),
    "code gone": Case("refused", "A019508", edit=on("TypeMaatwerkvoorzieningCodes", no_code)),
    "period with an unknown status": Case(
        "refused", "Herzien", edit=on("PeriodenCodes", new_status)
    ),
    "other title": Case(
        "refused", "another title", content=lambda: replace(next_edition(), title="Jeugdzorg")
    ),
    "most figures withdrawn": Case(
        "refused", "are gone",
        content=lambda: replace(next_edition(), figures={
            key: value for key, value in next_edition().figures.items() if key[0] == "NL01"
        }),
    ),
    "region that no list knows": Case(
        "refused", "'GM0373'", edit=on("RegioSCodes", lambda page: page["value"].pop())
    ),
    "no date": Case("refused", "no date", content=lambda: replace(next_edition(), modified="")),
    "the question is not understood": Case(
        "refused", "does not accept", fault=always(Answer(b"bad", 400))
    ),
    "the table changes while it is read": Case(
        "old", "changed the table",
        fault=lambda version, path, nth: Answer(
            b'{"Identifier": "99001NED", "Title": "Voorzieningen; stand, instroom",'
            b' "Modified": "2026-11-30T02:00:00"}'
        ) if path == "Properties" and nth == 2 else Answer(b"down", 503)
        if version != "v4" else None,
    ),
}  # fmt: skip


@pytest.mark.unit
@pytest.mark.parametrize("name", CASES)
def test_after_a_fault_the_stored_copy_is_the_old_one_or_the_whole_new_one(
    name: str, tmp_path: Path, service: Service, editions: dict[str, dict[str, str]]
) -> None:
    case, patience = CASES[name], Patience()
    root = make_root(tmp_path)
    fetch(root, service)
    arrange(service.script, case)
    client = make_client(patience, answer_seconds=0.05)
    found = fetch(root, service, SECOND_DAY, client=client)
    shown = f"{found.sentence} {found.error or ''}"
    assert case.says in shown
    assert stored(root) == editions["new" if case.outcome == "new" else "old"]
    assert (0 if found.error is None else found.error.exit_code) == (
        3 if case.outcome == "refused" else 0
    )
    standing = SECOND_DAY if case.outcome == "new" else FIRST_DAY
    assert f"stand van {standing}" in found.sentence
    assert not (root.open_data / ".fetch").exists()
    if case.waits is not None:
        assert tuple(patience.waits[: len(case.waits)]) == case.waits
        assert case.outcome == "old" or len(patience.waits) == len(case.waits)


def arrange(script: Script, case: Case) -> None:
    """Let the service publish the next edition and do what the case says."""
    script.content = case.content()
    script.passed.clear()
    if case.fault is not None:
        script.fault = case.fault
    if case.edit is not None:
        script.edit = case.edit


@pytest.mark.unit
def test_no_question_is_asked_more_than_five_times(tmp_path: Path, service: Service) -> None:
    service.script.fault = lambda version, path, nth: DOWN[0]
    found = fetch(make_root(tmp_path), service)
    assert found.error is not None
    assert found.error.exit_code == 1
    assert set(service.script.passed.values()) == {5}


@pytest.mark.unit
def test_a_service_that_wants_less_is_not_asked_over_its_other_versions(
    tmp_path: Path, service: Service
) -> None:
    service.script.fault = always(BUSY, "Properties")
    fetch(make_root(tmp_path), service)
    assert {asked.split()[0] for asked in service.script.asked} == {"v4"}


@pytest.mark.unit
@pytest.mark.parametrize("gone", ["Properties", OBSERVATIONS, "Observations/$count"])
def test_the_third_version_gives_the_same_figures_where_the_fourth_is_gone(
    gone: str, tmp_path: Path, service: Service, editions: dict[str, dict[str, str]]
) -> None:
    def vanish(version: str, path: str, nth: int) -> Answer | None:
        return Answer(b"gone", 404) if version == "v4" and path == gone else None

    root = make_root(tmp_path)
    service.script.fault = vanish
    found = fetch(root, service)
    assert found.error is None
    assert "OData v4 could not be used" in found.sentence
    assert without_symbols(root) == without_symbols(undisturbed(tmp_path / "v4"))
    assert not any(asked.startswith("api") for asked in service.script.asked)


@pytest.mark.unit
def test_the_other_host_is_asked_in_slices_where_it_refuses_ten_thousand_rows(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.sources.cbs.odata3.SLICE", 7)

    def only_api(version: str, path: str, nth: int) -> Answer | None:
        return None if version == "api" else Answer(b"gone", 404)

    root = make_root(tmp_path)
    service.script.fault = only_api
    assert fetch(root, service).error is None
    assert without_symbols(root) == without_symbols(undisturbed(tmp_path / "v4"))
    assert service.script.passed["api UntypedDataSet"] == 1 + 3  # refused, then 7, 7 and 4 rows


def undisturbed(folder: Path) -> DataRoot:
    """Fetch the first edition over the fourth version of the service."""
    folder.mkdir()
    root = make_root(folder)
    with serving() as service:
        assert fetch(root, service).error is None
    return root


def without_symbols(root: DataRoot) -> list[str]:
    """Give the stored figures without their last column, the service's own way of saying none."""
    text = (root.open_data / SOURCE / "figures.csv").read_text(encoding="utf-8")
    return [line.rpartition(",")[0] for line in text.splitlines()]


@pytest.mark.unit
def test_a_fetch_killed_after_a_page_leaves_the_old_copy_and_the_next_one_ends_the_same(
    tmp_path: Path, service: Service, editions: dict[str, dict[str, str]]
) -> None:
    root = make_root(tmp_path)
    fetch(root, service)
    service.script.content = next_edition()
    process = start_fetch(root, service, "K8:3:kill")
    process.join(WAITS_SECONDS)
    assert process.exitcode == -signal.SIGKILL, "the point was not reached"
    assert len(list((root.open_data / ".fetch").rglob("page-*.json"))) == 3
    assert stored(root) == editions["old"]
    assert fetch(root, service, SECOND_DAY).error is None
    assert stored(root) == editions["new"]
    assert not (root.open_data / ".fetch").exists()
