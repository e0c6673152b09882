# What Makefile and lab/Makefile share. ROOT is the root of the repository.

BIN  := $(ROOT)/.bin
KUBE := v1.36.3

# All builds use the same flags, so that lint, build and servers share the build
# cache.
export CGO_ENABLED := 0
export GOFLAGS := $(strip $(shell go env GOFLAGS) -trimpath)

# Tests and linters leave out the DNS providers of lego, whose 150 libraries take
# minutes to build with the race detector. test-providers tests them.
SLIM := -tags slim

$(BIN)/staticcheck: $(ROOT)/.ci/tools/go.mod
	cd $(ROOT)/.ci/tools && go build -o $@ honnef.co/go/tools/cmd/staticcheck

$(BIN)/kubectl: $(ROOT)/.ci/tools/go.mod
	cd $(ROOT)/.ci/tools && go build -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$(KUBE)" -o $@ ./kubectl
