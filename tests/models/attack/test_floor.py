"""The attacker shares nothing with the code that it attacks."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[3]
FORBIDDEN = "protect"
FOLDERS = ("models/attack", "pipelines/attack")


def imports(source: str) -> set[str]:
    """Give every module that a source imports, with the names taken from it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module or ''}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} if node.value.startswith("models.protect") else set()
    return found


def protecting(source: str) -> list[str]:
    return sorted(name for name in imports(source) if FORBIDDEN in name)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_attack_does_not_import_what_protects(folder: str) -> None:
    files = sorted((ROOT / folder).glob("*.py"))
    assert len(files) > 3
    for file in files:
        assert protecting(file.read_text(encoding="utf-8")) == [], file.name


@pytest.mark.parametrize(
    "source",
    [
        "import models.protect",
        "from models import protect",
        "from models.protect.rounding import round_jointly",
        "def f():\n    import models.protect.offsets as x",
        "import importlib\nimportlib.import_module('models.protect')",
        "from pipelines import protecting",
    ],
)
def test_a_planted_import_is_found(source: str) -> None:
    assert protecting(source)


def test_nothing_that_the_attack_imports_brings_it_in_either() -> None:
    code = (
        "import sys, pipelines.attack, models.attack\n"
        "sys.exit(any('protect' in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
