"""Importing a module of ours runs no query of polars: that would start its threads.

Processes are forked from servers that have imported our modules, and a child waits for ever for
threads that its parent had. Belongs here: that law. Does not belong here: which module may import
which (`test_floors.py`).
"""

import subprocess
import sys

import pytest

from pipelines.paths import CHECKOUT

pytestmark = pytest.mark.architecture

LOOK = """
import importlib, pkgutil, sys
import polars as pl

def stopped(*arguments, **named):
    raise AssertionError("a query of polars")

pl.LazyFrame.collect = pl.LazyFrame._collect_eager = stopped
pl.DataFrame.select_seq = stopped
asked = sys.argv[1:]
for name in asked or ("models", "reports", "pipelines"):
    package = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(package, "__path__", []), f"{name}."):
        if found.name.endswith("__main__") or found.name.startswith("pipelines.defs"):
            continue
        importlib.import_module(found.name)
"""


def look(*names: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", LOOK, *names]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_no_module_runs_a_query_when_it_is_imported() -> None:
    done = look()
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_query_on_import_would_be_seen(tmp_path_factory: pytest.TempPathFactory) -> None:
    code = "import polars as pl\npl.Series(['a']).implode()\n"
    folder = tmp_path_factory.mktemp("planted")
    (folder / "planted_query.py").write_text(code)
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{LOOK}"]
    done = subprocess.run(
        [*command, "planted_query"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert "a query of polars" in done.stderr
