"""The cabinet: a file for every way in which a delivery goes wrong, and what must become of it.

Belongs here: small files for the 72 cases, each with its declared outcome and a good twin that
differs in that one thing, and good but odd files. Does not belong here: reading them.
"""
