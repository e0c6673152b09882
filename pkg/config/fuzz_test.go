package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// maxTime is far more than any input of a fuzzer needs; it is not about speed
// but about work that never ends.
const maxTime = 30 * time.Second

// FuzzParse wants exactly one of value and error, problems with lines and in
// their order, and the same outcome twice.
func FuzzParse(f *testing.F) {
	for _, doc := range slices.Concat(brokenDocuments(f), validDocuments(f)) {
		f.Add([]byte(doc))
	}
	for _, tt := range notOneDocument {
		f.Add([]byte(tt.in))
	}
	f.Fuzz(checkParse)
}

// FuzzShapes does the same with files made of the parser's own fields, with
// few words, so that references meet and rules between fields are reached.
func FuzzShapes(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		data, err := json.Marshal((&shaper{rand.New(rand.NewPCG(seed, 1))}).certs())
		if err != nil {
			t.Fatal(err)
		}
		checkParse(t, data)
	})
}

func checkParse(t *testing.T, data []byte) {
	before := bytes.Clone(data)
	start := time.Now()
	d, err := Parse(nil, "certs.yaml", data)
	if took := time.Since(start); took > maxTime {
		t.Errorf("took %v", took)
	}
	if !bytes.Equal(before, data) {
		t.Error("the input was changed")
	}
	again, errAgain := Parse(nil, "certs.yaml", data)
	if err != nil {
		checkError(t, data, err)
		if diff := cmp.Diff(err.Error(), textOf(errAgain)); diff != "" {
			t.Errorf("two errors of one file (-first +second):\n%s", diff)
		}
		if diff := cmp.Diff(Document{}, d, compare); diff != "" {
			t.Errorf("an error and a value:\n%s", diff)
		}
		return
	}
	if diff := cmp.Diff(d, again, compare); diff != "" || errAgain != nil {
		t.Errorf("two outcomes of one file, %v (-first +second):\n%s", errAgain, diff)
	}
	checkValue(t, &d.Base)
	for i := range d.Environments {
		checkValue(t, &d.Environments[i].Certs)
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func checkError(t *testing.T, data []byte, err error) {
	t.Helper()
	var e *problem.Error
	if !errors.As(err, &e) || len(e.Problems) == 0 {
		t.Fatalf("no *problem.Error with problems: %#v", err)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(e.Problems) {
		t.Errorf("%d problems on %d lines:\n%s", len(e.Problems), len(lines), err)
	}
	last := 1
	for _, p := range e.Problems {
		if p.Line < last || p.Rule == "" {
			t.Errorf("after line %d: %+v", last, p)
		}
		last = p.Line
	}
	// YAML 1.1 knows of more line breaks than these; UTF-16 has them spread.
	if most := len(data) + 1; last > most {
		t.Errorf("line %d of a file of %d bytes", last, len(data))
	}
}

// checkValue wants of every accepted file what the packages behind rely on.
func checkValue(t *testing.T, c *v1alpha1.Certs) {
	t.Helper()
	x := resolve.NewIndex(c)
	for i := range c.Issuers {
		issuer := &c.Issuers[i]
		if issuer.Name == "" || issuer.Kind == "" || issuer.Group == "" {
			t.Errorf("issuers[%d] has no name, kind or group", i)
		}
		if a := issuer.ACME; a != nil && (len(a.Solvers) == 0 || a.PrivateKeySecretRef == nil) {
			t.Errorf("issuers[%d] has no solver or no account key", i)
		}
		if x.Issuer(issuer.Namespace, issuer.Name) != issuer {
			t.Errorf("issuers[%d] is not what its name means", i)
		}
	}
	for i := range c.Expose {
		e := &c.Expose[i]
		if e.Name == "" || len(e.Hosts) == 0 || len(e.Routes) == 0 || e.As == "" || e.SecretName == "" {
			t.Errorf("expose[%d] is not whole", i)
		}
		if e.As == v1alpha1.HTTPRoute && e.Gateway == nil {
			t.Errorf("expose[%d] has no Gateway", i)
		}
		if e.Issuer != "" && x.Issuer(e.CertificateNamespace(), e.Issuer) == nil {
			t.Errorf("expose[%d] has an issuer that is not there", i)
		}
		if slices.Contains(x.SolverIndexes(e), -1) {
			t.Errorf("expose[%d] has a host that no solver proves", i)
		}
		if why := x.WhyExplicit(e); why != "" && e.Certificate == v1alpha1.Annotation {
			t.Errorf("expose[%d] wants an annotation, but %s", i, why)
		}
		for _, host := range e.Hosts {
			if len(validation.IsDNS1123Subdomain(host)) > 0 && len(validation.IsWildcardDNS1123Subdomain(host)) > 0 {
				t.Errorf("expose[%d]: %q is not a host name", i, host)
			}
		}
	}
	for i := range c.Certificates {
		cert := &c.Certificates[i]
		if cert.Name == "" || cert.SecretName == "" || x.Issuer(cert.Namespace, cert.Issuer) == nil {
			t.Errorf("certificates[%d] is not whole", i)
		}
	}
	for i := range c.Trust {
		bundle := &c.Trust[i]
		if bundle.Name == "" || len(bundle.From)+len(bundle.FromIssuers) == 0 || bundle.To == (v1alpha1.Targets{}) {
			t.Errorf("trust[%d] is not whole", i)
		}
		if len(x.FromIssuers(bundle)) != len(bundle.FromIssuers) {
			t.Errorf("trust[%d] follows an issuer that is not there", i)
		}
		if p := bundle.To.Pods; p != nil && (len(p.MatchLabels) == 0 || p.Variables == nil) {
			t.Errorf("trust[%d] has no label or no variables for pods", i)
		}
	}
}
