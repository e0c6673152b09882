package cli

import (
	"encoding/json"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// trustView is what the trust commands print as JSON or YAML.
type trustView struct {
	Target       cabundle.Target   `json:"target"`
	Bundle       string            `json:"bundle,omitempty"` // PEM
	Certificates []certificateView `json:"certificates"`
	Findings     []finding.View    `json:"findings"`
}

type certificateView struct {
	Subject   string        `json:"subject"`
	Issuer    string        `json:"issuer"`
	Kind      cabundle.Kind `json:"kind"`
	Key       string        `json:"key"`
	Signature string        `json:"signature"`
	NotBefore time.Time     `json:"notBefore"`
	NotAfter  time.Time     `json:"notAfter"`
	SHA256    string        `json:"sha256"`
	UsedFor   []string      `json:"usedFor"`
	Source    string        `json:"source,omitempty"`
	Line      int           `json:"line,omitempty"`
	Field     string        `json:"field,omitempty"`
}

func newTrustView(target cabundle.Target, entries []cabundle.Entry, findings []finding.Finding) trustView {
	v := trustView{Target: target, Certificates: []certificateView{}, Findings: finding.Views(reported(findings, target, false))}
	for _, e := range entries {
		c := e.Cert
		v.Certificates = append(v.Certificates, certificateView{
			Subject: pki.Name(c.Subject), Issuer: pki.Name(c.Issuer),
			Kind: cabundle.KindOf(c), Key: pki.Key(c), Signature: c.SignatureAlgorithm.String(),
			NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
			SHA256: pki.Fingerprint(c), UsedFor: cabundle.UsedFor(c),
			Source: e.Place.Source, Line: e.Place.Line, Field: e.Place.Field,
		})
	}
	return v
}

// printView writes any of the machine forms.
func printView(env Env, view any, output string) error {
	if output == "yaml" {
		return printYAML(env, view)
	}
	return printJSON(env, view)
}

// printYAML writes the same fields as printJSON, in order of their names.
func printYAML(env Env, view any) error {
	data, err := json.Marshal(view)
	if err != nil {
		return err
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	_, err = env.Out.Write(manifest.Encode(fields))
	return err
}

func printJSON(env Env, value any) error {
	data, err := printable.JSON(value)
	if err == nil {
		_, err = env.Out.Write(data)
	}
	return err
}
