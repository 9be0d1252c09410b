# The front door. Each target installs the Debian packages it needs, if they are missing (as root
# or through sudo), then calls CMake or a script in tools/, which can be called directly too.

PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
# How long `make fuzz` runs each target.
FUZZ_SECONDS ?= 60

# npm and cmake must not look different because somebody's make runs them.
MAKEFLAGS += --no-print-directory
RELEASE := build/release

.PHONY: build run test check coverage mutate bench fuzz install format clean help
.DEFAULT_GOAL := build

build: ## build the command and the library (the default)
	@tools/install-packages build
	@tools/build release all -- -j$(JOBS)

run: ## compile an example, run it in a simulated TD, verify its receipt
	@tools/install-packages build
	@tools/build release quoin -- -j$(JOBS)
	@tools/first-run $(RELEASE)

test: ## build and run every test
	@tools/install-packages build test
	@tools/peer/install
	@tools/build release all -- -j$(JOBS)
	@tools/test release -j$(JOBS)

check: ## format, lint, floors, links, symbols, sanitizers, short fuzz runs
	@tools/install-packages build test check
	@tools/peer/install
	@tools/check -j$(JOBS)

coverage: ## what the tests of quote, collateral, verify and policy execute: lines, MC/DC
	@tools/install-packages build coverage
	@tools/coverage -j$(JOBS)

mutate: ## disable each check in turn, and require a test that sees it
	@tools/install-packages build mutate
	@tools/mutate -j$(JOBS)

bench: ## run the benchmarks; writes build/bench.json
	@tools/install-packages build bench
	@tools/bench

fuzz: ## run every fuzz target for FUZZ_SECONDS (60)
	@tools/install-packages build fuzz
	@tools/fuzz --seconds $(FUZZ_SECONDS)

install: build ## install to PREFIX (/usr/local), under DESTDIR if set
	@DESTDIR="$(DESTDIR)" cmake --install $(RELEASE) --prefix "$(PREFIX)"

format: ## rewrite the sources with clang-format
	@tools/install-packages format
	@tools/format

clean: ## remove what was built
	rm -rf build

help: ## print this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | \
	  awk -F '\t' '{ printf "  make %-8s %s\n", $$1, $$2 }'
