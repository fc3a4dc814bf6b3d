# The commands of the repository; `make` alone lists them. Set-up is part of each of them.
# Belongs here: one line a command. Does not belong here: logic (that is in scripts/ and the code).

# Tests start hundreds of Python processes; each would compile every library again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench soak dev browser snapshots pictures

help:  ## Show these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup:  ## Make .venv from requirements.lock (every other command does this first)
	@scripts/setup

run: setup  ## Run every region: deliveries, forecast, quota, report, DuckDB file
	@.venv/bin/uitstroom run

test: setup  ## Run all tests
	@scripts/test

check: setup  ## Lint, types, Dagster definitions
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@scripts/check-definitions

bench: setup  ## Measure speed; ratios in one run; writes docs/evidence/
	@.venv/bin/python -m tests.bench

soak: setup  ## Long checks; writes docs/evidence/
	@.venv/bin/python -m tests.soak

dev: setup  ## The Dagster page on http://127.0.0.1:3000
	@scripts/dev

browser: setup  ## Install Chromium for pictures and browser tests
	@scripts/browser

snapshots: setup  ## Renew the stored snapshot of all Dagster definitions (look at the diff)
	@.venv/bin/python -m tests.architecture.definitions_snapshot --write

pictures: setup  ## Renew the pictures of the README from the current report
	@scripts/pictures
