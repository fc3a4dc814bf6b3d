"""The floors of the house: who may import what, read from the sources themselves."""

from pathlib import Path

import pytest

from tests.architecture.imports import breaches, modules

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]
TABLES = "models/tables.py"
MEMBERS = "models/forecast/members.py"


def test_no_floor_is_breached() -> None:
    assert breaches(ROOT) == []


def test_the_test_reads_the_sources_of_all_three_floors() -> None:
    read = {module.path for module in modules(ROOT, "models", "reports", "pipelines")}
    for path in ("models/outflow/steps.py", "reports/build.py", "pipelines/warehouse.py"):
        assert path in read
    assert len(read) > 80


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("models/outflow/steps.py", "import dagster", "imports dagster"),
        (TABLES, "from plotly import graph_objects", "imports plotly"),
        (TABLES, "import os\nos.environ['X']", "imports os"),
        (TABLES, "def f():\n    import time", "imports time"),
        (TABLES, "from urllib.request import urlopen", "imports urllib"),
        (TABLES, "import socket", "imports socket"),
        (TABLES, "import random", "imports random"),
        (TABLES, "from pathlib import Path", "imports pathlib"),
        (TABLES, "__import__('dagster')", "imports dagster"),
        (TABLES, "import pipelines.cli", "imports pipelines"),
        ("models/quota/keys.py", "import pandas as pd", "imports pandas"),
        (MEMBERS, "import statsmodels", "imports statsmodels outside a function"),
        (MEMBERS, "class A:\n    import pandas", "imports pandas outside a function"),
        (TABLES, "from datetime import date\ndate.today()", "asks the clock with date.today"),
        (TABLES, "import datetime\ndatetime.datetime.now()",
         "asks the clock with datetime.datetime.now"),
        (TABLES, "import numpy as np\nnp.random.seed(1)",
         "draws from global chance with np.random.seed"),
        (TABLES, "import numpy as np\nnp.random.default_rng()", "draws without a seed"),
        (TABLES, "print('x')", "calls print"),
        (TABLES, "open('x')", "calls open"),
        (TABLES, "import polars as pl\npl.read_parquet('x')",
         "reads or writes a file with read_parquet"),
        ("reports/build.py", "import dagster", "imports dagster"),
        ("reports/charts/x.py", "def f():\n    import duckdb", "imports duckdb"),
        ("reports/build.py", "from pipelines import paths", "imports pipelines"),
        ("pipelines/cli.py", "import duckdb", "imports duckdb outside the warehouse"),
    ],
)  # fmt: skip
def test_a_planted_breach_is_found(tmp_path: Path, path: str, source: str, expected: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
    assert f"{path}: {expected}" in breaches(tmp_path)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (MEMBERS, "def f():\n    import pandas\n    import statsmodels.api"),
        ("models/outflow/sensitivity.py", "def f():\n    import SALib"),
        (TABLES, "from datetime import date\ndate(2025, 1, 1)"),
        (TABLES, "import numpy as np\nnp.random.default_rng(7).random(3)"),
        ("pipelines/warehouse.py", "import duckdb"),
        ("pipelines/defs/core.py", "import dagster"),
        ("reports/build.py", "import plotly\nprint('x')"),
    ],
)
def test_what_is_allowed_is_no_breach(tmp_path: Path, path: str, source: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
    assert breaches(tmp_path) == []
