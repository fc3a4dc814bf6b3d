"""Floors 1 and 2: adapters to files, databases and people, and the wiring that joins the floors.

Belongs here: reading deliveries and open data, storing editions and releases, the Dagster
definitions and the command line. Does not belong here: anything that computes homes, quotas or
forecasts (`models`), or that draws a page (`reports`).
"""
