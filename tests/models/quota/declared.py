"""Declared keys for the tests of the quota model."""

from models.distribution import DistributionKey, KeyCorrection, MunicipalityRule
from models.records import Source

SOURCE = {"title": "Verzonnen", "publisher": "Proeftuin"}
CODES = ("GM0001", "GM0002", "GM0003", "GM0004")


def factor(name: str, weight: float = 1.0, **parts: object) -> dict[str, object]:
    """Declare a factor."""
    record = {"value": weight, "unit": "share", "kind": "assumption", "source": SOURCE}
    return {"factor": name, "weight": record, **parts}


def key(first_year: int = 2022, *factors: dict[str, object], **parts: object) -> DistributionKey:
    """Declare a key."""
    return DistributionKey.model_validate(
        {
            "id": f"sleutel-{first_year}",
            "label": "Verzonnen sleutel",
            "agreement_id": "proef-sleutel",
            "valid_from": f"{first_year}-01",
            "statistics_year": 2021,
            "factors": factors or (factor("households"),),
            **parts,
        }
    )


def correction(values: dict[str, float], **parts: object) -> KeyCorrection:
    """Declare a correction."""
    return KeyCorrection(
        indicator="Mensen met een Wmo-indicatie per duizend huishoudens",
        by_residence=True,
        without_facility_residents=True,
        values=values,
        source=Source.model_validate(SOURCE),
        **parts,  # type: ignore[arg-type]
    )


def rule(code: str, **parts: object) -> MunicipalityRule:
    """Declare a rule for one municipality."""
    return MunicipalityRule(municipality_code=code, why="Verzonnen reden", **parts)  # type: ignore[arg-type]
