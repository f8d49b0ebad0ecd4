# Everything that is done with Rekindle. `make demo` and `make test` need nothing but a Swift toolchain before them:
# what else they need is installed from Debian's packages, with sudo when not root.

SHELL := /bin/bash
export SWIFT_BACKTRACE := enable=no

PREFIX ?= /usr
DESTDIR ?=
RELEASE := -c release --static-swift-stdlib -Xlinker -s

LIBRARIES := libpq-dev libhiredis-dev libsystemd-dev libsimdjson-dev libtomlplusplus-dev libstdc++-12-dev pkg-config
SERVERS := postgresql redis-server
CHECKERS := prometheus python3-venv curl systemd pgbouncer nftables iproute2

.DEFAULT_GOAL := help
.PHONY: help build test lint format check bench demo install docs clean deps test-deps

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "%-10s %s\n", $$1, $$2}'

build: deps ## Build the release binary, .build/release/rekindle
	swift build $(RELEASE) --product rekindle

test: test-deps ## Build and run all tests, against servers of their own
	swift build --build-tests
	scripts/test

lint: ## Check format, imports between modules, file sizes and what must not be in Sources
	swift format lint --strict --recursive Sources Tests Benchmarks Package.swift
	scripts/lint

format: ## Format all Swift files
	swift format --in-place --recursive Sources Tests Benchmarks Package.swift

check: lint build test ## What CI runs: lint, release build with warnings as errors, all tests

bench: build test-deps ## Measure the release binary beside psql and redis-cli
	Benchmarks/warm .build/release/rekindle

demo: build ## Show notifications becoming cached values, on private servers
	.build/release/rekindle demo

install: build ## Install the binary, the units and the sample configuration below $(DESTDIR)$(PREFIX)
	install -D -m 0755 .build/release/rekindle $(DESTDIR)$(PREFIX)/bin/rekindle
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/lib/systemd/system \
		systemd/rekindle.service systemd/rekindle@.service systemd/rekindle.socket
	install -D -m 0644 systemd/rekindle.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/rekindle.conf
	test -e $(DESTDIR)/etc/rekindle/rekindle.toml || \
		install -D -m 0640 etc/rekindle/rekindle.toml $(DESTDIR)/etc/rekindle/rekindle.toml

docs: build ## Print the command line's help pages, as the documentation shows them
	@for command in '' serve check status demo; do .build/release/rekindle $$command --help; echo; done

clean: ## Remove everything that was built
	rm -rf .build

deps:
	@scripts/install-packages $(LIBRARIES) $(SERVERS)

test-deps:
	@scripts/install-packages $(LIBRARIES) $(SERVERS) $(CHECKERS)
