# The same names here and in CI. Every target brings up what it needs by itself.
# The system's own Python first: it is built with profile-guided optimisation and patched with the system (decision 0027).
PYTHON ?= $(or $(wildcard /usr/bin/python3.11),$(shell command -v python3.11 || command -v python3))
BIN := .venv/bin

# Compiled modules are kept: without them every process of the product spends seconds on compiling itself anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help require-python demo demo-reset test sweep check fix fuzz bench faults faults-controls faults-upgrade docs sbom secrets audit screenshots setup setup-dev migrations

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

require-python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || \
	{ echo "✗ Cần Python 3.11 trở lên; nếu máy có ở chỗ khác: make PYTHON=/đường/dẫn/python3.11 ..." >&2; exit 1; }

setup: require-python
	@"$(PYTHON)" deploy/bootstrap.py

setup-dev: require-python
	@"$(PYTHON)" deploy/bootstrap.py --dev

demo: setup ## A demo province with everything running: addresses and accounts at the end
	@exec $(BIN)/tinhso demo run

demo-reset: setup ## Forget the demo province
	@$(BIN)/tinhso demo reset

test: setup-dev ## The whole suite, browser journeys included
	@$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder

sweep: setup-dev ## What is exhaustive or heavy by nature; `make test` holds one case of each
	@TINHSO_LOOK_CLOSELY=1 $(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder -m "sweep or journey"

check: setup-dev ## Format, lint, types, import contracts, templates, migrations, content
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djade --check $$(git ls-files 'src/**/*.html') > /dev/null
	@$(BIN)/tinhso check
	@$(BIN)/tinhso content check

fix: setup-dev ## Put format and simple lint right
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/djade $$(git ls-files 'src/**/*.html') || true

fuzz: setup-dev ## Senseless bytes for every reader of outside input, guided by what they reach, SECONDS each
	@$(BIN)/pip install --quiet --require-hashes -r requirements-fuzz.lock
	@$(BIN)/python -m tests.fuzz.run $(or $(SECONDS),20)

bench: setup-dev ## Measure, and write docs/explanation/performance.md
	@$(BIN)/python -m bench

faults: setup-dev ## Load, kill, fill disks, move clocks, then compare with all that was acknowledged (nine minutes)
	@$(BIN)/python -m faults --profile ci $(FAULTS)

faults-controls: setup-dev ## Take one safeguard away at a time: the comparison must find the harm
	@$(BIN)/python -m faults --controls

faults-upgrade: setup-dev ## Bring the version before the newest migration to this one under load, and compare
	@$(BIN)/python -m faults.upgrade

docs: setup-dev ## Write the generated reference pages anew
	@$(BIN)/tinhso docs build

sbom: ## What the product is made of, as CycloneDX (sbom.cdx.json)
	@"$(PYTHON)" deploy/supply.py sbom > sbom.cdx.json && echo sbom.cdx.json

secrets: ## Look for secrets in the files of the repository
	@"$(PYTHON)" deploy/supply.py secrets

audit: setup-dev ## Ask for advisories; fails where it could not ask (needs a network)
	@$(BIN)/pip install --quiet pip-audit
	@$(BIN)/python deploy/supply.py audit

screenshots: setup-dev ## Renew the pictures of the README
	@$(BIN)/python -m tests.journeys.screenshots

lock: setup-dev ## Lock the dependencies anew
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile -q requirements.in --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.lock
	@$(BIN)/uv pip compile -q requirements-dev.in --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements-dev.lock
	@$(BIN)/uv pip compile -q requirements-fuzz.in --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements-fuzz.lock
	@npm install --package-lock-only
