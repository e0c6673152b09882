package lint

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

// routeRules are about Ingresses, Gateways and VirtualServers.
var routeRules = []finding.Rule{
	{
		ID: "C301", What: "a challenge that is answered elsewhere", Severity: finding.Warning,
		Why: "The CA asks where the host leads. An answer on another class or Gateway is not found there, unless both are behind one address.",
		Fix: "a solver for the class of the route, with a selector for its names; kubectl certs generate writes such solvers from http01: {}",
	},
	{
		ID: "C302", What: "TLS that cert-manager passes over", Severity: finding.Error,
		Why: "It issues for entries of spec.tls that have both hosts and a secretName. The annotation alone asks for nothing.",
		Fix: "spec.tls: [{hosts: [HOST], secretName: NAME}]",
	},
	{
		ID: "C303", What: "a host without TLS beside others with it", Severity: finding.Warning,
		Why: "No entry of spec.tls has the host, so the controller serves it with its default certificate.",
		Fix: "add the host to spec.tls, or give it an Ingress of its own",
	},
	{
		ID: "C304", What: "one Secret in two entries of spec.tls", Severity: finding.Error,
		Why: "cert-manager refuses the Ingress: it makes one Certificate of each entry, named after the Secret.",
		Fix: "put the hosts into one entry, or give each a secretName of its own",
	},
	{
		ID: "C305", What: "a listener that cert-manager passes over", Severity: finding.Error,
		Why: "It issues for listeners with a hostname, mode Terminate written out, and a Secret in the Gateway's own namespace.",
		Fix: "hostname: HOST and tls: {mode: Terminate, certificateRefs: [{name: SECRET}]}; where the certificate comes from elsewhere, name the listener in cert-manager.io/ignore-tls-listeners",
	},
	{
		ID: "C306", What: "an annotation that nobody reads", Severity: finding.Warning,
		Why: "cert-manager reads annotations it knows and passes over all else, a misspelt one too.",
		Fix: "correct it, or leave it out (cert-manager.io/docs/reference/annotations)",
	},
	{
		ID: "C307", What: "a redirect that keeps the challenge out", Severity: finding.Error,
		Why: "NGINX Ingress Controller sends the challenge on to https, and refuses the handshake while the Secret is missing: the first certificate is never issued.",
		Fix: "issue-temp-cert: true under tls.cert-manager; for an Ingress a Certificate of its own with the annotation cert-manager.io/issue-temporary-certificate: \"true\"",
	},
	{
		ID: "C308", What: "an annotation on a kind that nobody watches", Severity: finding.Warning,
		Why: "cert-manager makes Certificates for annotated Ingresses and Gateways of the Gateway API only.",
		Fix: "write a Certificate for the host, and name its Secret in the route",
	},
}
