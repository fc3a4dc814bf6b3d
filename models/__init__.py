"""Floor 0: the pure model. No Dagster, DuckDB, clock, network, environment or global randomness.

Belongs here: vocabulary (units, errors, tables, parameters) and the forecast, outflow and quota
models as functions of what is passed in. Does not belong here: reading or writing anything but the
declarations that are handed over as text.
"""
