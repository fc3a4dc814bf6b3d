"""Ways in that stay shut: sources, reading connections of the engine, hostile ids."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from models.errors import UitstroomError
from pipelines.lineage import explain_figure_lines
from pipelines.mail import mail_lines
from pipelines.new_region import new_region
from pipelines.paths import CHECKOUT, DataRoot
from pipelines.regions import read_region_folder
from pipelines.release import stored_release
from pipelines.reproducing import reproduce_lines
from pipelines.storage import digest_folder
from pipelines.verifying import verify_lines
from pipelines.warehouse import open_warehouse, run_core
from reports.explained_pages import page_addresses
from tests.architecture.dangers import ALLOWED_SQL, dangers, sql_from_elsewhere
from tests.invented import REGION_ID, build_data_root

pytestmark = pytest.mark.architecture


# --- sources -------------------------------------------------------------------------------------


def test_no_source_holds_a_danger() -> None:
    assert dangers(CHECKOUT) == []


def test_every_exception_for_sql_is_used_and_has_a_reason() -> None:
    assert sql_from_elsewhere(CHECKOUT) == set(ALLOWED_SQL)
    assert all(len(reason) > 20 for reason in ALLOWED_SQL.values())
    assert len(ALLOWED_SQL) < 6


CODE = "pipelines/planted.py"
PAGE = "reports/templates/planted.html.j2"


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        (CODE, "import pickle", "imports pickle"),
        (CODE, "from joblib import load", "imports joblib"),
        (CODE, "def f():\n    import yaml", "imports yaml"),
        (CODE, "import numpy as np\nnp.load('x', allow_pickle=True)", "passes allow_pickle"),
        (CODE, "import numpy as np\nnp.load('x', allow_pickle=yes)", "passes allow_pickle"),
        (CODE, "import pandas\npandas.read_pickle('x')", "calls pandas.read_pickle"),
        (CODE, "eval('1')", "calls eval"),
        (CODE, "import os\nos.system('x')", "calls os.system"),
        (CODE, "import subprocess\nsubprocess.run('x', shell=True)", "passes shell"),
        (CODE, "import ssl\ncontext.verify_mode = ssl.CERT_NONE", "names CERT_NONE"),
        (CODE, "connection.set_debuglevel(1)", "names set_debuglevel"),
        (CODE, "get('x', verify=False)", "switches verify off"),
        (CODE, "def f(a):\n    engine.execute(f'SELECT {a}')", "f runs f'SELECT {a}'"),
        (CODE, "engine.sql('SELECT ' + a)", " runs 'SELECT ' + a"),
        (CODE, "engine.query('SELECT %s' % a)", " runs 'SELECT %s' % a"),
        (CODE, "engine.execute('SELECT {}'.format(a))", " runs 'SELECT {}'.format(a)"),
        (CODE, "class A:\n    def f(self):\n        self.engine.execute(text)", "f runs text"),
        (CODE, "engine.execute(query=text)", " runs a keyword"),
        ("pipelines/warehouse.py", "def _write():\n    engine.execute(f'DROP {a}')",
         "_write builds the text that it runs"),
        (CODE, "Environment(loader=x)", "makes templates without escaping"),
        (CODE, "Environment(autoescape=False)", "switches escaping off"),
        (CODE, "Markup(f'<b>{a}</b>')", "marks a built text as safe"),
        (PAGE, "{{ name|safe }}", "marks a text as safe"),
        (PAGE, "{{ name | safe }}", "marks a text as safe"),
        (PAGE, "{% autoescape false %}x{% endautoescape %}", "switches escaping off"),
    ],
)  # fmt: skip
def test_a_planted_danger_is_found(tmp_path: Path, path: str, source: str, expected: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
    assert f"{path}: {expected}" in dangers(tmp_path)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (CODE, "engine.execute('SELECT $a', {'a': a})"),
        (CODE, "import numpy as np\nnp.load('x', allow_pickle=False)"),
        (CODE, "Environment(autoescape=True)"),
        (CODE, "Markup('<b>{}</b>').format(a)"),
        ("pipelines/warehouse.py", "def _write():\n    engine.execute(statement)"),
        (PAGE, "{{ name }} is safe"),
    ],
)
def test_what_is_allowed_is_no_danger(tmp_path: Path, path: str, source: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
    assert dangers(tmp_path) == []


# --- DuckDB --------------------------------------------------------------------------------------


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A small warehouse with a file beside it that no query may read."""
    with duckdb.connect(str(tmp_path / "small.duckdb")) as engine:
        engine.execute("CREATE TABLE homes AS SELECT 1 AS number, 'Haarlem' AS name")
    (tmp_path / "secret.csv").write_text("number,name\n2,secret\n")
    return tmp_path / "small.duckdb"


REFUSED = (
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_parquet('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM 'secret.csv'",
    "COPY homes TO 'out.csv'",
    "COPY homes TO 'out.parquet' (FORMAT parquet)",
    "COPY homes TO '/dev/stdout'",
    "COPY homes FROM 'secret.csv'",
    "ATTACH 'other.duckdb'",
    "ATTACH ':memory:' AS other",
    "EXPORT DATABASE 'out'",
    "IMPORT DATABASE 'out'",
    "INSTALL httpfs",
    "INSTALL h3 FROM community",
    "FORCE INSTALL json",
    "UPDATE EXTENSIONS",
    "LOAD httpfs",
    "LOAD './planted.duckdb_extension'",
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "SET enable_external_access = true",
    "PRAGMA enable_external_access = true",
    "RESET enable_external_access",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "SET python_enable_replacements = true",
    "SET allow_community_extensions = true",
    "SET allow_unsigned_extensions = true",
    "SET memory_limit = '100GB'",
    "RESET memory_limit",
    "SET threads = 64",
    "SET temp_directory = '/tmp'",
    "SET log_query_path = 'log.txt'",
    "PRAGMA enable_profiling",
    "SET profiling_output = 'out.json'",
    "SET file_search_path = '/etc'",
    "SET home_directory = '/tmp'",
    "SELECT getenv('HOME')",
    "SELECT * FROM outside",
)
"""What no connection that reads may do: reach a file, the network, an extension or a setting."""

WRITES = (
    "CREATE TABLE other AS SELECT 1",
    "INSERT INTO homes VALUES (2, 'x')",
    "UPDATE homes SET number = 2",
    "DELETE FROM homes",
    "DROP TABLE homes",
    "CREATE MACRO m() AS 1",
)


@pytest.mark.parametrize("statement", [*REFUSED, *WRITES])
def test_a_reading_connection_refuses(
    warehouse: Path, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(warehouse.parent)
    outside = pl.DataFrame({"secret": [1]})
    before = digest_folder(warehouse.parent)
    with open_warehouse(warehouse) as engine:
        with pytest.raises(duckdb.Error):
            engine.execute(statement).fetchall()
        assert engine.execute("SELECT name FROM homes").fetchall() == [("Haarlem",)]
    assert digest_folder(warehouse.parent) == before
    assert outside.height == 1


def test_the_settings_of_a_reading_connection_are_closed_and_bounded(warehouse: Path) -> None:
    with open_warehouse(warehouse) as engine:
        found = dict(engine.execute("SELECT name, value FROM duckdb_settings()").fetchall())
    wanted = {
        "access_mode": "read_only",
        "allow_community_extensions": "false",
        "allow_persistent_secrets": "false",
        "allow_unsigned_extensions": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "enable_external_access": "false",
        "lock_configuration": "true",
        "memory_limit": "953.6 MiB",
        "python_enable_replacements": "false",
        "temp_directory": "",
        "threads": "1",
    }
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    "source",
    ["read_csv('/etc/passwd')", "read_text('/etc/passwd')", "'/etc/passwd'", "glob('/etc/*')"],
)
def test_a_query_of_the_core_reaches_no_file_either(tmp_path: Path, source: str) -> None:
    header = "-- table: core_a\n-- about: a row\n-- reads: raw_a\n-- key: a\n-- rows: <= raw_a\n"
    query = f"SELECT a FROM raw_a WHERE a IN (SELECT 1 FROM {source}) ORDER BY a\n"
    (tmp_path / "core_a.sql").write_text(f"{header}\n{query}")
    with pytest.raises(UitstroomError):
        run_core(tmp_path, {"raw_a": pl.DataFrame({"a": [1]})}, parameters={})


# --- names ---------------------------------------------------------------------------------------

HOSTILE = (
    "", " ", ".", "..", "../x", "../../x", "..\\x", "..%2f", "%2e%2e/x", "....//x", "/etc/passwd",
    "/tmp/x", "~", "~root", "$HOME", "a/b", "a/../../x", "a\\b", "a\0b", "\0", "x\n", "x\r\ny",
    "x y", "X", "CON", "nul.txt", "x.", ".x", "-x", "--help", "x-", "x--y", "\u202ex", "x\u200b",
    "\u0445", "caf\u00e9", "x" * 300, "a:b", "a|b", "a*", "a;rm", "`x`", "<b>", "file:///x",
)  # fmt: skip
"""Names that end up as a path somewhere in other products."""


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    path = build_data_root(tmp_path / "data")
    (tmp_path / "link").symlink_to("/etc")
    (path / "raw" / "regions" / "linked").symlink_to(tmp_path / "link")
    return DataRoot(path)


def uses_of(root: DataRoot, name: str) -> Iterator[Callable[[], object]]:
    """Everything that takes an id from a user and ends up at a path."""
    folder = read_region_folder(root.region(REGION_ID))
    releases = root.releases(REGION_ID)
    yield lambda: root.check_region(name)
    yield lambda: new_region(root, name, "Naam", ["GM0392"])
    yield lambda: folder.asked_scenarios([name])
    yield lambda: folder.read_scenarios([name])
    yield lambda: stored_release(releases, REGION_ID, name or "x")
    yield lambda: explain_figure_lines(root, name, ["0" * 16])
    yield lambda: explain_figure_lines(root, REGION_ID, [name, name, name], release_id=name)
    yield lambda: reproduce_lines(root, REGION_ID, name)
    yield lambda: mail_lines(
        root, name, "openbaar", at="2026-11-22", environ={"UITSTROOM_SMTP_HOST": "localhost"}
    )


def test_there_are_at_least_forty_hostile_names() -> None:
    assert len(set(HOSTILE)) >= 40


def test_a_hostile_name_is_refused_in_a_sentence_and_makes_no_file(
    root: DataRoot, tmp_path: Path
) -> None:
    before = tree(tmp_path)
    for name in HOSTILE:
        for nth, use in enumerate(uses_of(root, name)):
            with pytest.raises(UitstroomError) as caught:
                use()
            assert "Traceback" not in str(caught.value), (name, nth)
            assert tree(tmp_path) == before, (name, nth)


def test_what_is_verified_under_a_hostile_name_makes_no_file(
    root: DataRoot, tmp_path: Path
) -> None:
    before = tree(tmp_path)
    for name in HOSTILE:
        with pytest.raises(UitstroomError):
            verify_lines(root, [name])
        assert tree(tmp_path) == before, name


def test_a_page_of_a_municipality_has_a_plain_address_whatever_its_name() -> None:
    names = {f"GM{number:04}": name for number, name in enumerate(HOSTILE)}
    addresses = page_addresses(names)
    assert len(set(addresses.values())) == len(HOSTILE)
    for address in addresses.values():
        folder, _, file = address.partition("/")
        assert folder.isalpha()
        assert set(file) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
        assert file.endswith(".html") and ".." not in file and len(file) < 100


def tree(folder: Path) -> dict[str, bytes | None]:
    """Picture a folder: every name in it, with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if not path.is_symlink()
    }
