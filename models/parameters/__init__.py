"""National defaults (TOML). Belongs here: declared values. Does not belong here: code."""
