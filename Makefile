# Two commands: `make run` (the quickstart) and `make test`; each makes what it needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test slow docs report clean

run: $(VENV)/.installed
	$(BIN)/automl run specs/quickstart.yaml

test: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

slow: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m "slow or not slow"

# docs/spec, docs/codes and schemas/, from the declarations
docs: $(VENV)/.installed-dev
	$(BIN)/python docs/build.py

# the sample report in reports/: rendered again from specs/quickstart.yaml
report: $(VENV)/.installed
	rm -rf runs/sample
	$(BIN)/automl run specs/quickstart.yaml --out runs/sample
	mkdir -p reports/quickstart
	cp runs/sample/report.html runs/sample/report.json reports/quickstart/

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) runs
