# The commands of the portal; `make` alone lists them. They need Python 3.11 or newer, and set up the rest themselves:
# a virtual environment in .venv with the packages of requirements/, every one pinned by its hash.

PYTHON ?= python3
BIN := .venv/bin
RUN_READY := .venv/.ready-to-run
TEST_READY := .venv/.ready-to-test
CODE := ssi inventory incidents tests bench deploy manage.py
PYTEST_ARGS ?=
BENCH_ARGS ?=

# Packages are installed as locked: nothing is resolved again, and a file that was tampered with is refused.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-compile --require-hashes
COMPILE := $(BIN)/python -m compileall -qq -j 0 .venv/lib > /dev/null || true # all cores; pip would use one

# The checks look at the portal as it would be deployed, with secrets of the moment and a data folder of their own.
AS_DEPLOYED := env SSI_BASE_URL=https://ssi.example SSI_DEMO=0 SSI_DATA_DIR="$(CURDIR)/.venv/check-data" \
	SSI_SECRET_KEY=a-key-for-the-checks-alone-that-is-long-enough-to-pass-them-all \
	SSI_CODE_KEYS=k1:Y2hlY2tzLW9ubHktY2hlY2tzLW9ubHktY2hlY2tzLTE=

.DEFAULT_GOAL := help
.PHONY: help run test check bench format lock docs clean chromium clamd
.NOTPARALLEL:

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: $(RUN_READY) ## Start the portal with all it needs on http://127.0.0.1:8000; Ctrl-C stops it
	@exec $(BIN)/python -m ssi.launcher --stop-with-parent

test: $(TEST_READY) chromium clamd ## Run every test, the browser journeys included
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

check: $(TEST_READY) ## Run everything that must be green before a change goes in, the tests last
	$(call step,Format,$(BIN)/ruff format --check --quiet $(CODE))
	$(call step,Lint and security,$(BIN)/ruff check --quiet $(CODE))
	$(call step,Templates,find templates -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --check --target-version 5.2)
	$(call step,Imports,$(BIN)/lint-imports --no-cache > .venv/check-imports.log || { cat .venv/check-imports.log; false; })
	$(call step,Types,$(AS_DEPLOYED) $(BIN)/mypy)
	$(call step,Migrations,$(AS_DEPLOYED) $(BIN)/python manage.py makemigrations --check)
	$(call step,Reference pages,$(AS_DEPLOYED) $(BIN)/python manage.py reference --check)
	$(call step,Deployment settings,$(AS_DEPLOYED) $(BIN)/python manage.py check --deploy --fail-level WARNING)
	$(call step,Tests,$(MAKE) --no-print-directory test)
	@echo "All checks passed."

bench: $(RUN_READY) ## Measure the portal against the physical limit; BENCH_ARGS="--size 20000000" for the large run
	@$(BIN)/python -m bench $(BENCH_ARGS)

format: $(TEST_READY) ## Bring code and templates into the common form
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix --quiet $(CODE)
	@find templates -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --target-version 5.2

lock: $(TEST_READY) ## Pin what requirements/*.in ask for, by hash, in requirements/*.txt
	@for set in base dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--no-annotate requirements/$$set.in --output-file requirements/$$set.txt || exit 1; \
	done

docs: $(RUN_READY) ## Write docs/reference again, from the code and the kept results of the benchmarks
	@$(BIN)/python manage.py reference
	@$(BIN)/python -m bench.report

clean: ## Remove what the commands made, except the data in .ssi
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One check: says its name, and if it fails says so again at the end, where people look.
define step
	@echo "== $(1)"; $(2) || { echo "make check stopped at: $(1)" >&2; exit 1; }
endef

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || \
		{ echo "There is no $(PYTHON). Install Python 3.11 or newer, or name yours: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than 3.11. Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Making a virtual environment in .venv …"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "The virtual environment could not be made. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(RUN_READY): requirements/base.txt | $(BIN)/python
	@echo "Installing the packages that the portal runs on …"
	@$(INSTALL) -r requirements/base.txt
	@$(COMPILE)
	@touch $@

$(TEST_READY): requirements/dev.txt $(RUN_READY) | $(BIN)/python
	@echo "Installing the packages that check the portal …"
	@$(INSTALL) -r requirements/dev.txt
	@$(COMPILE)
	@pwd > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ssi-checkout.pth"
	@touch $@

# The journeys need a real browser. Without one they are skipped, saying so; a machine that checks changes must have it.
chromium:
	@sh tests/chromium.sh

# Files are scanned with a real clamd. Without one those tests are skipped, saying so; as above.
clamd:
	@sh tests/clamd.sh
