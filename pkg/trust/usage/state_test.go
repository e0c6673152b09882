package usage

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAgainst(t *testing.T) {
	for name, tt := range map[string]struct {
		held           LocationState
		missing, extra string
		same           bool
	}{
		"the same in another order": {LocationState{Certs: list(newRoot, oldRoot)}, "", "", true},
		"one missing":               {LocationState{Certs: list(oldRoot)}, "New Root", "", false},
		"one too many":              {LocationState{Certs: list(oldRoot, newRoot, other)}, "", "Other Root", false},
		"one for another":           {LocationState{Certs: list(oldRoot, other)}, "New Root", "Other Root", false},
		"a renewed one is another":  {LocationState{Certs: list(oldRoot.Renewed(), newRoot)}, "Old Root", "Old Root", false},
		"among others":              {LocationState{Certs: list(oldRoot, newRoot, other), Mixed: true}, "", "", true},
		"missing among others":      {LocationState{Certs: list(newRoot, other), Mixed: true}, "Old Root", "", false},
		"damaged":                   {LocationState{Certs: list(oldRoot, newRoot), Damage: []string{"x"}}, "", "", false},
		"not there":                 {LocationState{Absent: "x", Mixed: true}, "Old Root → New Root", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			want := list(oldRoot, newRoot)
			d := tt.held.Against(want)
			if names(d.Missing) != tt.missing || names(d.Extra) != tt.extra || tt.held.Same(want) != tt.same {
				t.Errorf("missing %q, extra %q, same %v", names(d.Missing), names(d.Extra), tt.held.Same(want))
			}
		})
	}
}

func TestValues(t *testing.T) {
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("THE BYTES OF A KEY")})
	both := pemOf(oldRoot, newRoot)
	for name, tt := range map[string]struct {
		key      string
		value    []byte
		required bool
		certs    string
		damage   []string
	}{
		"PEM":                           {"x", both, false, "New Root → Old Root", nil},
		"CRLF":                          {"x", bytes.ReplaceAll(both, []byte("\n"), []byte("\r\n")), false, "New Root → Old Root", nil},
		"other text":                    {"motd", []byte("hello"), false, "", nil},
		"text under ca.crt":             {"ca.crt", []byte("hello"), false, "", []string{"ca.crt: no certificate found"}},
		"text of a required key":        {"motd", []byte("hello"), true, "", []string{"motd: no certificate found"}},
		"text under NAME.pem":           {"dh.pem", []byte("none"), false, "", nil},
		"long text under NAME.pem":      {"x.pem", bytes.Repeat([]byte("Who needs this asks the PKI team. "), 9), false, "", nil},
		"binary under NAME.pem":         {"x.pem", []byte{0x30, 0xff, 0}, false, "", []string{"x.pem: no certificate found"}},
		"damaged base64 under NAME.crt": {"x.crt", bytes.Repeat([]byte("TUlJQg\n"), 99), false, "", []string{"x.crt: no certificate found"}},
		"empty under NAME.crt":          {"x.crt", nil, false, "", []string{"x.crt: no certificate found"}},
		"parameters":                    {"dhparam.pem", pem.EncodeToMemory(&pem.Block{Type: "DH PARAMETERS", Bytes: []byte("x")}), false, "", nil},
		"a public key":                  {"jwt.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")}), false, "", nil},
		"a public key under ca.pem":     {"ca.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")}), false, "", []string{"ca.pem: no certificate found"}},
		"empty under ca-bundle.crt":     {"ca-bundle.crt", nil, false, "", []string{"ca-bundle.crt: no certificate found"}},
		"a request":                     {"x", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: []byte("x")}), false, "", nil},
		"damaged, whatever its key":     {"roots", []byte("-----BEGIN CERTIFICATE-----\nMIIB%%\n-----END CERTIFICATE-----\n"), false, "", []string{"roots: T110: the base64 inside is damaged"}},
		"only an END line":              {"roots", []byte("MIIB\n-----END CERTIFICATE-----\n"), false, "", []string{"roots: no certificate found"}},
		"a key":                         {"tls.key", key, false, "", nil},
		"a key among them":              {"x", append(key, both...), false, "New Root → Old Root", []string{"x: T111: a private key"}},
		"two blocks on one line":        {"x", bytes.Replace(both, []byte("-----\n-----"), []byte("----------"), 1), false, "New Root → Old Root", []string{"x: T102: a block starts on the line where the previous one ends"}},
		"base64 of PEM":                 {"x", []byte(base64.StdEncoding.EncodeToString(both)), false, "New Root → Old Root", []string{"x: T107: base64 of PEM"}},
		"cut short":                     {"x", both[:len(both)-30], false, "Old Root", []string{"x: T109: the block has no END"}},
		"comments and blanks are fine":  {"x", append([]byte("# roots\n\n"), both...), false, "New Root → Old Root", nil},
		"as trust bundle writes it too": {"x", []byte(strings.TrimSpace(string(both))), false, "New Root → Old Root", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var h LocationState
			var v Values
			v.Add(&h, tt.key, tt.value, tt.required)
			v.Add(&h, tt.key, tt.value, tt.required) // from the cache
			if names(h.Certs) != tt.certs {
				t.Errorf("holds %q, want %q", names(h.Certs), tt.certs)
			}
			if diff := cmp.Diff(append(tt.damage, tt.damage...), h.Damage); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestAddAll: the values of an object are one bundle, a folder of certificates,
// or bundles that differ.
func TestAddAll(t *testing.T) {
	old, fresh, both := pemOf(oldRoot), pemOf(newRoot), pemOf(oldRoot, newRoot)
	for name, tt := range map[string]struct {
		values map[string][]byte
		keys   string
		certs  int
		differ bool
	}{
		"one":                         {map[string][]byte{"ca.crt": both, "motd": []byte("hello")}, "ca.crt", 2, false},
		"a folder":                    {map[string][]byte{"ca1.crt": old, "ca2.crt": fresh}, "ca1.crt ca2.crt", 2, false},
		"the same twice":              {map[string][]byte{"ca.crt": both, "roots.pem": both}, "ca.crt roots.pem", 2, false},
		"one bundle is behind":        {map[string][]byte{"a.pem": both, "b.pem": fresh}, "a.pem b.pem", 2, true},
		"the second bundle is behind": {map[string][]byte{"a.pem": old, "b.pem": both}, "a.pem b.pem", 2, true},
		"a bundle of one, and others": {map[string][]byte{"ca.crt": old, "b.pem": fresh}, "b.pem ca.crt", 2, true},
		"none":                        {map[string][]byte{"motd": []byte("hello")}, "", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			var h LocationState
			var v Values
			keys, differ := v.AddAll(&h, tt.values)
			if strings.Join(keys, " ") != tt.keys || len(h.Certs) != tt.certs || differ != tt.differ {
				t.Errorf("keys %q, %d certificates, differ %v", keys, len(h.Certs), differ)
			}
		})
	}
}
