package rbac

// Set is a group of permissions that are granted together.
type Set string

// The sets. All but Run are only needed for what their name says.
const (
	Run    Set = "run"          // kubectl certs run
	Lease  Set = "cert-manager" // to see whether cert-manager is running, where run looks at one namespace
	Solver Set = "solver"       // HTTP-01 by pods, Services and routes
	DNS01  Set = "dns01"        // DNS-01 by a ServiceAccount or a webhook
)

// Permission is some verbs on some resources.
type Permission struct {
	Set       Set
	Group     string   // of the API, "" for the core
	Resources []string // with the subresource, as in serviceaccounts/token
	Names     []string // of the objects, nil for all
	Verbs     []string
	// ClusterWide permissions are not needed where run looks at one namespace.
	ClusterWide bool
	// Why says what needs the permission, in the words of the documentation.
	Why string
}

// Permissions returns the table.
func Permissions() []Permission {
	read := []string{"get", "list", "watch"}
	return []Permission{
		{Set: Run, Resources: []string{"secrets"}, Verbs: []string{"get", "list", "watch"},
			Why: "to find out what is due, and to read account keys and credentials"},
		{Set: Run, Resources: []string{"secrets"}, Verbs: []string{"create", "patch", "update", "delete"},
			Why: "to write TLS Secrets, account keys and journals of orders; only journals are deleted"},
		{Set: Run, Group: "coordination.k8s.io", Resources: []string{"leases"}, Verbs: []string{"get", "create", "update"},
			Why: "leader election"},
		{Set: Run, Group: "coordination.k8s.io", Resources: []string{"leases"}, Verbs: []string{"list"}, ClusterWide: true,
			Why: "to find the Lease of a cert-manager in any namespace"},
		{Set: Run, Group: "networking.k8s.io", Resources: []string{"ingresses"}, Verbs: read,
			Why: "requests for certificates, and the routes of hosts"},
		{Set: Run, Group: "gateway.networking.k8s.io", Resources: []string{"gateways", "listenersets", "httproutes"}, Verbs: read,
			Why: "requests for certificates, and the routes of hosts"},
		{Set: Run, Group: "cert-manager.io", Resources: []string{"certificates", "issuers"}, Verbs: read,
			Why: "requests for certificates, and who issues them"},
		{Set: Run, Group: "cert-manager.io", Resources: []string{"clusterissuers"}, Verbs: read, ClusterWide: true,
			Why: "who issues certificates"},
		{Set: Run, Group: "k8s.nginx.org", Resources: []string{"virtualservers", "virtualserverroutes"}, Verbs: read,
			Why: "requests for certificates, and the routes of hosts"},
		{Set: Run, Resources: []string{"events"}, Verbs: []string{"create", "patch"},
			Why: "to report what was issued and what failed"},

		{Set: Lease, Group: "coordination.k8s.io", Resources: []string{"leases"}, Names: []string{"cert-manager-controller"}, Verbs: []string{"get", "list"},
			Why: "to see whether cert-manager is running"},

		{Set: Solver, Resources: []string{"pods", "services"}, Verbs: []string{"get", "list", "create", "patch", "delete"},
			Why: "the pod that answers a challenge, and its Service"},
		{Set: Solver, Group: "networking.k8s.io", Resources: []string{"ingresses"}, Verbs: []string{"create", "patch", "update", "delete"},
			Why: "the route of a challenge; update is for edit-in-place"},
		{Set: Solver, Group: "gateway.networking.k8s.io", Resources: []string{"httproutes"}, Verbs: []string{"create", "patch", "delete"},
			Why: "the route of a challenge"},

		{Set: DNS01, Resources: []string{"serviceaccounts/token"}, Names: []string{"route53"}, Verbs: []string{"create"},
			Why: "the identity of a ServiceAccount (route53.auth), here one named route53"},
		{Set: DNS01, Group: "acme.example.com", Resources: []string{"*"}, Verbs: []string{"create"},
			Why: "a webhook solver of cert-manager, here of acme.example.com"},
	}
}
