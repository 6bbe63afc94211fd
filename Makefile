# Everything one does with this repository; CI runs `make test`.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

CHROMIUM ?= /usr/bin/chromium
export CHROMIUM
EASEL_BIN ?= $(CURDIR)/easel
SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
# Mirrors fail now and then.
APT = $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=5
APT_INSTALL = $(APT) update && $(APT) install --no-install-recommends
STATICCHECK = go tool -modfile=tools.mod staticcheck
PYTHON ?= /usr/bin/python3
HAS_PYTHON_SDK = $(PYTHON) -c 'import azure.messaging.webpubsubservice' 2>/dev/null
GO_FILES = git ls-files --cached --others --exclude-standard '*.go'

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- running

.PHONY: run dev build web
run: ## the product as an operator gets it: http://localhost:8080, no Node needed
	go run ./cmd/easel

dev: build web/node_modules/.package-lock.json ## Go and Vite together, the client reloads: http://localhost:5173
	@"$(EASEL_BIN)" & trap "kill $$!" EXIT; cd web && npm run dev

build: ## the binary, as ./easel
	go build -o "$(EASEL_BIN)" ./cmd/easel

web: web/node_modules/.package-lock.json ## rebuild web/dist; commit it with the sources
	cd web && npm run build

# --- testing

.PHONY: test check check-go check-web outliers test-go test-web sdk python conformance e2e
test: ## set up what the tests need and run all of them, as CI does
	@$(MAKE) setup
	@$(MAKE) check
	@$(MAKE) test-go
	@$(MAKE) test-web
	@$(MAKE) sdk
	@$(MAKE) python
	@$(MAKE) e2e

check: check-go check-web outliers ## format, vet, staticcheck, import rules, fresh dist, types, eslint

check-go:
	@bad=$$($(GO_FILES) | xargs -r gofmt -l); [ -z "$$bad" ] || { echo "not formatted, run gofmt -w on:"; echo "$$bad"; exit 1; }
	go vet ./...
	cd test/peers && go vet ./... && go test ./...
	$(STATICCHECK) ./...
	go test ./internal/arch ./web

check-web: web/node_modules/.package-lock.json
	cd web && npm run check

outliers: # long files and functions, for a talk in review; never fails
	@$(GO_FILES) | grep -v '_test\.go$$' | xargs -r awk ' \
		FNR == 1 { start = 0 } \
		FNR == 551 { print "long file: " FILENAME } \
		/^func / { start = FNR; name = $$0 } \
		/^}/ && start { if (FNR - start > 61) print "long function (" FNR - start - 1 " lines): " FILENAME ": " name; start = 0 }'

test-go: # all Go tests, with the race detector
	go test -race -timeout 30m ./...

test-web: web/node_modules/.package-lock.json ## unit tests of the browser client
	cd web && npm test

sdk: build test/sdk/node_modules/.package-lock.json ## the official JavaScript SDKs, oldest and newest, over HTTP and HTTPS
	cd test/sdk && EASEL_BIN="$(EASEL_BIN)" node matrix.mjs

python: build ## the official Python SDK, as Debian has it, over HTTP and HTTPS
	@if $(HAS_PYTHON_SDK); then cd test/python; for command in pubsub serve; do \
		EASEL_COMMAND=$$command EASEL_BIN="$(EASEL_BIN)" $(PYTHON) -W ignore test_service.py; done; \
	else echo "Python SDK: not tested, Debian's python3-azure is not here"; fi

conformance: ## what a Web PubSub service must do, of ours or of TARGET='Endpoint=…;AccessKey=…;Version=1.0;'
ifdef TARGET
	@EASEL_TARGET='$(TARGET)' EASEL_TARGET_LISTEN='$(LISTEN)' go test -count=1 -v -run '^TestConformance$$' ./webpubsub/webpubsubtest/conformance
else
	go test -count=1 ./webpubsub/webpubsubtest/conformance ./test/conformance
endif

e2e: build web/node_modules/.package-lock.json $(CHROMIUM) ## browser tests against the real binary
	cd web && EASEL_BIN="$(EASEL_BIN)" npm run e2e

# --- by hand

FUZZTIME ?= 1m
.PHONY: fuzz bench bench-web bench-peers screenshots
fuzz: ## one fuzz target: make fuzz T=FuzzName [FUZZTIME=1m]; without T, list them
ifdef T
	@dir=$$($(GO_FILES) | xargs grep -l '^func $(T)(' | xargs -r dirname); [ -n "$$dir" ] || { echo "no fuzz target $(T)"; exit 1; }; \
	go test -run='^$$' -fuzz='^$(T)$$' -fuzztime=$(FUZZTIME) "./$$dir"
else
	@$(GO_FILES) | xargs grep -hoE '^func Fuzz[A-Za-z0-9_]+' | sed 's/^func //' || true
endif

B ?= .
COUNT ?= 5
bench: ## benchmarks, output for benchstat: make bench [B=regexp] [COUNT=5]
	go test -run='^$$' -bench='$(B)' -benchmem -count=$(COUNT) ./...

bench-web: build web/node_modules/.package-lock.json web/bench/node_modules/.package-lock.json $(CHROMIUM) ## figures of the editor in the browser beside Excalidraw's: make bench-web [T=name]
	cd web/bench && npx tsc -p . && EASEL_BIN="$(EASEL_BIN)" npx playwright test -c playwright.config.ts $(if $(T),-g '$(T)')

PEERS = centrifuge nats gws gobwas nbio coder embedded hello compare
bench-peers: test/peers/socketio/node_modules/.package-lock.json ## the service measured beside other servers: make bench-peers [ARGS='-rows fan-1000,storm -servers easel,nats -runs 3']
	go build -o test/peers/bin/easel ./cmd/easel
	cd test/peers && go build -o bin/ $(addprefix ./,$(PEERS)) && bin/compare $(ARGS)

screenshots: build web/node_modules/.package-lock.json $(CHROMIUM) ## docs/images anew
	cd web && EASEL_BIN="$(EASEL_BIN)" npx playwright test -c e2e/screenshots.config.ts

# --- what the tests need

.PHONY: setup
setup: $(CHROMIUM) /usr/bin/cc setup-fonts web/node_modules/.package-lock.json test/sdk/node_modules/.package-lock.json setup-python ## install what the tests need: Chromium, fonts, a C compiler, npm packages, a Python SDK

.PHONY: setup-python
setup-python:
	@$(HAS_PYTHON_SDK) || { $(APT_INSTALL) python3-azure; } || echo "Debian's python3-azure cannot be installed here; make python will say so and go on"

/usr/bin/chromium:
	$(APT_INSTALL) chromium

# What is written in the pictures that tests compare: Hebrew, Arabic, Japanese and emoji.
.PHONY: setup-fonts
setup-fonts:
	@fc-list -q :lang=he:lang=ar 2>/dev/null && fc-list -q :lang=ja && fc-list -q :lang=und-zsye || { $(APT_INSTALL) fontconfig fonts-dejavu-core fonts-droid-fallback fonts-noto-color-emoji; }

# The race detector links with C.
/usr/bin/cc:
	$(APT_INSTALL) gcc libc6-dev

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --no-fund --no-audit --fetch-retries 5
	@touch $@
