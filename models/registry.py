"""From TOML text to checked objects: national values, regions, scenarios, and what is in force.

Belongs here: parsing, merging (national < region < scenario), hashing, and clear errors that name
file, key and the nearest right key. Does not belong here: looking for files (the caller hands over
text and a name to show in errors).
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from models.errors import UitstroomError, UsageError
from models.params import (
    GroupValues,
    National,
    Region,
    Scenario,
    ScenarioChange,
    StructuralBreak,
    TargetGroup,
)
from models.records import Parameter, Record
from models.units import ALL_GROUPS, BOUNDED, SourceKind

REGION_WIDE = frozenset(
    {
        "stay_phases",
        "complex_share_path_years",
        "relapse_window_months",
        "support_minimum_months",
        "closing_share",
        "acceptance_share",
        "cap_use_share",
        "flip_months",
        "support_starts_yearly",
        "support_tariff",
        "plan_delay_months_decided",
        "plan_delay_months_intended",
        "plan_delay_months_expected",
        "in_between_home_share",
    }
)
"""Parameters that the model reads once for all groups: a group's own value would do nothing."""

OPTIONAL = frozenset({"cap_use_share", "support_starts_yearly", "support_tariff"})
"""Parameters without a national value: only a region that states one has it."""

RecordT = TypeVar("RecordT", bound=Record)


def nearest(word: str, words: Iterable[str]) -> str:
    """Give a hint with the most alike of some words, or the whole list when none is alike."""
    known = sorted(words)
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(known)}."


def load_national() -> National:
    """Read the national defaults that ship with the package."""
    text = files("models.parameters").joinpath("national.toml").read_text(encoding="utf-8")
    return _read(text, "models/parameters/national.toml", National)


def load_region(text: str, where: str, national: National) -> Region:
    """Read a region's file and check it against the national vocabulary.

    Args:
        text: The TOML text.
        where: Name of the file, for errors.
        national: The national defaults.

    Raises:
        UitstroomError: A fault in the file: which key, what is found and expected.
    """
    region = _read(text, where, Region)
    for group in region.target_groups:
        if group not in national.target_groups:
            raise UsageError(
                f"target group {group!r} is not known",
                where=where,
                todo=nearest(group, national.target_groups),
            )
    _check_parameter_names(region.parameters, where, national, region)
    _check_citations(region, where)
    _check_groups_named(region, where)
    _check_keys(region, where)
    _check_together(region, where)
    return region


def load_scenario(text: str, where: str, national: National, region: Region) -> Scenario:
    """Read a scenario and check that every key in it exists.

    Raises:
        UsageError: A misspelt key, parameter or group (with the nearest right one).
    """
    scenario = _read(text, where, Scenario)
    _check_parameter_names(scenario.parameters, where, national, region)
    for key, agreed in (("cap", region.cap), ("promise", region.promise)):
        if getattr(scenario, key) is not None and agreed is None:
            raise UsageError(
                f"there is no {key} in region.toml that a scenario could change",
                where=f"{where}, [{key}]",
                todo=f"Take [{key}] out of the scenario, or agree on a {key} first.",
            )
    for group in scenario.statutory.target_groups if scenario.statutory is not None else ():
        if group not in region.target_groups:
            raise UsageError(
                f"target group {group!r} is not one of the region's",
                where=f"{where}, [statutory]",
                todo=nearest(group, region.target_groups),
            )
    return scenario


def _check_groups_named(region: Region, where: str) -> None:
    """Check that contingents, laws, maximum stays and classes name what there is."""
    named = {
        "contingents": [group for item in region.contingents for group in item.target_groups],
        "statutory": [group for item in region.statutory for group in item.target_groups],
        "structural_breaks": [
            group for item in region.structural_breaks for group in item.target_groups
        ],
        "maximum_stays": list(region.maximum_stays),
        "eligibility": [group for item in region.eligibility for group in item.target_groups],
    }
    for key, groups in named.items():
        for group in groups:
            if group not in region.target_groups:
                raise UsageError(
                    f"target group {group!r} is not one of the region's",
                    where=f"{where}, {key}",
                    todo=nearest(group, region.target_groups),
                )
    rules = [item.id for item in region.eligibility]
    if twice := sorted({name for name in rules if rules.count(name) > 1}):
        raise UsageError(f"rule {twice[0]!r} stands more than once", where=f"{where}, eligibility")
    shares = sum(item.share.value for item in region.priority_classes)
    if region.priority_classes and abs(shares - 1.0) > 1e-9:
        raise UsageError(
            "the shares of the priority classes do not add up",
            where=f"{where}, priority_classes",
            found=f"{shares:g}",
            expected="1",
        )


def _check_keys(region: Region, where: str) -> None:
    """Check that keys follow each other, are named once, and name the region's municipalities."""
    starts = [key.first_year for key in region.keys]
    if starts != sorted(set(starts)):
        raise UsageError(
            "the keys do not follow each other",
            where=f"{where}, keys",
            found=", ".join(key.valid_from for key in region.keys),
            expected="each valid_from later than the one before",
        )
    names = [item.id for item in (*region.keys, *region.alternative_keys)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"key {twice[0]!r} stands more than once", where=f"{where}, keys")
    known = {item.code for item in region.municipalities}
    named = [item.municipality_code for key in region.keys for item in key.municipalities]
    for code in (*named, *(item.municipality_code for item in region.bids)):
        if code not in known:
            raise UsageError(
                f"municipality {code!r} is not one of the region's",
                where=f"{where}, keys and bids",
                todo=nearest(code, known),
            )


def _check_together(region: Region, where: str) -> None:
    """Check which municipalities are published as one: the region's, two or more, each once.

    They share the quota in the same months: else one of them would stand alone in some table.
    """
    codes, place = region.protection.together, f"{where}, [protection] together"
    found = ", ".join(codes)
    for code in codes:
        if code not in {item.code for item in region.municipalities}:
            raise UsageError(
                f"municipality {code!r} is not one of the region's",
                where=place,
                found=found,
                expected="CBS codes of municipalities in this file",
                todo=_nearest_municipality(code, region),
            )
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise UsageError(
            f"municipality {twice[0]!r} stands more than once",
            where=place,
            found=found,
            expected="each code once",
            todo="Take one of them out.",
        )
    if len(codes) == 1:
        raise UsageError(
            "a single municipality cannot be published together with others",
            where=place,
            found=found,
            expected="two codes or more",
            todo="Add the municipalities that it is published with, or take the key out.",
        )
    for composition in region.compositions:
        inside = [code for code in codes if code in composition.municipalities]
        if composition.purpose == "quota" and 0 < len(inside) < len(codes):
            apart = next(code for code in codes if code not in inside)
            raise UsageError(
                f"municipality {apart!r} does not share the quota in the same months",
                where=place,
                found=f"the quota from {composition.valid_from} is shared by {', '.join(inside)} "
                f"and not by {apart}",
                expected="municipalities that share the quota in the same months",
                todo="Put together municipalities that stand in the same compositions.",
            )


def _nearest_municipality(word: str, region: Region) -> str:
    """Give a hint with the nearest code; a name counts as its code."""
    for item in region.municipalities:
        if word.strip().casefold() == item.name.casefold():
            return f"Did you mean {item.code!r} ({item.name})?"
    hint = nearest(word, [item.code for item in region.municipalities])
    return next(
        (
            hint.replace("?", f" ({item.name})?")
            for item in region.municipalities
            if hint == f"Did you mean {item.code!r}?"
        ),
        hint,
    )


def _check_citations(region: Region, where: str) -> None:
    agreements = {item.agreement_id for item in region.agreements}
    municipalities = {item.code for item in region.municipalities}
    cited: list[tuple[str, Any]] = [
        ("cap", region.cap),
        ("promise", region.promise),
    ]
    cited += [("keys", item) for item in region.keys]
    cited += [("bids", item) for item in region.bids]
    cited += [("contingents", item) for item in region.contingents]
    for name, item in cited:
        if item is not None and item.agreement_id not in agreements:
            raise UitstroomError(
                f"{name} cites an agreement that is not in the file",
                where=where,
                found=repr(item.agreement_id),
                todo=nearest(item.agreement_id, agreements),
            )
    for composition in region.compositions:
        for code in composition.municipalities:
            if composition.purpose == "quota" and code not in municipalities:
                raise UitstroomError(
                    "a composition names a municipality that the file does not describe",
                    where=where,
                    found=code,
                    todo="Add a [[municipalities]] block with this code.",
                )


def _check_parameter_names(
    values: Mapping[str, Mapping[str, Any]], where: str, national: National, region: Region
) -> None:
    for name, groups in values.items():
        if name not in national.parameters:
            raise UsageError(
                f"parameter {name!r} is not known",
                where=f"{where}, [parameters.{name}]",
                todo=nearest(name, national.parameters),
            )
        for group in groups:
            if group != ALL_GROUPS and name in REGION_WIDE:
                raise UsageError(
                    f"parameter {name!r} has one value for the whole region",
                    where=f"{where}, [parameters.{name}.{group}]",
                    todo=f"Give it as [parameters.{name}.{ALL_GROUPS}].",
                )
            if group != ALL_GROUPS and group not in region.target_groups:
                raise UsageError(
                    f"target group {group!r} is not one of the region's",
                    where=f"{where}, [parameters.{name}.{group}]",
                    todo=nearest(group, [*region.target_groups, ALL_GROUPS]),
                )


def _read(text: str, where: str, kind: type[RecordT]) -> RecordT:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UitstroomError(
            "this is not valid TOML", where=where, found=str(error), todo="Mend the file."
        ) from error
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise _fault(error, where, kind) from error


def _fault(error: ValidationError, where: str, kind: type[BaseModel]) -> UitstroomError:
    faults = error.errors()
    # A misspelt key is a missing one as well: the slip is the better sentence.
    first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        return UsageError(
            f"key {key!r} is not known",
            where=f"{where}, {place}",
            todo=nearest(key, _keys_beside(kind, first["loc"])),
        )
    if first["type"] == "missing":
        return UsageError(
            f"key {first['loc'][-1]!s} is missing",
            where=f"{where}, {place}",
            todo="Every number needs value, unit, kind and source; add the key."
            if first["loc"][-1] in {"value", "unit", "kind", "source"}
            else "Add the key.",
        )
    found = "" if isinstance(first["input"], (dict, list)) else repr(first["input"])
    message = first["msg"].removeprefix("Value error, ")
    more = len(faults) - 1
    todo = f"There are {more} more faults in this file." if more else ""
    return UsageError(message, where=f"{where}, {place}", found=found, todo=todo)


def _keys_beside(kind: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Walk the declared models along a location and list the fields that may stand there."""
    here: Any = kind
    for part in loc[:-1]:
        if isinstance(here, type) and issubclass(here, BaseModel) and part in here.model_fields:
            here = _inner_model(here.model_fields[str(part)].annotation)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return list(here.model_fields)
    return list(kind.model_fields)


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _inner_model(part)
        if found is not None:
            return found
    return None


@dataclass(frozen=True)
class Resolved:
    """The parameters in force for one scenario of a region.

    Attributes:
        region: The region as its file says.
        scenario: The scenario as merged along `extends`.
        values: Parameter by name and group; a region-wide one stands under `all`.
        changed: The (name, group) pairs that the scenario changed.
        cap_value: Homes a year after the ramp, None where no cap is agreed.
        target_groups: The region's target groups with their rules.
        split_off: Those of the changed pairs that had the region-wide value before: they keep its
            draws, so that a scenario shares its luck with the region as it is.
        structural_breaks: Declared breaks of registrations; the region's own stands in the place of
            a national one with the same id.
    """

    region: Region
    scenario: Scenario
    values: Mapping[str, GroupValues]
    changed: frozenset[tuple[str, str]]
    cap_value: int | None
    target_groups: Mapping[str, TargetGroup]
    split_off: frozenset[tuple[str, str]] = frozenset()
    structural_breaks: tuple[StructuralBreak, ...] = ()

    def parameter(self, name: str, group: str = ALL_GROUPS) -> Parameter | None:
        """Give a parameter for a group: its own value, else the region-wide one, else None."""
        groups = self.values[name]
        return groups.get(group) or groups.get(ALL_GROUPS)

    def constant(self, name: str, group: str = ALL_GROUPS) -> float:
        """Give the value of a parameter that must exist and is not uncertain.

        Raises:
            UitstroomError: It has no value, or a range that the model would have to ignore.
        """
        parameter = self.parameter(name, group)
        if parameter is None:
            raise UitstroomError(f"parameter {name!r} has no value for {group!r}")
        if parameter.is_uncertain:
            raise UitstroomError(
                f"parameter {name!r} cannot have a range",
                where=f"[parameters.{name}.{group}]",
                found=f"{parameter.low} to {parameter.high}",
                todo="Leave low and high out: the model uses one value in all draws.",
            )
        return parameter.value

    def middle(self, name: str, group: str = ALL_GROUPS) -> float:
        """Give the central value of a parameter that must exist and may be uncertain."""
        parameter = self.parameter(name, group)
        if parameter is None:
            raise UitstroomError(f"parameter {name!r} has no value for {group!r}")
        return parameter.value

    def cap_of_year(self, year: int, yearly_homes: int | None = None) -> int | None:
        """Give the cap of a calendar year: None where none is agreed, 0 outside its validity.

        Args:
            year: Calendar year.
            yearly_homes: Another number after the ramp than the one in force.
        """
        if self.region.cap is None or self.cap_value is None:
            return None
        agreement = self.region.agreement(self.region.cap.agreement_id)
        if year < int(agreement.valid_from[:4]):
            return 0
        if agreement.valid_to is not None and year > int(agreement.valid_to[:4]):
            return 0
        for step in self.region.cap.ramp:
            if step.year == year:
                return round(step.dwellings.value)
        if yearly_homes is not None:
            return yearly_homes
        changed = {} if self.scenario.cap is None else self.scenario.cap.by_year
        return changed.get(str(year), self.cap_value)

    def contingent_of_year(self, year: int) -> int | None:
        """Give the homes of the contingents of a calendar year; None where none holds then."""
        homes = [
            agreement.value
            for agreement in map(self.region.agreement, self.contingent_ids)
            if agreement.value is not None
            and int(agreement.valid_from[:4]) <= year
            and (agreement.valid_to is None or year <= int(agreement.valid_to[:4]))
        ]
        return round(sum(homes)) if homes else None

    @property
    def contingent_ids(self) -> tuple[str, ...]:
        """Agreements of the contingents, each once."""
        return tuple(dict.fromkeys(item.agreement_id for item in self.region.contingents))

    @property
    def promise_months(self) -> int | None:
        """Months within which an offer is promised; None where none is agreed."""
        promise = self.region.promise
        if promise is None:
            return None
        if self.scenario.promise is not None:
            return self.scenario.promise.months
        value = self.region.agreement(promise.agreement_id).value
        return None if value is None else round(value)

    @property
    def outside_cap(self) -> Mapping[str, str]:
        """Target groups whom a law puts outside the cap, and from which month ("YYYY-MM").

        A law counts when it is in force, or when the scenario asks what it would do.
        """
        found: dict[str, str] = {}
        laws = [
            (item.target_groups, item.valid_from)
            for item in self.region.statutory
            if item.legal_status == "in_force"
        ]
        if self.scenario.statutory is not None:
            laws.append((self.scenario.statutory.target_groups, self.scenario.statutory.valid_from))
        for groups, month in laws:
            for group in groups:
                found[group] = min(month, found.get(group, month))
        return found

    @property
    def sha256(self) -> str:
        """Hash of everything that is in force, for the report's annex and the edition."""
        body = {
            "region": self.region.model_dump(mode="json"),
            "scenario": self.scenario.model_dump(mode="json"),
            "values": {
                name: {group: item.model_dump(mode="json") for group, item in groups.items()}
                for name, groups in self.values.items()
            },
            "structural_breaks": [item.model_dump(mode="json") for item in self.structural_breaks],
        }
        text = json.dumps(body, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


SOFT_KINDS = frozenset({SourceKind.ASSUMPTION, SourceKind.EXPERT_JUDGEMENT})
"""Kinds of a region's own number that an estimate from its deliveries replaces."""


def holds_own_value(region: Region, name: str, group: str) -> bool:
    """Tell whether a region's file states a number that no estimate replaces.

    A statistic, study, agreement or delivered figure does, and whatever the region confirmed; an
    assumption or a judgement is what was believed before the data.
    """
    own = region.parameters.get(name, {}).get(group)
    return own is not None and (own.confirmed or own.kind not in SOFT_KINDS)


def base_values(
    national: National, region: Region, estimated: Mapping[str, GroupValues] | None = None
) -> dict[str, GroupValues]:
    """Merge national values, the region's, and what was estimated from its deliveries.

    Args:
        national: The national defaults.
        region: The region's file.
        estimated: Estimated parameters by name and group; one for which the region's file holds its
            own value is left out.
    """
    values: dict[str, GroupValues] = {
        name: {
            group: value
            for group, value in groups.items()
            if group == ALL_GROUPS or group in region.target_groups
        }
        for name, groups in national.parameters.items()
    }
    for name, groups in region.parameters.items():
        values[name] = {**values[name], **groups}
    for name, groups in (estimated or {}).items():
        taken = {
            group: value
            for group, value in groups.items()
            if not holds_own_value(region, name, group)
        }
        values[name] = {**values.get(name, {}), **taken}
    return values


def resolve(
    national: National,
    region: Region,
    scenarios: Mapping[str, Scenario],
    scenario_id: str,
    *,
    estimated: Mapping[str, GroupValues] | None = None,
) -> Resolved:
    """Merge national values, the region's, estimates and the scenario's (with what it extends).

    Args:
        national: The national defaults.
        region: The region's file.
        scenarios: The scenarios by id, with all that they extend.
        scenario_id: The one that is asked for.
        estimated: Parameters estimated from the region's deliveries, see `base_values`; a factor of
            a scenario works on the estimate.

    Raises:
        UsageError: The scenario, or one that it extends, is not there; or they form a ring; or a
            change leaves the allowed range.
    """
    chain = _chain(region.id, scenarios, scenario_id)
    values = base_values(national, region, estimated)
    changed: set[tuple[str, str]] = set()
    declared = {(name, group) for name, groups in values.items() for group in groups}
    merged = chain[0]
    for scenario in chain:
        for name, changes in scenario.parameters.items():
            for group, change in changes.items():
                values[name] = _change(values[name], name, group, change, scenario)
                changed |= {(name, member) for member in _members(values[name], group)}
        update: dict[str, Any] = {"id": scenario.id, "label": scenario.label, "why": scenario.why}
        update |= {"author": scenario.author, "date": scenario.date}
        if scenario.capacity is not None:
            update["capacity"] = scenario.capacity
        for key in ("cap", "promise", "statutory"):
            if getattr(scenario, key) is not None:
                update[key] = getattr(scenario, key)
        update["projects"] = (
            (*merged.projects, *scenario.projects)
            if merged is not scenario
            else (scenario.projects)
        )
        merged = merged.model_copy(update=update)
    return Resolved(
        region=region,
        scenario=merged,
        values=values,
        changed=frozenset(changed),
        cap_value=_cap_value(region, merged),
        target_groups={name: national.target_groups[name] for name in region.target_groups},
        split_off=frozenset(changed - declared),
        structural_breaks=_structural_breaks(national, region),
    )


def _structural_breaks(national: National, region: Region) -> tuple[StructuralBreak, ...]:
    breaks = {item.id: item for item in (*national.structural_breaks, *region.structural_breaks)}
    return tuple(breaks[name] for name in sorted(breaks))


def _cap_value(region: Region, scenario: Scenario) -> int | None:
    if region.cap is None:
        return None
    if scenario.cap is not None and scenario.cap.value is not None:
        return scenario.cap.value
    value = region.agreement(region.cap.agreement_id).value
    return None if value is None else round(value)


def _chain(region_id: str, scenarios: Mapping[str, Scenario], scenario_id: str) -> list[Scenario]:
    chain: list[Scenario] = []
    following: str | None = scenario_id
    while following is not None:
        if following not in scenarios:
            raise UsageError(
                f"scenario {following!r} does not exist in region {region_id!r}",
                todo=nearest(following, scenarios),
            )
        if any(item.id == following for item in chain):
            raise UsageError(
                f"scenario {scenario_id!r} extends itself by way of {following!r}",
                where=f"{region_id}/scenarios/{following}.toml, extends",
                todo="Mend `extends` in one of them.",
            )
        chain.append(scenarios[following])
        following = scenarios[following].extends
    return chain[::-1]


def _members(groups: GroupValues, group: str) -> list[str]:
    return sorted(groups) if group == ALL_GROUPS else [group]


def _change(
    groups: GroupValues, name: str, group: str, change: ScenarioChange, scenario: Scenario
) -> GroupValues:
    """Apply a change: a new value for one group, or a factor on it (`all` changes every group)."""
    base = dict(groups)
    if group != ALL_GROUPS and group not in base:
        if ALL_GROUPS not in base:
            raise UsageError(
                f"parameter {name!r} has no value for {group!r} that could be changed",
                where=f"scenarios/{scenario.id}.toml, [parameters.{name}.{group}]",
                todo=nearest(group, groups),
            )
        base[group] = base[ALL_GROUPS]
    for member in _members(base, group):
        base[member] = _changed(base[member], name, member, change, scenario)
    return base


def _changed(
    old: Parameter, name: str, group: str, change: ScenarioChange, scenario: Scenario
) -> Parameter:
    if change.factor is None:
        update: dict[str, Any] = {"value": change.value, "low": None, "high": None}
    else:
        update = {
            key: None if number is None else number * change.factor
            for key, number in (("value", old.value), ("low", old.low), ("high", old.high))
        }
    update["kind"] = SourceKind.ASSUMPTION
    update["confirmed"] = False
    update["source"] = {
        "title": f"Scenario {scenario.label}: {change.source}",
        "publisher": scenario.author,
        "year": scenario.date.year,
    }
    try:
        return Parameter.model_validate({**old.model_dump(), **update})
    except ValidationError as error:
        limit = "0 to 1" if old.unit in BOUNDED else "0 or more"
        raise UsageError(
            f"the change of {name!r} leaves the allowed range",
            where=f"scenarios/{scenario.id}.toml, [parameters.{name}.{group}]",
            found=f"{update['value']} {old.unit}",
            expected=limit,
        ) from error
