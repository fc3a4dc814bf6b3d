"""Checks that take longer than `make test` may; `python -m tests.soak`."""
