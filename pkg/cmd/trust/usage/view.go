package usage

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// result is what the command shows.
type result struct {
	cas    []certificates.CA
	needed bool
	counts usage.Counts
	uses   []useView
	doubts []doubtView // with an unknown result
	notes  []string    // what was not seen
}

type useView struct {
	Kind      string     `json:"kind"`
	Namespace string     `json:"namespace"`
	Name      string     `json:"name"`
	Key       string     `json:"key"`
	Role      usage.Role `json:"role"`
	Needs     bool       `json:"needs"`
	Why       string     `json:"why"`
	Subject   string     `json:"subject"`
	Names     []string   `json:"names,omitempty"`
	SHA256    string     `json:"sha256"`
	NotAfter  time.Time  `json:"notAfter"`
	Chain     []string   `json:"chain"` // subjects, from the certificate to the CA
	Issuer    string     `json:"issuer,omitempty"`
	UsedBy    []string   `json:"usedBy,omitempty"`
}

type doubtView struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Key       string `json:"key"`
	Why       string `json:"why"`
}

func newResult(cas []*x509.Certificate, report usage.Report, notes []string, now time.Time) result {
	r := result{cas: certificates.CAsOf(cas), needed: report.Needed(now), counts: report.Count(now), notes: notes}
	for _, u := range report.Uses {
		r.uses = append(r.uses, newUseView(u, now))
	}
	for _, d := range report.Doubts {
		r.doubts = append(r.doubts, doubtView{d.Ref.Kind, d.Ref.Namespace, d.Ref.Name, d.Key, d.Why})
	}
	return r
}

func newUseView(u usage.Use, now time.Time) useView {
	v := useView{
		Kind: u.Ref.Kind, Namespace: u.Ref.Namespace, Name: u.Ref.Name, Key: u.Key,
		Role: u.Role, Needs: u.Needs(now), Why: u.Reason(now),
		Subject: pki.Name(u.Cert.Subject), Names: u.Cert.DNSNames, SHA256: pki.Fingerprint(u.Cert), NotAfter: u.Cert.NotAfter.UTC(),
	}
	for _, c := range u.Path {
		v.Chain = append(v.Chain, pki.Name(c.Subject))
	}
	if u.Issuer.Name != "" {
		v.Issuer = userText(usage.User{Ref: u.Issuer}, u.Ref.Namespace)
	}
	for _, user := range u.Users {
		v.UsedBy = append(v.UsedBy, userText(user, u.Ref.Namespace))
	}
	return v
}

// userText identifies a user as seen from a namespace: Deployment/web (3 pods).
func userText(u usage.User, from string) string {
	text := u.Kind + "/" + u.Name
	if u.Namespace != "" && u.Namespace != from {
		text = u.Kind + "/" + u.Namespace + "/" + u.Name
	}
	if u.Pods > 0 && u.Kind != "Pod" {
		text += " (" + phrase.Count(u.Pods, "pod") + ")"
	}
	return text
}

// list returns the JSON form of the result. Its names are those of what needs the
// CAs.
func (r result) list() output.List {
	list := output.List{Kind: "CAUseList", Rest: map[string]any{"cas": r.cas, "needed": r.needed}}
	for _, u := range r.uses {
		list.Items = append(list.Items, u)
		if name := strings.ToLower(u.Kind) + "/" + u.Name; u.Needs && !slices.Contains(list.Names, name) {
			list.Names = append(list.Names, name)
		}
	}
	if len(r.doubts) > 0 {
		list.Rest["doubts"] = r.doubts
	}
	if len(r.notes) > 0 {
		list.Rest["notes"] = r.notes
	}
	return list
}
