# Each target sets up what it needs by itself, once, and says so in one line.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
export PYTHONUTF8 := 1

.PHONY: demo run test bench fuzz check standins lock clean help

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

demo: $(VENV)/.run ## the whole job, offline, in about a minute
	@$(BIN)/reebot demo

run: $(VENV)/.run ## start the bot on config/
	@$(BIN)/reebot run

test: $(VENV)/.dev ## all tests
	@$(BIN)/python -m pytest -n 4

fuzz: $(VENV)/.dev ## 10,000 damaged feeds through the parser, about three minutes
	@$(BIN)/python -m tests.fuzz_feeds

bench: $(VENV)/.dev ## what polling costs, beside a plain loop; FEEDS=100 for a quick look
	@$(BIN)/python -m bench --feeds $(or $(FEEDS),1000)

check: $(VENV)/.dev ## lint, types, imports, tests with coverage, as CI does
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache | tail -n 4
	@$(BIN)/reebot check
	@rm -f .coverage .coverage.* && $(BIN)/coverage run -m pytest -n 4 -m "not timing" && $(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under=85

# The stamps: rebuilt only when a lock file or the project's own description changes.
$(VENV)/.run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) (once, a minute or so) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Adding the tools for tests and checks ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# Slack's part is played by a server that is not ours. It needs a newer Node than most systems have.
standins: $(VENV)/.standins ## a third-party Slack for the tests that ask for one (needs npm)
$(VENV)/.standins: Makefile $(VENV)/.dev
	@echo "Fetching the Slack stand-in ..."
	@npm install --prefix $(VENV)/standins --silent --no-save --no-package-lock --no-fund --no-audit node@24.21.0 emulate@0.12.2
	@touch $@

lock: ## pin every dependency anew, with hashes and without a host name (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.txt
	uv pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -c requirements.txt -o requirements-dev.txt

clean: ## forget the environment and the caches; never data/
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
