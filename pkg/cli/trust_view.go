package cli

import (
	"time"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// trustView is what the trust commands print as JSON or YAML.
type trustView struct {
	Target       trust.Target      `json:"target"`
	Bundle       string            `json:"bundle,omitempty"` // PEM
	Certificates []certificateView `json:"certificates"`
	Findings     []findingView     `json:"findings"`
}

type certificateView struct {
	Subject   string     `json:"subject"`
	Issuer    string     `json:"issuer"`
	Kind      trust.Kind `json:"kind"`
	Key       string     `json:"key"`
	Signature string     `json:"signature"`
	NotBefore time.Time  `json:"notBefore"`
	NotAfter  time.Time  `json:"notAfter"`
	SHA256    string     `json:"sha256"`
	UsedFor   []string   `json:"usedFor"`
	placeView
}

type findingView struct {
	ID       string         `json:"id"`
	Severity trust.Severity `json:"severity"`
	placeView
	Subject string       `json:"subject,omitempty"`
	Reason  string       `json:"reason"`
	Why     string       `json:"why"`
	Fix     string       `json:"fix"`
	Bundle  trust.Action `json:"bundle,omitempty"` // what trust bundle does about it
}

type placeView struct {
	Source string `json:"source,omitempty"`
	Line   int    `json:"line,omitempty"`
	Field  string `json:"field,omitempty"`
}

func newTrustView(target trust.Target, entries []trust.Entry, findings []trust.Finding) trustView {
	v := trustView{Target: target, Certificates: []certificateView{}, Findings: []findingView{}}
	for _, e := range entries {
		c := e.Cert
		v.Certificates = append(v.Certificates, certificateView{
			Subject: pki.Name(c.Subject), Issuer: pki.Name(c.Issuer),
			Kind: trust.KindOf(c), Key: pki.Key(c), Signature: c.SignatureAlgorithm.String(),
			NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
			SHA256: pki.Fingerprint(c), UsedFor: trust.UsedFor(c), placeView: placeView(e.Place),
		})
	}
	for _, f := range findings {
		rule, _ := trust.RuleOf(f.ID)
		v.Findings = append(v.Findings, findingView{
			ID: f.ID, Severity: f.Severity, placeView: placeView(f.Place),
			Subject: f.Subject, Reason: f.Reason, Why: rule.Why, Fix: rule.FixFor(target), Bundle: rule.Bundle,
		})
	}
	return v
}

// printView writes any of the machine forms.
func printView(env Env, view any, output string) error {
	if output == "yaml" {
		data, err := yaml.Marshal(view)
		if err == nil {
			data, err = printable.YAML(data)
		}
		if err == nil {
			_, err = env.Out.Write(data)
		}
		return err
	}
	return printJSON(env, view)
}

func printJSON(env Env, value any) error {
	data, err := printable.JSON(value)
	if err == nil {
		_, err = env.Out.Write(data)
	}
	return err
}
