"""Reading a region's folder: its file and the scenarios that a run asks for.

Belongs here: from a folder to checked objects. Does not belong here: the checks themselves
(`models.registry`), deliveries (`sources`), what a run does with it (`region_run`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import UitstroomError, UsageError
from models.params import GroupValues, National, Region, Scenario
from models.registry import (
    Resolved,
    load_national,
    load_region,
    load_scenario,
    nearest,
    resolve,
)
from pipelines.options import ALL_SCENARIOS
from pipelines.paths import REGION_FILE
from pipelines.sources.parcels import Parcel

SCENARIOS = "scenarios"
TILES = "tiles.toml"
"""The optional file with the tile map of a region."""


@dataclass(frozen=True)
class RegionFolder:
    """A region as its folder holds it.

    Attributes:
        folder: Where it lies.
        national: The national defaults it stands on.
        region: Its file.
        parcels: The deliveries that count, where a run or a study froze them; None means: those
            that lie there now.
    """

    folder: Path
    national: National
    region: Region
    parcels: tuple[Parcel, ...] | None = None

    @property
    def scenario_ids(self) -> list[str]:
        """The shipped scenarios, by the names of their files."""
        files = (self.folder / SCENARIOS).glob("*.toml")
        return sorted(file.stem for file in files if not file.name.startswith("."))

    def asked_scenarios(self, asked: Iterable[str]) -> list[str]:
        """Give the scenarios of a run: the default first, then those asked for by name.

        Raises:
            UsageError: A scenario that does not exist, with the nearest one.
        """
        known = self.scenario_ids
        wanted = set(asked)
        if ALL_SCENARIOS in wanted:
            wanted = (wanted - {ALL_SCENARIOS}) | set(known)
        for name in sorted(wanted | {self.region.default_scenario}):
            if name not in known:
                raise UsageError(
                    f"scenario {name!r} does not exist in region {self.region.id!r}",
                    todo=nearest(name, known) if known else "The region has no scenarios.",
                )
        return [
            self.region.default_scenario,
            *sorted(wanted - {self.region.default_scenario}),
        ]

    def read_scenarios(self, scenario_ids: Iterable[str]) -> dict[str, Scenario]:
        """Read scenarios and all that they extend.

        Raises:
            UsageError: A fault in a file, or a name inside it that is not the file's own.
        """
        found: dict[str, Scenario] = {}
        to_read = list(scenario_ids)
        while to_read:
            name = to_read.pop()
            if name in found:
                continue
            found[name] = scenario = self._read_scenario(name)
            if scenario.extends is None:
                continue
            if scenario.extends not in self.scenario_ids:
                raise UsageError(
                    "a scenario extends one that does not exist",
                    where=f"{self.region.id}/{SCENARIOS}/{name}.toml, extends",
                    found=repr(scenario.extends),
                    todo=nearest(scenario.extends, self.scenario_ids),
                )
            to_read.append(scenario.extends)
        return dict(sorted(found.items()))

    def resolve(
        self,
        scenario_ids: Iterable[str],
        *,
        scenarios: Mapping[str, Scenario] | None = None,
        estimated: Mapping[str, GroupValues] | None = None,
    ) -> dict[str, Resolved]:
        """Give what is in force for each scenario, in the order asked.

        Args:
            scenario_ids: The scenarios.
            scenarios: The scenarios and all that they extend, as they were read before; without
                them the files are read now.
            estimated: Parameters estimated from the region's deliveries, by name and group.

        Raises:
            UsageError: A fault in a scenario.
        """
        asked = list(scenario_ids)
        known = self.read_scenarios(asked) if scenarios is None else scenarios
        return {
            name: resolve(self.national, self.region, known, name, estimated=estimated)
            for name in asked
        }

    def municipality_codes(self) -> set[str]:
        """Give every municipality that belongs to the region for some purpose in some period."""
        described = {item.code for item in self.region.municipalities}
        return described.union(*(item.municipalities for item in self.region.compositions))

    def _read_scenario(self, name: str) -> Scenario:
        file = self.folder / SCENARIOS / f"{name}.toml"
        where = f"{self.region.id}/{SCENARIOS}/{file.name}"
        if name not in self.scenario_ids:
            known = self.scenario_ids
            raise UsageError(
                f"scenario {name!r} does not exist in region {self.region.id!r}",
                todo=nearest(name, known) if known else "The region has no scenarios.",
            )
        text = read_text(file, where)
        scenario = load_scenario(text, where, self.national, self.region)
        if scenario.id != name:
            raise UsageError(
                "the scenario's id is not the name of its file",
                where=where,
                found=repr(scenario.id),
                expected=repr(name),
            )
        return scenario


def read_region_folder(folder: Path) -> RegionFolder:
    """Read a region's file.

    Raises:
        UitstroomError: A fault in the file, or an id that is not the folder's name.
    """
    where = f"{folder.name}/{REGION_FILE}"
    national = load_national()
    region = load_region(read_text(folder / REGION_FILE, where), where, national)
    if region.id != folder.name:
        raise UsageError(
            "the region's id is not the name of its folder",
            where=where,
            found=repr(region.id),
            expected=repr(folder.name),
        )
    return RegionFolder(folder, national, region)


def read_text(path: Path, where: str) -> str:
    """Read a text file.

    Raises:
        UitstroomError: It cannot be opened or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UitstroomError(
            "this is not UTF-8 text", where=where, todo="Save it as UTF-8."
        ) from error
    except OSError as error:
        raise UitstroomError(
            "the file cannot be read", where=where, found=error.strerror or ""
        ) from error
