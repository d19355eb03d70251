# Silverprint's chores. Each target installs what it needs first; stamps under .venv make a second run quick.
#   make run     install and serve on http://127.0.0.1:8017
#   make test    install what tests need and run them all      (test-fast: without browsers and clusters)
#   make check   formatting, lint, types and imports, of Python and of JavaScript      (format: what a program can mend)
#   make wheel   a package to install elsewhere, in dist/
#   make bench   speed on this machine    make eval   quality of the pages    make train   a model of your own (models/trained)

VENV := .venv
STAMPS := $(VENV)/stamps
INSTALL := sh deploy/install.sh
LOCKS := deploy/install.sh $(wildcard requirements/*.lock)
PRETTIER := npx --prefix web --no-install prettier --log-level warn
ESLINT := npx --prefix web --no-install eslint --config web/eslint.config.js
JAVASCRIPT := "web/**/*.{js,d.ts,json}" "tests/**/*.{js,mjs}"
NPM := npm --prefix web --no-audit --no-fund --loglevel=error --ignore-scripts
TRAIN_MINUTES ?= 60
WORKERS ?= 4
BROWSERS ?= 2
PYTEST := pytest --dist worksteal --durations=15
# Each worker reads every file it is given, so each stage is given those that have its tests (tests/system/test_stages.py).
BROWSER_TESTS := tests/browser tests/unit/training/corpus tests/unit/training/evaluation
RAY_TESTS := tests/system/test_on_ray.py
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.NOTPARALLEL:
.PHONY: help install run test test-fast check format wheel bench train eval lock clean
help:
	@sed -n '2,/^$$/s/^#   //p' Makefile

install: $(STAMPS)/python $(STAMPS)/web

run: install
	silverprint serve

test: $(STAMPS)/system test-fast
	$(PYTEST) -n $(BROWSERS) -m browser $(BROWSER_TESTS)
	pytest -m ray $(RAY_TESTS)

test-fast: $(STAMPS)/test $(STAMPS)/web-check $(STAMPS)/clients
	$(PYTEST) -n $(WORKERS) --ignore=tests/browser -m "not browser and not ray"

check: $(STAMPS)/test $(STAMPS)/web-check
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	$(PRETTIER) --check $(JAVASCRIPT)
	$(ESLINT) web tests
	cd web && npx --no-install tsc

format: $(STAMPS)/test $(STAMPS)/web-check
	ruff check --fix .
	ruff format .
	$(PRETTIER) --write $(JAVASCRIPT)

# What browsers load of the npm packages is copied first, as the wheel carries it.
wheel: install
	$(INSTALL) wheel

bench: install
	silverprint bench

train: $(STAMPS)/system $(STAMPS)/test
	silverprint train --minutes $(TRAIN_MINUTES)

eval: $(STAMPS)/system $(STAMPS)/test $(STAMPS)/web
	silverprint eval

# The hashes of requirements/, anew: after a change of constraints.txt or pyproject.toml. It waits for no other target, because
# with a new requirement the installation is not complete before this has run.
lock: | $(VENV)/bin/python
	$(INSTALL) build service lock
	python -m deploy.lock

clean:
	rm -rf $(VENV) dist web/node_modules web/static/vendor tests/protocol_clients/node_modules

$(VENV)/bin/python:
	python3 -m venv $(VENV)

$(STAMPS)/python: pyproject.toml $(LOCKS) | $(VENV)/bin/python
	@mkdir -p $(STAMPS)
	$(INSTALL) torch build service project
	@touch $@

$(STAMPS)/test: $(STAMPS)/python
	$(INSTALL) traces test project
	@touch $@

# Browsers, servers and data that only Debian's packages bring: installed when we may, named when we may not.
$(STAMPS)/system: tests/system.sh | $(STAMPS)/python
	sh tests/system.sh
	@touch $@

# npm is the machine's own or, where there is none, the one that a Python package carries.
$(STAMPS)/npm: | $(STAMPS)/python
	@command -v npm >/dev/null || $(INSTALL) node
	@touch $@

# Reference clients of the protocols in backend/api, for their tests alone.
$(STAMPS)/clients: tests/protocol_clients/package.json tests/protocol_clients/package-lock.json | $(STAMPS)/npm
	npm --prefix tests/protocol_clients --no-audit --no-fund --loglevel=error --ignore-scripts ci
	@touch $@

$(STAMPS)/web: web/package.json web/package-lock.json web/vendor.py web/kit/icons.txt | $(STAMPS)/npm
	$(NPM) ci --omit=dev
	python web/vendor.py
	@touch $@

$(STAMPS)/web-check: web/package.json web/package-lock.json web/vendor.py web/kit/icons.txt | $(STAMPS)/npm
	$(NPM) ci
	python web/vendor.py
	@touch $@ $(STAMPS)/web
