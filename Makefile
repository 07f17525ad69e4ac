# Everything is installed into .venv and node_modules; nothing else on the machine changes.
.DEFAULT_GOAL := help
.PHONY: help demo test check bench requirements install install-dev
.DELETE_ON_ERROR:

PORT ?= 8000
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
MANAGE := $(PY) manage.py
COMPILE := uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header
ASSETS := node_modules/.package-lock.json

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

demo: install ## install, load the demo and serve it on http://localhost:8000 (another port: PORT=8001)
	@unset DATABASE_URL DATABASE_OWNER_URL; export DJANGO_DEBUG=1 SRB_DEMO=1; set -e; \
	$(MANAGE) migrate --verbosity 0; \
	$(MANAGE) load_demo; \
	printf '\n  Sozialraumbudget: http://localhost:%s\n' '$(PORT)'; \
	printf '  The accounts of the demo and their password stand on the sign-in page. Ctrl-C stops.\n\n'; \
	exec $(MANAGE) runserver --noreload 'localhost:$(PORT)'

test: install-dev ## run all tests (a part of them: make test ARGS="tests/budgets -x")
	@DJANGO_DEBUG=1 $(PY) -m pytest -n 2 --dist loadgroup $(ARGS)

check: install-dev ## lint, types, import directions, templates, migrations, production settings
	$(PY) -m ruff check --output-format concise .
	$(PY) -m ruff format --check --output-format concise .
	DJANGO_DEBUG=1 $(PY) -m mypy .
	.venv/bin/lint-imports --no-logo
	find . -name '*.html' -path '*/templates/*' -not -path './.venv/*' -not -path './node_modules/*' \
		-exec .venv/bin/djade --check {} +
	DJANGO_DEBUG=1 $(MANAGE) makemigrations --check --dry-run
	env -u DJANGO_DEBUG -u SRB_DEMO DATABASE_URL=postgresql://app@localhost/sozialraumbudget \
		DATABASE_OWNER_URL=postgresql://owner@localhost/sozialraumbudget \
		DJANGO_SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))')" \
		DJANGO_ALLOWED_HOSTS=jugendhilfe.example SRB_SMTP_HOST=mail.jugendhilfe.example \
		$(MANAGE) check --deploy --fail-level WARNING

bench: install-dev ## measure, as ratios against the bars in the documentation
	@DJANGO_DEBUG=1 $(PY) -m tests.bench

requirements: ## write the requirement files anew from pyproject.toml (newest versions: UPGRADE=--upgrade)
	$(COMPILE) $(UPGRADE) pyproject.toml --output-file requirements.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra dev --output-file requirements-dev.txt
	$(COMPILE) $(UPGRADE) --group node --output-file .ci/requirements-node.txt

install: .venv/.installed $(ASSETS)

install-dev: .venv/.installed-dev $(ASSETS)

.venv/.installed: requirements.txt | $(PY)
.venv/.installed-dev: requirements-dev.txt | $(PY)
.venv/.installed .venv/.installed-dev:
	@echo "Installing $< ..."
	@$(PIP) -r $<
	@$(PY) -c 'import weasyprint' 2>/dev/null || { \
		$(PY) -c 'import weasyprint' 2>&1 | tail -n 1 >&2; \
		echo 'Pango is missing, which lays out the PDF reports. Debian and Ubuntu:' >&2; \
		echo '  apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0' >&2; exit 1; }
	@touch $@

$(ASSETS): package.json package-lock.json .npmrc | $(PY)
	@echo 'Installing package-lock.json ...'
	@if ! command -v npm >/dev/null; then \
		echo 'npm is missing; its own copy comes into .venv.'; \
		$(PIP) -r .ci/requirements-node.txt; \
	fi
	@PATH="$$PATH:$$PWD/.venv/bin" npm ci --loglevel=error --no-update-notifier
	@touch $@

$(PY):
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || continue; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null || { \
			echo "$$python has no venv. Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; \
		echo "Making .venv with $$("$$python" --version) ..."; \
		exec "$$python" -m venv --clear .venv; \
	done; \
	echo 'Python 3.12 or newer is missing. Debian 13, Ubuntu 24.04: apt-get install python3 python3-venv;' >&2; \
	echo 'elsewhere: uv python install 3.13, then make PYTHON="$$(uv python find 3.13)".' >&2; exit 1
