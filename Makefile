# Everything that is done with Rekindle. `make demo` and `make test` need nothing but a Swift toolchain before them:
# what else they need is installed from Debian's packages, with sudo when not root.

SHELL := /bin/bash
export SWIFT_BACKTRACE := enable=no

PREFIX ?= /usr
DESTDIR ?=
RELEASE := -c release --static-swift-stdlib -Xlinker -s

LIBRARIES := libpq-dev libhiredis-dev libsystemd-dev libsimdjson-dev libtomlplusplus-dev libstdc++-12-dev pkg-config
SERVERS := postgresql redis-server
CHECKERS := prometheus python3-venv curl systemd util-linux iproute2 nftables pgbouncer valgrind php-cli php-redis \
    nodejs node-redis chromium chromium-driver

.DEFAULT_GOAL := help
.PHONY: help build instructions test types asan tsan fuzz simulate torture lint format check bench microbench demo install docs clean deps test-deps

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "%-10s %s\n", $$1, $$2}'

build: deps ## Build the release binary, .build/release/rekindle
	swift build $(RELEASE) --product rekindle

test: test-deps ## Build and run all tests, against servers of their own
	swift build --build-tests
	scripts/test

types: deps ## Write docs/types.md of the tables that are tested
	REKINDLE_WRITE_TYPES=1 swift test --filter TypesDocumentTests

asan: test-deps ## Build and run all tests with AddressSanitizer, in .build-asan
	scripts/sanitize address

tsan: test-deps ## Build and run all tests with ThreadSanitizer, in .build-tsan
	scripts/sanitize thread

SECONDS ?= 60
fuzz: deps ## Try damaged input on every reader for SECONDS=60 each; fails on a finding
	scripts/fuzz $(SECONDS)

torture: test-deps ## Put the daemon under seeded faults and decide on its guarantees: SECONDS=600 SEED=1
	swift build --product rekindle
	swift build --product torture
	.build/debug/torture --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(if $(SABOTAGE),--sabotage $(SABOTAGE)) $(if $(ROWS),--rows $(ROWS))

lint: ## Check format, imports between modules, file sizes and what must not be in Sources
	swift format lint --strict --recursive Sources Tests Benchmarks Fuzzing Package.swift
	scripts/lint

format: ## Format all Swift files
	swift format --in-place --recursive Sources Tests Benchmarks Fuzzing Package.swift

check: lint build test ## What CI runs: lint, release build with warnings as errors, all tests, many simulated seeds, the cost of an event
	$(MAKE) simulate SEEDS=20000
	$(MAKE) build instructions

SEEDS ?= 50000
FIRST ?= 0
simulate: deps ## Run SEEDS simulated sites from seed FIRST on; show the first that breaks a guarantee
	swift build $(RELEASE) --product simulate
	.build/release/simulate $(SEEDS) $(FIRST)

# A twentieth above what was last measured: whoever makes an event cheaper lowers it, whoever needs more says why.
INSTRUCTIONS := 7100
instructions: build test-deps ## Count the instructions that an event of a burst costs; fails above INSTRUCTIONS
	Benchmarks/instructions .build/release/rekindle $(INSTRUCTIONS)

bench: build test-deps ## Measure the release binary beside loops in C, peers in Python, the bare statement, and psql with redis-cli
	@scripts/install-packages gcc libc6-dev
	scripts/peers
	Benchmarks/burst .build/release/rekindle
	Benchmarks/workloads .build/release/rekindle
	Benchmarks/queries .build/release/rekindle
	Benchmarks/warm .build/release/rekindle
	Benchmarks/memory .build/release/rekindle

microbench: deps ## Measure what an event goes through, part by part, in .build-micro
	@rm -f .build-micro/release.yaml
	swift package --package-path Benchmarks/Micro --scratch-path .build-micro benchmark --grouping metric --no-progress

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
	@for command in '' serve check triggers status sync refresh invalidate warm get events demo; do .build/release/rekindle $$command --help; echo; done

clean: ## Remove everything that was built
	rm -rf .build .build-asan .build-tsan .build-fuzz .build-micro

deps:
	@scripts/install-packages $(LIBRARIES) $(SERVERS)

test-deps:
	@scripts/install-packages $(LIBRARIES) $(SERVERS) $(CHECKERS)
