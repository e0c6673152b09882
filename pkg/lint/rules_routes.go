package lint

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

// routeRules are about Ingresses, Gateways and VirtualServers.
var routeRules = []finding.Rule{
	{
		ID: "C301", What: "the solver uses another class or Gateway than the route", Severity: finding.Warning,
		Why: "The CA connects to the address of the host, which leads to the class or Gateway of the route. Answers on another one are found only if both share the address.",
		Fix: "add a solver for the class of the route, with a selector for its names; kubectl certs generate writes such solvers from http01: {}",
	},
	{
		ID: "C302", What: "cert-manager skips this TLS entry", Severity: finding.Error,
		Why: "cert-manager issues for entries of spec.tls with hosts and a secretName. The annotation alone requests nothing.",
		Fix: "set spec.tls: [{hosts: [HOST], secretName: NAME}]",
	},
	{
		ID: "C303", What: "a host of the Ingress is not in spec.tls", Severity: finding.Warning,
		Why: "The Ingress has TLS for other hosts. For this one the controller serves its default certificate.",
		Fix: "add the host to spec.tls, or move it to an Ingress of its own",
	},
	{
		ID: "C304", What: "two entries of spec.tls use one Secret", Severity: finding.Error,
		Why: "cert-manager creates one Certificate for each entry, named after the Secret, and rejects an Ingress with the same Secret twice.",
		Fix: "put the hosts into one entry, or set another secretName",
	},
	{
		ID: "C305", What: "cert-manager skips the listener", Severity: finding.Error,
		Why: "cert-manager issues for listeners with a hostname, an explicit mode: Terminate, and a Secret in the Gateway's namespace.",
		Fix: "set hostname: HOST and tls: {mode: Terminate, certificateRefs: [{name: SECRET}]}; if the certificate comes from another source, list the listener in cert-manager.io/ignore-tls-listeners",
	},
	{
		ID: "C306", What: "the annotation has no effect", Severity: finding.Warning,
		Why: "cert-manager reads the annotations that it defines and ignores all others, including misspelled ones.",
		Fix: "correct or remove it (cert-manager.io/docs/reference/annotations)",
	},
	{
		ID: "C307", What: "a redirect blocks the challenge", Severity: finding.Error,
		Why: "NGINX Ingress Controller redirects the challenge to https and rejects the handshake while the Secret is missing, so the first certificate is never issued.",
		Fix: "set issue-temp-cert: true under tls.cert-manager; for an Ingress use a Certificate with the annotation cert-manager.io/issue-temporary-certificate: \"true\"",
	},
	{
		ID: "C308", What: "cert-manager does not watch the kind", Severity: finding.Warning,
		Why: "cert-manager creates Certificates only for annotated Ingresses and for Gateways of the Gateway API.",
		Fix: "write a Certificate for the host, and refer to its Secret in the route",
	},
}
