"""Faults in a scenario, seen from the command line: file, key, allowed range, nearest right key."""

import sys
from pathlib import Path

import pytest

from pipelines import cli
from pipelines.paths import DATA_VARIABLE, DataRoot
from tests.invented import REGION_ID, build_data_root

pytestmark = pytest.mark.unit

HEAD = """id = "vraag"
extends = "baseline"
label = "Een vraag"
why = "Een verzonnen vraag van niemand."
author = "Proeftuin"
date = 2025-07-01
"""
WHERE = f"{REGION_ID}/scenarios/vraag.toml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataRoot:
    monkeypatch.setenv(DATA_VARIABLE, str(build_data_root(tmp_path)))
    return DataRoot(tmp_path)


def write(root: DataRoot, text: str, name: str = "vraag") -> None:
    (root.region(REGION_ID) / "scenarios" / f"{name}.toml").write_text(text, encoding="utf-8")


def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str]:
    """Call the command line and give its exit code and what it said on standard error."""
    monkeypatch.setattr(sys, "argv", ["uitstroom", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0), capsys.readouterr().err


FAULTS = {
    "misspelt key": (
        HEAD + 'capcity = { speed = 2.0, source = "Een vraag" }\n',
        [WHERE, "key 'capcity' is not known", "Did you mean 'capacity'?"],
    ),
    "misspelt key inside": (
        HEAD + 'capacity = { sped = 2.0, source = "Een vraag" }\n',
        [WHERE, "capacity.sped", "Did you mean 'speed'?"],
    ),
    "misspelt parameter": (
        HEAD + 'parameters.inflow_facter.all = { factor = 1.1, source = "Een vraag" }\n',
        [WHERE, "[parameters.inflow_facter]", "Did you mean 'inflow_factor'?"],
    ),
    "misspelt group": (
        HEAD + 'parameters.own_home_share.sheltr = { value = 0.5, source = "Een vraag" }\n',
        [WHERE, "[parameters.own_home_share.sheltr]", "Did you mean 'shelter'?"],
    ),
    "group of another region": (
        HEAD + 'parameters.own_home_share.youth = { value = 0.5, source = "Een vraag" }\n',
        [WHERE, "target group 'youth' is not one of the region's", "Known are: all, shelter."],
    ),
    "share above one": (
        HEAD + 'parameters.own_home_share.shelter = { value = 1.5, source = "Een vraag" }\n',
        ["scenarios/vraag.toml, [parameters.own_home_share.shelter]", "found 1.5", "0 to 1"],
    ),
    "negative duration": (
        HEAD + 'parameters.stay_years_single.shelter = { value = -1.0, source = "Een vraag" }\n',
        ["[parameters.stay_years_single.shelter]", "found -1.0 years", "0 or more"],
    ),
    "factor out of range": (
        HEAD + 'parameters.inflow_factor.all = { factor = 0, source = "Een vraag" }\n',
        [WHERE, "parameters.inflow_factor.all.factor", "greater than 0"],
    ),
    "speed out of range": (
        HEAD + 'capacity = { speed = 11, source = "Een vraag" }\n',
        [WHERE, "capacity.speed", "less than or equal to 10", "found 11"],
    ),
    "promise out of range": (
        HEAD + 'promise = { months = 25, source = "Een vraag" }\n',
        [WHERE, "promise.months", "less than or equal to 24", "found 25"],
    ),
    "wrong type": (
        HEAD + 'cap = { value = "veel", source = "Een vraag" }\n',
        [WHERE, "cap.value", "valid integer", "found 'veel'"],
    ),
    "a list where a table belongs": (
        HEAD + "cap = [220]\n",
        [WHERE, "cap", "valid dictionary or instance of CapChange"],
    ),
    "no source": (
        HEAD + "cap = { value = 20 }\n",
        [WHERE, "cap.source", "key source is missing"],
    ),
    "value and factor": (
        HEAD + 'parameters.inflow_factor.all = { factor = 2, value = 1, source = "Een vraag" }\n',
        [WHERE, "give either value or factor"],
    ),
    "extends nothing": (
        HEAD.replace('"baseline"', '"baselin"'),
        [f"{WHERE}, extends", "found 'baselin'", "Did you mean 'baseline'?"],
    ),
    "another name": (
        HEAD.replace('"vraag"', '"andere-vraag"'),
        [WHERE, "found 'andere-vraag'", "expected 'vraag'"],
    ),
    "no TOML": (HEAD + "cap = {", [WHERE, "this is not valid TOML"]),
}


@pytest.mark.parametrize(("text", "words"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("command", [["run", "--scenario", "vraag"], ["check"]], ids=str)
def test_a_fault_is_a_sentence_with_file_and_key(
    text: str,
    words: list[str],
    command: list[str],
    root: DataRoot,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(root, text)
    code, said = call(monkeypatch, capsys, *command)
    assert code == (1 if "this is not valid TOML" in words else 2)
    for word in words:
        assert word in said
    assert "Traceback" not in said
    assert not root.marts.exists()


def test_a_ring_names_the_file_that_closes_it(
    root: DataRoot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, HEAD.replace('"baseline"', '"tweede"'))
    write(root, HEAD.replace('"vraag"', '"tweede"').replace('"baseline"', '"vraag"'), "tweede")
    code, said = call(monkeypatch, capsys, "run", "--scenario", "vraag")
    assert code == 2
    assert "extends itself by way of 'vraag'" in said
    assert f"{REGION_ID}/scenarios/" in said


def test_a_scenario_that_is_in_order_is_told(
    root: DataRoot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, HEAD + 'cap = { value = 20, source = "Een vraag" }\n')
    monkeypatch.setattr(sys, "argv", ["uitstroom", "check"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert "scenarios/vraag.toml: in order" in capsys.readouterr().out
