# Every command of a checkout; `make help` lists them. GNU make, POSIX sh, Python 3.11 or later.

PYTHON ?= python3
PORT   ?= 5000
ARGS   ?=
VENV   := .venv
BIN     = $(VENV)/bin

PIP  = $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes \
          --no-emit-index-url --no-emit-find-links --no-annotate --quiet \
          --custom-compile-command "make lock" $(ARGS)
LOCK = $(COMPILE) pyproject.toml --extra calendars --extra postgresql --extra serve

# Of dev.txt, in the environment of the lowest versions too.
TEST_TOOLS = pytest|pytest-xdist|playwright

NO_SERVER = not slapd and not samba and not kerberos and not postgresql and not browser \
            and not process

# The tests take longer to compile than many of them to run: what is compiled is kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo setup test unit test-lowest check soak bench words lock clean run-environment python kerberos

# A stamp holds what was installed and where: it no longer fits when a lock file or pyproject.toml
# changes or when the checkout is copied, and a mere touch of a file costs nothing.
# $(VENV)/.busy is what an interrupted run leaves behind; half an environment is made anew.
# $(1) is the lock file, $(2) the stamps that it fulfils, the own one first.
define install
set -e; \
wanted() { pwd; cat pyproject.toml requirements/$(1).txt; }; \
made_here() { pwd | cmp -s - $(VENV)/.place && test ! -e $(VENV)/.busy && $(BIN)/python -c ''; }; \
if made_here 2>/dev/null && wanted | cmp -s - $(VENV)/.$(firstword $(2)); then exit 0; fi; \
if ! made_here 2>/dev/null; then \
  $(MAKE) --no-print-directory python; \
  echo "Making a virtual environment (a minute, once)"; \
  rm -rf $(VENV); \
  $(PYTHON) -m venv $(VENV); \
  pwd > $(VENV)/.place; \
else \
  echo "Bringing the virtual environment up to date"; \
fi; \
: > $(VENV)/.busy; \
$(PIP) install --require-hashes --no-deps -r requirements/$(1).txt; \
$(PIP) install --no-deps --no-build-isolation --editable .; \
for stamp in $(2); do { pwd; cat pyproject.toml requirements/$$stamp.txt; } > $(VENV)/.$$stamp; done; \
rm $(VENV)/.busy
endef

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1	\2/p' Makefile | expand -t 16

demo: run-environment ## the sample company on http://127.0.0.1:5000 (PORT=5001 for another port)
	@exec $(BIN)/flask --app intranet_people.demo people demo --port $(PORT)

setup: ## the virtual environment .venv, with everything for development
	@$(call install,dev,dev run)

# The demo waits for the lesser lock file alone; an environment for development does as well.
run-environment:
	@$(call install,run,run)

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or later is needed, and $(PYTHON) is: $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one, for instance: make demo PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || tools/install-system-packages python3-venv

# On all cores, each file of tests on one of them; ARGS="-n 0" for one after the other.
test: setup ## every test: unit, real slapd, Samba, Kerberos, PostgreSQL, browser (ARGS="-k name" for some)
	@tools/install-system-packages
	@$(MAKE) --no-print-directory kerberos
	@$(BIN)/pytest -n auto --dist loadfile $(ARGS)

unit: setup ## the tests that need no server
	@$(BIN)/pytest -m "$(NO_SERVER)" -n auto --dist loadfile $(ARGS)

# An environment of its own for each Python that is named.
test-lowest: VENV = .venv-lowest/$(subst /,_,$(PYTHON))
test-lowest: ## make unit on the lowest versions that we allow (PYTHON=python3.13 for another Python)
	@$(call install,lowest,lowest)
	@$(BIN)/python --version && $(BIN)/python -m pip --disable-pip-version-check list --format freeze
	@$(BIN)/pytest -m "$(NO_SERVER)" -n auto --dist loadfile $(ARGS)

# The short form for CI, below a minute: the hosts, and the rooms next to a library whose lowest
# version is old. SQLAlchemy and Alembic (people), Pillow (photos), icalendar and requests
# (calendars), Babel (words), Flask and its extensions (signin, and the files on top). ldap3 has one
# version, and the other rooms call the same functions of the same libraries.
CORE = tests/hosts tests/people tests/db tests/web tests/photos tests/calendars \
       tests/i18n/test_language.py tests/i18n/test_host_language.py tests/i18n/test_formats.py \
       tests/signin $(wildcard tests/test_*.py)

check: setup ## what CI runs: format, lint, types, a part of make test-lowest, make test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) --no-print-directory test-lowest ARGS="$(CORE)"
	$(MAKE) --no-print-directory test

# A package that has to be built: where that cannot be done, its tests say that they are skipped.
kerberos: setup
	@command -v krb5-config >/dev/null && command -v cc >/dev/null || exit 0; \
	cat requirements/kerberos*.txt | cmp -s - .venv/.kerberos && exit 0; \
	echo "Building gssapi (half a minute, once)"; \
	$(PIP) install --require-hashes --no-deps -r requirements/kerberos-build.txt && \
	CFLAGS=-O0 $(PIP) install --require-hashes --no-deps --no-build-isolation \
	  -r requirements/kerberos.txt && cat requirements/kerberos*.txt > .venv/.kerberos || \
	echo "gssapi could not be built: its tests are skipped"

soak: setup ## the long tests: hundreds of kills on each database (ARGS are handed on)
	@tools/install-system-packages
	@$(BIN)/python -m tests.soak $(ARGS)

bench: setup ## the benchmarks (ARGS are handed on)
	@$(BIN)/python -m tests.bench $(ARGS)

words: setup ## the catalogues of other languages, from the texts as they stand now
	@$(BIN)/python -m tools.words

lock: ## the lock files anew, by uv (ARGS=--upgrade for newer versions)
	$(LOCK) --group build --output-file requirements/run.txt
	$(LOCK) --group dev --group browser --group hosts --constraint requirements/run.txt \
	  --output-file requirements/dev.txt
	grep -oE '^($(TEST_TOOLS))==[^ ]+' requirements/dev.txt | $(LOCK) - --group build --group hosts \
	  --group lowest --resolution lowest-direct --output-file requirements/lowest.txt
	for group in kerberos-build kerberos; do $(COMPILE) --group $$group \
	  --constraint requirements/dev.txt --output-file requirements/$$group.txt; done

clean: ## removes .venv, caches and wheels; the demo's data in instance/ stay
	rm -rf .venv .venv-lowest dist .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
