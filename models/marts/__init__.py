"""Declarations of the mart tables, by subject; `models.tables` lists them all.

Belongs here: one class a table. Does not belong here: checking a table (`models.tables`).
"""
