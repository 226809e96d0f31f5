# Runs, shows and checks the project in a virtual environment of its own.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP_CONSTRAINTS ?= --constraint constraints.txt
CATALOGUES := $(wildcard bot/locale/*/LC_MESSAGES/*.po)

.PHONY: run demo test suite lint coverage format clean

run: $(VENV)/installed  ## the bot on Discord (BOT_TOKEN set), else everything on this machine
	$(BIN)/python -m bot

demo: $(VENV)/installed  ## a simulated community, from prompts to an exported dataset
	$(BIN)/python -m bot demo$(if $(TREES), --trees "$(TREES)")

test: $(VENV)/installed-dev  ## every check and every test, side by side
	$(MAKE) --no-print-directory --jobs 2 lint suite

# More processes than cores, because a test mostly waits; what is compiled is kept, because tests start many programs.
suite: $(VENV)/installed-dev  ## every test
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses 4 --maxschedchunk 2

lint: $(VENV)/installed-dev  ## style, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

coverage: $(VENV)/installed-dev  ## how much of the client its tests reach, branches counted
	$(BIN)/python -m pytest --quiet tests/client --cov=oasst_client --cov-branch --cov-fail-under=95

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml setup.py constraints.txt $(CATALOGUES) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet $(PIP_CONSTRAINTS) --editable .
	touch $@

$(VENV)/installed-dev: pyproject.toml setup.py constraints.txt $(CATALOGUES) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet $(PIP_CONSTRAINTS) --editable '.[dev]'
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build *.egg-info
