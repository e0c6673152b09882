package spec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// compare ignores where in the file the overrides were.
var compare = cmp.Options{
	cmpopts.IgnoreUnexported(Document{}, Environment{}, Part[Issuer]{}, Part[Expose]{}, Part[Certificate]{}, Part[Responder]{}, Part[Trust]{}),
	cmpopts.EquateEmpty(),
}

// parsed parses what must be accepted.
func parsed(t testing.TB, doc string) Document {
	t.Helper()
	d, err := Parse("certs.yaml", []byte(withHeader(doc)))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	return d
}

// environment returns what holds in one environment.
func environment(t testing.TB, d Document, name string) Certs {
	t.Helper()
	for _, e := range d.Environments {
		if e.Name == name {
			return e.Certs
		}
	}
	t.Fatalf("no environment %s", name)
	return Certs{}
}
