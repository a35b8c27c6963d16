# `make test` on a fresh clone is enough: .venv makes itself. Overrides: PYTHON=python3.12,
# ARGS="-k lock -x", JOBS=0 (no parallel tests), UV= (use pip although uv is there).

VENV ?= .venv
CONSTRAINTS ?= constraints.txt
JOBS ?= 2
ARGS ?=
UV ?= $(shell command -v uv 2>/dev/null)
# The first that runs (a version manager's stand-in may not) and is new enough.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python3.14 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$python && break; done)

INSTALLED := $(VENV)/.installed
BIN := $(abspath $(VENV))/bin
EXTRAS := .[test,psycopg,mysql]

.PHONY: help demo test lint types bench clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED)  ## the first five minutes of a project, typed for you, on SQLite
	@PATH="$(BIN):$$PATH" examples/quickstart/demo.sh

test: $(INSTALLED)  ## the test suite; starts the databases that it needs
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

lint: $(INSTALLED)  ## ruff: rules and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(INSTALLED)  ## mypy, strict
	@$(BIN)/mypy

bench: $(INSTALLED)  ## side by side with Alembic
	@$(BIN)/python benchmarks/run.py $(ARGS)

clean:  ## remove .venv, caches and builds
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml $(CONSTRAINTS)
	@if [ -n "$(UV)" ] && $(call with_uv); then :; else $(call with_pip); fi
	@touch $@

# Where uv cannot reach a package index (it does not read pip's settings), pip may.
define with_uv
"$(UV)" venv --quiet --allow-existing --python "$(or $(PYTHON),>=3.11)" $(VENV) \
	&& "$(UV)" pip install --quiet --python $(BIN)/python -c $(CONSTRAINTS) -e '$(EXTRAS)'
endef

define with_pip
if [ -z "$(PYTHON)" ]; then \
		echo "asyncmigrate needs Python 3.11 or newer; none was found (or say make PYTHON=...)." >&2; exit 1; \
	elif ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	$(PYTHON) -m venv $(VENV) \
	&& $(BIN)/python -m pip install -qq --disable-pip-version-check -c $(CONSTRAINTS) -e '$(EXTRAS)'
endef
