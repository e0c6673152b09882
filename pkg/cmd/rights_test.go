package cmd_test

import "testing"

// TestReaders: what shows and compares only reads.
func TestReaders(t *testing.T) {
	kube := startKube(t)
	c := testCluster{t: t, client: clientOf(t, kube), namespace: "shop", dir: t.TempDir()}
	makeNamespaces(t, c.client, "shop")
	c.makeIssued(issuedSecret{"good", -10 * day, 80 * day, fromWeb})
	root := c.file("root.pem", newRoot(t, "Root").pem())
	file := c.file("certs.yaml", statusSpec("good", "none"))
	for name, args := range map[string][]string{
		"status":             {"status", "-f", file, "-n", "shop"},
		"status -A":          {"status", "-A"},
		"run --dry-run":      {"run", "--dry-run", "-f", file, "-n", "shop"},
		"trust verify":       {"trust", "verify", root, "--in", "configmap/shop/roots"},
		"trust usage":        {"trust", "usage", root, "-n", "shop"},
		"diff --live":        {"diff", "--live", "-f", file, "-n", "shop"},
		"apply --dry-run":    {"apply", "--dry-run=server", "-f", file, "-n", "shop"},
		"renew of no Secret": {"renew", "absent-tls", "-n", "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(kube.Requests())
			stopped(t.Context(), nil, args...)
			var writes []string
			for _, q := range kube.Requests()[before:] {
				dryRun := name == "apply --dry-run" && (q.Verb == "patch" || q.Verb == "create")
				if q.Verb != "get" && q.Verb != "list" && !dryRun {
					writes = append(writes, q.Verb+" "+q.Resource)
				}
			}
			if len(kube.Requests()) == before || len(writes) > 0 {
				t.Errorf("of %d requests, these write: %q", len(kube.Requests())-before, writes)
			}
		})
	}
}
