"""Estimation: what a region's own deliveries say of the parameters, held against what was believed.

`estimate` turns core tables into parameter records and the tables that show the fit; the registry
puts the records between the region's file and the scenario. Belongs here: the package's public
names. Does not belong here: core tables (`pipelines/sql`), the outflow model.
"""

from models.estimation.estimate import Estimates, estimate

__all__ = ["Estimates", "estimate"]
