# The command surface. `make help` lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
HOST ?= 127.0.0.1
PORT ?= 8000
RUN := .venv/bin/

.PHONY: help serve build validate test check check-long style types fmt clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: .venv/.serve ## set up, build the graph, serve it (HOST=127.0.0.1 PORT=8000)
	@$(RUN)stratgraph serve --host $(HOST) --port $(PORT)

build: .venv/.serve ## set up, validate, infer, publish to build/
	@$(RUN)stratgraph build

validate: .venv/.serve ## validate the encoded data, with file and line
	@$(RUN)stratgraph validate

test: .venv/.dev ## set up and run the tests
	@$(RUN)pytest

check: style types test ## what CI runs: style, types, tests

style: .venv/.dev
	@$(RUN)ruff format --check --quiet . && $(RUN)ruff check --quiet .
	@$(RUN)codespell
	@$(RUN)lint-imports --no-logo
	@$(RUN)stratgraph fmt --check

types: .venv/.dev
	@$(RUN)mypy

fmt: .venv/.dev ## put Python and Turtle into their one layout
	@$(RUN)ruff format --quiet . && $(RUN)ruff check --quiet --fix .
	@$(RUN)stratgraph fmt

check-long: check ## CI's checks, then what takes longer (some 40 minutes)
	@$(RUN)pytest -m "long and not alone" --durations=20
	@$(RUN)pytest -m alone -n 0

clean: ## remove builds and caches (not .venv)
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/.serve: pyproject.toml uv.lock .ci/setup .ci/uv.txt
	@.ci/setup serve && touch $@

.venv/.dev: pyproject.toml uv.lock .ci/setup .ci/uv.txt
	@.ci/setup dev && touch $@ .venv/.serve
