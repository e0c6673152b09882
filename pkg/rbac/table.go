package rbac

import "slices"

// Set is the permissions of one use of the program. Sets overlap.
type Set string

// The sets.
const (
	Run         Set = "run"           // run
	Lease       Set = "cert-manager"  // run in one namespace, in addition to Run
	Solver      Set = "solver"        // run with HTTP-01 by pods, Services and routes
	DNS01       Set = "dns01"         // run with DNS-01 as a ServiceAccount
	Webhook     Set = "webhook"       // run with DNS-01 by a webhook solver of cert-manager
	Status      Set = "status"        // status, run --dry-run
	Renew       Set = "renew"         // renew
	Diff        Set = "diff"          // diff --live
	DiffPrune   Set = "diff --prune"  // diff --live --prune, in addition to Diff
	Apply       Set = "apply"         // apply
	ApplyPrune  Set = "apply --prune" // apply --prune, in addition to Apply
	TrustUsage  Set = "trust usage"   // trust usage, and trust rotate
	TrustVerify Set = "trust verify"  // trust verify, and trust rotate
)

// Permission has verbs and the resources that they are for.
type Permission struct {
	Who       []Set
	Group     string   // of the API, "" for the core
	Resources []string // with the subresource, as in serviceaccounts/token
	Names     []string // of the objects, nil for all
	Verbs     []string
	// ClusterWide permissions need a ClusterRole with a ClusterRoleBinding.
	// Commands for one namespace work without them.
	ClusterWide bool
	// Why is the purpose of the permission, for the documentation.
	Why string
}

// Permissions returns the table.
func Permissions() []Permission { return slices.Concat(issuing(), reading(), applying(), trusting()) }

// resources are some resources of an API group.
type resources struct {
	group string
	names []string
}

// each returns the permission for some resources, one for each of their groups.
func (p Permission) each(of ...resources) []Permission {
	var all []Permission
	for _, r := range of {
		p.Group, p.Resources = r.group, r.names
		all = append(all, p)
	}
	return all
}

var (
	secrets             = resources{"", []string{"secrets"}}
	leases              = resources{"coordination.k8s.io", []string{"leases"}}
	certificates        = resources{"cert-manager.io", []string{"certificates"}}
	certificateRequests = resources{"cert-manager.io", []string{"certificaterequests"}}
	certManagerOrders   = resources{"acme.cert-manager.io", []string{"orders"}}

	clusterIssuers = resources{"cert-manager.io", []string{"clusterissuers"}}
	// requesters are the namespaced kinds that request certificates, and those
	// that such a request depends on.
	requesters = []resources{
		{"networking.k8s.io", []string{"ingresses"}},
		{"gateway.networking.k8s.io", []string{"gateways", "listenersets", "httproutes"}},
		{"cert-manager.io", []string{"certificates", "issuers"}},
		{"k8s.nginx.org", []string{"virtualservers", "virtualserverroutes"}},
	}
)

const (
	whyRequests = "requests for certificates, their issuers, and the routes of hosts"
	whyHosts    = "only with a host instead of a Secret: requests for certificates"
	whyReleased = "to delete the request of a certificate that cert-manager issued and run replaces; otherwise cert-manager issues again when it comes back"
	whyOrders   = "to detect certificates that cert-manager requested from another ACME server; without it, they stay until they are due"
)

// progress are the kinds in which cert-manager reports what it does.
var progress = []resources{
	certificateRequests,
	{"acme.cert-manager.io", []string{"orders", "challenges"}},
}

// issuing returns the permissions of run.
func issuing() []Permission {
	of := []Set{Run}
	return slices.Concat(
		Permission{Who: of, Verbs: []string{"get", "list", "watch"},
			Why: "to find due certificates, and to read account keys and credentials"}.each(secrets),
		Permission{Who: of, Verbs: []string{"create", "patch", "update", "delete"},
			Why: "to write TLS Secrets, account keys and journals of orders; only journals are deleted"}.each(secrets),
		Permission{Who: of, Verbs: []string{"get", "create", "update"},
			Why: "leader election"}.each(leases),
		Permission{Who: of, Names: []string{"cert-manager-controller"}, Verbs: []string{"list"}, ClusterWide: true,
			Why: "to check whether cert-manager is running, in any namespace"}.each(leases),
		Permission{Who: of, Verbs: []string{"list", "watch"},
			Why: whyRequests}.each(requesters...),
		Permission{Who: of, Verbs: []string{"list", "watch"}, ClusterWide: true,
			Why: "issuers of certificates"}.each(clusterIssuers),
		Permission{Who: of, Verbs: []string{"get"},
			Why: whyReleased}.each(certificates),
		Permission{Who: of, Verbs: []string{"get", "list", "delete"},
			Why: whyReleased}.each(certificateRequests),
		Permission{Who: of, Verbs: []string{"list"},
			Why: whyOrders}.each(certManagerOrders),
		Permission{Who: of, Verbs: []string{"create", "patch"},
			Why: "to report issued certificates and failures"}.each(resources{"", []string{"events"}}),

		Permission{Who: []Set{Lease}, Names: []string{"cert-manager-controller"}, Verbs: []string{"list"},
			Why: "to check whether cert-manager is running, in any namespace"}.each(leases),

		Permission{Who: []Set{Solver}, Verbs: []string{"get", "list", "create", "patch", "delete"},
			Why: "the pod that answers a challenge"}.each(resources{"", []string{"pods"}}),
		Permission{Who: []Set{Solver}, Verbs: []string{"list", "create", "patch", "delete"},
			Why: "the Service of that pod"}.each(resources{"", []string{"services"}}),
		Permission{Who: []Set{Solver}, Verbs: []string{"get", "create", "patch", "update", "delete"},
			Why: "the route of a challenge; get and update are for edit-in-place"}.each(resources{"networking.k8s.io", []string{"ingresses"}}),
		Permission{Who: []Set{Solver}, Verbs: []string{"create", "patch", "delete"},
			Why: "the route of a challenge"}.each(resources{"gateway.networking.k8s.io", []string{"httproutes"}}),

		Permission{Who: []Set{DNS01}, Names: []string{"route53"}, Verbs: []string{"create"},
			Why: "tokens of a ServiceAccount (route53.auth), here one named route53"}.each(resources{"", []string{"serviceaccounts/token"}}),
		Permission{Who: []Set{Webhook}, Verbs: []string{"create"},
			Why: "a webhook solver, here of group acme.example.com"}.each(resources{"acme.example.com", []string{"*"}}),
	)
}

// reading returns the permissions of status and renew.
func reading() []Permission {
	return slices.Concat(
		Permission{Who: []Set{Status}, Verbs: []string{"get", "list"},
			Why: "to find due certificates"}.each(secrets),
		Permission{Who: []Set{Status}, Verbs: []string{"list"},
			Why: whyRequests}.each(requesters...),
		Permission{Who: []Set{Status}, Verbs: []string{"list"},
			Why: "why cert-manager does not issue a certificate, and at which ACME server it placed an Order"}.each(progress...),
		Permission{Who: []Set{Status}, Verbs: []string{"list"}, ClusterWide: true,
			Why: "issuers of certificates"}.each(clusterIssuers),
		Permission{Who: []Set{Status}, Verbs: []string{"get"}, ClusterWide: true,
			Why: "run --dry-run: to find missing namespaces; optional"}.each(resources{"", []string{"namespaces"}}),
		Permission{Who: []Set{Renew}, Verbs: []string{"get", "patch"},
			Why: "to annotate the TLS Secret, or the journal of its order if the Secret does not exist"}.each(secrets),
		Permission{Who: []Set{Renew}, Verbs: []string{"list"}, Why: whyHosts}.each(requesters...),
		Permission{Who: []Set{Renew}, Verbs: []string{"list"}, Why: whyHosts, ClusterWide: true}.each(clusterIssuers),
	)
}

var (
	// generated are the namespaced kinds that generate writes.
	generated = slices.Concat(requesters, []resources{
		{"", []string{"services", "configmaps"}},
		{"externaldns.k8s.io", []string{"dnsendpoints"}},
	})
	// generatedInCluster are the cluster-scoped kinds that apply may delete.
	generatedInCluster = []resources{
		clusterIssuers,
		{"trust.cert-manager.io", []string{"bundles"}},
		{"trust-manager.io", []string{"clusterbundles"}},
		{"certificates.k8s.io", []string{"clustertrustbundles"}},
	}
	proxies = resources{"config.openshift.io", []string{"proxies"}}
	// workloads are the kinds that can mount ConfigMaps.
	workloads = []resources{
		{"apps", []string{"deployments", "statefulsets", "daemonsets"}},
		{"batch", []string{"jobs", "cronjobs"}},
		{"", []string{"pods"}},
	}
)

// applying returns the permissions of diff and apply.
func applying() []Permission {
	both, prune := []Set{Diff, Apply}, []Set{DiffPrune, ApplyPrune}
	const compare = "to compare and apply objects; diff --live patches only as a dry run"
	deleted := slices.Concat(generated, generatedInCluster)
	return slices.Concat(
		Permission{Who: both, Verbs: []string{"get", "list", "patch"}, Why: compare}.each(generated...),
		Permission{Who: both, Verbs: []string{"get", "list", "patch"}, Why: compare, ClusterWide: true}.each(generatedInCluster...),
		Permission{Who: []Set{Apply}, Verbs: []string{"create"}, Why: "to create objects"}.each(generated...),
		Permission{Who: []Set{Apply}, Verbs: []string{"create"}, Why: "to create objects", ClusterWide: true}.each(generatedInCluster...),
		Permission{Who: both, Names: []string{"cluster"}, Verbs: []string{"get", "patch"}, ClusterWide: true,
			Why: "the trusted CA of OpenShift's Proxy"}.each(proxies),
		Permission{Who: both, Names: []string{"custom-ca-trust-secret"}, Verbs: []string{"get", "patch"}, ClusterWide: true,
			Why: "only for trust target aks-secret"}.each(secrets),
		Permission{Who: []Set{Apply}, Names: []string{"custom-ca-trust-secret"}, Verbs: []string{"create"}, ClusterWide: true,
			Why: "only for trust target aks-secret"}.each(secrets),
		Permission{Who: prune, Verbs: []string{"list"}, ClusterWide: true,
			Why: "to keep ConfigMaps that are mounted"}.each(workloads...),
		Permission{Who: prune, Verbs: []string{"get"}, ClusterWide: true,
			Why: "to keep TLS Secrets that Certificates own"}.each(secrets),
		Permission{Who: []Set{ApplyPrune}, Verbs: []string{"patch"}, ClusterWide: true,
			Why: "only for --prune-certificates, which makes their namespace an owner of them"}.each(secrets),
		Permission{Who: []Set{ApplyPrune}, Verbs: []string{"get"}, ClusterWide: true,
			Why: "only for --prune-certificates: to make it an owner of Secrets"}.each(resources{"", []string{"namespaces"}}),
		Permission{Who: []Set{ApplyPrune}, Verbs: []string{"delete"}, ClusterWide: true,
			Why: "to delete objects of the set, in all namespaces"}.each(deleted...),
	)
}

// trusting are the permissions of the commands about CA certificates.
func trusting() []Permission {
	usage, verify := []Set{TrustUsage}, []Set{TrustVerify}
	values := resources{"", []string{"secrets", "configmaps"}}
	return slices.Concat(
		Permission{Who: usage, Verbs: []string{"list"}, Why: "to find certificates"}.each(values),
		Permission{Who: usage, Verbs: []string{"list"}, Why: "to find the users of a certificate"}.each(
			resources{"", []string{"pods"}},
			resources{"networking.k8s.io", []string{"ingresses"}},
			resources{"gateway.networking.k8s.io", []string{"gateways", "listenersets"}},
			resources{"cert-manager.io", []string{"certificates", "issuers"}},
			resources{"k8s.nginx.org", []string{"virtualservers", "transportservers"}},
			resources{"traefik.io", []string{"ingressroutes"}},
			resources{"route.openshift.io", []string{"routes"}},
		),
		Permission{Who: usage, Verbs: []string{"list"}, ClusterWide: true, Why: "to find the users of a certificate"}.each(clusterIssuers),
		Permission{Who: usage, Verbs: []string{"get"}, ClusterWide: true,
			Why: "the Secrets of ClusterIssuers, with --cluster-resource-namespace"}.each(secrets),
		Permission{Who: usage, Verbs: []string{"list"}, ClusterWide: true, Why: "CAs that complete chains"}.each(
			resources{"admissionregistration.k8s.io", []string{"validatingwebhookconfigurations", "mutatingwebhookconfigurations"}},
			resources{"apiregistration.k8s.io", []string{"apiservices"}},
			resources{"apiextensions.k8s.io", []string{"customresourcedefinitions"}},
		),

		Permission{Who: verify, Verbs: []string{"get", "list"}, Why: "CA certificates in objects; list is for locations of several objects"}.each(values),
		Permission{Who: verify, Verbs: []string{"list"}, Why: "locations of the form component/NAME: ConfigMaps that workloads mount"}.each(workloads...),
		Permission{Who: verify, Verbs: []string{"get"}, ClusterWide: true, Why: "what trust-manager distributes"}.each(
			resources{"trust.cert-manager.io", []string{"bundles"}},
			resources{"trust-manager.io", []string{"clusterbundles"}},
		),
		Permission{Who: verify, Verbs: []string{"list"}, ClusterWide: true, Why: "the namespaces to which trust-manager distributes it"}.each(resources{"", []string{"namespaces"}}),
		Permission{Who: verify, Verbs: []string{"list"}, ClusterWide: true, Why: "CA certificates in objects"}.each(resources{"certificates.k8s.io", []string{"clustertrustbundles"}}),
		Permission{Who: verify, Names: []string{"cluster"}, Verbs: []string{"get"}, ClusterWide: true, Why: "the trusted CA of OpenShift's Proxy"}.each(proxies),
	)
}
