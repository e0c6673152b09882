package usage

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConclusive(t *testing.T) {
	signer := Use{Ref: Ref{"Secret", "shop", "ca"}, Role: Signer, Cert: oldRoot.Certificate}
	instead, expired, server := signer, signer, signer
	instead.Instead, expired.Cert, server.Role = other.Certificate, oldRoot.Leaf("a"), Server
	later := date(2030, 1, 1)
	for name, tt := range map[string]struct {
		report Report
		at     time.Time
		unseen []string
		want   string
	}{
		"nothing":                   {Report{}, now, []string{"may not list pods"}, ""},
		"one doubt":                 {Report{Doubts: []Doubt{{}}}, now, nil, "cannot tell whether 1 Secret needs it"},
		"two":                       {Report{Doubts: []Doubt{{}, {}}}, now, nil, "cannot tell whether 2 Secrets need it"},
		"a signer, and all is seen": {Report{Uses: []Use{signer}}, now, nil, ""},
		"a signer":                  {Report{Uses: []Use{server, signer}}, now, []string{"may not list issuers", "nor pods"}, "cannot tell whether an issuer signs with secret/shop/ca: may not list issuers"},
		"another root does as well": {Report{Uses: []Use{instead}}, now, []string{"x"}, ""},
		"it has ended":              {Report{Uses: []Use{expired}}, later, []string{"x"}, ""},
		"a server alone":            {Report{Uses: []Use{server}}, now, []string{"x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := tt.report.Conclusive(tt.at, tt.unseen); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestOpen: more CAs can resolve only a doubt about a parsed certificate.
func TestOpen(t *testing.T) {
	if (Report{Doubts: []Doubt{{}}}).Open() {
		t.Error("a value that cannot be read is open")
	}
	if !(Report{Doubts: []Doubt{{}, {Of: oldMid.Certificate}}}).Open() {
		t.Error("a chain without an end is not open")
	}
}

// TestReportUsers: users are looked up for servers and signers only, and
// decide whether a signer needs its CA.
func TestReportUsers(t *testing.T) {
	ca, trusting := Ref{"Secret", "shop", "ca"}, Ref{"ConfigMap", "shop", "roots"}
	reports := []Report{
		{Uses: []Use{{Ref: ca, Role: Signer, Cert: oldRoot.Certificate}, {Ref: trusting, Role: Trusted, Cert: oldRoot.Certificate}}},
		{Uses: []Use{{Ref: webTLS, Role: Server, Cert: newRoot.Leaf("a")}}},
	}
	if diff := cmp.Diff(map[Ref]bool{ca: true, webTLS: true}, Secrets(reports...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if reports[0].Needed(now) {
		t.Error("it is needed before it is known what it signs")
	}
	reports[0].SetUsers(map[Ref][]User{ca: {{Ref: Ref{"Issuer", "shop", "ca"}}}})
	if !reports[0].Needed(now) {
		t.Error("it is not needed, and an issuer signs with it")
	}
}

// TestCount: a Secret counts once, and a use that does not need the CA by its
// reason.
func TestCount(t *testing.T) {
	ca, web := Ref{"Secret", "shop", "ca"}, Ref{"Secret", "shop", "web"}
	signing := []User{{Ref: Ref{"Issuer", "shop", "ca"}}}
	server := Use{Ref: web, Role: Server, Cert: oldRoot.Leaf("a")}
	instead := server
	instead.Ref.Name, instead.Instead = "api", other.Certificate
	r := Report{Uses: []Use{
		server, server, instead,
		{Ref: ca, Key: "ca.crt", Role: Server, Cert: oldRoot.Leaf("b")},
		{Ref: ca, Key: "tls.crt", Role: Signer, Cert: oldRoot.Certificate, Users: signing},
		{Ref: Ref{"Secret", "shop", "spare"}, Role: Signer, Cert: oldRoot.Certificate},
		{Ref: Ref{"Secret", "shop", "served"}, Role: Signer, Cert: oldRoot.Certificate, Users: []User{{Ref: Ref{"Deployment", "shop", "web"}}}},
		{Ref: Ref{"ConfigMap", "shop", "roots"}, Role: Trusted, Cert: oldRoot.Certificate},
		{Ref: Ref{"ConfigMap", "blog", "roots"}, Role: Trusted, Cert: oldRoot.Certificate},
	}}
	want := Counts{Secrets: 3, Signers: 2, Others: map[string]int{
		"CN=Other Root also validates it": 1, "is an unused CA certificate": 1, "trusts it": 2,
	}}
	if diff := cmp.Diff(want, r.Count(now)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var reasons []string
	for _, u := range r.Uses[3:7] {
		reasons = append(reasons, u.Reason(now))
	}
	if diff := cmp.Diff([]string{"was issued by it", "signs with it", "is an unused CA certificate", "is a CA certificate in use"}, reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if got := server.Reason(date(2040, 1, 1)); got != "expired" {
		t.Errorf("a certificate of long ago: %s", got)
	}
}

// TestComparison: each certificate and each outcome counts once, and what need
// not hold anything is a note.
func TestComparison(t *testing.T) {
	var c Comparison
	want := list(oldRoot, newRoot)
	c.Expect(want)
	c.Expect(list(newRoot, other))
	same := LocationState{Location: "configmap/shop/roots", Certs: want}
	lacks := LocationState{Location: "configmap/blog/roots", Certs: list(oldRoot, other)}
	absent := LocationState{Location: "secret/shop/roots", Absent: "not there"}
	for _, state := range []LocationState{same, lacks, absent, same, lacks, {Location: "component/corp", Idle: "no workload mounts it"}} {
		c.Add(state, want)
	}
	lacks.Certs = list(oldRoot)
	c.Add(lacks, want) // another outcome of the same location
	if got := names(c.Certificates); got != "Old Root → New Root → Other Root" {
		t.Errorf("certificates: %s", got)
	}
	var got []string
	for _, l := range c.Locations {
		d := l.Against()
		got = append(got, fmt.Sprintf("%s %v -%s +%s", l.Location, l.Same(), names(d.Missing), names(d.Extra)))
	}
	if diff := cmp.Diff([]string{
		"configmap/shop/roots true - +",
		"configmap/blog/roots false -New Root +Other Root",
		"secret/shop/roots false - +",
		"configmap/blog/roots false -New Root +",
	}, got); diff != "" {
		t.Errorf("locations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"component/corp: no workload mounts it"}, c.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if c.Different() != 3 {
		t.Errorf("%d differ, want 3", c.Different())
	}
}

func TestPoolMissing(t *testing.T) {
	var pool Pool
	pool.Add(oldRoot.Certificate)
	pins := pinsOf(oldRoot, newRoot)
	if got := pool.Missing(pins); len(got) != 1 || got[0] != pins[1] {
		t.Errorf("misses %v of %v", got, pins)
	}
}
