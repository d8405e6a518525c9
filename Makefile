# The tasks of the project; `make help` lists them. Every task checks first what
# it needs and says in one line what is missing.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BIN := bin/yishi
TOOLS := bin/tools
GOLANGCI := v2.15.0
GOFUMPT := v0.12.0
OPENAPI := apps/api/openapi.yaml
FUZZTIME ?= 30s
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo -n)

export CGO_ENABLED = 0

.PHONY: help run build pages clients test tour check openapi torture fuzz bench bench-ui clean need-go need-cc

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: build ## the whole product with sample data, on this machine alone
	$(BIN) demo

build: pages clients ## bin/yishi and bin/yishi-verify, static binaries
	go build -trimpath -ldflags '-s -w' -o bin/ ./cmd/yishi ./cmd/yishi-verify

# What the pages run in the browser: $(call program,PAGE,NAME,PACKAGE).
define program
	GOOS=js GOARCH=wasm go build -trimpath -ldflags '-s -w' -o apps/$(1)/dist/$(2).wasm $(3)
	gzip -9 -n -f apps/$(1)/dist/$(2).wasm
	cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" apps/$(1)/dist/
endef
pages: need-go
	$(call program,ballot,voter,./apps/ballot/voter)
	$(call program,board,verify,./cmd/yishi-verify)

# The clients, from exactly the packages of their lock files, whose scripts are not
# run. What is handed to browsers is packed beside itself.
CLIENTS := resident console
built = apps/$(1)/dist/build/.built
clients:
	@scripts/node.sh $(MAKE) --no-print-directory $(foreach c,$(CLIENTS),$(call built,$(c)))

apps/%/node_modules/.installed: apps/%/package-lock.json
	cd apps/$* && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

apps/api/api.d.ts: $(OPENAPI) apps/console/node_modules/.installed
	cd apps/console && npm run -s types

define client
$(call built,$(1)): apps/api/api.d.ts apps/$(1)/node_modules/.installed $(wildcard apps/$(1)/harness/*) $(shell find apps/$(1)/src apps/$(1)/index.html apps/$(1)/vite.config.ts configs/locale/zh-CN/labels.json -type f)
	cd apps/$(1) && npm run -s build
	find $$(@D) -name mp-weixin -prune -o -type f -regex '.*\.\(js\|css\|html\|svg\)' -exec gzip -9 -n -k -f {} +
	touch $$@
endef
$(foreach c,$(CLIENTS),$(eval $(call client,$(c))))

# The whole crowd comes where every step costs what it costs; the race detector
# looks at a smaller one.
test: pages clients need-cc ## every test, with the race detector too, and the tour, on SQLite and MariaDB
	scripts/mariadb.sh install
	scripts/chromium.sh
	$(foreach c,$(CLIENTS),scripts/node.sh npm --prefix apps/$(c) test;)
	CGO_ENABLED=1 scripts/mariadb.sh run go test -race -timeout 25m ./...
	scripts/mariadb.sh run go test -timeout 15m ./cmd/yishi
	scripts/mariadb.sh run go test -timeout 15m -run 'OneBallotEach|NoBallotAfterClose' ./models
	scripts/mariadb.sh run go test -timeout 15m -run SlowDatabase ./bot
	YISHI_TEST_BINLOG=1 scripts/mariadb.sh run go test -count=1 -run SecretLog ./models
	go test -count=1 -timeout 10m ./proving/torture
	$(MAKE) tour

# On a database of its own on a fresh MariaDB, where there is one: $(call on_maria,COMMAND).
on_maria = scripts/mariadb.sh run bash -euo pipefail -c '\
	  [ -n "$${YISHI_TEST_MARIADB:-}" ] || exit 0; \
	  mariadb --no-defaults --user=root --socket="$$YISHI_TEST_MARIADB_SOCKET" -e "CREATE DATABASE yishi"; \
	  $(BIN) $(1) --db "mysql://$${YISHI_TEST_MARIADB}yishi"'

# Real messages, where they lie beside the project.
MESSAGES ?= ../shared/data/messages.csv
messages = $(if $(wildcard $(MESSAGES)),--messages $(abspath $(MESSAGES)))

tour: build ## the product's story through its doors, with real messages, on both databases
	@[ -n "$(messages)" ] || printf '%s\n' "----------------------------------------------------------------" \
	  "NOT RUN: the tour over real messages. There is no $(MESSAGES)." "----------------------------------------------------------------" >&2
	$(BIN) tour $(messages)
	$(call on_maria,tour $(messages))

check: need-go clients $(TOOLS)/gofumpt-$(GOFUMPT) $(TOOLS)/golangci-lint-$(GOLANGCI) ## format, lint, modules, generated files, and the clients built twice
	@list=$$(find . -name '*.go' -not -path './bin/*' -not -path '*/node_modules/*' -print0 | xargs -0 $(TOOLS)/gofumpt-$(GOFUMPT) -l); \
	  [ -z "$$list" ] || { printf 'not formatted (gofumpt -w):\n%s\n' "$$list" >&2; exit 1; }
	go vet ./...
	$(foreach c,$(CLIENTS),scripts/node.sh npm --prefix apps/$(c) run -s check;)
	scripts/node.sh scripts/again.sh $(CLIENTS)
	$(TOOLS)/golangci-lint-$(GOLANGCI) run ./...
	go mod verify
	@go run ./cmd/yishi openapi | diff -u $(OPENAPI) - || { echo "$(OPENAPI) is behind the handlers: make openapi" >&2; exit 1; }

openapi: need-go ## write the description of the HTTP door from its handlers
	@mkdir -p $(dir $(OPENAPI))
	go run ./cmd/yishi openapi > $(OPENAPI).new
	mv $(OPENAPI).new $(OPENAPI)

# docs/reliability.md says what it does and how long that takes.
torture: build ## kill, crowd and crash the product; nothing acknowledged may be lost
	scripts/mariadb.sh install
	$(BIN) torture
	$(call on_maria,torture)
	YISHI_TORTURE=large scripts/mariadb.sh run go test -count=1 -timeout 30m -v -run NoBallotAfterClose ./models
	YISHI_TORTURE=large go test -count=1 -timeout 60m -v ./proving/torture

fuzz: need-go ## every fuzz target for FUZZTIME (30s) each
	@for p in $$(go list ./...); do \
	  for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
	    go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x $$p; \
	  done; \
	done

bench: build ## how fast the product is, through its doors, on both databases
	$(BIN) bench
	$(call on_maria,bench)

bench-ui: pages clients ## how soon the pages appear and answer, in a slow browser
	scripts/chromium.sh
	YISHI_BENCH_UI=1 go test -count=1 -timeout 20m -v -run BenchUI ./cmd/yishi

clean: ## remove what was built
	rm -rf bin

# golangci-lint and gofumpt in exactly the versions named above.
$(TOOLS)/golangci-lint-%: | need-go
	GOBIN=$(CURDIR)/$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$*
	mv $(TOOLS)/golangci-lint $@

$(TOOLS)/gofumpt-%: | need-go
	GOBIN=$(CURDIR)/$(TOOLS) go install mvdan.cc/gofumpt@$*
	mv $(TOOLS)/gofumpt $@

need-go:
	@command -v go >/dev/null || { echo "Go is missing: install Go 1.26 or newer, see https://go.dev/doc/install" >&2; exit 1; }
	@go list -m >/dev/null || { echo "This Go ($$(go version)) cannot build the module: it needs Go 1.26 or newer." >&2; exit 1; }

# The race detector is linked through a C compiler.
need-cc:
	@command -v gcc >/dev/null || { $(SUDO) apt-get -q update && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends gcc libc6-dev; } >&2 </dev/null || \
	  { echo "The race detector needs a C compiler: install gcc and libc6-dev." >&2; exit 1; }
