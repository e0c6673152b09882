package aks

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// RetiredOn is the date on which the preview ended. Since then its commands fail or
// have no effect (github.com/Azure/AKS/issues/5826).
const RetiredOn = "14 Sep 2026"

// enableFlag and disableFlag were removed from az.
const (
	enableFlag  = "--enable-custom-ca-trust"
	disableFlag = "--disable-custom-ca-trust"
)

// Preview returns the commands of the retired preview, to understand old scripts
// and for clouds that still have it. The preview was enabled for each node pool. If
// the request has none, the commands have the placeholder NODEPOOL.
func Preview(r Request) []Step {
	r.Nodepool = cmp.Or(r.Nodepool, "NODEPOOL")
	steps := preview(r)
	for i := range steps {
		steps[i].About = strings.TrimSuffix("retired on "+RetiredOn+": "+steps[i].About, ": ")
	}
	return steps
}

func preview(r Request) []Step {
	az := func(about string, argv ...[]string) Step {
		return Step{About: about, Argv: slices.Concat(append([][]string{{"az", "aks"}}, argv...)...)}
	}
	switch r.Action {
	case Create:
		file := []string{enableFlag, "--custom-ca-trust-certificates", r.file(), "--generate-ssh-keys"}
		return append(register(), az("make the cluster", []string{"create"}, r.cluster(), file, r.Extra))
	case Update:
		return []Step{r.secret()}
	case NodepoolAdd:
		return []Step{az("", []string{"nodepool", "add"}, r.pool(), []string{enableFlag, "--os-type", "Linux"}, r.Extra)}
	case NodepoolUpdate:
		return []Step{az("", []string{"nodepool", "update"}, r.pool(), []string{enableFlag}, r.Extra), r.secret()}
	case Enable:
		return append(register(), az("", []string{"nodepool", "update"}, r.pool(), []string{enableFlag}, r.Extra), r.secret())
	}
	return []Step{az("", []string{"nodepool", "update"}, r.pool(), []string{disableFlag}, r.Extra)}
}

// register returns the commands that registered the preview.
func register() []Step {
	feature := []string{"--namespace", "Microsoft.ContainerService", "--name", "CustomCATrustPreview"}
	return []Step{
		{About: "install the az extension of the preview", Argv: []string{"az", "extension", "add", "--name", "aks-preview", "--upgrade"}},
		{About: "register the feature, which takes minutes", Argv: slices.Concat([]string{"az", "feature", "register"}, feature)},
		{About: "wait until this shows Registered", Argv: slices.Concat([]string{"az", "feature", "show"}, feature, []string{"--query", "properties.state", "--output", "tsv"})},
		{About: "then refresh the resource provider", Argv: []string{"az", "provider", "register", "--namespace", "Microsoft.ContainerService"}},
	}
}

// secret returns the Secret that the preview's nodes read, with one key for each
// certificate.
func (r Request) secret() Step {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Secret\nmetadata:\n  name: custom-ca-trust-secret\n  namespace: kube-system\ntype: Opaque\ndata:\n")
	for i, text := range r.Certificates {
		fmt.Fprintf(&b, "  ca%d.crt: %s\n", i+1, base64.StdEncoding.EncodeToString([]byte(text)))
	}
	return Step{About: "the Secret that nodes read", Argv: []string{"kubectl", "apply", "--filename", "-"}, Stdin: b.String()}
}
