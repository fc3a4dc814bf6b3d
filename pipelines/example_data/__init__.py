"""The synthetic example deliveries of the regions, each made by a law of its own.

Belongs here: what others may use of the generator. Does not belong here: the model; nothing of it
is imported, so that it meets data which it did not make. Sizes and reasons are in `laws/`, the
plain words in `docs/example-data.md`.
"""

from pathlib import Path

from models.errors import RefusedError
from pipelines.example_data.law import read_law
from pipelines.example_data.rows import make_deliveries
from pipelines.example_data.world import make_world
from pipelines.example_data.write import write_deliveries
from pipelines.sources.parcels import DELIVERIES, find_parcels

__all__ = ["write_example_data"]


def write_example_data(region_folder: Path, *, seed: int | None = None) -> list[Path]:
    """Write the example deliveries of the region into its folder.

    The same seed gives the same bytes. Files of the generator are overwritten; others stay.

    Args:
        region_folder: The folder of the region, named by its id, which chooses the law;
            `deliveries/` is made in it.
        seed: Seed of all chance in the example; that of the law when None.

    Returns:
        The paths written, files and envelopes, in order.

    Raises:
        RefusedError: Real deliveries lie in the folder.
        UsageError: The region has no law.
    """
    real = [
        parcel.where
        for parcel in find_parcels(region_folder)
        if parcel.envelope is not None and not parcel.envelope.synthetic
    ]
    if real:
        raise RefusedError(
            "example deliveries never go beside real ones",
            where=str(region_folder.name),
            found=", ".join(real[:3]),
            expected="a folder without real deliveries",
            todo="Choose another folder with UITSTROOM_DATA.",
        )
    law = read_law(region_folder.name)
    chosen = law.seed if seed is None else seed
    world = make_world(law, chosen)
    return write_deliveries(make_deliveries(world, chosen), region_folder / DELIVERIES, law)
