package manifest

import "github.com/kubectl-certs/kubectl-certs/pkg/plan"

// dnsEndpoint builds a DNSEndpoint of external-dns. The values are quoted, as
// in a zone file and in external-dns' own records: they contain semicolons and
// spaces, and Route 53, Cloud DNS, PowerDNS and RFC 2136 use them unchanged.
func dnsEndpoint(e plan.Endpoint) Object {
	var endpoints []any
	var last map[string]any
	for _, r := range e.Records {
		if last == nil || last["dnsName"] != r.Name {
			last = map[string]any{"dnsName": r.Name, "recordType": "TXT", "targets": []any{}}
			endpoints = append(endpoints, last)
		}
		last["targets"] = append(last["targets"].([]any), `"`+r.Value+`"`)
	}
	o := newObject("externaldns.k8s.io/v1alpha1", "DNSEndpoint", e.Object, nil)
	o["spec"] = map[string]any{"endpoints": endpoints}
	return o
}
