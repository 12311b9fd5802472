# Two commands do all set-up: `make demo` and `make test`. Everything is built into $(VENV).
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
SOURCES := $(shell find lib cli cext -name '*.py' -o -name '*.pyx' -o -name '*.pyi' -o -name '*.c' -o -name '*.h' -o -name '*.txt') \
	pyproject.toml setup.cfg $(wildcard man/man*/*) $(wildcard completions/*/*)
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
TESTS ?= tests
PYTEST ?= -n auto

.PHONY: demo test soak bench lint docs install clean
.DELETE_ON_ERROR:

demo: $(VENV)/.product
	$(BIN)/iop-demo --output demo --force

test: $(VENV)/.tests
	$(BIN)/python -m pytest $(PYTEST) $(TESTS)

soak: $(VENV)/.tests
	$(BIN)/python -m pytest -m soak --override-ini addopts="--import-mode=importlib -ra" $(TESTS)

bench: $(VENV)/.tests
	$(BIN)/python -m tests.bench

lint: $(VENV)/.dev
	$(BIN)/ruff check lib cli cext tests
	$(BIN)/ruff format --check lib cli cext tests
	$(BIN)/mypy

docs: $(VENV)/.product
	$(BIN)/python -m iop_cli._docs .

# Into the running Python's environment: commands, manual pages and completions.
install:
	rm -rf build
	$(PYTHON) -m pip install .

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25'
	touch $@

# A build directory left from before would bring deleted modules back.
$(VENV)/.product: $(VENV)/.made $(SOURCES)
	rm -rf build
	$(PIP) install .
	touch $@

$(VENV)/.tests: $(VENV)/.product
	rm -rf build
	$(PIP) install '.[test]'
	touch $@

$(VENV)/.dev: $(VENV)/.tests
	rm -rf build
	$(PIP) install '.[dev]'
	touch $@

clean:
	rm -rf build dist $(VENV) demo
