"""Stored output with a pedigree: each file lies beside the script that makes it again."""
