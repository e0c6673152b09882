package output

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

type item struct {
	Secret string `json:"secret"`
	Days   int    `json:"days"`
}

var list = List{
	Kind:  "StatusList",
	Items: []any{item{"cafe", 1000000}, item{"tea\u202e", 0}},
	Names: []string{"secret/cafe", "secret/tea\u202e"},
	Rest:  map[string]any{"ok": 1},
}

// parse returns the flags as a command line sets them.
func parse(t *testing.T, f *Flags, args ...string) *Flags {
	t.Helper()
	cmd := &cobra.Command{Use: "x"}
	f.AddTo(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPrint(t *testing.T) {
	file := filepath.Join(t.TempDir(), "columns")
	if err := os.WriteFile(file, []byte("S    D\n.secret  .days\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-o", "json"}, `{
  "apiVersion": "kubectl-certs.dev/v1alpha1",
  "items": [
    {
      "secret": "cafe",
      "days": 1000000
    },
    {
      "secret": "tea\u202e",
      "days": 0
    }
  ],
  "kind": "StatusList",
  "ok": 1
}
`},
		{[]string{"-o", "yaml"}, `apiVersion: kubectl-certs.dev/v1alpha1
items:
- days: 1000000
  secret: cafe
- days: 0
  secret: "tea\u202E"
kind: StatusList
ok: 1
`},
		{[]string{"-o", "name"}, "secret/cafe\nsecret/tea\\u202e\n"},
		{[]string{"-o", "jsonpath={.items[*].days} {.ok}"}, "1000000 0 1"},
		{[]string{"-o", "go-template={{range .items}}{{.days}};{{end}}"}, "1000000;0;"},
		{[]string{"-o", "go-template", "--template", "{{.kind}}"}, "StatusList"},
		{[]string{"--template", "{{.kind}}"}, "StatusList"},
		{[]string{"-o", "custom-columns=S:.secret,D:days,N:{.nothing}"}, "S           D         N\ncafe        1000000   <none>\ntea\\u202e   0         <none>\n"},
		{[]string{"-o", "custom-columns-file=" + file}, "S           D\ncafe        1000000\ntea\\u202e   0\n"},
	} {
		f := parse(t, ForRows(), test.args...)
		if err := f.Validate(); err != nil {
			t.Errorf("%q: %v", test.args, err)
			continue
		}
		var text bytes.Buffer
		if err := f.Print(&text, list); err != nil {
			t.Errorf("%q: %v", test.args, err)
		}
		if diff := cmp.Diff(test.want, text.String()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.args, diff)
		}
	}
}

// TestPrintEmpty: an empty list is a list, not null.
func TestPrintEmpty(t *testing.T) {
	var text bytes.Buffer
	if err := parse(t, ForRows(), "-o", "jsonpath={.items}").Print(&text, List{Kind: "StatusList"}); err != nil {
		t.Fatal(err)
	}
	if got := text.String(); got != "[]" {
		t.Errorf("got %q, want []", got)
	}
}

// TestPrintHTML: what only HTML gives a meaning to is not escaped.
func TestPrintHTML(t *testing.T) {
	var text bytes.Buffer
	if err := parse(t, ForRows(), "-o", "json").Print(&text, List{Kind: "L", Items: []any{item{Secret: "a<b>&"}}}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text.Bytes(), []byte(`"secret": "a<b>&"`)) {
		t.Errorf("prints\n%s", &text)
	}
}

func TestValidate(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for _, test := range []struct {
		flags *Flags
		args  []string
		want  string
	}{
		{ForRows(), nil, ""},
		{ForRows(), []string{"-o", "wide"}, ""},
		{ForFindings(), []string{"-o", "sarif"}, ""},
		{ForDiffs(), []string{"-o", "markdown"}, ""},
		{ForData(PEM), []string{"-o", "pem"}, ""},
		{ForRows().Without(Name, YAML), []string{"-o", "wide"}, ""},
		{ForFindings().Without(Wide, SARIF), []string{"-o", "wide"}, `--output "wide": must be one of text, json, yaml, github`},
		{ForDiffs(), []string{"-o", "yaml"}, `--output "yaml": must be one of text, json, markdown`},
		{ForFindings(), []string{"-o", "jsonpath={.a}"}, `--output "jsonpath={.a}": must be one of text, wide, json, yaml, github, sarif`},
		{ForRows(), []string{"-o", "json=x"}, `--output "json=x": json takes no argument`},
		{ForRows(), []string{"-o", "=x"}, `--output "=x": must be one of json, yaml, name, wide, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file`},
		{ForRows(), []string{"-o", "jsonpath={.a"}, `--output jsonpath: error parsing jsonpath {.a, unclosed action`},
		{ForRows(), []string{"-o", "jsonpath"}, `--output jsonpath: template format specified but no template given`},
		{ForRows(), []string{"-o", "custom-columns"}, `--output custom-columns: needs columns, such as custom-columns=SECRET:.secret,EXPIRES:.expires`},
		{ForRows(), []string{"-o", "custom-columns=A"}, `--output custom-columns: "A": must be HEADER:PATH, such as SECRET:.secret`},
		{ForRows(), []string{"-o", "custom-columns=A:{.a[}"}, `--output custom-columns: column A: unterminated array`},
		{ForRows(), []string{"-o", "custom-columns-file=" + missing}, "--output custom-columns-file: " + missing + ": no such file or folder"},
	} {
		got := ""
		if err := parse(t, test.flags, test.args...).Validate(); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%q:\n got %s\nwant %s", test.args, got, test.want)
		}
	}
}

// TestPrintFails: nothing is written, and the error does not hold the list.
func TestPrintFails(t *testing.T) {
	f := parse(t, ForRows(), "-o", "go-template={{.kind}}{{index .items 7}}")
	var text bytes.Buffer
	err := f.Print(&text, list)
	if err == nil || text.Len() > 0 || bytes.Contains([]byte(err.Error()), []byte("cafe")) {
		t.Errorf("wrote %q, error %v", text.String(), err)
	}
}

func TestFormat(t *testing.T) {
	for _, test := range []struct {
		args   []string
		format string
		text   bool
	}{
		{nil, Text, true},
		{[]string{"-o", "wide"}, Wide, true},
		{[]string{"-o", "jsonpath={.a=b}"}, "jsonpath", false},
		{[]string{"--template", "x"}, "go-template", false},
	} {
		f := parse(t, ForRows(), test.args...)
		if got := f.Format(); got != test.format || f.IsText() != test.text {
			t.Errorf("%q: %q, text %t; want %q, %t", test.args, got, f.IsText(), test.format, test.text)
		}
	}
}

// TestSortRows: --sort-by orders rows by a field of their JSON form; rows without it
// come first, and equal rows keep their order.
func TestSortRows(t *testing.T) {
	type row struct {
		Name  string `json:"name"`
		Count *int   `json:"count,omitempty"`
	}
	number := func(n int) *int { return &n }
	rows := []row{{"c", number(10)}, {"a", number(9)}, {"b", nil}, {"d", number(9)}}
	for path, want := range map[string]string{
		"":         "cabd",
		"{.name}":  "abcd",
		"name":     "abcd",
		".count":   "badc",
		".nothing": `--sort-by ".nothing": no item has this field; -o json shows the fields`,
	} {
		got, sorted := "", slices.Clone(rows)
		if err := SortRows(parse(t, ForRows(), "--sort-by", path), sorted); err != nil {
			got = err.Error()
		} else {
			for _, r := range sorted {
				got += r.Name
			}
		}
		if got != want {
			t.Errorf("--sort-by %q: got %q, want %q", path, got, want)
		}
	}
}

// TestNoHeaders: --no-headers is for tables only.
func TestNoHeaders(t *testing.T) {
	f := parse(t, ForRows(), "--no-headers", "-o", "custom-columns=S:.secret")
	var out bytes.Buffer
	if err := errors.Join(f.Validate(), f.Print(&out, list)); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "cafe\n") {
		t.Errorf("got\n%s", out.String())
	}
}

// TestUnreadFlags: a flag is refused with a format that does not read it.
func TestUnreadFlags(t *testing.T) {
	for line, want := range map[string]string{
		"-o json --no-headers":                             "--no-headers cannot be used with -o json",
		"-o jsonpath={.a} --no-headers":                    "--no-headers cannot be used with -o",
		"-o json --template x":                             "--template cannot be used with -o json",
		"-o wide --allow-missing-template-keys=false":      "--allow-missing-template-keys cannot be used with -o wide",
		"--allow-missing-template-keys=false":              "--allow-missing-template-keys needs -o or --template",
		"-o wide --no-headers --sort-by .a":                "",
		"-o json --sort-by .a":                             "",
		"-o go-template --template x":                      "",
		"--template x --allow-missing-template-keys=false": "",
		"--no-headers":                                     "",
	} {
		cmd := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return nil }, SilenceErrors: true, SilenceUsage: true}
		ForRows().AddTo(cmd)
		cmd.SetArgs(strings.Fields(line))
		got := ""
		if err := cmd.Execute(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: error %q, want %q", line, got, want)
		}
	}
}
