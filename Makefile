# Everything a newcomer needs: `make run` and `make test`. The rest is for those who change the code.
PYTHON ?= python3
PORT ?= 8501
ADDRESS ?= localhost
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install run test lint format bench lock docs clean

install: $(STAMP)

$(STAMP): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what the map needs into .venv (once, a few minutes at most) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(STAMP)

run: install
	@echo "Innovation Clusters Map: http://$(ADDRESS):$(PORT)  (stop with Ctrl-C)"
	@$(BIN)/python cli.py serve --port $(PORT) --address $(ADDRESS)

test: install
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install
	@$(BIN)/ruff check --fix-only --exit-zero .
	@$(BIN)/ruff format .

bench: install
	@$(BIN)/python benchmarks/bench_locate.py
	@$(BIN)/python benchmarks/bench_dbscan.py
	@$(BIN)/python benchmarks/bench_scan.py speed
	@$(BIN)/python benchmarks/bench_scan.py power
	@$(BIN)/python benchmarks/bench_scan.py error
	@$(BIN)/python benchmarks/bench_page.py

# Pins every version again from pyproject.toml.
lock: install
	@$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --upgrade -o requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --upgrade --group dev -o requirements-dev.txt

docs: install
	@$(BIN)/python cli.py docs

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
