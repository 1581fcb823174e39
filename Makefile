# One environment, .venv, installed once from requirements.lock. Another Python: make PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
FAST := not slow and not gpu and not weights

.PHONY: panorama test test-slow check clean

panorama: $(INSTALLED)  ## a picture and a page to look around in it
	@mkdir -p out
	$(BIN)/cyclorama generate "a village street at sunset" -o out/panorama.jpg --seed 7
	$(BIN)/cyclorama view out/panorama.jpg -o out/panorama.html
	@echo "$(CURDIR)/out/panorama.jpg"
	@echo "$(CURDIR)/out/panorama.html"

test: $(INSTALLED)  ## everything that needs no GPU, no download and little time
	$(BIN)/pytest -m "$(FAST)"

test-slow: $(INSTALLED)  ## the rest of what a CPU can run
	$(BIN)/pytest -m "slow and not gpu and not weights"

check: $(INSTALLED)  ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

clean:  ## the environment and everything generated; pictures in out/ and training in runs/ stay
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(INSTALLED): requirements.lock pyproject.toml hatch_build.py $(wildcard src/cyclorama/geometry/kernel*)
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("got Python %d.%d; wanted 3.11 or newer: make PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
