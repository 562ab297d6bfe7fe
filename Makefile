# What there is to do here. Needs Python 3.11 or newer and make; everything else goes into .venv.
#
#   make install       .venv with paper-round and what it needs; the others do it by themselves
#   make demo          the bot on a simulated Discord in the browser; options: make demo DEMO="--port 9000"
#   make test          all tests; options: make test TEST="-k settings -x"
#   make soak          an hour of kills, faults, crowds and years; one of them: make soak SOAK="month"
#   make bench         what it costs, against floors in the same run; one of them: make bench BENCH="clicks"
#   make check         lint, formatting, types
#   make matrix        all tests on each of Python 3.11 to 3.13 that is installed
#   make pictures      the docs' pictures, taken from the demo; needs Chromium
#   make requirements  pins what pyproject.toml asks for; newer versions: make requirements UPGRADE=--upgrade

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
SOURCES := requirements-dev.txt pyproject.toml

.DELETE_ON_ERROR:
.PHONY: help install demo test soak bench check matrix pictures requirements

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

install: $(READY)

demo: $(READY)
	@$(RUN) -m bot demo $(DEMO)

test: $(READY)
	$(RUN) -m pytest -n auto -rs $(TEST)

soak: $(READY)
	$(RUN) -m tests.faults $(SOAK)

bench: $(READY)
	@$(RUN) -m tests.bench $(BENCH)

check: $(READY)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

# A path such as .venv/.ready, or build/python3.12/.ready for the matrix: the folder is the environment.
define ready
	@$(1) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Paper Round needs Python 3.11 or newer; $(1) is $$($(1) --version 2>&1 | head -n 1)." \
	       "Name another one: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(2); it takes about a minute."
	@$(1) -m venv $(2) || { \
	  echo "$(1) can't make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(2)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(2)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(2)/.ready
endef

$(READY): $(SOURCES)
	$(call ready,$(PYTHON),$(VENV))

build/%/.ready: $(SOURCES)
	$(call ready,$*,build/$*)

pictures: $(READY)
	$(RUN) -m tests.demo.pictures

matrix:
	@status=0; for python in python3.11 python3.12 python3.13; do \
	  if ! $$python -c pass 2>/dev/null; then echo "== $$python is not installed: left out"; continue; fi; \
	  echo "== $$python"; \
	  $(MAKE) --no-print-directory build/$$python/.ready && build/$$python/bin/python -m pytest -n auto -rs $(TEST) || status=1; \
	done; exit $$status

COMPILE := $(RUN) -m uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements" $(UPGRADE)

requirements: $(READY)
	$(COMPILE) --extra postgresql --output-file requirements.txt
	$(COMPILE) --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	@! grep -nE '://|file:|(^|[ "=])/[a-z]|--(extra-)?index-url|--find-links' requirements.txt requirements-dev.txt \
	  || { echo "The lines above name a place on a network or a disk, which has no business there." >&2; exit 1; }
