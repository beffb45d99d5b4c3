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
	$(BIN)/python -m pytest -n 2 --dist loadfile

slow: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "slow or not slow"

# docs/spec, docs/codes and schemas/, from the declarations
docs: $(VENV)/.installed-dev
	$(BIN)/python docs/build.py

# the sample reports in reports/: one for each spec in specs/, a minute or so each; `automl report runs/sample/NAME` writes one again
report: $(VENV)/.installed
	for spec in specs/*.yaml; do \
		name=$$(basename $$spec .yaml); out=runs/sample/$$name; limit=; \
		if [ $$name = optimizers_gpu ]; then limit="--time 90s"; fi; \
		rm -rf $$out; $(BIN)/automl run $$spec $$limit --out $$out || exit 1; \
		mkdir -p reports/$$name && cp $$out/report.html $$out/report.json $$out/report.md reports/$$name/ || exit 1; \
	done

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
