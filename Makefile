# Each target builds .venv by itself when it is missing or stale; nothing but Python 3.11+, make and git is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RIVALS := .venv-rivals
READY := $(VENV)/.ready
UV_VERSION := 0.13.8
INSTALLED_GB := 7
NEEDED_GB := 16

# If it is set, each process of a run compiles every import again, which takes seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-long ui lint format lock demo-models demo-scores benchmark-extraction benchmark-embeddings \
  benchmark-forecast benchmark-search benchmark-scale

help:  ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "make %-21s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)  ## Render the demo catalog, run everything, search it
	@$(BIN)/fashion demo

ui: $(READY)  ## Open the Dagster UI over the same instance
	@$(BIN)/fashion ui

test: $(READY)  ## Run the tests
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal $(TEST_OPTIONS)

test-long: $(READY)  ## Run the long form of the tests that have one: soaks, kills, large catalogs, thousands of examples (about four minutes on two cores)
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal --long -m long_form $(TEST_OPTIONS)

.PHONY: kill-test
kill-test: $(READY)  ## Kill every command in every phase, 100 times, and compare with a home that was left alone (about a quarter of an hour on two cores)
	@$(BIN)/python -m pytest --long fashion_assets_tests/scenarios/test_kills.py $(TEST_OPTIONS)

lint: $(READY)  ## Check style, imports and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright --project .

format: $(READY)  ## Fix what can be fixed automatically
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: coverage docs hooks
coverage: $(READY)  ## Run the tests, and report what none of them covers (also in build/coverage/index.html)
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal \
	  --cov --cov-report=term:skip-covered --cov-report=html

docs: $(READY)  ## Rewrite the generated parts of the documentation
	@$(BIN)/python -m docs.generate

hooks: $(READY)  ## Have git run ruff before each commit
	@$(BIN)/pre-commit install

lock: $(READY)  ## Resolve and pin the dependencies again, with hashes
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-header \
	  --python-version 3.11 --upgrade --quiet --output-file requirements.txt

benchmark-extraction: $(READY)  ## Compare the extraction engine with plain generation (about ten minutes on two cores)
	@$(BIN)/python -m benchmarks.extraction --model demo
	@$(BIN)/python -m benchmarks.extraction --model scaled-down --products 24 --repeats 3

benchmark-embeddings: $(READY)  ## Compare photo embeddings with bare open_clip loops (about six minutes on two cores)
	@$(BIN)/python -m benchmarks.embeddings
	@$(BIN)/python -m benchmarks.embeddings --model ViT-B-32 --photos 200 --repeats 3

benchmark-forecast: $(READY)  ## Measure whether the pilot's forecast holds (about five minutes on two cores)
	@$(BIN)/python -m benchmarks.pilot_forecast

benchmark-search: $(READY) $(RIVALS)/.ready  ## Compare search with NumPy, faiss and chromadb, and measure its growth (the comparison takes four minutes on two cores, growth longer)
	@$(BIN)/python -m benchmarks.search.compare
	@$(BIN)/python -m benchmarks.search.growth
	@$(BIN)/python -m benchmarks.search.growth --dimension 128 --rows 2000 44424 500000

benchmark-scale: $(READY)  ## Measure how every stage grows from 10,000 to 1,000,000 products (about a quarter of an hour on two cores)
	@$(BIN)/python -W ignore -m benchmarks.scale

.PHONY: attack
attack: $(READY)  ## Give the project hostile inputs of every kind, with limits on what each may do (five minutes; SECONDS=, SEED=)
	@$(BIN)/python -m fashion_assets_tests.attack.soak --seconds $(or $(SECONDS),300) --seed $(or $(SEED),0)

demo-models: $(READY)  ## Train the demo models again into demo-weights/, and score them (two hours on two cores)
	@$(BIN)/python -m training.train vlm
	@$(BIN)/python -m training.train clip
	@$(BIN)/python -m training.train cards

demo-scores: $(READY)  ## Print the scores of the demo models, as in their model cards (about four minutes on two cores)
	@$(BIN)/python -m training.evaluate

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11; install a newer Python, or name one: make PYTHON=python3.12"; exit 1; }
	@free_gb=$$(df -Pk . | awk 'NR == 2 {print int($$4 / 1048576)}'); \
	  if [ $$free_gb -lt $(NEEDED_GB) ]; then \
	    echo "Only $$free_gb GB are free here, but the installation needs $(NEEDED_GB) GB while it runs; free some space."; exit 1; fi
	@echo "Installing into $(VENV): about $(INSTALLED_GB) GB, most of it PyTorch; a few minutes the first time."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "$(PYTHON) cannot make virtual environments; install its venv package (python3-venv on Debian)."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --require-hashes -r requirements.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(RIVALS)/.ready: benchmarks/search/rivals.txt
	@$(PYTHON) -m venv $(RIVALS)
	@$(RIVALS)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
