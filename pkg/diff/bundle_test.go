package diff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

func TestCertificates(t *testing.T) {
	a, b, c := certPEM(t, "a"), certPEM(t, "b"), certPEM(t, "c")
	line := func(name string) string { return pki.Summary(root(t, name)) }
	damaged := strings.Replace(b, "MI", "*I", 1)
	for name, tt := range map[string]struct {
		old, new string
		want     []string // the lines added and removed
	}{
		"same":                 {old: a + b, new: a + b},
		"added first":          {old: b, new: a + b, want: []string{"+  - " + line("a")}},
		"added between":        {old: a + c, new: a + b + c, want: []string{"+  - " + line("b")}},
		"added last":           {old: a, new: a + b, want: []string{"+  - " + line("b")}},
		"removed":              {old: a + b, new: a, want: []string{"-  - " + line("b")}},
		"replaced":             {old: a, new: b, want: []string{"-  - " + line("a"), "+  - " + line("b")}},
		"reordered":            {old: a + b + c, new: c + a + b, want: []string{"+  - " + line("c"), "-  - " + line("c")}},
		"the same twice":       {old: a, new: a + a, want: []string{"+  - " + line("a")}},
		"added in base64":      {old: b64(a), new: b64(a + b), want: []string{"+  - " + line("b")}},
		"added in base64twice": {old: b64(b64(a)), new: b64(b64(a + b)), want: []string{"+  - " + line("b")}},
		"CRLF":                 {old: a, new: strings.ReplaceAll(a, "\n", "\r\n")},
		"wrapped otherwise":    {old: a, new: rewrapped(a)},
		"base64 wrapped":       {old: b64(a), new: b64(a)[:76] + "\n" + b64(a)[76:] + "\n"},
		"blank lines":          {old: a + b, new: "\n" + a + "\n\n" + b + "\n"},
		"comment":              {old: a + b, new: "# roots\n" + a + "# b\n" + b + "# end"},
		"comment in base64":    {old: b64(a), new: b64("# a\n" + a)},
		"other encoding": {old: a, new: b64(a),
			want: []string{"-  - " + line("a") + " (pem)", "+  - " + line("a") + " (base64)"}},
		"base64 once more": {old: b64(a), new: b64(b64(a)),
			want: []string{"-  - " + line("a") + " (base64)", "+  - " + line("a") + " (base64 twice)"}},
		"text around": {old: "ca: |\n" + indented(a, "  ") + "b: 1\n", new: "ca: |\n" + indented(b, "  ") + "b: 2\n",
			want: []string{
				"-      <certificate: " + line("a") + ">", "-    b: 1",
				"+      <certificate: " + line("b") + ">", "+    b: 2"}},
		"same with text around": {old: "ca: |\n" + indented(a, "  "), new: "ca: |\n" + indented(rewrapped(a), "  ")},
		"damaged": {old: a + b, new: a + damaged,
			want: nil}, // checked below: the raw text shows
		"text in base64": {old: b64("Root b\n" + a), new: b64("Root c\n" + a),
			want: []string{"-  - *** (8 bytes of other text, before)", "+  - *** (8 bytes of other text, after)"}},
		"a stray END": {old: endCert + "\n" + a, new: endCert + "\n" + b,
			want: []string{"-    <certificate: " + line("a") + ">", "+    <certificate: " + line("b") + ">"}},
		"to text": {old: a, new: "none", want: []string{"-  ca:", "-  - " + line("a"), "+  ca: none"}},
	} {
		t.Run(name, func(t *testing.T) {
			changes := between(t, configMap("ca", tt.old), configMap("ca", tt.new))
			if name == "damaged" {
				if len(changes) != 1 || !strings.Contains(changes[0].Text, "*I") {
					t.Fatalf("the damaged block does not show: %v", changes)
				}
				return
			}
			var got []string
			if len(changes) > 0 {
				got = signed(changes[0].Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// rewrapped writes the base64 of a PEM block in lines of 76.
func rewrapped(block string) string {
	lines := strings.Split(strings.TrimSpace(block), "\n")
	body := strings.Join(lines[1:len(lines)-1], "")
	return lines[0] + "\n" + body[:76] + "\n" + body[76:] + "\n" + lines[len(lines)-1] + "\n"
}

// What a trust store would no longer read as it did is a difference, however
// much the text looks like the same certificates.
func TestCertificatesThatNoLongerRead(t *testing.T) {
	a, b := certPEM(t, "a"), certPEM(t, "b")
	end := strings.Index(a, endCert)
	for name, text := range map[string]string{
		"commented out":     "# " + strings.ReplaceAll(strings.TrimSpace(a), "\n", "\n# ") + "\n" + b,
		"BEGIN commented":   "# " + a + b,
		"END commented":     a[:end] + "# " + a[end:] + b,
		"indented":          indented(a, " ") + b,
		"END indented":      a[:end] + " " + a[end:] + b,
		"run together":      strings.TrimSpace(a) + b,
		"text after END":    strings.TrimSpace(a) + " # a\n" + b,
		"cut short":         a[:end] + b,
		"headers":           strings.Replace(a, "-----\n", "-----\nProc-Type: 4\n\n", 1) + b,
		"BEGIN twice":       beginCert + "\n" + a + b,
		"another label":     strings.ReplaceAll(a, "CERTIFICATE", "TRUSTED CERTIFICATE") + b,
		"a list, not a PEM": "",
	} {
		t.Run(name, func(t *testing.T) {
			old, new := configMap("ca", a+b), configMap("ca", text)
			if text == "" {
				new.Map("data")["ca"] = []any{pki.Summary(root(t, "a")), pki.Summary(root(t, "b"))}
			}
			if c := one(t, old, new); len(signed(c.Text)) == 0 {
				t.Errorf("the change does not show:\n%s", c.Text)
			}
		})
	}
}

// Text that is written as we show or compare certificates is not one.
func TestCertificateLookalikes(t *testing.T) {
	a, b := certPEM(t, "a"), certPEM(t, "b")
	print := func(name string) string { return pki.Fingerprint(root(t, name)) }
	shown := "<certificate: " + pki.Summary(root(t, "a")) + ">"
	for name, tt := range map[string][2]string{
		"fingerprints": {"x\n" + a + print("b") + "\n", "x\n" + print("a") + "\n" + b},
		"shown":        {"x\n" + strings.TrimSpace(a) + "\n" + b, "x\n" + shown + "\n" + b},
		"shown alone":  {"x\n" + strings.TrimSpace(a), "x\n" + shown},
		"indentation":  {"ca: |\n" + indented(a, "  "), "ca: |\n  " + a},
	} {
		t.Run(name, func(t *testing.T) {
			if c := one(t, configMap("ca", tt[0]), configMap("ca", tt[1])); len(signed(c.Text)) == 0 {
				t.Errorf("the change does not show:\n%s", c.Text)
			}
		})
	}
}

func TestCertificateFields(t *testing.T) {
	a, b := certPEM(t, "a"), certPEM(t, "b")
	got := one(t, configMap("ca.crt", b), configMap("ca.crt", a+b)).Fields
	want := []Field{{Path: `data["ca.crt"][0]`, Action: Added, New: pki.Summary(root(t, "a"))}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}
