"""The core tables as SQL files, and what each file states about itself.

Belongs here: one `.sql` file per core table, the reading of its header (`header.py`) and the laws
that hold before and after it runs (`laws.py`). Does not belong here: the engine that runs the files
(`pipelines.warehouse`), or what the tables are for (`pipelines.core`).
"""
