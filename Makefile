# Every target works on a fresh machine with Python 3.11, git and make: the first one run makes .venv.
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell command -v $(name))))
PORT ?= 8000
ARGS ?=
BIN := .venv/bin
export PORT

.PHONY: help venv demo test matrix fuzz check year bench lock fmt

help:  ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /make \1\t/p' Makefile | expand -t 14

venv:
	@$(if $(PYTHON),$(PYTHON) scripts/bootstrap.py,echo "No Python found. Install Python 3.11 or newer (Debian 12: apt install python3 python3-venv)."; exit 1)

# The recipe is a lone command so that make runs it without a shell between: a signal to make reaches the demo itself.
demo: export CDP_SANDBOX = 1
demo: export PUBLIC_URL = http://localhost:$(PORT)
demo: venv  ## sample clinic, web, worker, beat and a pretended Zalo; PORT=8123 and CDP_HOME=... choose where
	@$(BIN)/python manage.py demo --port $(PORT) $(ARGS)

test: venv  ## the whole suite on all cores; ARGS="-n 0 -k sheet" or DATABASE_URL=postgres://... narrow or move it
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

matrix: export MATRIX_VISITS ?= 20
matrix: venv  ## each misfortune at each hop, and the table of what became of the messages
	@$(BIN)/python -m pytest -s --show-capture=no tests/simulation/test_fault_matrix.py $(ARGS)

fuzz: export FUZZ_ROWS ?= 100000
fuzz: venv  ## that many messy rows through the sheet's webhook, and what became of them: minutes
	@$(BIN)/python -m pytest -q -s tests/datahub/fuzz $(ARGS)

check: venv  ## lint, format, types, migrations, templates, architecture
	@$(BIN)/python scripts/check.py

year: venv  ## a simulated year of twelve clinics against the pretended Zalo: minutes
	@YEAR_DAYS=365 YEAR_VISITS=3 $(BIN)/python -m pytest -q -s tests/simulation/test_year.py $(ARGS)

bench: venv  ## JSON lines with ratios
	@$(BIN)/python manage.py bench $(ARGS)

lock: venv  ## requirements*.txt -> requirements*.lock, with hashes
	@$(BIN)/uv pip compile -q $(LOCK_OPTIONS) requirements.txt -o requirements.lock
	@$(BIN)/uv pip compile -q $(LOCK_OPTIONS) -c requirements.lock requirements-dev.txt -o requirements-dev.lock

# Hashes for every platform; no header and no index address, so that the lock is the same wherever it is made.
LOCK_OPTIONS := --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 --system-certs

fmt: venv  ## write the house format into code and templates
	@$(BIN)/ruff check -q --fix --exit-zero .
	@$(BIN)/ruff format -q .
	@find templates */templates -name '*.html' -print0 2>/dev/null | xargs -0r $(BIN)/djade --target-version 5.2
