# Every command a person or CI needs. `make help` lists them.
SHELL := /bin/sh
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
# A demo or a test run starts dozens of programs: each module is compiled once, not once in each.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup tools demo demo-reset test check loop lock vendor bench bench-viewer compare-snapshots fuzz format

help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' Makefile

setup:  ## Make .venv from the lock; make sure Chromium, bubblewrap and git exist
	@sh scripts/venv.sh
	@sh scripts/tools.sh

tools: setup
	@sh scripts/node_modules.sh

demo: setup  ## Run Trace with a failing demo check (PORT=8000); Ctrl-C stops everything
	@exec $(PYTHON) manage.py demo

demo-reset: setup  ## Forget the demo's database, repositories and users
	@$(PYTHON) scripts/demo_reset.py

test: tools  ## Run everything that can fail: unit, flow, browser, JavaScript
	@$(PYTHON) scripts/test.py

check: tools  ## Lint, format, types, templates, layers, migrations, deployment, budgets
	@$(PYTHON) scripts/check.py

loop: setup  ## Run the whole loop for every seeded regression and prove each stage
	@exec $(PYTHON) scripts/loop.py

bench: setup  ## Measure the record beside its peers (ONLY=ingest,list for some sections)
	@$(PYTHON) -m bench $(ONLY)

bench-viewer: setup  ## Time the trace page beside Playwright's own viewer
	@$(PYTHON) -m bench.viewer

compare-snapshots: setup  ## Compare DOM snapshots with Playwright's viewer, pixel by pixel
	@$(PYTHON) -m bench.viewer.fidelity

fuzz: setup  ## Fuzz the NDJSON reader and the zip importer (SECONDS=300 each)
	@sh scripts/fuzz.sh ndjson $(or $(SECONDS),300)
	@sh scripts/fuzz.sh zip $(or $(SECONDS),300)

format: tools  ## Let the formatters rewrite Python and templates
	@$(PYTHON) scripts/check.py --fix

lock: setup  ## Renew requirements.lock from pyproject.toml
	@.venv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.12 \
		--generate-hashes --no-emit-index-url --upgrade --quiet \
		--custom-compile-command "make lock" --output-file requirements.lock

vendor: tools  ## Fetch the pinned browser libraries again into static/vendor
	@$(PYTHON) scripts/vendor.py
