package overlay

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestIsBase: only our own folders of the base are recognised.
func TestIsBase(t *testing.T) {
	for dir, want := range map[string]bool{
		"base/cluster": true, "base/responder": true, "base/apps": true, "base/trust/a/configmap": true,
		"base": false, "base/trust": false, "base/trusted/a": false, "base/apps/own": false, "overlays/apps": false, "other": false,
	} {
		if got := isBase(dir); got != want {
			t.Errorf("%s: %v", dir, got)
		}
	}
}

// TestIsRepository: what kustomize would clone, and what it would not.
func TestIsRepository(t *testing.T) {
	for entry, want := range map[string]bool{
		"https://host/o/r": true, "HTTPS://host/o/r": true, "https://host/r.git": true, "http://host/o/r": true, "ssh://host/o/r": true, "ssh://git@host:22/o/r": true,
		"git::https://host/o/r": true, "git::file:///srv/r": true, "file:///srv/r": true, "git@host:o/r": true, "git@host/o/r": true, "org-1@host:o/r": true,
		"github.com/o/r": true, "GitHub.com/o/r": true, "github.com:o/r": true, "github.com:r.git": true, "git@host:r.git?ref=a": true,
		"https://host/r": false, "https://host": false, "https://host:80": false, "ssh://host/r": false, "git@host:r": false, "git@host/r": false, "git@host": false, "git@:o/r": false,
		"github.com/o": false, "gitlab.com/o/r": false, "/github.com/o/r": false, "/srv/git@host:o/r": false, "../o/r": false, "git": false, "": false, "1@host:o/r": false,
		"git@host/o?ref=a/b": false,
	} {
		if got := isRepository(entry); got != want {
			t.Errorf("%s: %v", entry, got)
		}
	}
}

// TestIsRemote: what is there is not elsewhere, whatever it is called, unless
// kustomize would not look.
func TestIsRemote(t *testing.T) {
	files := fstest.MapFS{"gitlab.com/o/r/kustomization.yaml": {}, "a?ref=b": {}}
	for entry, want := range map[string]struct{ folder, file bool }{
		"https://host/a.yaml":       {true, true},
		"http://host/a":             {true, true},
		"ftp://host/a":              {true, true},
		"git@host:o/r":              {true, false},
		"gitlab.com/o/r":            {false, false},
		"GitLab.com/o/other":        {true, false},
		"bitbucket.org/o/r":         {true, false},
		"example.com/o/r":           {false, false},
		"a?ref=b":                   {false, false},
		"gone?ref=b":                {true, false},
		"gone?version=b":            {true, false},
		"gone?timeout=1":            {false, false},
		"gone-ref=b":                {false, false},
		"{a: 'ftp://host/a'}":       {false, false},
		"a: b\nc: 'ftp://host/a'\n": {false, false},
		"a:{}":                      {false, false},
		"http%zz://host":            {true, true},
	} {
		if folder, file := isRemote(files, entry, entry, true), isRemote(files, entry, entry, false); folder != want.folder || file != want.file {
			t.Errorf("%q: as a folder %v, as a file %v", entry, folder, file)
		}
	}
}

// TestMayBeDeep: a text is looked at again as soon as it could be half as deep as
// is allowed, in either style.
func TestMayBeDeep(t *testing.T) {
	const half = limits.MaxDepth / 2
	for name, tt := range map[string]struct {
		text string
		want bool
	}{
		"nothing":               {"", false},
		"flat":                  {strings.Repeat("a: b\n", 1000), false},
		"brackets":              {strings.Repeat("[", half-1), true},
		"braces and brackets":   {strings.Repeat("{", half/2) + strings.Repeat("[", half-1-half/2), true},
		"fewer brackets":        {strings.Repeat("[", half-2), false},
		"columns":               {"a:\n" + strings.Repeat(" ", half-1) + "b: c\n", true},
		"dashes":                {strings.Repeat("- ", half/2) + "b: c\n", true},
		"fewer columns":         {"a:\n" + strings.Repeat(" ", half-2) + "b: c\n", false},
		"spaces behind do not":  {"a: b" + strings.Repeat(" ", half) + "\n", false},
		"columns of many lines": {strings.Repeat("  a: b\n", half), false},
	} {
		if got := mayBeDeep([]byte(tt.text)); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for text, want := range map[string]bool{"&a [*a]": true, "*a &a": true, "&a": false, "*a": false, "a": false, "a&*": true} {
		if got := hasAliases([]byte(text)); got != want {
			t.Errorf("%s: aliases are %v", text, got)
		}
	}
}

// TestCheckYAML: YAML is checked in texts in YAML too, to the depth that kustomize
// reads; what is not YAML passes.
func TestCheckYAML(t *testing.T) {
	deep := strings.Repeat("[", limits.MaxDepth+2) + strings.Repeat("]", limits.MaxDepth+2)
	within := func(text string, times int) string {
		for range times {
			text = "a: |\n  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"
		}
		return text
	}
	for name, tt := range map[string]struct {
		text string
		want bool
	}{
		"deep":              {deep, true},
		"deep in a text":    {within(deep, 1), true},
		"as deep as read":   {within(deep, maxInner), true},
		"deeper than read":  {within(deep, maxInner+1), false},
		"not YAML":          {deep[:limits.MaxDepth/2+10], false},
		"half as deep":      {deep[limits.MaxDepth/2 : 3*limits.MaxDepth/2+4], false},
		"aliases, harmless": {"a: &a 1\nb: *a\n", false},
	} {
		if got := checkYAML(nil, []byte(tt.text), 0) != nil; got != tt.want {
			t.Errorf("%s: refused is %v", name, got)
		}
	}
}

// TestShare: an environment's objects become the base's only where they are equal.
func TestShare(t *testing.T) {
	built := func(name, value string) manifest.Built {
		return manifest.Built{Object: manifest.Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name}, "data": map[string]any{"k": value}}}
	}
	base := []manifest.Built{built("same", "1"), built("other", "1")}
	own := []manifest.Built{built("same", "1"), built("other", "2"), built("new", "1")}
	want := []manifest.Built{built("same", "1"), built("other", "2"), built("new", "1")}
	Share(base, own)
	if diff := cmp.Diff(want, own); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	base[0].Object["shared"], base[1].Object["shared"] = true, true
	for i, want := range []bool{true, false, false} {
		if shared := own[i].Object["shared"] != nil; shared != want {
			t.Errorf("%s: shared is %v", own[i].Name(), shared)
		}
	}
}
