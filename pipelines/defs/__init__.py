"""The Dagster definitions: assets of ten lines (read, call, write), one module a step, the job.

Belongs here: assets, jobs, schedules; every module in this folder is loaded as definitions. Does
not belong here: helpers (they would be loaded too), arithmetic, SQL, resources (`definitions.py`).
"""
