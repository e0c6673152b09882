package rbac

import (
	"fmt"
	"slices"
	"strings"
)

// sections are the sets in the order of the documentation.
var sections = []struct {
	set   Set
	title string
	note  string
}{
	{Run, "`run`", "For every way to validate names except those below. [runner/rbac.yaml](../kustomize/runner/rbac.yaml) has this for all namespaces, [runner-namespaced/rbac.yaml](../kustomize/runner-namespaced/rbac.yaml) for one."},
	{Lease, "`run` in one namespace, in addition", "In a ClusterRole with a ClusterRoleBinding. Without it, `run` needs `--ignore-cert-manager`."},
	{Solver, "`run` with HTTP-01 by pods, Services and routes, in addition", "Hosts with static challenge routes (`http01: static`) do not need it."},
	{DNS01, "`run` with DNS-01 as a ServiceAccount, in addition", "Replace the name by that of your ServiceAccount."},
	{Webhook, "`run` with a webhook solver of cert-manager, in addition", "Replace the group by that of your webhook. Its API has no namespaces: a ClusterRoleBinding is needed even if `run` watches one namespace."},
	{Status, "`status` and `run --dry-run`", ""},
	{Renew, "`renew`", ""},
	{Diff, "`diff --live`", "Only for the kinds in your files. A kustomization with other kinds needs the same permissions for them."},
	{DiffPrune, "`diff --live --prune`, in addition", "It also lists all kinds of `diff --live` in all namespaces."},
	{Apply, "`apply`", "Only for the kinds in your files. A kustomization with other kinds needs the same permissions for them."},
	{ApplyPrune, "`apply --prune`, in addition", "It also lists all kinds of `apply` in all namespaces."},
	{TrustUsage, "`trust usage`", "Secrets are required. Any other kind that may not be listed is reported, and the result is incomplete; without the CAs of webhooks and API services, fewer chains are completed."},
	{TrustVerify, "`trust verify`", "Only for the locations that are compared. `trust rotate` needs this and the permissions of `trust usage`."},
}

// Document returns the reference of permissions in Markdown.
func Document() string {
	var text strings.Builder
	for _, s := range sections {
		fmt.Fprintf(&text, "\n## %s\n\n", s.title)
		if s.note != "" {
			fmt.Fprintf(&text, "%s\n\n", s.note)
		}
		text.WriteString("| resources | verbs | for |\n|---|---|---|\n")
		rows := rulesOf(s.set, true)
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && rows[0].alike(rows[n]) {
				n++
			}
			text.WriteString(tableRow(rows[:n]))
			rows = rows[n:]
		}
	}
	return text.String()
}

// alike reports whether permissions differ only in their resources.
func (p Permission) alike(other Permission) bool {
	return slices.Equal(p.Verbs, other.Verbs) && slices.Equal(p.Names, other.Names) && p.ClusterWide == other.ClusterWide && p.Why == other.Why
}

// tableRow returns permissions that are alike as a row of a table.
func tableRow(rows []Permission) string {
	var groups []string
	for _, p := range rows {
		group := "`" + strings.Join(p.Resources, "`, `") + "`"
		if p.Group != "" {
			group += " (" + p.Group + ")"
		}
		groups = append(groups, group)
	}
	list, why := strings.Join(groups, "; "), rows[0].Why
	if names := rows[0].Names; names != nil {
		list += " named `" + strings.Join(names, "`, `") + "`"
	}
	if rows[0].ClusterWide {
		why += "; cluster-wide"
	}
	return fmt.Sprintf("| %s | %s | %s |\n", list, strings.Join(rows[0].Verbs, ", "), why)
}
