# `make help` lists everything. Nothing here needs more than Python 3.11 or newer, and nothing is installed outside .venv
# but what `make tools` says.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help install screens compile types tools demo test cover check format bench docs audit lock clean

help: ## This list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

WEB := $(shell find web/src web/tiles web/scripts -type f) web/index.html web/package-lock.json web/vite.config.ts

install: $(VENV)/.installed ## Everything it takes to run, into .venv
	@$(MAKE) --no-print-directory screens || echo "The screens could not be built here; the API works. Again: make screens"
	@$(MAKE) --no-print-directory compile || echo "Detection runs as plain Python here, a third as fast. Again: make compile"
$(VENV)/.installed: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Jikimi needs Python 3.11 or newer") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes -r requirements/build.txt -r requirements/run.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@mkdir -p $(@D) && touch $@
	@echo "Installed. Start with: $(BIN)/jikimi serve"

screens: $(VENV)/.screens ## The screens and their map, into the package
$(VENV)/.screens: $(WEB) requirements/geo.txt requirements/node.txt
	@PYTHON=$(PYTHON) VENV=$(abspath $(VENV)) web/scripts/build.sh
	@mkdir -p $(@D) && touch $@

compile: $(VENV)/.installed ## Detection as machine code, for this Python (needs a C compiler; a minute or two, once)
	@$(BIN)/jikimi compile

types: screens ## The screens' types anew from the desk's routes
	$(BIN)/python -m jikimi.screens.openapi > web/openapi.json
	PYTHON=$(PYTHON) VENV=$(abspath $(VENV)) web/scripts/npm.sh run --silent types

$(VENV)/.developing: $(VENV)/.installed requirements/dev.txt
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@mkdir -p $(@D) && touch $@

tools: ## What some tests need of the system (strace, chromium); skipped where it cannot be had
	@{ command -v strace && command -v chromium; } >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && \
	  command -v apt-get >/dev/null 2>&1 && apt-get -qq update >/dev/null 2>&1 && \
	  apt-get -qq install -y strace chromium >/dev/null 2>&1; } || true

# Some shells have a HOST of their own: only one that was said here counts.
demo: install ## One approach from the first fix to two officers (HOST=address of this machine: for phones; ONCE=1: as JSON)
	@$(BIN)/jikimi demo $(if $(ONCE),--once,) $(if $(filter command,$(origin HOST)),--host $(HOST),)

test: $(VENV)/.developing install tools ## All tests, two at a time: most of them wait for servers and screens
	$(BIN)/pytest --numprocesses 2 --dist loadfile

COVERED := tests/unit/kernel tests/unit/detect tests/property/detect tests/conformance tests/*/test_ledger*.py

cover: $(VENV)/.developing ## Branches of kernel, detect and ledger that no test of their own takes; fails below 100 %
	@JIKIMI_PLAIN=1 COVERAGE_FILE=$(VENV)/.coverage $(BIN)/pytest $(wildcard $(COVERED)) --cov=jikimi.kernel --cov=jikimi.detect --cov=jikimi.ledger --cov-report=
	@COVERAGE_FILE=$(VENV)/.coverage $(BIN)/coverage report
	@COVERAGE_FILE=$(VENV)/.coverage $(BIN)/coverage report --include='*/jikimi/kernel/*,*/jikimi/detect/*,*/jikimi/ledger/*' --fail-under=100 --precision=2 >/dev/null

check: $(VENV)/.developing screens ## Format, lint, types, imports
	$(BIN)/ruff format --check src tests docs/verify.py
	$(BIN)/ruff check src tests docs/verify.py
	$(BIN)/mypy
	$(BIN)/lint-imports
	PYTHON=$(PYTHON) VENV=$(abspath $(VENV)) web/scripts/npm.sh run --silent check

format: $(VENV)/.developing ## Put the code into form
	$(BIN)/ruff format src tests docs/verify.py
	$(BIN)/ruff check --fix src tests docs/verify.py

bench: install ## What is measured, on an otherwise idle machine
	$(BIN)/jikimi bench detect
	$(BIN)/jikimi bench latency
	$(BIN)/jikimi bench quality

docs: $(VENV)/.developing ## Run every command the documentation shows
	$(BIN)/pytest tests/acceptance/test_docs.py

audit: $(VENV)/.developing screens ## Known weaknesses of what we build on (asks PyPI and npm; red where they do not answer)
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements/run.txt
	PYTHON=$(PYTHON) VENV=$(abspath $(VENV)) web/scripts/npm.sh audit --omit=dev

lock: ## Resolve the dependencies anew (needs uv), with hashes and without host names
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group build -o requirements/build.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --group dev -o requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group geo -o requirements/geo.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group node -o requirements/node.txt

clean: ## Remove what was built here
	rm -rf $(VENV) dist build web/node_modules web/public/map src/jikimi/screens/built src/jikimi/built .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
