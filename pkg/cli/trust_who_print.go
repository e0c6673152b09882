package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// whoView is what who-needs prints as JSON.
type whoView struct {
	CAs    []caView    `json:"cas"`
	Needed bool        `json:"needed"`
	Uses   []useView   `json:"uses"`
	Doubts []doubtView `json:"doubts,omitempty"` // of which nobody can tell
	Notes  []string    `json:"notes,omitempty"`  // what was not seen
}

type doubtView struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Key       string `json:"key"`
	Why       string `json:"why"`
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

func newWhoView(in *trustWhoInput, report usage.Report) whoView {
	v := whoView{Needed: report.Needed(in.now), Uses: []useView{}, Notes: in.reader.Notes}
	for _, c := range in.of {
		v.CAs = append(v.CAs, newCAView(c))
	}
	for _, u := range report.Uses {
		v.Uses = append(v.Uses, newUseView(u, in.now))
	}
	for _, d := range report.Doubts {
		v.Doubts = append(v.Doubts, doubtView{d.Ref.Kind, d.Ref.Namespace, d.Ref.Name, d.Key, d.Why})
	}
	return v
}

func newUseView(u usage.Use, now time.Time) useView {
	v := useView{
		Kind: u.Ref.Kind, Namespace: u.Ref.Namespace, Name: u.Ref.Name, Key: u.Key,
		Role: u.Role, Needs: u.Needs(now), Why: why(u, now),
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

// why says what a use is, and why it does not need the CA where it does not.
func why(u usage.Use, now time.Time) string {
	switch {
	case u.Role == usage.Trusted:
		return "trusts it"
	case u.Instead != nil:
		return pki.Name(u.Instead.Subject) + " vouches for it too"
	case u.Expired(now):
		return "expired"
	case u.Role == usage.Server:
		return "was issued by it"
	case u.Issuing():
		return "signs with it"
	case u.Needs(now):
		return "is a CA's own, and used"
	}
	return "is a CA's own, and nobody signs with it"
}

// userText names a user as seen from a namespace: Deployment/web (3 pods).
func userText(u usage.User, from string) string {
	text := u.Kind + "/" + u.Name
	if u.Namespace != "" && u.Namespace != from {
		text = u.Kind + "/" + u.Namespace + "/" + u.Name
	}
	if u.Pods > 0 && u.Kind != "Pod" {
		text += " (" + count(u.Pods, "pod") + ")"
	}
	return text
}

func (v whoView) print(env Env, in *trustWhoInput) error {
	if in.output == "json" {
		return printView(env, v, in.output)
	}
	wide := in.output == "wide"
	table := tabwriter.NewWriter(env.Out, 0, 0, 3, ' ', 0)
	last := ""
	for _, u := range v.Uses {
		if !u.Needs && !wide {
			continue
		}
		if last == "" {
			fmt.Fprintln(table, strings.Join(whoHeader(wide), "\t"))
		}
		if row := cells(u.cells(in.now, wide)...); row != last { // one Secret may have it under two keys
			fmt.Fprintln(table, row)
			last = row
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	v.tell(env, in)
	return nil
}

func whoHeader(wide bool) []string {
	if wide {
		return []string{"NAMESPACE", "OBJECT", "KEY", "CERTIFICATE", "EXPIRES", "CHAIN", "NEEDS", "USED-BY", "ISSUER", "SHA256"}
	}
	return []string{"NAMESPACE", "SECRET", "CERTIFICATE", "EXPIRES", "CHAIN", "USED-BY"}
}

func (u useView) cells(now time.Time, wide bool) []string {
	usedBy, chain := orDash(strings.Join(u.UsedBy, ", ")), u.chainText()
	if !wide {
		return []string{u.Namespace, u.Name, u.title(), expiry(u.NotAfter, now), chain, usedBy}
	}
	needs := "no: " + u.Why
	if u.Needs {
		needs = "yes: " + u.Why
	}
	return []string{u.Namespace, u.Kind + "/" + u.Name, u.Key, u.title(), day(u.NotAfter), chain, needs, usedBy, orDash(u.Issuer), u.SHA256}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// title is what people know a certificate by: its first name, or its subject.
func (u useView) title() string {
	switch {
	case u.Role != usage.Server || len(u.Names) == 0:
		return shortened(u.Subject)
	case len(u.Names) == 1:
		return printable.Line(u.Names[0])
	}
	return fmt.Sprintf("%s +%d", printable.Line(u.Names[0]), len(u.Names)-1)
}

func (u useView) chainText() string {
	if len(u.Chain) == 1 {
		return "itself"
	}
	return strings.Join(u.Chain[1:], " → ")
}

// tell sums up on stderr.
func (v whoView) tell(env Env, in *trustWhoInput) {
	counts, secrets := map[string]int{}, map[string]bool{}
	for _, u := range v.Uses {
		if !u.Needs {
			counts[u.Why]++
			continue
		}
		name := u.Namespace + "/" + u.Name
		secrets[name] = secrets[name] || u.Role == usage.Signer
	}
	needs, issuers := len(secrets), 0
	for _, signs := range secrets {
		if signs {
			issuers++
		}
	}
	for _, ca := range v.CAs {
		env.say("%s", ca)
	}
	switch {
	case needs == 0 && len(v.Doubts) > 0:
		env.say("nobody %s is known to need %s", in.where(), it(v.CAs))
	case needs == 0:
		env.say("nobody %s needs %s; certificates elsewhere, in keystores and in memory are not seen", in.where(), it(v.CAs))
	case issuers > 0:
		env.say("%s in need of %s, %d of them to sign with", count(needs, "Secret"), it(v.CAs), issuers)
	default:
		env.say("%s in need of %s", count(needs, "Secret"), it(v.CAs))
	}
	if left := sumUp(counts); left != "" && in.output == "" {
		env.say("not counted (-o wide lists them): %s", left)
	}
	for i, d := range v.Doubts {
		if i == manyBlockers && in.output == "" {
			env.say("and %d more unknown (-o wide lists them)", len(v.Doubts)-i)
			break
		}
		env.say("unknown: %s/%s/%s: %s: %s", strings.ToLower(d.Kind), d.Namespace, d.Name, d.Key, d.Why)
	}
	for _, note := range v.Notes {
		env.say("note: %s", note)
	}
}

// where says what was looked at.
func (in *trustWhoInput) where() string {
	if len(in.namespaces) == 0 {
		return "in the cluster"
	}
	return "in namespace " + in.namespaces[0]
}

func it(cas []caView) string {
	if len(cas) == 1 {
		return "it"
	}
	return "any of them"
}
