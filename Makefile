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

.PHONY: help install demo test coverage lint up down run status report benchmark benchmark-landing benchmark-builds benchmark-backfill benchmark-script benchmark-identity benchmark-audit benchmark-readers benchmark-orchestration dag-reference words lock clean

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

SEEDS ?= 200

coverage: install ## Count how often intervals hold what was planted, over many worlds (an hour; SEEDS=40)
	@$(BIN)/python tests/nightly/run.py --seeds $(SEEDS) $(ARGS)

RECORDS ?= 2000000
TOUCHES ?= 1000000

benchmark: benchmark-landing benchmark-builds benchmark-backfill benchmark-script benchmark-identity benchmark-audit benchmark-readers benchmark-orchestration ## Measure everything (hours; RECORDS=200000 TOUCHES=20000)

benchmark-landing: install ## Measure landing beside a bare COPY (RECORDS=10000000 ARGS="--runs 1")
	@$(BIN)/python tests/benchmarks/run.py --records $(RECORDS) $(ARGS)

benchmark-builds: install ## Measure a day's build on a short and a long history (TOUCHES=100000)
	@$(BIN)/python tests/benchmarks/builds.py --touches $(TOUCHES) $(ARGS)

benchmark-backfill: install ## Measure a backfill of three years, month by month, beside one build of it all (TOUCHES=100000)
	@$(BIN)/python tests/benchmarks/backfill.py --touches $(TOUCHES) $(ARGS)

benchmark-script: install ## Measure the pipeline beside plain SQL scripts (TOUCHES=100000 ARGS="--only all")
	@$(BIN)/python tests/benchmarks/script.py --touches $(TOUCHES) $(ARGS)

benchmark-identity: install ## Measure identity resolution of what changed beside a full one (TOUCHES=10000000)
	@$(BIN)/python tests/benchmarks/identity.py --touches $(TOUCHES) $(ARGS)

benchmark-audit: install ## Measure the audit of a build beside the same checks by hand in SQL (ARGS="--rows 3000000")
	@$(BIN)/python tests/benchmarks/audit.py $(ARGS)

benchmark-readers: install ## Measure readers while builds are published beside an idle warehouse (ARGS="--seconds 60")
	@$(BIN)/python tests/benchmarks/readers.py $(ARGS)

benchmark-orchestration: install ## Measure what Airflow adds to a run of five minutes of work (ARGS="--seconds 60")
	@$(BIN)/python tests/benchmarks/orchestration.py $(ARGS)

dag-reference: install ## Write docs/dags.md from the DAGs
	@PYTHONPATH=plugins $(BIN)/python -m touchline.orchestration.reference docs/dags.md

words: install ## Bring the report's catalogs up to date with its sentences
	@PYTHONPATH=plugins $(BIN)/python -m touchline.reports.messages

lock: ## Pin all requirements anew, with hashes
	scripts/lock.sh

clean: ## Stop what runs and remove this checkout's state and environment
	-@test ! -x $(BIN)/touchline || $(BIN)/touchline down
	rm -rf .touchline $(VENV)
