package rbac

import (
	"fmt"
	"slices"
	"strings"
)

// part is a Role to render.
type part struct {
	set     Set
	name    string
	comment string
	// clusterWide parts are ClusterRoles even if everything else is a Role.
	clusterWide bool
}

var parts = []part{
	{set: Run, name: "kubectl-certs-run", comment: "The permissions of run."},
	{set: Lease, name: "kubectl-certs-cert-manager-lease", clusterWide: true,
		comment: "Lets run check whether cert-manager is running, in any namespace. Bind it with a\nClusterRoleBinding. Without it, run needs get on Lease\ncert-manager-controller in kube-system and cert-manager, or --ignore-cert-manager."},
	{set: Solver, name: "kubectl-certs-solver", comment: "Only for HTTP-01 by pods, Services and routes. Static challenge routes\n(http01: static) do not need it."},
	{set: DNS01, name: "kubectl-certs-dns01", comment: "Only for DNS-01 with the identity of a ServiceAccount. Replace route53 with its name."},
	{set: Webhook, name: "kubectl-certs-webhook", clusterWide: true,
		comment: "Only for DNS-01 with a webhook solver of cert-manager. Replace acme.example.com with its\ngroup. Its API has no namespaces: bind it with a ClusterRoleBinding."},
}

const generatedBy = "# Generated from the table in pkg/rbac by make golden.\n"

// ClusterRoles returns the YAML of the permissions of run with
// --all-namespaces.
func ClusterRoles() []byte {
	var docs []string
	for _, p := range parts {
		if p.set != Lease { // Run has it
			docs = append(docs, p.render("", rulesOf(p.set, true)))
		}
	}
	return []byte(generatedBy + strings.Join(docs, "---\n"))
}

// Roles returns the YAML of the permissions of run in one namespace.
func Roles(namespace string) []byte {
	var docs []string
	for _, p := range parts {
		in := namespace
		if p.clusterWide {
			in = ""
		}
		docs = append(docs, p.render(in, rulesOf(p.set, false)))
	}
	return []byte(generatedBy + strings.Join(docs, "---\n"))
}

func rulesOf(set Set, clusterWide bool) []Permission {
	return slices.DeleteFunc(Permissions(), func(p Permission) bool {
		return !slices.Contains(p.Who, set) || p.ClusterWide && !clusterWide
	})
}

// render writes a ClusterRole, or a Role if there is a namespace.
func (p part) render(namespace string, rules []Permission) string {
	var text strings.Builder
	for line := range strings.SplitSeq(p.comment, "\n") {
		fmt.Fprintf(&text, "# %s\n", line)
	}
	kind, metadata := "ClusterRole", "{name: "+p.name+"}"
	if namespace != "" {
		kind, metadata = "Role", "{name: "+p.name+", namespace: "+namespace+"}"
	}
	fmt.Fprintf(&text, "apiVersion: rbac.authorization.k8s.io/v1\nkind: %s\nmetadata: %s\nrules:\n", kind, metadata)
	for _, r := range rules {
		fmt.Fprintf(&text, "# %s\n- {apiGroups: [%q], resources: %s, ", strings.ToUpper(r.Why[:1])+r.Why[1:]+".", r.Group, flow(r.Resources))
		if r.Names != nil {
			fmt.Fprintf(&text, "resourceNames: %s, ", flow(r.Names))
		}
		fmt.Fprintf(&text, "verbs: %s}\n", flow(r.Verbs))
	}
	return text.String()
}

// flow writes a list of words as YAML on one line.
func flow(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if word == "*" {
			quoted[i] = `"*"`
		}
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Request is a request to an API server, with the attributes of an authorizer.
type Request struct {
	Verb, Group, Resource, Subresource, Name string
}

// Covers reports whether a permission allows a request. As in the API server, a
// permission with names allows only requests that have a name: no create except
// with apply, and list and watch only of one name.
func (p Permission) Covers(r Request) bool {
	resource := r.Resource
	if r.Subresource != "" {
		resource += "/" + r.Subresource
	}
	return p.Group == r.Group && slices.Contains(p.Verbs, r.Verb) &&
		(slices.Contains(p.Resources, resource) || slices.Contains(p.Resources, "*")) &&
		(p.Names == nil || slices.Contains(p.Names, r.Name))
}
