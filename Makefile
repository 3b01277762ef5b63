# make demo     see a spam-ridden article come out clean
# make test     run all tests
# make test-cluster  the tests of Spark and Ray Data, in an environment of their own (Java 17)
# make check    ruff, mypy and the tests
# make model    train the shipped model again (CORPORA=path adds the corpora)
# make bench    speed beside other filters, and the cold start (CORPORA=path adds the corpora)
# make compare  other filters and ours on held-out documents (CORPORA=path adds the corpora, JSON=file)
# make html     pages of HTML: other extractors and ours (PAGES=file or folder)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORPORA ?=
PAGES ?= $(CORPORA)
JSON ?=
PEERS := .venv-peers
CLUSTER := .venv-cluster

.PHONY: demo test test-cluster check model bench compare html clean help

help:
	@sed -n 's/^# //p' Makefile

$(BIN)/python:
	$(PYTHON) -m venv --upgrade-deps $(VENV)

# A touched stamp an extra: installing again only when pyproject.toml or the compiled part changes.
$(VENV)/user: $(BIN)/python pyproject.toml cleaner/kernel.c
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev: $(BIN)/python pyproject.toml cleaner/kernel.c
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/user

$(VENV)/build: $(BIN)/python pyproject.toml cleaner/kernel.c
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[build]'
	@touch $@ $(VENV)/user

demo: $(VENV)/user
	@echo "----- before ---------------------------------------------------------------"
	@cat data/samples/demo.txt
	@echo "----- after ----------------------------------------------------------------"
	@$(BIN)/cleaner clean --stats data/samples/demo.txt

test: $(VENV)/dev
	$(BIN)/python -m pytest -q

$(CLUSTER)/installed: pyproject.toml
	$(PYTHON) -m venv --upgrade-deps $(CLUSTER)
	$(CLUSTER)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[cluster]'
	@touch $@

test-cluster: $(CLUSTER)/installed
	$(CLUSTER)/bin/python -m pytest -q tests/integrations -k 'spark or ray'

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q

model: $(VENV)/build
	$(BIN)/python -m data.build $(if $(CORPORA),--corpora "$(CORPORA)") -o cleaner/model.npz

bench: $(VENV)/dev $(PEERS)/installed
	@$(PEERS)/bin/python -m benchmarks.speed $(if $(CORPORA),--corpora "$(CORPORA)")
	@$(BIN)/python -m benchmarks.cold_start

$(PEERS)/installed: pyproject.toml cleaner/kernel.c benchmarks/compare/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' \
		--requirement benchmarks/compare/requirements.txt
	@touch $@

compare: $(PEERS)/installed
	@$(PEERS)/bin/python -m benchmarks.compare $(if $(CORPORA),--corpora "$(CORPORA)") \
		$(if $(JSON),--json "$(JSON)")

html: $(PEERS)/installed
	@$(PEERS)/bin/python -m benchmarks.html "$(PAGES)"

clean:
	rm -rf $(VENV) $(PEERS) $(CLUSTER)
