# Needs Go, git and make. Everything else is built into .bin by the targets that
# need it.

ROOT := $(CURDIR)
include .ci/common.mk

.DEFAULT_GOAL := build

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null)
FUZZTIME ?= 30s

# The race detector needs a C compiler. Without one, the tests run without it.
RACE := $(if $(shell command -v $${CC:-cc} 2>/dev/null),-race,)

.PHONY: help build test test-providers lint golden fuzz bench demo lab servers torture pictures validate-krew clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "make -C lab help     list the targets for servers"

build: ## build the plugin: .bin/kubectl-certs
	go build -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN)/kubectl-certs ./cmd/kubectl-certs

test: ## run all tests that need no servers
	@test -n "$(RACE)" || echo "no C compiler: testing without the race detector"
	@start=$$(date +%s); CGO_ENABLED=$(if $(RACE),1,0) go test $(RACE) $(SLIM) -timeout 20m -skip '^TestLive' ./... && \
		echo "make test: $$(($$(date +%s) - start)) s"

test-providers: ## test the DNS providers of lego, which test leaves out
	go test ./pkg/issuance/dns01/lego

lint: $(BIN)/staticcheck ## check formatting, vet, staticcheck and go.mod
	@unformatted=$$(gofmt -l cmd pkg lab .ci); test -z "$$unformatted" || { echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; }
	go vet $(SLIM) ./...
	$(BIN)/staticcheck $(SLIM) ./...
	go mod tidy -diff

golden: build ## rewrite the expected outputs; read the difference before you commit it
	go test ./pkg/overlay ./pkg/config ./pkg/cabundle ./pkg/lint ./pkg/rbac ./pkg -run 'Golden|Reference|Corpus$$|Architecture' -update
	UPDATE_SCRIPTS=1 go test ./pkg/cmd -run 'Script|Journey|GoldenHelp' -update
	$(BIN)/kubectl-certs generate -f kustomize/certs.yaml

fuzz: ## run every fuzz test for FUZZTIME
	@for pkg in $$(go list ./pkg/...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$pkg || exit 1; \
		done; \
	done

bench: $(BIN)/kustomize $(BIN)/kubectl ## compare with kustomize and kubectl in one run
	KUSTOMIZE=$(BIN)/kustomize KUBECTL=$(BIN)/kubectl go test $(SLIM) -run '^$$' -bench . -skip Live -benchmem -benchtime 3x -timeout 60m ./...

demo: build lab ## show the main workflow on a real API server
	@.ci/demo

lab: ## build kube-apiserver, etcd, Pebble and DNS in one binary: minutes the first time
	$(MAKE) -C lab

servers: $(BIN)/staticcheck ## check the lab and run the tests that need servers
	$(MAKE) -C lab lint test

torture: build ## run the binary on N hostile inputs; SEED repeats a run
	$(MAKE) -C lab torture

validate-krew: $(BIN)/validate-krew-manifest ## check krew's manifest
	$(BIN)/validate-krew-manifest -skip-install -manifest krew/certs.yaml

pictures: build $(BIN)/freeze ## draw docs/*.svg from the output of the examples in docs/tour.md
	.ci/pictures

clean: ## remove .bin
	rm -rf $(BIN)

$(BIN)/kustomize: .ci/tools/go.mod
	cd .ci/tools && go build -ldflags "-s -w" -o $@ sigs.k8s.io/kustomize/kustomize/v5

$(BIN)/validate-krew-manifest: .ci/krew/go.mod
	cd .ci/krew && go build -o $@ sigs.k8s.io/krew/cmd/validate-krew-manifest

$(BIN)/freeze: .ci/freeze/go.mod
	cd .ci/freeze && go build -o $@ github.com/charmbracelet/freeze
