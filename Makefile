# Needs Go, git and make. Tools and servers are built from modules of their own
# into .bin, when a target needs them.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
BIN     := $(CURDIR)/.bin
FUZZTIME ?= 30s
KUBE    := v1.36.3

KUBEVERSION := k8s.io/component-base/version
LAB_LDFLAGS := -s -w -X $(KUBEVERSION).gitVersion=$(KUBE) -X $(KUBEVERSION).gitMajor=1 -X $(KUBEVERSION).gitMinor=$(word 2,$(subst ., ,$(KUBE)))

TRAEFIK := github.com/traefik/traefik/v3

# One way to build for all, so that what lint has compiled, build and servers
# need not compile again.
export CGO_ENABLED := 0
export GOFLAGS := $(strip $(shell go env GOFLAGS) -trimpath)

# Tests and linters leave out the DNS hosts of lego's list: 150 libraries of
# other people, whose race-checked build alone takes minutes. test-providers
# tests them.
SLIM := -tags slim

# The race detector needs a C compiler; without one the tests run without it.
RACE := $(if $(shell command -v $${CC:-cc} 2>/dev/null),-race,)

.PHONY: build test test-providers lint lint-lab lint-lab-full golden fuzz bench bench-live bench-run torture demo lab lab-cert-manager lab-traefik lab-full lab-node servers servers-full servers-node validate-krew pictures clean

build:
	go build -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN)/kubectl-certs ./cmd/kubectl-certs

# All but what needs servers.
test:
	@test -n "$(RACE)" || echo "no C compiler: testing without the race detector"
	@start=$$(date +%s); CGO_ENABLED=$(if $(RACE),1,0) go test $(RACE) $(SLIM) -skip '^TestLive' ./... && \
		echo "make test: $$(($$(date +%s) - start)) s"

test-providers:
	go test ./pkg/dns01/lego

lint: $(BIN)/staticcheck
	@unformatted=$$(gofmt -l cmd pkg lab .ci); test -z "$$unformatted" || { echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; }
	go vet $(SLIM) ./...
	$(BIN)/staticcheck $(SLIM) ./...
	go mod tidy -diff

# The lab's own packages. What they are built with makes the rest of it slow to
# check, which lint-lab-full does: staticcheck alone reads the source of Kubernetes
# for 3 min, and of cert-manager's cloud libraries for 2 min.
lint-lab: $(BIN)/staticcheck
	cd lab && go vet . ./crds ./zone ./torture && $(BIN)/staticcheck . ./crds ./zone ./torture && go mod tidy -diff

lint-lab-full: lab-full lab-node $(BIN)/staticcheck
	for module in lab lab/certmanager lab/node; do (cd $$module && go vet ./... && $(BIN)/staticcheck ./... && go mod tidy -diff) || exit 1; done
	cd lab/traefik && go mod tidy -diff

# Rewrites every expected output. Read the difference before you commit it.
golden: build
	go test ./pkg/overlay ./pkg/spec ./pkg/trust ./pkg/lint -run 'Golden|Reference|Corpus$$' -update
	UPDATE_SCRIPTS=1 go test ./pkg/cli -run Script
	$(BIN)/kubectl-certs generate -f kustomize/certs.yaml

# Every fuzz target there is, FUZZTIME each.
fuzz:
	@for pkg in $$(go list ./pkg/...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$pkg || exit 1; \
		done; \
	done

# Ours and the peers' real binaries in one run.
bench: $(BIN)/kustomize $(BIN)/kubectl
	KUSTOMIZE=$(BIN)/kustomize KUBECTL=$(BIN)/kubectl go test $(SLIM) -run '^$$' -bench . -skip Live -benchmem -benchtime 3x -timeout 60m ./...

# The same for a cluster: diff --live and kubectl diff on the lab.
bench-live: lab $(BIN)/kubectl
	KUBECTL=$(BIN)/kubectl go test $(SLIM) -run '^$$' -bench 'Live$$' -benchtime 3x -timeout 60m ./pkg/cli

# And issuing: 1,000 certificates by run, by lego's Obtain, and as many as
# cert-manager's controllers manage in 5 minutes.
bench-run: build lab-cert-manager
	go test $(SLIM) -run '^$$' -bench LiveRun -benchtime 1x -timeout 60m ./pkg/cli

# kube-apiserver, etcd, Pebble and DNS in one binary: minutes at first, seconds then.
lab: $(BIN)/lab $(BIN)/crds

# And cert-manager's controllers.
lab-cert-manager: lab $(BIN)/lab-cert-manager

# And Traefik, the ingress controller.
lab-traefik: lab $(BIN)/lab-traefik

lab-full: lab-cert-manager lab-traefik

# A node with the images of its pods, for root on Linux with containerd, runc,
# CNI plug-ins and iptables.
lab-node: lab $(BIN)/lab-node $(BIN)/lab-pause $(BIN)/lab-acmesolver

# The lab's own tests, and all that need servers; only servers-full has those that
# need Traefik, and of a node if this machine can run one. Servers-node requires it.
servers: lab-cert-manager
servers-full: lab-full
servers: SKIP := -skip 'Traefik|Node'
servers servers-full:
	cd lab && CERTS_REQUIRE_SERVERS=1 go test -timeout 20m ./...
	CERTS_REQUIRE_SERVERS=1 go test $(SLIM) -timeout 40m -run '^TestLive' $(SKIP) ./...

servers-node: lab-full lab-node
	CERTS_REQUIRE_NODE=1 go test $(SLIM) -timeout 20m -run LiveNode ./pkg/cli

# The binary on hostile input: about N runs. A violation prints how to repeat it;
# SEED repeats all of them, and CERTS is a folder of further certificates.
N     ?= 4400
SEED  ?= $(shell date +%s)
CERTS ?=
torture: build lab $(BIN)/lab-torture
	$(BIN)/lab-torture -n $(N) -seed $(SEED) -certs "$(CERTS)"

# The whole round on a real API server, which takes minutes to build at first.
demo: build lab
	@.ci/demo

validate-krew: $(BIN)/validate-krew-manifest
	$(BIN)/validate-krew-manifest -skip-install -manifest krew/certs.yaml

# The pictures of the README, from what the commands really print.
pictures: build $(BIN)/freeze
	.ci/pictures

clean:
	rm -rf $(BIN)

$(BIN)/staticcheck: .ci/tools/go.mod
	cd .ci/tools && go build -o $@ honnef.co/go/tools/cmd/staticcheck

$(BIN)/kustomize: .ci/tools/go.mod
	cd .ci/tools && go build -ldflags "-s -w" -o $@ sigs.k8s.io/kustomize/kustomize/v5

$(BIN)/kubectl: .ci/tools/go.mod
	cd .ci/tools && go build -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$(KUBE)" -o $@ ./kubectl

$(BIN)/lab: $(wildcard lab/*.go lab/zone/*.go lab/crds/*.go lab/cmd/lab/*.go) lab/crds/nginx.yaml lab/go.mod
	cd lab && go build -ldflags "$(LAB_LDFLAGS)" -o $@ ./cmd/lab

$(BIN)/lab-cert-manager: lab/certmanager/go.mod $(wildcard lab/certmanager/*.go)
	cd lab/certmanager && go build -ldflags "-s -w" -o $@ .

$(BIN)/lab-torture: $(wildcard lab/torture/*.go) lab/go.mod
	cd lab && go build -o $@ ./torture

$(BIN)/lab-acmesolver: lab/certmanager/go.mod lab/certmanager/acmesolver/main.go
	cd lab/certmanager && go build -ldflags "-s -w" -o $@ ./acmesolver

$(BIN)/lab-node: lab/node/go.mod $(wildcard lab/node/*.go)
	cd lab/node && go build -ldflags "$(LAB_LDFLAGS)" -o $@ .

$(BIN)/lab-pause: lab/node/pause/main.go
	cd lab/node && go build -ldflags "-s -w" -o $@ ./pause

# Traefik as it is: no line of ours.
$(BIN)/lab-traefik: lab/traefik/go.mod
	cd lab/traefik && go build -ldflags "-s -w -X $(TRAEFIK)/pkg/version.Version=$$(go list -m -f '{{.Version}}' $(TRAEFIK))" -o $@ $(TRAEFIK)/cmd/traefik

$(BIN)/crds: go.mod lab/crds/copy
	lab/crds/copy $@

$(BIN)/validate-krew-manifest: .ci/krew/go.mod
	cd .ci/krew && go build -o $@ sigs.k8s.io/krew/cmd/validate-krew-manifest

$(BIN)/freeze: .ci/freeze/go.mod
	cd .ci/freeze && go build -o $@ github.com/charmbracelet/freeze
