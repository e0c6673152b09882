package cmd_test

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/rbac"
)

// solved runs once with a solver and wants a certificate.
func solved(solver string) func(p permitted) {
	return func(p permitted) {
		ca := acmetest.Start(p.t)
		p.kubelet(ca)
		p.issuer(ca, "Issuer", "shop", "{waitInsteadOfSelfCheck: 0s, http01: "+solver+"}", "a")
		p.routed("b")
		p.run(0, "--once", "--http01", "solver")
		p.issued(ca, "a")
	}
}

// resolvers are the flags by which a run asks the DNS of a CA.
func resolvers(ca *acmetest.CA) []string {
	return []string{"--dns01-recursive-nameservers", ca.DNS.Address, "--dns01-recursive-nameservers-only"}
}

// noClusterIssuers is what run and status say in one namespace.
const noClusterIssuers = "no permission to list clusterissuers: skipped"

var (
	// withoutCluster is refused to what looks at one namespace: it sees no
	// ClusterIssuers.
	withoutCluster = []string{"list clusterissuers"}
	// withoutSolver is refused to a run that answers challenges itself: it does not
	// look for solver objects of interrupted runs.
	withoutSolver = []string{"list pods", "list services"}
	withoutBoth   = slices.Concat(withoutCluster, withoutSolver)
)

var uses = map[string]use{
	"run --once": {
		sets: []rbac.Set{rbac.Run, rbac.Lease}, refused: withoutBoth, refusedAll: withoutSolver, says: noClusterIssuers,
		do: func(p permitted) {
			ca := acmetest.Start(p.t)
			once := append([]string{"--once"}, static(ca)...)
			p.issuer(ca, "Issuer", "shop", "{http01: {}}", "a")
			p.routed("a")
			p.missing(12) // Events about one object are combined from the 11th on
			p.run(1, once...)
			p.issued(ca, "a")
		},
	},
	// cert-manager has issued before: its request for the replaced certificate is
	// deleted.
	"run after cert-manager": {
		sets: []rbac.Set{rbac.Run, rbac.Lease}, refused: withoutBoth, refusedAll: withoutSolver, says: noClusterIssuers,
		do: func(p permitted) {
			ca := acmetest.Start(p.t)
			p.issuer(ca, "Issuer", "shop", "{http01: {}}", "a")
			p.routed("a")
			p.makeIssued(issuedSecret{"a", -80 * day, 10 * day, "{cert-manager.io/issuer-name: web, cert-manager.io/issuer-kind: Issuer}"})
			p.patch("cert-manager", kinds["Certificate"], "shop", "a", `{"status": {"revision": 1}}`)
			p.requested("a")
			p.run(0, append([]string{"--once"}, static(ca)...)...)
			p.issued(ca, "a")
		},
	},
	"run -f": {
		sets: []rbac.Set{rbac.Run, rbac.Lease}, refused: withoutSolver, refusedAll: withoutSolver,
		do: func(p permitted) {
			ca := acmetest.Start(p.t)
			p.run(0, slices.Concat([]string{"--once", "-f", p.file("certs.yaml", acmeSpec(ca, "a"))}, static(ca))...)
			p.issued(ca, "a")
		},
	},
	"run": {
		sets: []rbac.Set{rbac.Run, rbac.Lease}, refused: withoutBoth, refusedAll: withoutSolver, says: noClusterIssuers,
		do: func(p permitted) {
			ca := acmetest.Start(p.t)
			stop := p.background(static(ca)...)
			kind, namespace := "Issuer", "shop"
			if p.in == inCluster {
				kind, namespace = "ClusterIssuer", "cert-manager"
			}
			p.issuer(ca, kind, namespace, "{http01: {}}", "a")
			p.routed("a")
			p.await("a")
			stop()
		},
	},
	"run with solver Ingresses": {
		sets: []rbac.Set{rbac.Run, rbac.Lease, rbac.Solver}, refused: withoutCluster,
		do: solved("{ingress: {ingressClassName: traefik}}"),
	},
	"run with solver paths in an Ingress": {
		sets: []rbac.Set{rbac.Run, rbac.Lease, rbac.Solver}, refused: withoutCluster,
		do: solved("{ingress: {name: web}}"),
	},
	"run with solver HTTPRoutes": {
		sets: []rbac.Set{rbac.Run, rbac.Lease, rbac.Solver}, refused: withoutCluster,
		do: solved("{gatewayHTTPRoute: {parentRefs: [{name: web}]}}"),
	},
	"run with a webhook": {
		sets: []rbac.Set{rbac.Run, rbac.Lease, rbac.Webhook}, refused: withoutBoth, refusedAll: withoutSolver,
		do: func(p permitted) {
			ca := acmetest.Start(p.t)
			p.kube.Aggregated = map[string]http.Handler{"acme.example.com": webhook(ca)}
			p.issuer(ca, "Issuer", "shop", "{waitInsteadOfSelfCheck: 0s, dns01: {webhook: {groupName: acme.example.com, solverName: my-dns}}}", "a")
			p.run(0, append(resolvers(ca), "--once")...)
			p.issued(ca, "a")
		},
	},
	// The server makes no tokens, so nothing is sent to AWS. TestRoute53 in
	// pkg/issuance/dns01 does the rest.
	"run with a ServiceAccount": {
		sets: []rbac.Set{rbac.Run, rbac.Lease, rbac.DNS01}, refused: withoutBoth, refusedAll: withoutSolver,
		do: func(p permitted) {
			ca := acmetest.Start(p.t)
			p.issuer(ca, "Issuer", "shop", "{dns01: {route53: {region: eu-west-1, hostedZoneID: Z1, role: 'arn:aws:iam::1:role/dns', auth: {kubernetes: {serviceAccountRef: {name: route53}}}}}}", "a")
			p.run(1, append(resolvers(ca), "--once")...)
		},
		says: "create a token of ServiceAccount shop/route53: the server could not find the requested resource",
	},

	"status": {
		sets: []rbac.Set{rbac.Status}, refused: append([]string{"get namespaces"}, withoutCluster...), says: noClusterIssuers,
		do: func(p permitted) {
			p.makeIssued(issuedSecret{"good", -10 * day, 80 * day, fromWeb})
			p.make(`{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: failed, namespace: shop}, spec: {secretName: failed-tls, dnsNames: [a.example.com], issuerRef: {name: none}},
  status: {conditions: [{type: Ready, status: "False"}]}}`)
			file := p.file("certs.yaml", strings.Replace(statusSpec("good", "none"), "name: web,", "name: web, namespace: shop,", 1))
			p.certs(0, append([]string{"status"}, p.where()...)...)
			p.certs(0, "status", "-f", file)
			p.certs(0, append([]string{"run", "--dry-run"}, p.where()...)...)
			p.certs(1, "run", "--dry-run", "-f", file) // it says what run may not do
		},
	},
	"renew": {
		sets: []rbac.Set{rbac.Renew},
		do: func(p permitted) {
			p.makeIssued(issuedSecret{"good", -10 * day, 80 * day, fromWeb})
			p.certs(0, "renew", "good-tls")
		},
	},
	"renew of a host": {
		sets: []rbac.Set{rbac.Renew}, refused: withoutCluster, says: noClusterIssuers,
		do: func(p permitted) {
			p.makeIssued(issuedSecret{"good", -10 * day, 80 * day, fromWeb})
			p.make(requestedHost("good", "good.example.com"))
			p.certs(0, append([]string{"renew", "good.example.com"}, p.where()...)...)
		},
	},

	"diff --live": {
		sets: []rbac.Set{rbac.Diff},
		do: func(p permitted) {
			for _, n := range []int{1, 9} {
				p.make(p.generated(n, "old"))
				p.certs(1, "diff", "--live", "-f", p.file("all.yaml", p.generated(n, "new")))
			}
		},
	},
	"apply": {
		sets: []rbac.Set{rbac.Apply},
		do: func(p permitted) {
			p.make("{apiVersion: config.openshift.io/v1, kind: Proxy, metadata: {name: cluster}}\n") // OpenShift does
			for _, n := range []int{1, 9} {
				p.certs(0, "apply", "-f", p.file("all.yaml", p.generated(n, "new")))
			}
		},
	},
	"diff --live --prune": {
		sets: []rbac.Set{rbac.Diff, rbac.DiffPrune}, only: inCluster,
		do: func(p permitted) {
			p.kustomization(2)
			p.testCluster.certs(0, "apply", "-k", p.dir, "--set", "shop")
			p.ownedSecret("x1")
			p.kustomization(1)
			p.certs(1, "diff", "--live", "--prune", "-k", p.dir, "--set", "shop")
		},
	},
	"apply --prune": {
		sets: []rbac.Set{rbac.Apply, rbac.ApplyPrune}, only: inCluster,
		do: func(p permitted) {
			p.kustomization(2)
			p.testCluster.certs(0, "apply", "-k", p.dir, "--set", "shop")
			p.ownedSecret("x1")
			p.kustomization(1)
			p.certs(0, "apply", "--prune", "--prune-certificates", "-k", p.dir, "--set", "shop")
		},
	},

	"trust usage": {
		// It sees no ClusterIssuers, trusts the user that the namespace exists, and
		// completes fewer chains.
		sets: []rbac.Set{rbac.TrustUsage},
		refused: []string{"get namespaces", "list apiservices", "list clusterissuers", "list customresourcedefinitions",
			"list mutatingwebhookconfigurations", "list validatingwebhookconfigurations"},
		says: "listing clusterissuers is forbidden, so the result may be incomplete",
		do: func(p permitted) {
			root := p.trusted()
			p.certs(1, slices.Concat([]string{"trust", "usage", root, "--cluster-resource-namespace", "cert-manager"}, p.where())...)
		},
	},
	"trust verify": {
		sets: []rbac.Set{rbac.TrustVerify},
		do: func(p permitted) {
			root := p.trusted()
			locations := []string{"configmap/shop/roots", "secret/shop/roots", "configmap/shop/hashed-*", "secret/shop/hashed-*", "component/shop/roots"}
			if p.in == inCluster {
				locations = append(locations, "roots", "configmap/*/roots", "secret/*/roots", "bundle/roots", "clusterbundle/roots", "clustertrustbundle/roots", "component/roots", "openshift")
			}
			for _, location := range locations {
				p.certs(1, "trust", "verify", root, "--in", location)
			}
		},
	},
	"trust rotate": {
		sets: []rbac.Set{rbac.TrustUsage, rbac.TrustVerify}, only: inCluster,
		do: func(p permitted) {
			p.trusted()
			p.file("bundle.pem", newRoot(p.t, "Other Root").pem())
			p.file("new.pem", newRoot(p.t, "New Root").pem())
			plan := p.file("rotation.yaml", "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\nmetadata: {name: corp}\nold: [root.pem]\nnew: [new.pem]\nbundle: bundle.pem\nlocations: [roots, configmap/shop/roots, openshift]\n")
			p.certs(0, "trust", "rotate", "status", "-f", plan)
		},
	},
}
