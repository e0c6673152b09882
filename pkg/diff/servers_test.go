package diff

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestServerChanges: only an ACME issuer on both sides, in the same overlay, changes its server.
func TestServerChanges(t *testing.T) {
	const (
		issuer  = "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: %s}, spec: {acme: {server: %q}}}\n---\n"
		other   = "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: %s}, spec: {ca: {secretName: %q}}}\n---\n"
		foreign = "{apiVersion: example.com/v1, kind: ClusterIssuer, metadata: {name: %s}, spec: {acme: {server: %q}}}\n---\n"
		invalid = "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: %s}, spec: {acme: [%q]}}\n---\n"
	)
	side := func(label, format string, values ...any) Overlay {
		objects, err := manifest.Decode(fmt.Appendf(nil, format, values...))
		if err != nil {
			t.Fatal(err)
		}
		return Overlay{Label: label, Objects: objects}
	}
	for name, tt := range map[string]struct {
		old, new []Overlay
		want     string
	}{
		"none":               {nil, nil, "[]"},
		"same":               {[]Overlay{side("", issuer, "a", "x")}, []Overlay{side("", issuer, "a", "x")}, "[]"},
		"new":                {nil, []Overlay{side("", issuer, "a", "x")}, "[]"},
		"removed":            {[]Overlay{side("", issuer, "a", "x")}, []Overlay{side("", issuer, "b", "x")}, "[]"},
		"of another type":    {[]Overlay{side("", issuer, "a", "x")}, []Overlay{side("", other, "a", "y")}, "[]"},
		"of another group":   {[]Overlay{side("", foreign, "a", "x")}, []Overlay{side("", foreign, "a", "y")}, "[]"},
		"invalid":            {[]Overlay{side("", invalid, "a", "x")}, []Overlay{side("", issuer, "a", "y")}, "[]"},
		"of another overlay": {[]Overlay{side("dev", issuer, "a", "x"), side("prod", issuer, "a", "y")}, []Overlay{side("prod", issuer, "a", "y"), side("dev", issuer, "a", "x")}, "[]"},
		"changed": {[]Overlay{side("", issuer+issuer, "b", "x", "a", "x")}, []Overlay{side("", issuer+issuer, "a", "y", "b", "y")},
			"[ClusterIssuer/b: the ACME server changes from x to y. Issued certificates stay until they are renewed: with cert-manager, run cmctl renew NAME for each; kubectl certs run replaces them by itself." +
				" ClusterIssuer/a: the ACME server changes from x to y. Issued certificates stay until they are renewed: with cert-manager, run cmctl renew NAME for each; kubectl certs run replaces them by itself.]"},
		"in one of two overlays": {[]Overlay{side("dev", issuer, "a", "x"), side("prod", issuer, "a", "x")}, []Overlay{side("dev", issuer, "a", "x"), side("prod", issuer, "a", "y")},
			"[prod: ClusterIssuer/a: the ACME server changes from x to y. Issued certificates stay until they are renewed: with cert-manager, run cmctl renew NAME for each; kubectl certs run replaces them by itself.]"},
	} {
		if diff := cmp.Diff(tt.want, fmt.Sprint(ServerChanges(tt.old, tt.new))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
