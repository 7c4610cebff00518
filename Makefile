# Each target is a script in scripts/; `make` alone lists them.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Installs what is missing, builds, and serves the demo on http://127.0.0.1:3000
	@scripts/run.sh

.PHONY: test
test: ## Installs what is missing, and runs every lint and test, also in a browser
	@scripts/test.sh

.PHONY: setup
setup: ## Installs the tools for building and testing; then `cargo leptos watch` works, too
	@scripts/setup.sh test

.PHONY: build
build: ## Builds the server and the page for release
	@scripts/setup.sh
	@scripts/build.sh

.PHONY: package
package: build ## Makes a Debian package, target/rollcall.deb
	@scripts/setup.sh package
	@scripts/package.sh

.PHONY: watch
watch: ## Serves the demo; rebuilds and reloads at each change
	@scripts/watch.sh

.PHONY: fmt
fmt: ## Formats all Rust code
	@cargo fmt --all

.PHONY: lint
lint: ## Checks formatting and lints
	@scripts/setup.sh test
	@scripts/lint.sh

.PHONY: audit
audit: ## Looks whether anything is known against the dependencies; needs the network
	@scripts/setup.sh audit
	@scripts/audit.sh

.PHONY: bench
bench: build ## Measures the budgets and prints them
	@scripts/setup.sh test
	@scripts/bench.sh

.PHONY: load
load: build ## Measures a server under load; LOAD (default all) is the scenario: `make load LOAD="churn --room 100"`
	@scripts/load.sh $(or $(LOAD),all)

.PHONY: drill
drill: ## Lets servers and their Redis fail with 500 people connected, and measures what others see
	@scripts/setup.sh test
	@scripts/drill.sh full

.PHONY: simulate
simulate: ## Tries SEEDS (default 100000) random schedules of failures: `make simulate SEEDS=4711..4712`
	@scripts/simulate.sh $(SEEDS)

.PHONY: fuzz
fuzz: ## Looks for input that a parser does not stand, SECONDS (default 60) for each: `make fuzz SECONDS=600`
	@scripts/setup.sh fuzz
	@scripts/fuzz.sh $(SECONDS)

.PHONY: screenshots
screenshots: build ## Takes pictures of every page into the folder SCREENSHOTS (default target/screenshots)
	@scripts/setup.sh test
	@scripts/browser.sh screenshots

.PHONY: clean-cache
clean-cache: ## Removes the tools and compiled dependencies kept outside the clone
	@scripts/clean-cache.sh
