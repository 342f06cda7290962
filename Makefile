# Every command of the project. `make` alone prints the list.
.DEFAULT_GOAL := help
.PHONY: help report test lab setup check study bench lock clean setup-dev

# What `make report` takes. Names and values are handed on unexpanded and judged by `analysis`, so that neither
# $(shell …) nor quotes, back-ticks, line breaks or a misspelt name act here.
PARAMETERS := QUARTER SOURCE DATA REPORT BRANCH LANGS FORMATS
define newline


endef
GIVEN := $(foreach v,$(filter-out .% MAKE% -%,$(.VARIABLES)),$(if $(filter command line,$(origin $(v))),$(v)))
GIVEN += $(foreach v,$(PARAMETERS),$(if $(filter environment,$(origin $(v))),$(v)))
unexport $(GIVEN)
quoted = '$(subst $(newline), ,$(subst ','\'',$(1)))'
arguments = $(foreach v,$(filter-out PYTHON INSTALLER,$(GIVEN)),$(call quoted,$(v)=$(value $(v))))

# Which Python makes .venv (empty: the first of python3, python3.13, python3.12, python3.11 that is new enough), and with what.
PYTHON ?=
INSTALLER ?= uv
set_up = PYTHON=$(call quoted,$(value PYTHON)) INSTALLER=$(call quoted,$(value INSTALLER)) .ci/setup

# Imports are five to eight times slower without compiled files.
unexport PYTHONDONTWRITEBYTECODE
RUN := .venv/bin/python -m

help:
	@printf 'make …\n'
	@sed -n 's/^\([a-z]*\):.*## /  \1	/p' Makefile | expand -t 12
	@printf '\nmake report takes %s,\nand any parameter that a chapter declares, such as n_segments=6.\n' '$(PARAMETERS)'

report: setup ## set up if needed, then build the report: QUARTER=2026Q3 SOURCE=demo|sba DATA=file LANGS="zh en" FORMATS="html pdf xlsx"
	@$(RUN) analysis report build -- $(arguments)

test: setup-dev ## set up if needed, then run every test
	@PYTHONHASHSEED=0 $(RUN) pytest -q -n 2 --dist loadgroup

lab: setup ## set up if needed, then open JupyterLab on notebooks/
	@$(RUN) jupyterlab --ServerApp.root_dir=notebooks

setup: ## make .venv from the hashed lock, once
	@$(set_up) requirements.lock

setup-dev:
	@$(set_up) requirements-dev.lock

check: setup-dev ## style, types, layers, notebooks
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@.venv/bin/lint-imports
	@PYTHONHASHSEED=0 $(RUN) pytest -q tests/notebooks

study: setup-dev ## repeat the studies of planted truth on many banks (slow: about an hour)
	@PYTHONHASHSEED=0 $(RUN) pytest -q -m study -o log_cli=true -o log_cli_level=INFO

bench: setup-dev ## speed and memory against named peers (takes about ten minutes and 2 GB of disk)
	@.ci/bench

lock: setup-dev ## resolve the newest versions and write them with their hashes
	@.venv/bin/uv pip compile $(lock_options) --upgrade --extra build -o requirements.lock
	@.venv/bin/uv pip compile $(lock_options) --upgrade --extra build --extra dev --extra postgres -c requirements.lock -o requirements-dev.lock
	@.venv/bin/uv pip compile $(lock_options) --upgrade --extra bench -c requirements.lock -o requirements-bench.lock
lock_options := --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml

clean: ## remove intermediate results and tool caches; reports and issued quarters stay
	@rm -rf data/cache build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
