"""An invented region's release, with sizes that a real one could have.

Belongs here: frames for every table that a report reads, and the folder that holds them. Does not
belong here: a model, or expectations.
"""

import hashlib
import io
import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from models.months import format_month, month_of, months_covered
from models.tables import MARTS, shape_table
from tests.reports.invented_answers import answer_frames
from tests.reports.invented_parties import party_frames
from tests.reports.invented_progress import progress_frame
from tests.reports.invented_ranges import range_frames
from tests.reports.invented_shares import KEY, share_frames

REGION = "duinstreek"
RELEASE_ID = "2026-10-concept-1"
AS_OF = "2026-10"
FIRST = month_of(2026, 11)
COVERED = months_covered(FIRST, 120)
CAP = 178
GROUPS = {"sheltered_living": 0.62, "shelter": 0.2, "refuge": 0.05, "youth": 0.09, "forensic": 0.04}
MUNICIPALITIES = {
    "GM9001": ("Duinstad", 0.47),
    "GM9002": ("Havendorp", 0.20),
    "GM9003": ("Polderwijk", 0.14),
    "GM9004": ("Zandoever", 0.10),
    "GM9005": ("Klein & Fijn <i>aan Zee</i>", 0.09),
}

Frames = dict[str, pl.DataFrame]
Change = Callable[[Frames], None]

_STORED: dict[tuple[str, int], tuple[pl.DataFrame, bytes]] = {}


def build_frames(*, scenarios: tuple[str, ...] = ("baseline", "faster-closing")) -> Frames:
    """Make every table, shaped as declared: frames never change, the dictionary is the caller's."""
    return dict(_built(scenarios))


@cache
def _built(scenarios: tuple[str, ...]) -> Frames:
    frames = {
        "mart_run": _runs(scenarios),
        "mart_demand__ten_year": _ten_year(scenarios),
        "mart_demand__yearly_region": _yearly(scenarios),
        "mart_demand__cumulative_region": _cumulative(scenarios),
        "mart_demand__drivers": _drivers(),
        "mart_demand__changes": _changes(),
        "mart_demand__published": _published(),
        "mart_wait__yearly_region": _waits(scenarios),
        "mart_wait__monthly_list": _lists(),
        "mart_promise__region": _promise(scenarios),
        "mart_capacity__yearly_region": _capacity(),
        "mart_capacity__plan": _plan(),
        "mart_support__yearly_region": _support(),
        "mart_sensitivity__region": _sensitivity(),
        "mart_estimate__parameter": _estimates(),
        "mart_stay__survival": _survival(),
        "mart_forecast__inflow": _inflow(),
        "mart_forecast__scorecard": _scores(),
        "mart_forecast__households": _households(),
        "mart_supply__yearly_municipality": _supply(),
        "mart_quota__yearly_municipality": _quotas(),
        "mart_quota__key": _key(),
        "mart_letting__yearly_municipality": _lettings(),
        "mart_parameter": _parameters(),
        "mart_agreement": _agreements(),
        "mart_agreement__realised": _realised(),
        "mart_agreement__law": _laws(),
        "mart_municipality__tile": _tiles(),
        "mart_quota__miss": _misses(),
        "mart_delivery": _deliveries(),
        "mart_delivery__quarantine": _quarantine(),
        "mart_delivery__notice": _notices(),
        "mart_delivery__version": _versions(),
        "mart_source": _sources(),
        "mart_progress__monthly": progress_frame(REGION, AS_OF, MUNICIPALITIES),
        **party_frames(REGION, MUNICIPALITIES, _quotas()),
        **range_frames(REGION, MUNICIPALITIES),
        **share_frames(REGION, MUNICIPALITIES, _quotas(), CAP),
        **answer_frames(REGION, COVERED, GROUPS, with_other=len(scenarios) > 1),
    }
    assert list(frames) and set(frames) == set(MARTS)
    return {name: shape_table(name, frame) for name, frame in frames.items()}


def write_release(folder: Path, frames: Mapping[str, pl.DataFrame], **manifest: Any) -> Path:
    """Write frames and their manifest as a release folder."""
    folder.mkdir(parents=True)
    tables = {}
    for name, frame in frames.items():
        content = _stored(name, frame)
        (folder / f"{name}.parquet").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        tables[name] = {"rows": frame.height, "sha256": digest}
    manifest_content = {
        "region_id": REGION,
        "release_id": RELEASE_ID,
        "edition_id": "ed-0123456789ab",
        "protected": False,
        "class": "concept",
        "default_scenario": "baseline",
        "scenarios": frames["mart_run"]["scenario_id"].to_list(),
        "as_of": AS_OF,
        "synthetic": True,
        "tables": tables,
        **manifest,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest_content, indent=1), encoding="utf-8")
    return folder


def _stored(name: str, frame: pl.DataFrame) -> bytes:
    """Give the file of a table; a frame never changes, so that each is shaped and written once."""
    key = (name, id(frame))
    if key not in _STORED:
        file = io.BytesIO()
        shape_table(name, frame).write_parquet(file)
        _STORED[key] = (frame, file.getvalue())  # the frame is kept so that its id stays its own
    return _STORED[key][1]


def without_agreements(frames: Frames) -> None:
    """Make the region one that agreed neither a ceiling nor a promise nor a key."""
    frames["mart_promise__region"] = frames["mart_promise__region"].with_columns(
        pl.lit(None, dtype=frames["mart_promise__region"].schema[name]).alias(name)
        for name in (
            "cap_dwellings",
            "promise_months",
            "share_norm",
            "certainty",
            "clock_start",
            "clock_confirmed",
            "share_norm_confirmed",
            "first_year_broken",
            "joint_probability",
            "smallest_quota",
            "smallest_quota_exact",
            "smallest_quota_probability",
            "probability_below",
            "joint_probability_at_smallest",
            "counted_from_year",
            "smallest_quota_error",
            "cap_use",
            "cap_use_low",
            "cap_use_high",
        )
    )
    frames["mart_wait__yearly_region"] = frames["mart_wait__yearly_region"].with_columns(
        pl.lit(None, dtype=pl.Int64).alias("cap_dwellings")
    )
    for name in (
        "mart_quota__yearly_municipality",
        "mart_quota__key",
        "mart_quota__key_share",
        "mart_quota__home",
        "mart_quota__explanation",
        "mart_quota__yearly_association",
        "mart_quota__progress",
        "mart_agreement",
        "mart_promise__quota_search",
        "mart_wait__yearly_class",
    ):
        frames[name] = frames[name].clear()


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _runs(scenarios: tuple[str, ...]) -> pl.DataFrame:
    labels = {"baseline": "Basis", "faster-closing": "Sneller sluiten"}
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "scenario_id": scenario,
                "region_name": "Duinstreek",
                "scenario_label": labels[scenario],
                "scenario_why": "De afspraken en plannen zoals ze nu liggen.",
                "is_default": scenario == "baseline",
                "as_of": AS_OF,
                "first_month": format_month(FIRST),
                "last_month": format_month(FIRST + 119),
                "draws": 2048,
                "seed": 20261101,
                "parameters_sha256": _sha(f"parameters {scenario}"),
                "inputs_sha256": _sha("inputs"),
                "code_sha256": _sha("code"),
                "synthetic": True,
                "national_rates": False,
                "unconfirmed_parameters": 31,
                "current_lettings_yearly": 58.0,
                "reference_first_year": 2019,
                "reference_last_year": 2021,
                "associations": "Woonduin;Stichting Havenhuis",
                "person_word": "uitstromer",
            }
            for scenario in scenarios
        ]
    )


def _ten_year(scenarios: tuple[str, ...]) -> pl.DataFrame:
    measures = {
        "gross": (2026.4, 1582.0, 2011.0, 2404.0, None),
        "extra_current_lettings": (1446.4, 1002.0, 1431.0, 1824.0, 580.0),
        "extra_constant_capacity": (531.2, 182.0, 522.0, 664.0, 1495.2),
        "unmet_persons": (1320.7, 690.0, 1288.0, 2011.0, None),
    }
    rows = []
    for place, scenario in enumerate(scenarios):
        grow = 1 + 0.08 * place
        for group, share in [("all", 1.0), *GROUPS.items()]:
            for measure, (mean, p10, p50, p90, reference) in measures.items():
                if group != "all" and measure == "extra_current_lettings":
                    continue
                factor = share * grow
                rows.append(
                    {
                        "region_id": REGION,
                        "scenario_id": scenario,
                        "target_group": group,
                        "measure": measure,
                        "unit": "persons" if measure == "unmet_persons" else "dwellings",
                        "mean": mean * factor,
                        "p10": p10 * factor,
                        "p50": p50 * factor,
                        "p90": p90 * factor,
                        "reference": None if reference is None else reference * share,
                    }
                )
    return pl.DataFrame(rows, infer_schema_length=None)


def _yearly(scenarios: tuple[str, ...]) -> pl.DataFrame:
    rows = []
    for place, scenario in enumerate(scenarios):
        for step, (year, months) in enumerate(COVERED.items()):
            part = months / 12
            for group, share in [("all", 1.0), *GROUPS.items()]:
                gross = (164.6 + 7.2 * step) * (1 + 0.08 * place) * share * part
                unmet = (70 + 12 * step) * share * part
                for measure, unit, mean, low, high in (
                    ("gross", "dwellings", gross, 0.8, 1.19),
                    ("extra_current_lettings", "dwellings", gross - 58 * part * share, 0.7, 1.28),
                    ("extra_constant_capacity", "dwellings", gross * 0.26, 0.35, 1.25),
                    ("unmet_persons", "persons", unmet, 0.55, 1.5),
                ):
                    rows.append(
                        {
                            "region_id": REGION,
                            "scenario_id": scenario,
                            "year": year,
                            "months_covered": months,
                            "target_group": group,
                            "measure": measure,
                            "unit": unit,
                            "mean": mean,
                            "p10": mean * low,
                            "p50": mean * 0.99,
                            "p90": mean * high,
                        }
                    )
    return pl.DataFrame(rows)


def _cumulative(scenarios: tuple[str, ...]) -> pl.DataFrame:
    rows, total, span = [], 0.0, 0
    for step, (year, months) in enumerate(COVERED.items()):
        total += (164.6 + 7.2 * step) * months / 12
        span += months
        width = 0.28 - 0.0006 * span
        rows += [
            {
                "region_id": REGION,
                "scenario_id": scenario,
                "year": year,
                "months_covered": months,
                "measure": "gross",
                "unit": "dwellings",
                "mean": total,
                "p10": total * (1 - width),
                "p50": total * 0.995,
                "p90": total * (1 + width * 0.9),
            }
            for scenario in scenarios
        ]
    return pl.DataFrame(rows)


def _drivers() -> pl.DataFrame:
    parts = [
        ("reference", 580.0, 580.0, 580.0),
        ("todays_outflow", 742.0, 480.0, 1010.0),
        ("backlog", 84.0, 84.0, 84.0),
        ("inflow", 96.3, -140.0, 330.0),
        ("longer_stays", -88.4, -190.0, 20.0),
        ("closing_places", 531.2, 182.0, 664.0),
        ("interaction", 81.3, 10.0, 160.0),
        ("gross", 2026.4, 1582.0, 2404.0),
    ]
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "scenario_id": "baseline",
                "driver": driver,
                "position": place,
                "unit": "dwellings",
                "mean": mean,
                "p10": p10,
                "p90": p90,
            }
            for place, (driver, mean, p10, p90) in enumerate(parts, start=1)
        ]
    )


CHANGES = {
    "model_version": 0.0,
    "revised_data": -6.3,
    "new_data": 41.7,
    "source_edition": 0.0,
    "decision_or_parameter": 12.8,
}
"""Parts of the change since the last final release (dwellings in ten years)."""


def _changes() -> pl.DataFrame:
    """Make the change since the last final release: its parts lead to today's figures."""
    rows: list[dict[str, object]] = []
    for measure, current in (("gross", 2026.4), ("extra_current_lettings", 1446.4)):
        parts = {"previous": current - sum(CHANGES.values()), **CHANGES, "current": current}
        rows += [
            {
                "region_id": REGION,
                "scenario_id": "baseline",
                "measure": measure,
                "position": at,
                "part": part,
                "unit": "dwellings",
                "mean": mean,
                "previous_release": "2026-04-definitief",
                "previous_as_of": "2026-04",
            }
            for at, (part, mean) in enumerate(parts.items(), start=1)
        ]
    return pl.DataFrame(rows)


def _published() -> pl.DataFrame:
    rows = [
        ("gross", 1960.0, 1540.0, 2310.0),
        ("extra_current_lettings", 1380.0, 960.0, 1730.0),
        ("extra_constant_capacity", 498.0, 160.0, 640.0),
    ]
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "measure": measure,
                "as_of": "2021-12",
                "unit": "dwellings",
                "published": 1450.0,
                "published_definition": "Extra woningen in tien jaar",
                "definition_confirmed": False,
                "mean": mean,
                "p10": p10,
                "p50": mean * 0.99,
                "p90": p90,
            }
            for measure, mean, p10, p90 in rows
        ]
    )


def _waits(scenarios: tuple[str, ...]) -> pl.DataFrame:
    rows = []
    for scenario in scenarios:
        for step, (year, months) in enumerate(COVERED.items()):
            end = 84 + 38.6 * step
            share = max(0.18, 0.78 - 0.06 * step)
            rows.append(
                {
                    "region_id": REGION,
                    "scenario_id": scenario,
                    "year": year,
                    "months_covered": months,
                    "cohort_mean": (170 + 6.0 * step) * months / 12,
                    "within_share_mean": share,
                    "within_share_p10": max(0.0, share - 0.22),
                    "within_share_p90": min(1.0, share + 0.18),
                    "kept_probability": max(0.03, 0.62 - 0.075 * step),
                    "empty_share": 0.0,
                    "waiting_months_mean": 4.2 + 1.4 * step,
                    "offered_mean": 174.0 * months / 12,
                    "cap_dwellings": round(CAP * months / 12),
                    "list_end_mean": end,
                    "list_end_p10": max(0.0, end - 12.0 * step - 6),
                    "list_end_p50": end - 4,
                    "list_end_p90": end + 34.0 * step + 8,
                }
            )
    return pl.DataFrame(rows)


def _lists() -> pl.DataFrame:
    rows = []
    for offset in range(-36, 120):
        month = format_month(FIRST + offset)
        seen = offset < 0
        ahead = max(0, offset + 1)
        for measure, start, grow, low, high, unit in (
            ("housing_list", 84.0, 3.22, 1.05, 2.9, "dwellings"),
            ("intake_list", 132.0, 2.1, 1.4, 2.2, "persons"),
        ):
            mean = start + grow * ahead + (0.5 * offset if seen else 0.0)
            rows.append(
                {
                    "region_id": REGION,
                    "scenario_id": "baseline",
                    "month": month,
                    "measure": measure,
                    "is_observed": seen,
                    "unit": unit,
                    "mean": mean,
                    "p10": max(0.0, mean - low * ahead),
                    "p50": mean,
                    "p90": mean + high * ahead,
                }
            )
    return pl.DataFrame(rows)


def _promise(scenarios: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "scenario_id": scenario,
                "cap_dwellings": CAP,
                "promise_months": 6,
                "share_norm": 0.9,
                "certainty": 0.9,
                "clock_start": "approval",
                "clock_confirmed": False,
                "share_norm_confirmed": False,
                "first_year_broken": 2028,
                "joint_probability": 0.004,
                "smallest_quota": 245,
                "smallest_quota_exact": True,
                "smallest_quota_probability": 0.9018,
                "probability_below": 0.8931,
                "joint_probability_at_smallest": 0.8501,
                "counted_from_year": 2028,
                "smallest_quota_error": 1.3,
                "cap_use": 0.92,
                "cap_use_low": 0.86,
                "cap_use_high": 0.97,
                "backlog_persons": 84,
                "backlog_within_share": 0.71,
            }
            for scenario in scenarios
        ]
    )


def _plan() -> pl.DataFrame:
    changes = [
        ("sheltered_living", "closed_attrition", "besloten", -60, True),
        ("sheltered_living", "closed_attrition", "voorgenomen", -40, True),
        ("sheltered_living", "relabelled_wlz", "besloten", -20, False),
    ]
    columns = ["target_group", "change_kind", "status", "places_change", "changes_demand"]
    rows = [dict(zip(columns, change, strict=True)) for change in changes]
    return pl.DataFrame([{"region_id": REGION, **row} for row in rows])


def _capacity() -> pl.DataFrame:
    places = {
        "sheltered_living": (440, 240),
        "shelter": (190, 130),
        "refuge": (30, 30),
        "youth": (80, 65),
        "forensic": (30, 30),
    }
    rows = []
    for step, (year, months) in enumerate(COVERED.items()):
        for group, (first, last) in places.items():
            now = first + (last - first) * step / 10
            blocked = min(0.45 * now, 0.1 * now + 7.0 * step * GROUPS[group])
            rows.append(
                {
                    "region_id": REGION,
                    "scenario_id": "baseline",
                    "year": year,
                    "months_covered": months,
                    "target_group": group,
                    "places_mean": now,
                    "occupied_mean": now * 0.98,
                    "blocked_mean": blocked,
                    "intake_list_mean": (30 + 3 * step) * GROUPS[group] * 2,
                }
            )
    return pl.DataFrame(rows)


def _support() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "scenario_id": "baseline",
                "year": year,
                "months_covered": months,
                "unit": "persons",
                "mean": 398.0 + 14 * step,
                "p10": 372.0 + 8 * step,
                "p50": 397.0 + 14 * step,
                "p90": 424.0 + 20 * step,
                "support_months_mean": (398.0 + 14 * step) * months,
                "euro_mean": (398.0 + 14 * step) * months * 900.0,
                "euro_p10": (372.0 + 8 * step) * months * 900.0,
                "euro_p90": (424.0 + 20 * step) * months * 900.0,
            }
            for step, (year, months) in enumerate(COVERED.items())
        ]
    )


def _estimates() -> pl.DataFrame:
    number = (None, None, None)
    rows = [
        ("stay_years_single", "sheltered_living", "years", (1.8, 1.4, 2.3), (1.72, 1.6, 1.85),
         (1.73, 1.62, 1.85), 489, 434, 8854.5, False, True, "waits_from_list"),
        ("stay_years_complex", "sheltered_living", "years", (4.0, 3.2, 5.1), (4.3, 3.9, 4.7),
         (4.25, 3.9, 4.6), 966, 700, 34791.8, False, True, "estimated"),
        ("stay_years_single", "refuge", "years", (0.45, 0.3, 0.7), (0.9, 0.5, 1.6),
         (0.61, 0.44, 0.86), 14, 11, 151.2, True, True, "estimated"),
        ("own_home_share", "shelter", "share", (0.15, 0.1, 0.22), (0.18, 0.17, 0.19),
         (0.18, 0.17, 0.19), 2606, 461, None, False, True, "estimated"),
        ("relapse_share", "all", "share", (0.1, 0.06, 0.16), (0.05, 0.02, 0.1),
         (0.08, 0.05, 0.12), 122, 5, 88.4, True, True, "national_weighs"),
        ("acceptance_share", "all", "share", (0.88, 0.8, 0.94), number,
         (0.88, 0.8, 0.94), 0, 0, None, True, False, "last_offer_only"),
        ("offer_to_move_months", "all", "months", number, (1.16, 0.95, 1.4), number,
         1011, 1011, 1169.5, False, False, "reported"),
    ]  # fmt: skip
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "parameter": parameter,
                "target_group": group,
                "unit": unit,
                **dict(zip(("earlier_value", "earlier_low", "earlier_high"), earlier, strict=True)),
                **dict(zip(("own_value", "own_low", "own_high"), own, strict=True)),
                **dict(zip(("value", "low", "high"), in_force, strict=True)),
                "observations": observations,
                "events": events,
                "exposure": exposure,
                "is_thin": thin,
                "is_estimated": estimated,
                "note": note,
            }
            for parameter, group, unit, earlier, own, in_force, observations, events, exposure,
            thin, estimated, note in rows
        ],
        infer_schema_length=None,
    )  # fmt: skip


def _survival() -> pl.DataFrame:
    curves = {("sheltered_living", "single"): 20.8, ("sheltered_living", "complex"): 51.0,
              ("shelter", "all"): 6.6}  # fmt: skip
    rows = []
    for (group, complexity), mean in curves.items():
        for month in range(121):
            fitted = (1 + 2 * month / mean) * math.exp(-2 * month / mean)
            at_risk = round(600 * fitted)
            seen = at_risk >= 10
            rows.append(
                {
                    "region_id": REGION,
                    "target_group": group,
                    "complexity": complexity,
                    "month": month,
                    "kaplan_meier": min(1.0, 0.98 * fitted + 0.01) if seen and month else None,
                    "lower": max(0.0, 0.98 * fitted - 0.02) if seen and month else None,
                    "upper": min(1.0, 0.98 * fitted + 0.04) if seen and month else None,
                    "at_risk": at_risk if seen else None,
                    "fitted": fitted,
                }
            )
    return pl.DataFrame(rows, infer_schema_length=None)


def _sensitivity() -> pl.DataFrame:
    rows = [
        ("divert_unplaced_share", "sheltered_living", "share", 0.3, 0.74, 1204, 1692, 0.41),
        ("own_home_share", "sheltered_living", "share", 0.31, 0.51, 1246, 1655, 0.27),
        ("stay_years_complex", "sheltered_living", "years", 3.1, 5.2, 1588, 1331, 0.11),
        ("closing_share", "all", "factor", 0.66, 1.22, 1342, 1541, 0.07),
        ("relapse_share", "all", "share", 0.06, 0.16, 1391, 1502, 0.03),
        ("assessment_positive_share", "all", "share", 0.78, 0.92, 1395, 1498, 0.02),
        ("own_home_share", "shelter", "share", 0.1, 0.22, 1402, 1489, 0.02),
        ("acceptance_share", "all", "share", 0.8, 0.94, 1441, 1452, 0.0),
        ("housing_list_leave_share", "all", "share_per_month", 0.004, 0.02, 1459, 1433, 0.0),
    ]
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "scenario_id": "baseline",
                "parameter": parameter,
                "target_group": group,
                "rank": rank,
                "parameter_unit": unit,
                "low": low,
                "high": high,
                "headline_low": float(headline_low),
                "headline_high": float(headline_high),
                "variance_share": variance,
            }
            for rank, (
                parameter,
                group,
                unit,
                low,
                high,
                headline_low,
                headline_high,
                variance,
            ) in enumerate(rows, start=1)
        ]
    )


def _inflow() -> pl.DataFrame:
    level = {
        "sheltered_living": (138, 1.2),
        "shelter": (318, 9.0),
        "refuge": (62, 0.0),
        "youth": (50, -0.8),
        "forensic": (27, 0.1),
    }
    wiggle = (0, 4, -3, 5, -2, 1, 3, -4, 2)
    rows = []
    for group, (mean, slope) in level.items():
        for place, year in enumerate(range(2017, 2027)):
            seen = 12 if year < 2026 else 10
            value = round((mean + slope * (year - 2021) + wiggle[place % 9]) * seen / 12)
            rows.append((group, year, False, seen, float(value), float(value), float(value)))
        for step, (year, months) in enumerate(COVERED.items()):
            centre = (mean + slope * (year - 2021)) * months / 12
            width = (0.07 + 0.012 * step) * mean * months / 12
            rows.append((group, year, True, months, centre, max(0, centre - width), centre + width))
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "series_id": group,
                "year": year,
                "is_forecast": ahead,
                "months_covered": months,
                "unit": "persons",
                "mean": mean,
                "lo80": low,
                "hi80": high,
                "models": "ets, theta, naive",
                "weights": "0.5, 0.3, 0.2",
                "bounded_by_places": False,
                "structural_breaks": "",
            }
            for group, year, ahead, months, mean, low, high in rows
        ]
    )


def _scores() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "series_kind": "inflow",
                "series_id": group,
                "horizon_years": ahead,
                "unit": "persons",
                "origins": 8 - ahead,
                "mase": 0.8 + 0.1 * ahead,
                "skill": 0.1 if group != "youth" else -0.2,
                "coverage80": 0.8,
                "bias": -1.0 * ahead,
                "beats_naive": group != "youth",
            }
            for group in GROUPS
            for ahead in range(1, 6)
        ]
    )


def _households() -> pl.DataFrame:
    rows = []
    for code, (_, share) in MUNICIPALITIES.items():
        now = round(160_000 * share)
        rows.append((code, 2025, False, float(now), float(now), float(now)))
        for step, year in enumerate(range(2026, 2036), start=1):
            mean = now * 1.007**step
            rows.append(
                (code, year, True, mean, mean * (1 - 0.01 * step), mean * (1 + 0.01 * step))
            )
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "municipality_code": code,
                "year": year,
                "is_forecast": ahead,
                "unit": "households",
                "mean": mean,
                "lo80": low,
                "hi80": high,
            }
            for code, year, ahead, mean, low, high in rows
        ]
    )


def _supply() -> pl.DataFrame:
    rows = []
    for year in range(2023, 2036):
        for code, (_, share) in {**MUNICIPALITIES, "all": ("", 1.0)}.items():
            for association in ("Wonen Duin", "all") if code != "all" else ("all",):
                for measure, let in (("relets", 2400), ("suitable_relets", 1300)):
                    mean = let * share
                    wide = 0.02 * max(0, year - 2025) * mean
                    rows.append((year, code, association, measure, mean, mean - wide, mean + wide))
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "year": year,
                "municipality_code": code,
                "association": association,
                "measure": measure,
                "is_forecast": year > 2025,
                "unit": "dwellings",
                "mean": mean,
                "lo80": low,
                "hi80": high,
            }
            for year, code, association, measure, mean, low, high in rows
        ]
    )


def _split(total: int, carried: Mapping[str, float] | None = None) -> dict[str, int]:
    left = carried or dict.fromkeys(MUNICIPALITIES, 0.0)
    exact = {code: share * total + left[code] for code, (_, share) in MUNICIPALITIES.items()}
    given = {code: int(value) for code, value in exact.items()}
    rest = sorted(exact, key=lambda code: (given[code] - exact[code], code))
    for code in rest[: total - sum(given.values())]:
        given[code] += 1
    return given


def _quotas() -> pl.DataFrame:
    rows, running = [], dict.fromkeys(MUNICIPALITIES, 0)
    carried, room = dict.fromkeys(MUNICIPALITIES, 0.0), dict.fromkeys(MUNICIPALITIES, 0.0)
    for step, year in enumerate(range(2026, 2037)):
        owed_total = min(CAP, 171 + 3 * step)
        at_most, owed = _split(CAP, room), _split(owed_total, carried)
        for code, (name, share) in MUNICIPALITIES.items():
            running[code] += owed[code]
            rows.append(
                {
                    "region_id": REGION,
                    "scenario_id": "baseline",
                    "year": year,
                    "municipality_code": code,
                    "municipality_name": name,
                    "key_share": share,
                    "exact": share * owed_total,
                    "carried": carried[code],
                    "at_most": at_most[code],
                    "quota": owed[code],
                    "cumulative": running[code],
                    "bid": None,
                    "method": "running-claim",
                }
            )
            carried[code] += share * owed_total - owed[code]
            room[code] += share * CAP - at_most[code]
    return pl.DataFrame(rows)


def _key() -> pl.DataFrame:
    rows = []
    for code, (name, share) in MUNICIPALITIES.items():
        for factor, lean, total in (
            ("households", 0.02, 172_000),
            ("association_dwellings", -0.02, 54_000),
        ):
            mine = share + (lean if code == "GM9001" else -lean / 4)
            rows.append(
                {
                    "region_id": REGION,
                    "municipality_code": code,
                    "municipality_name": name,
                    "key_id": KEY,
                    "factor": factor,
                    "weight": 0.5,
                    "weight_confirmed": False,
                    "value": mine * total,
                    "factor_share": mine,
                }
            )
    return pl.DataFrame(rows)


def _lettings() -> pl.DataFrame:
    totals = {
        2017: 55,
        2018: 60,
        2019: 57,
        2020: 56,
        2021: 61,
        2022: 105,
        2023: 150,
        2024: 162,
        2025: 168,
        2026: 141,
    }
    rows = []
    for year, total in totals.items():
        for code, dwellings in _split(total).items():
            for ground, number in (("outflow", dwellings), ("status_holder", dwellings * 2)):
                rows.append(
                    {
                        "region_id": REGION,
                        "year": year,
                        "months_covered": 10 if year == 2026 else 12,
                        "municipality_code": code,
                        "ground": ground,
                        "dwellings": number,
                    }
                )
    return pl.DataFrame(rows)


def _parameters() -> pl.DataFrame:
    judged, assumed = "Deskundig oordeel; landelijke cijfers zijn niet gevonden", "Aanname"
    rows: list[tuple[Any, ...]] = [
        ("divert_unplaced_share", "sheltered_living", 0.5, 0.25, 0.8, "share", judged),
        ("divert_unplaced_share", "shelter", 0.15, 0.05, 0.3, "share", judged),
        ("divert_unplaced_share", "refuge", 0.0, None, None, "share", judged),
        ("stay_years_complex", "sheltered_living", 4.0, 3.2, 5.1, "years", judged),
        ("own_home_share", "sheltered_living", 0.4, 0.32, 0.5, "share", judged),
        ("support_minimum_months", "all", 24.0, None, None, "months", assumed),
        ("housing_list_leave_share", "all", 0.01, 0.004, 0.02, "share_per_month", judged),
        ("homes_per_person", "all", 0.965, 0.95, 0.98, "dwellings_per_person", assumed),
        ("turnover_share", "all", 0.07, None, None, "share", "Vrijgekomen woningen 2023 (CBS)"),
        ("a_new_parameter", "all", 1.0, 0.7, 1.2, "factor", judged),
    ]
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "scenario_id": "baseline",
                "parameter": parameter,
                "target_group": group,
                "value": value,
                "low": low,
                "high": high,
                "unit": unit,
                "kind": "statistic" if "CBS" in source else "expert_judgement",
                "source": source,
                "confirmed": "CBS" in source,
                "changed_by_scenario": parameter == "stay_years_complex",
            }
            for parameter, group, value, low, high, unit, source in rows
        ],
        infer_schema_length=None,
    )


def _agreements() -> pl.DataFrame:
    rows = [
        ("cap-178", "cap", "Woningen per jaar, ten hoogste", 178.0, "dwellings", True),
        ("termijn-6", "promise", "Streven: een passend aanbod", 6.0, "months", True),
        ("sleutel", "key", "Verdeling naar huishoudens en woningen", None, None, False),
    ]
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "agreement_id": name,
                "kind": kind,
                "scope": scope,
                "value": value,
                "unit": unit,
                "valid_from": "2022-01",
                "valid_to": None,
                "commitment": "inspanning",
                "body": "Bestuurlijk overleg Duinstreek",
                "decided_on": "2021-10-07",
                "state": "vastgesteld",
                "confirmed": confirmed,
                "source": "Convenant Duinstreek (Woonduin, 2021)",
            }
            for name, kind, scope, value, unit, confirmed in rows
        ],
        schema_overrides={"valid_to": pl.String},
        infer_schema_length=None,
    )


def _realised() -> pl.DataFrame:
    rows = [("doel-2017", 2017, "target", 60, 55), ("plafond-2020", 2020, "cap", 60, 56)]
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "agreement_id": name,
                "year": year,
                "kind": kind,
                "scope": "Een eerdere afspraak",
                "agreed": agreed,
                "realised": realised,
                "source": "Jaarverslag (Woonduin, 2021)",
            }
            for name, year, kind, agreed, realised in rows
        ]
    )


def _laws() -> pl.DataFrame:
    rows = [
        ("wmo", "Wet op de ondersteuning", "in_force", "2015-01", None),
        ("regie", "Wet op de regie", "bill", None, "Het voorstel ligt bij de Eerste Kamer."),
    ]
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "law_id": law,
                "position": at,
                "name": name,
                "about": "Regelt wie waarvoor zorgt.",
                "legal_status": status,
                "valid_from": since,
                "status_on": "2026-01-30",
                "status_note": note,
                "source": "Wettenbank (Overheid.nl, 2026)",
            }
            for at, (law, name, status, since, note) in enumerate(rows, start=1)
        ]
    )


def _tiles() -> pl.DataFrame:
    places = dict(zip(MUNICIPALITIES, [(2, 2), (1, 2), (2, 1), (3, 2), (2, 3)], strict=True))
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "municipality_code": code,
                "municipality_name": MUNICIPALITIES[code][0],
                "column": column,
                "row": row,
            }
            for code, (column, row) in places.items()
        ]
    )


def _misses() -> pl.DataFrame:
    missed = {"GM9001": (4, 2, 1, 0), "GM9003": (1, 0, 3, 2)}
    missed["all"] = tuple(map(sum, zip(*missed.values(), strict=True)))  # type: ignore[assignment]
    reasons = ("no_vacancy", "no_candidate", "no_match", "no_care_ready")
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "year": 2026,
                "municipality_code": code,
                "municipality_name": MUNICIPALITIES[code][0] if code in MUNICIPALITIES else None,
                "reason": reason,
                "dwellings": homes,
                "missed": sum(parts),
            }
            for code, parts in missed.items()
            for reason, homes in zip(reasons, parts, strict=True)
        ]
    )


def _deliveries() -> pl.DataFrame:
    rows = [
        (
            "applications",
            "aanvragen.csv",
            "Woonservice",
            912,
            905,
            5,
            2,
            "accepted_with_quarantine",
        ),
        ("lettings", "verhuringen.csv", "Woonservice", 1010, 1010, 0, 0, "accepted"),
        ("stays", "verblijven.xlsx", "Zorg aan Zee", 3020, 3020, 0, 0, "accepted_with_warning"),
        ("intake", "=aanmeldingen.csv", "Regio", 5480, 5478, 2, 0, "accepted_with_quarantine"),
    ]
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "contract": contract,
                "file": file,
                "sender": sender,
                "sha256": _sha(file),
                "delivered_on": "2026-11-05",
                "period_to": "2026-10-31",
                "version": 2 if contract == "lettings" else 1,
                "replaces": _sha("before") if contract == "lettings" else None,
                "synthetic": True,
                "rows_in": rows_in,
                "accepted": accepted,
                "quarantined": quarantined,
                "non_data": non_data,
                "warnings": 1 if contract == "stays" else 0,
                "verdict": verdict,
            }
            for (
                contract,
                file,
                sender,
                rows_in,
                accepted,
                quarantined,
                non_data,
                verdict,
            ) in rows
        ]
    )


def _quarantine() -> pl.DataFrame:
    rows = [
        ("applications", "aanvragen.csv", "end_before_start", "offered_on", 3),
        ("applications", "aanvragen.csv", "bad_date", "applied_on", 2),
        ("intake", "=aanmeldingen.csv", "a_new_reason", "registered_on", 2),
    ]
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "contract": contract,
                "file": file,
                "reason": reason,
                "column": column,
                "rows": count,
            }
            for contract, file, reason, column, count in rows
        ]
    )


def _notices() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "region_id": [REGION],
            "contract": ["stays"],
            "file": ["verblijven.xlsx"],
            "number": [1],
            "reason": ["periods_missing"],
            "column": ["started_on"],
            "line": [None],
            "found": ["2026-03, 2026-04, 2026-05"],
            "confirmed": [True],
        },
        schema_overrides={"line": pl.Int64},
    )


def _versions() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "region_id": [REGION],
            "contract": ["lettings"],
            "file": ["verhuringen.csv"],
            "version": [2],
            "sha256": [_sha("verhuringen.csv")],
            "replaces": [_sha("before")],
            "rows_before": [1001],
            "rows_added": [11],
            "rows_removed": [2],
            "rows_changed": [4],
            "cells_changed": [6],
            "closed_cells": [7000],
            "closed_changed": [16],
        }
    )


def _sources() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "region_id": REGION,
                "source_id": "households",
                "title": "Huishoudens per gemeente",
                "producer": "CBS",
                "licence": "CC BY 4.0",
                "vintage": "1 januari 2021",
                "accessed": "2026-11-21",
                "sha256": _sha("households"),
            }
        ]
    )
