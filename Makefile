# Everything a newcomer needs: `make run` and `make test`. The rest is for those who change the code.
PYTHON ?= python3
PORT ?= 8501
ADDRESS ?= localhost
BIN := .venv/bin
# What runs the map is installed, and what tests it as well.
STAMP := .venv/.installed
DEV := .venv/.installed-dev

.PHONY: install install-dev run test test-all lint format bench lock docs clean

install: $(STAMP)
install-dev: $(DEV)

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what the map needs into .venv (once, a few minutes at most) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $(STAMP)

$(DEV): $(STAMP) requirements-dev.txt
	@echo "Installing what tests it ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(DEV)

run: install
	@echo "Innovation Clusters Map: http://$(ADDRESS):$(PORT)  (stop with Ctrl-C)"
	@$(BIN)/python cli.py serve --port $(PORT) --address $(ADDRESS)

TEST := -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

test: install-dev
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python $(TEST)

# The same with a hundred examples of every property, in place of a few.
test-all: install-dev
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python $(TEST) --hypothesis-profile all

lint: install-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install-dev
	@$(BIN)/ruff check --fix-only --exit-zero .
	@$(BIN)/ruff format .

bench: install-dev
	@$(BIN)/python benchmarks/bench_locate.py
	@$(BIN)/python benchmarks/bench_dbscan.py
	@$(BIN)/python benchmarks/bench_scan.py speed
	@$(BIN)/python benchmarks/bench_scan.py power
	@$(BIN)/python benchmarks/bench_scan.py error
	@$(BIN)/python benchmarks/bench_page.py

# Pins every version again from pyproject.toml.
lock: install-dev
	@$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --upgrade -o requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --upgrade --group dev -o requirements-dev.txt

docs: install-dev
	@$(BIN)/python cli.py docs

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
