package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// manySources is a file whose trust is n private CAs and more.
func manySources(n int, from, options string) string {
	var issuers strings.Builder
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("ca%d", i))
		fmt.Fprintf(&issuers, "- {name: ca%d, private: {commonName: Root %d}}\n", i, i)
	}
	return header + "trust: [{name: a, " + from + "fromIssuers: [" + strings.Join(names, ", ") + "], to: {trust-manager: {" + options + "}}}]\nissuers:\n" + issuers.String()
}

func tooManySources(n int) string {
	return fmt.Sprintf("certs.yaml:3: trust[0].fromIssuers: needs %d sources, and a Bundle of trust-manager may have 100; put copies of the roots in from, which is one source, or add an entry", n)
}

// TestSources: trust-manager takes 100 sources in a Bundle, files together and
// the public CAs being one each, and 100 Secrets in a ClusterBundle.
func TestSources(t *testing.T) {
	for in, want := range map[string]string{
		manySources(100, "", ""):                                                   "<nil>",
		manySources(101, "", ""):                                                   tooManySources(101),
		manySources(99, "from: [a.pem, b.pem], ", ""):                              "<nil>",
		manySources(100, "from: [a.pem, b.pem], ", ""):                             tooManySources(101),
		manySources(98, "from: [a.pem, b.pem], ", "defaultCAs: true"):              "<nil>",
		manySources(100, "from: [a.pem], ", "version: v1alpha2, defaultCAs: true"): "<nil>",
		manySources(101, "", "version: v1alpha2"):                                  tooManySources(101),
	} {
		_, err := Parse(nil, "certs.yaml", []byte(in))
		if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
			t.Errorf("%.60s… (-want +got):\n%s", strings.TrimPrefix(in, header), diff)
		}
	}
}
