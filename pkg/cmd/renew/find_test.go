package renew

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
)

var requested = []operator.Row{
	{Namespace: "blog", Secret: "web-tls", Names: []string{"blog.example.com"}},
	{Namespace: "shop", Secret: "all-tls", Names: []string{"*.example.com", "example.com"}},
	{Namespace: "shop", Secret: "ip-tls", Names: []string{"2001:DB8::1", "192.0.2.1"}},
	{Namespace: "shop", Secret: "shop.example.org", Names: []string{"other.example.org"}},
	{Namespace: "shop", Secret: "twin-tls", Names: []string{"twin.example.com"}},
	{Namespace: "shop", Secret: "twin2-tls", Names: []string{"shop.example.org", "Twin.example.com."}},
	{Namespace: "shop", Secret: "web-tls", Names: []string{"web.example.net"}},
}

// TestMatches: the name of a Secret comes before a host, and a host before a
// wildcard that covers it.
func TestMatches(t *testing.T) {
	for text, want := range map[string][]issuance.Ref{
		"blog.example.com":   {{Namespace: "blog", Name: "web-tls"}},
		"BLOG.example.com.":  {{Namespace: "blog", Name: "web-tls"}},
		"new.example.com":    {{Namespace: "shop", Name: "all-tls"}},
		"*.example.com":      {{Namespace: "shop", Name: "all-tls"}},
		"a.new.example.com":  nil, // a wildcard covers one label
		"com":                nil,
		"2001:db8:0::1":      {{Namespace: "shop", Name: "ip-tls"}},
		"192.0.2.1":          {{Namespace: "shop", Name: "ip-tls"}},
		"twin.example.com":   {{Namespace: "shop", Name: "twin-tls"}, {Namespace: "shop", Name: "twin2-tls"}},
		"shop.example.org":   {{Namespace: "shop", Name: "shop.example.org"}},
		"web-tls":            {{Namespace: "blog", Name: "web-tls"}, {Namespace: "shop", Name: "web-tls"}},
		"unknown.example.de": nil,
	} {
		if diff := cmp.Diff(want, matches(Name{Text: text}, requested)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	if found := matches(Name{"twin.example.com", true}, requested); found != nil {
		t.Errorf("secret/twin.example.com is not a Secret, and matches %v", found)
	}
}
