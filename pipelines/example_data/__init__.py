"""The synthetic example deliveries of Zuid-Kennemerland/IJmond, made by a law of their own.

Belongs here: what others may use of the generator. Does not belong here: the model; nothing of it
is imported, so that it meets data which it did not make. Sizes and reasons are in `law.toml`, the
plain words in `docs/example-data.md`.
"""

from pathlib import Path

from models.errors import RefusedError
from pipelines.example_data.law import read_law
from pipelines.example_data.rows import make_deliveries
from pipelines.example_data.world import make_world
from pipelines.example_data.write import write_deliveries
from pipelines.sources.parcels import DELIVERIES, find_parcels

DEFAULT_SEED = 20211007

__all__ = ["DEFAULT_SEED", "write_example_data"]


def write_example_data(region_folder: Path, *, seed: int = DEFAULT_SEED) -> list[Path]:
    """Write the example deliveries of the region into its folder.

    The same seed gives the same bytes. Files of the generator are overwritten; others stay.

    Args:
        region_folder: The folder of the region; `deliveries/` is made in it.
        seed: Seed of all chance in the example.

    Returns:
        The paths written, files and envelopes, in order.

    Raises:
        RefusedError: Real deliveries lie in the folder.
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
    law = read_law()
    world = make_world(law, seed)
    return write_deliveries(make_deliveries(world, seed), region_folder / DELIVERIES, law)
