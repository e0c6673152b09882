package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// compare ignores where in the file the overrides were.
var compare = cmp.Options{
	cmpopts.IgnoreUnexported(Document{}, Environment{}, v1alpha1.Part[v1alpha1.Issuer]{}, v1alpha1.Part[v1alpha1.Expose]{}, v1alpha1.Part[v1alpha1.Certificate]{}, v1alpha1.Part[v1alpha1.Responder]{}, v1alpha1.Part[v1alpha1.Trust]{}),
	cmpopts.EquateEmpty(),
}

// parsed parses what must be accepted.
func parsed(t testing.TB, doc string) Document {
	t.Helper()
	d, err := Parse(nil, "certs.yaml", []byte(withHeader(doc)))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	return d
}

// environment returns what holds in one environment.
func environment(t testing.TB, d Document, name string) v1alpha1.Certs {
	t.Helper()
	for _, e := range d.Environments {
		if e.Name == name {
			return e.Certs
		}
	}
	t.Fatalf("no environment %s", name)
	return v1alpha1.Certs{}
}
