"""Long checks: they fail loudly, and write what they did into docs/evidence/.

Belongs here: more of what the tests do once. Does not belong here: what no test does at all.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from models.errors import UitstroomError
from pipelines import editions
from pipelines.sources import Verdict
from tests.evidence import write_evidence
from tests.invented.harness import FEW_MARTS, store_all
from tests.models.invented import Switches
from tests.models.outflow.people import live_many
from tests.models.outflow.people_compare import compare, totals_of_lives, totals_of_run
from tests.models.outflow.people_specs import people_of
from tests.models.outflow.people_tables import model_of
from tests.models.outflow.people_worlds import WORLDS
from tests.models.outflow.planted import is_number_seen, is_step_seen
from tests.models.outflow.planted_numbers import WRONG_NUMBERS
from tests.models.outflow.planted_steps import WRONG_STEPS
from tests.pipelines.sources.cabinet.mutations import OPERATORS, outcome_of
from tests.pipelines.sources.cabinet.mutations import SEED as MUTATIONS_SEED
from tests.pipelines.sources.cabinet.tables import TABLES
from tests.pipelines.sources.conftest import Region
from tests.pipelines.sources.test_mutations import BYTES, damaged
from tests.pipelines.test_editions import NEW, OLD, POINTS, check_old_or_new, state_of
from tests.soak.door import soak_door
from tests.soak.office import soak_office
from tests.soak.protection import soak_protection
from tests.soak.pseudonyms import soak_pseudonyms
from tests.soak.publication_way import soak_publication_way
from tests.soak.release_faults import soak_release_faults
from tests.soak.shipped import soak_shipped_regions
from tests.soak.truth_pairs import soak_truth_pairs

SEED = 20261121
REPLICATIONS, DRAWS, FILES, DAMAGED, ROUNDS = 1_500, 8192, 2_000, 500, 3


def soak_oracle() -> None:
    """The model against people one by one, with more of both than the test takes.

    Every error that can be planted must be seen.
    """
    unseen = [name for name, wrong in WRONG_NUMBERS.items() if not is_number_seen(wrong)]
    unseen += [name for name, wrong in WRONG_STEPS.items() if not is_step_seen(wrong)]
    if unseen:
        raise SystemExit(f"planted errors that the people do not show: {unseen}")
    worlds = {}
    for name, twin in WORLDS.items():
        lived = live_many(people_of(twin.spec), range(SEED, SEED + REPLICATIONS))
        run = model_of(twin.spec).run(Switches(capped=twin.spec.cap is not None), draws=DRAWS)
        ours, theirs = totals_of_run(run, twin.names), totals_of_lives(lived, twin.names)
        worlds[name] = compare(twin.outputs, ours, theirs)
    outputs = sum(len(found.z) for found in worlds.values())
    worst = max(worlds.values(), key=lambda found: found.distance / found.limit)
    write_evidence(
        "soak-oracle",
        seed=SEED,
        counts={
            "replications": REPLICATIONS,
            "draws": DRAWS,
            "outputs": outputs,
            "planted_numbers": len(WRONG_NUMBERS),
            "planted_steps": len(WRONG_STEPS),
        },
        results={
            "planted_unseen": len(unseen),
            "largest_z": round(max(found.highest for found in worlds.values()), 2),
            "distance": round(worst.distance, 1),
            "distance_limit": round(worst.limit, 1),
        },
    )
    for name, found in worlds.items():
        if not found.agrees:
            raise SystemExit(f"the model and the people disagree in {name!r}: {found}")


def soak_kills() -> None:
    """Kill the storing of an edition, release and report at every point, three times each."""
    editions.MARTS = FEW_MARTS
    kills = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store_all(folder / "old", OLD, "old")
        shutil.copytree(folder / "old", folder / "both", symlinks=True)
        store_all(folder / "both", NEW, "new")
        undisturbed = state_of(folder / "both")
        for round_number in range(ROUNDS):
            for point in POINTS:
                target = folder / f"{round_number}-{point.replace(':', '-')}"
                shutil.copytree(folder / "old", target, symlinks=True)
                command = [sys.executable, "-m", "tests.invented.harness", str(target), NEW, "new"]
                environ = os.environ | {"FAULT": f"{point}:kill"}
                died = subprocess.run(command, env=environ, check=False, capture_output=True)
                if died.returncode != -signal.SIGKILL:
                    raise SystemExit(f"{point} was not reached: {died.stderr.decode()}")
                check_old_or_new(target)
                subprocess.run(command, check=True, capture_output=True)
                if state_of(target) != undisturbed:
                    raise SystemExit(f"after a kill at {point} the end differs")
                kills += 1
                shutil.rmtree(target)
    write_evidence(
        "soak-kills",
        seed=SEED,
        counts={"kills": kills, "points": len(POINTS), "rounds": ROUNDS},
        results={"torn_for_readers": 0, "other_end": 0},
    )


def soak_mutations() -> None:
    """Spoil and damage good deliveries: no figure becomes wrong without a word."""
    verdicts: Counter[str] = Counter()
    silent = 0
    for number in range(FILES):
        with tempfile.TemporaryDirectory() as name:
            outcome = outcome_of(number, Path(name))
        verdicts[outcome.verdict] += 1
        if outcome.is_silent:
            silent += 1
            sys.stdout.write(f"{outcome}\n")
    write_evidence(
        "soak-mutations",
        seed=MUTATIONS_SEED,
        counts={"files": FILES, "operators": len(OPERATORS), "good_files": len(TABLES)},
        results={
            **{verdict: count for verdict, count in sorted(verdicts.items())},
            "silent_wrong_aggregates": silent,
            "tracebacks": 0,
            **_damage_bytes(),
        },
    )
    if silent:
        raise SystemExit(f"{silent} of {FILES} spoilt files gave other figures without a word")


def _damage_bytes() -> dict[str, int]:
    """Damage the bytes of files and envelopes at random: the door answers with counts."""
    generator = np.random.default_rng(SEED)
    refused = accepted = 0
    victims = ("stays.csv", "stays.csv.toml", "stays.xlsx", "stays.xlsx.toml")
    for number in range(DAMAGED):
        with tempfile.TemporaryDirectory() as name:
            region = Region(Path(name))
            victim = victims[number % len(victims)]
            region.deliver("stays", region.rows("stays", 20), file=victim.removesuffix(".toml"))
            path = region.path("stays", victim)
            changes = [
                (generator.random(), int(generator.integers(13)), BYTES[generator.integers(13)])
                for _ in range(1 + int(generator.integers(3)))
            ]
            path.write_bytes(damaged(path.read_bytes(), changes))
            try:
                files = region.read().files
            except UitstroomError:
                refused += 1
                continue
            if Verdict.REFUSED in files["verdict"]:
                refused += 1
            else:
                accepted += 1
            kept = files["accepted"] + files["quarantined"] + files["non_data"]
            if (files["rows_in"] != kept).any():
                raise SystemExit(f"rows were lost in case {number}: {changes}")
    return {"damaged_refused": refused, "damaged_accepted": accepted, "rows_lost": 0}


if __name__ == "__main__":
    for soak in (
        soak_kills,
        soak_door,
        soak_pseudonyms,
        soak_protection,
        soak_truth_pairs,
        soak_release_faults,
        soak_publication_way,
        soak_shipped_regions,
        soak_mutations,
        soak_office,
        soak_oracle,
    ):
        if sys.argv[1:] and soak.__name__ not in sys.argv[1:]:
            continue
        sys.stdout.write(f"{soak.__name__}\n")
        sys.stdout.flush()
        soak()
