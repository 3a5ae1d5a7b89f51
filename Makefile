# Touchline's commands. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# State of this checkout; nothing is written elsewhere.
export TOUCHLINE_HOME ?= $(CURDIR)/.touchline
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DO_NOT_TRACK := 1

.PHONY: help install demo test lint up down run status report benchmark benchmark-identity lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## Make the environment from the hash-pinned lock

$(VENV)/.installed: requirements-dev.lock pyproject.toml scripts/install.sh
	@PYTHON=$(PYTHON) scripts/install.sh $(VENV)
	@touch $@

demo: install ## Generate exports, run the DAGs, audit, publish, render the report
	@$(BIN)/touchline demo

test: install ## Run the whole suite
	@$(BIN)/python -m pytest $(ARGS)

lint: install ## Check style, types, SQL and import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests --disable-progress-bar

up: install ## Start the live system: Postgres and Airflow on loopback
	@$(BIN)/touchline up

down: install ## Stop the live system
	@$(BIN)/touchline down

run: install ## Drain everything new, without Airflow
	@$(BIN)/touchline run

status: install ## What is live, how fresh each source is
	@$(BIN)/touchline status

report: install ## Render the report from the published marts
	@$(BIN)/touchline report

benchmark: install ## Measure landing beside a bare COPY (minutes; ARGS="--records 10000000")
	@$(BIN)/python tests/benchmarks/run.py $(ARGS)

benchmark-identity: install ## Measure identity resolution of what changed beside a full one (ARGS="--touches 10000000")
	@$(BIN)/python tests/benchmarks/identity.py $(ARGS)

lock: ## Pin all requirements anew, with hashes
	scripts/lock.sh

clean: ## Stop what runs and remove this checkout's state and environment
	-@test ! -x $(BIN)/touchline || $(BIN)/touchline down
	rm -rf .touchline $(VENV)
