# What the project's people type. `make` alone lists the targets; each needs only Python 3.11+ and make.

PYTHON ?= python3
UV ?= uv
# One worker per core; tests that start LibreOffice stay together, file by file.
# The longest files come first (tests/conftest.py), not those with most tests.
PYTEST_ARGS ?= -n auto --dist loadfile --no-loadscope-reorder --durations 10
# What `make quick` runs: the parts that need no workbook, and the rules of the house.
QUICK ?= $(addprefix tests/unit/,functions methods model index xlsx assess \
  test_error_codes.py test_imports.py test_messages.py test_structure.py test_words.py)

# What `make test-rest` runs beside no long test; "slow or machine" where `make test` ran without LibreOffice
# and the other programs of the machine.
REST ?= slow

# Where `make site` writes.
SITE ?= build/site

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made-from-lock

# Workers share the cores: linear algebra takes one thread in each, as in the command line.
test test-rest test-long test-lowest test-golden test-published test-libreoffice: \
  export OPENBLAS_NUM_THREADS = 1

.DEFAULT_GOAL := help
.PHONY: help venv demo quick test test-all test-rest test-long test-lowest test-golden test-published test-libreoffice workbooks udfs site \
  bench bench-quick lint types format lock wheel dist dist-offline clean distclean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

venv: $(STAMP)  ## .venv with the locked packages and xlcity itself (PYTHON=python3.12 chooses another)

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
	  echo "xlcity needs Python 3.11 or newer; there is no '$(PYTHON)' here. Name another: make venv PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) tools/make_venv.py $(VENV)

demo: venv  ## guided run of the main workflow on real data
	$(BIN)/xlcity demo

quick: lint  ## lint, types and the quick tests; under a minute
	$(BIN)/python -m pytest -q -n auto -m "not long and not slow and not libreoffice" $(QUICK)

test: venv  ## the tests but for the slow ones, published tables included (PYTEST_ARGS chooses options)
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "not slow and not long"

test-all: test test-rest  ## those, then the slow ones: all but the long ones

test-rest: venv  ## the slow ones alone
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "($(REST)) and not long"

test-long: venv  ## the searches by random input, in full; takes an hour or more
	$(BIN)/python -m pytest -m long $(PYTEST_ARGS)

test-golden test-published test-libreoffice: venv  ## the tests with that marker alone
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "$(@:test-%=%) and not long"

test-lowest:  ## tests with the lowest versions that pyproject.toml allows, in an environment of their own
	$(PYTHON) tools/test_lowest.py $(PYTEST_ARGS)

workbooks: venv  ## build workbooks/ again
	$(BIN)/python -m tools.workbooks workbooks

udfs: venv  ## write the generated files of udfs/ again
	$(BIN)/python -m tools.udfs udfs

site: venv  ## the documentation as a site in build/site (SITE chooses another folder); warnings are errors
	$(BIN)/python -m tools.site $(SITE)

bench: venv  ## speed, side by side in one run (BENCH_ARGS="file --quick" for less); takes an hour
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

bench-quick: venv  ## the same for one book in two minutes (BENCH_ARGS=--smallest for seconds, --formulas for ten minutes)
	$(BIN)/python -m benchmarks.quick $(BENCH_ARGS)

lint: venv  ## style, format, types, counts of packed code that may not rise, sizes of files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tools.house --check
	$(BIN)/python -m tools.large_files
	$(BIN)/mypy

types: venv  ## types alone
	$(BIN)/mypy

format: venv  ## put the code into the common format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# For every Python from 3.11 on and every platform; --no-config and the two --no-emit options keep the
# maker's own package index out of the file.
lock:  ## resolve the dependencies again (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: $(PYTHON) -m pip install uv" >&2; exit 1; }
	$(UV) pip compile pyproject.toml --quiet --upgrade --no-config \
	  --universal --python-version 3.11 --all-extras --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --output-file requirements.lock >/dev/null

wheel: venv  ## build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

dist: venv  ## a release in dist/: wheel, .oxt, templates, SBOM, checksums; the wheel is tried in an empty environment
	rm -rf dist
	$(BIN)/python -m tools.dist dist

dist-offline: venv  ## the same with Python and the wheels that start-on-windows.bat would download
	rm -rf dist
	$(BIN)/python -m tools.dist dist --offline

clean:  ## remove what the other targets made, except .venv
	rm -rf build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean  ## remove .venv as well
	rm -rf $(VENV)
