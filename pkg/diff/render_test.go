package diff

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// example is a change of every kind, in three overlays.
func example(t testing.TB) []Change {
	t.Helper()
	issuer := func(server, profile string) manifest.Object {
		return decode(t, `
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt, annotations: {note: "a | b"}}
spec: {acme: {email: me@example.com, `+profile+`server: `+server+`, solvers: [{http01: {ingress: {ingressClassName: nginx}}}]}}
`)[0]
	}
	trust := secret(map[string]any{"token": b64("old-token"), "ca.crt": b64(certPEM(t, "Corp Root 2016"))})
	newTrust := secret(map[string]any{"token": b64("new-token"), "ca.crt": b64(certPEM(t, "Corp Root 2026", "Corp Root 2016"))})
	changes, err := Overlays([]Overlay{
		{"overlays/prod", []manifest.Object{issuer("https://prod.example", ""), trust}},
		{"overlays/staging", []manifest.Object{issuer("https://staging.example", ""), trust, configMap("a", "```` fence")}},
	}, []Overlay{
		{"overlays/prod", []manifest.Object{issuer("https://prod.example", "profile: tlsserver, "), newTrust}},
		{"overlays/staging", []manifest.Object{issuer("https://new.example", ""), newTrust}},
		{"overlays/dev", []manifest.Object{configMap("script.sh", "echo '<b>'\necho done\n")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestGolden(t *testing.T) {
	changes := example(t)
	for file, render := range map[string]func(io.Writer, []Change) error{
		"text.golden":    func(w io.Writer, c []Change) error { return Text(w, c, TextOptions{}) },
		"color.golden":   func(w io.Writer, c []Change) error { return Text(w, c, TextOptions{Color: true}) },
		"summary.golden": writeSummary,
		"json.golden":    writeJSON,
		"markdown.md":    Markdown,
	} {
		t.Run(file, func(t *testing.T) {
			var got bytes.Buffer
			if err := render(&got, changes); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", file)
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		})
	}
}

// TestSummaryWithoutOverlays has no column for labels where there are none.
func TestSummaryWithoutOverlays(t *testing.T) {
	var got bytes.Buffer
	if err := writeSummary(&got, []Change{one(t, configMap("a", "x"), configMap("a", "y")), one(t, secret(nil), secret(map[string]any{"a": "b"}))}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("~ changed  ConfigMap/x  +1 -1\n~ changed  Secret/ns/x  +2 -1\n", got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNothingToRender(t *testing.T) {
	var text, summary, markdown, js bytes.Buffer
	for _, err := range []error{Text(&text, nil, TextOptions{Color: true}), writeSummary(&summary, nil), Markdown(&markdown, nil), writeJSON(&js, nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ got, want string }{
		{text.String(), ""},
		{summary.String(), ""},
		{markdown.String(), "**No objects differ**\n"},
		{js.String(), `{
  "items": [],
  "summary": {
    "added": 0,
    "changed": 0,
    "removed": 0
  }
}
`},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// hostile is what a name, label or value might hold to act on a terminal or
// on a pull request.
const hostile = "\x1b[2J\u009b31m\x07\r\u202e\u2066\u200b\u2028\U000E0041\x7f|</code></details><img src=x>[a](http://x)@org/team`*_~"

func hostileChanges(t testing.TB) []Change {
	t.Helper()
	object := func(value string) manifest.Object {
		return manifest.Object{
			"apiVersion": hostile, "kind": hostile + "\n",
			"metadata": map[string]any{"name": hostile + "\n@@", "namespace": hostile, "labels": map[string]any{hostile: hostile}},
			"spec":     map[string]any{hostile: hostile + value, "block": "a\n" + hostile + value + "\n", "list": []any{hostile}},
		}
	}
	changes, err := Overlays([]Overlay{{hostile + "\n", []manifest.Object{object("a")}}}, []Overlay{{hostile + "\n", []manifest.Object{object("b")}}})
	if err != nil || len(changes) != 1 {
		t.Fatalf("%d changes, %v", len(changes), err)
	}
	return changes
}

func TestHostileText(t *testing.T) {
	changes := hostileChanges(t)
	out := everyOutput(t, changes)
	for _, sequence := range []string{bold, red, green, cyan, reset} {
		out = strings.ReplaceAll(out, sequence, "") // ours
	}
	for _, r := range out {
		if !unicode.IsPrint(r) && r != '\n' && r != '\t' {
			t.Fatalf("%U is in the output:\n%q", r, out)
		}
	}
	var md bytes.Buffer
	if err := Markdown(&md, changes); err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(md.String(), "```")
	for _, markup := range []string{"<img", "</code></details>", "[a]", "@", "*_~", "`", `\|`} {
		if strings.Contains(before[len("**1 object differs: 1 changed**"):], markup) {
			t.Errorf("%q is in:\n%s", markup, before)
		}
	}
	for line := range strings.Lines(before) {
		if n := strings.Count(line, "|"); n != 0 && n != 4 {
			t.Errorf("%d bars in %s", n, line)
		}
	}
	var report reports
	var js bytes.Buffer
	if err := writeJSON(&js, changes); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(js.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if got := report.Items[0].Namespace; got != hostile {
		t.Errorf("JSON holds %q, want %q", got, hostile)
	}
}

func TestMarkdownFence(t *testing.T) {
	var out bytes.Buffer
	if err := Markdown(&out, []Change{one(t, configMap("a", "`````"), configMap("a", "x"))}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "\n``````diff\n") {
		t.Errorf("no fence of six in:\n%s", out.String())
	}
}

func TestMarkdownIsCut(t *testing.T) {
	for _, n := range []int{openAtMost, openAtMost + 1, 2_000} {
		var objects []manifest.Object
		for i := range n {
			o := configMap("a", strings.Repeat("text ", 200))
			o["metadata"] = map[string]any{"name": fmt.Sprintf("x-%04d", i)}
			objects = append(objects, o)
		}
		changes, err := Objects(nil, objects)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := Markdown(&out, changes); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		rows, folds := strings.Count(text, "| added +"), strings.Count(text, "<details")
		if len(text) > maxMarkdown {
			t.Errorf("%d objects: %d bytes", n, len(text))
		}
		if first := fmt.Sprintf("**%d objects differ: %d added**\n", n, n); !strings.HasPrefix(text, first) {
			t.Errorf("%d objects: begins with %.60s, want %s", n, text, first)
		}
		if open := strings.Contains(text, "<details open>"); open != (n <= openAtMost) {
			t.Errorf("%d objects: open is %v", n, open)
		}
		if more := fmt.Sprintf("| and %d more | | |\n", n-rows); strings.Contains(text, more) != (rows < n) {
			t.Errorf("%d objects, %d rows: is %q there?\n%s", n, rows, more, text[:1000])
		}
		if more := fmt.Sprintf("\nThe diffs of %d objects are omitted", n-folds); strings.Contains(text, more) != (folds < n) {
			t.Errorf("%d objects, %d folds: is %q there?", n, folds, more)
		}
	}
}

func TestWriteError(t *testing.T) {
	changes := example(t)
	for name, err := range map[string]error{
		"text": Text(broken{}, changes, TextOptions{}), "summary": writeSummary(broken{}, changes),
		"json": writeJSON(broken{}, changes), "markdown": Markdown(broken{}, changes),
	} {
		if err != io.ErrClosedPipe {
			t.Errorf("%s: got %v, want %v", name, err, io.ErrClosedPipe)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
