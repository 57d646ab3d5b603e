# The two commands of the README are `make run` and `make test`; `make help` lists all.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
# The samples are kept apart from your own data, which `minutebook` keeps in the platform's place for it.
SAMPLE_DATA ?= data/samples
DEBIAN_TOOLS = chromium tesseract-ocr tesseract-ocr-cym procps strace faketime

.DEFAULT_GOAL := help
.PHONY: help run test lint audit tools texts constraints clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: set PYTHON=python3.11, say" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

run: $(VENV)/installed ## Install, ingest the samples, answer a question, serve on http://127.0.0.1:8000
	$(VENV)/bin/minutebook --data $(SAMPLE_DATA) ingest corpus/samples
	$(VENV)/bin/minutebook --data $(SAMPLE_DATA) ask "How did councils handle contact with care leavers?"
	$(VENV)/bin/minutebook --data $(SAMPLE_DATA) serve --port $(PORT)

test: $(VENV)/installed-dev tools ## Install, lint, check types, run every test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/python -m pytest

lint: $(VENV)/installed-dev ## Mend what ruff can mend, check types
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/mypy

audit: $(VENV)/installed ## Look up the packages of constraints.txt among known vulnerabilities (asks pypi.org)
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.9,<3'
	$(VENV)-audit/bin/pip-audit --strict --no-deps --disable-pip --requirement constraints.txt

tools: # Chromium for the browser tests, tesseract for OCR, strace and faketime for faults, where this machine lets us
	@command -v chromium >/dev/null && command -v tesseract >/dev/null && command -v strace >/dev/null \
	  && command -v faketime >/dev/null || { [ "$$(id -u)" = 0 ] \
	  && command -v apt-get >/dev/null && apt-get update -qq \
	  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(DEBIAN_TOOLS) >/dev/null; } \
	  || echo "Not all of $(DEBIAN_TOOLS) are here: tests that need them will be skipped."

texts: $(VENV)/installed-dev ## Bring the Welsh catalogue up to date with the texts of the code
	$(VENV)/bin/pybabel -q extract -F .ci/babel.cfg -k to_translate -k gettext -k ngettext:1,2 \
	  --add-location=file --sort-by-file -o texts.pot webapp
	$(VENV)/bin/pybabel -q update -l cy -i texts.pot -o webapp/translations/cy.po \
	  --no-fuzzy-matching --ignore-pot-creation-date --no-wrap
	rm texts.pot

constraints: $(VENV)/installed-dev ## Write the versions now installed to constraints.txt
	{ head -1 constraints.txt; $(VENV)/bin/python -m pip freeze --exclude-editable | sed 's/+cpu//'; } > constraints.new
	mv constraints.new constraints.txt

clean: ## Remove the environment and the sample data
	rm -rf $(VENV) $(VENV)-audit $(SAMPLE_DATA) build *.egg-info .mypy_cache .ruff_cache .pytest_cache
