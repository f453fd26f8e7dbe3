# The daily habits. `make run` needs Python 3.11 or newer and make; everything else it gets itself.

PORT ?= 8000
MANAGE = INSECURE_HTTP=1 PORT=$(PORT) .venv/bin/python manage.py

.PHONY: help run test suite lint types bench demo shell migrations clean runtime development

help: ## lists these targets
	@awk -F ':.* ## ' '/^[a-z]+:.* ## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: runtime ## starts Lodestar on http://localhost:8000 (PORT=8001 for another); the first time with demo data
	@exec env $(MANAGE) up --prepare

test: development ## style, layers, types and the whole suite
	@$(MAKE) --keep-going --no-print-directory lint types suite

suite: development ## the tests alone: on SQLite, then on PostgreSQL + Redis where they are there
	@.venv/bin/python -m tests.both

lint: development ## ruff and the layer contract
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports

types: development ## mypy
	@.venv/bin/mypy .

bench: runtime ## measures grid, scoring, import and solver; NAME=solve for one
	@$(MANAGE) bench $(or $(NAME),all)

demo: runtime ## loads the demo organisation
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_demo

shell: runtime ## a Python shell with the models at hand
	@$(MANAGE) shell

migrations: runtime ## writes the migrations that changed models need
	@$(MANAGE) makemigrations

clean: ## removes the virtual environment and caches; data/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime:
	@bin/venv requirements.txt

development:
	@bin/venv requirements-dev.txt
