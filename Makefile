# The commands of a developer and of the build server. Every one sets up the machine first, if it has to.
# make run and make test each work alone on a fresh Debian with python3, python3-venv, make and git.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run demo test format bench clean setup setup-test

PYTHON := .venv/bin/python
PROGRAM := $(PYTHON) -m ucmsc_desktop
TOUR := QT_QPA_PLATFORM=offscreen $(PROGRAM) demo --out demo-out

help:
	@echo "make run     open the window on a training ward (without a display: make the tour)"
	@echo "make demo    make the guided tour in demo-out/: papers, sealed files, exports, screens"
	@echo "make test    format, lint, types, layers, forms, tests: all that the build server runs"
	@echo "make format  put the code in the project's format"
	@echo "make bench   measure the budgets of tests/bench"
	@echo "make clean   remove what these commands made, and the virtual environment"

setup:
	@packaging/setup.sh

setup-test:
	@packaging/setup.sh test

run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then \
		exec $(PROGRAM) --training; \
	else \
		echo "There is no display here, so the guided tour is made instead: see demo-out/."; \
		$(TOUR); \
	fi

demo: setup
	@$(TOUR)

test: setup-test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PROGRAM) forms check
	QT_QPA_PLATFORM=offscreen .venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder

format: setup
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: setup-test
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m tests.bench

clean:
	rm -rf .venv demo-out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find ucmsc_desktop tests packaging -name __pycache__ -type d -prune -exec rm -rf {} +
