package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// shop is a small valid file; its first host is on line 5.
const shop = header + `expose:
- name: shop
  host: shop.example.com
  secretName: shop
  routes: [{path: /, service: shop, port: 80}]
`

const empty = "certs.yaml:1: the file is empty; it starts with apiVersion: kubectl-certs.dev/v1alpha1"

// notOneDocument has what no archive can hold: odd bytes, files that are not
// YAML at all, and long ones.
var notOneDocument = map[string]struct{ in, want string }{
	"empty":               {"", empty},
	"blank":               {"\n\n  \n", empty},
	"comment":             {"# nothing yet\n", empty},
	"marker":              {"---\n", empty},
	"null":                {"null\n", empty},
	"byte order mark":     {"\ufeff", empty},
	"UTF-16 mark":         {"\xff\xfe", empty},
	"text":                {"certs\n", "certs.yaml:1: must be a map (lines of key: value), not a single value"},
	"second document":     {shop + "---\nkind: Certs\n", "certs.yaml:8: second document; a file must have only one"},
	"empty second":        {shop + "---\n", "certs.yaml:8: second document; a file must have only one"},
	"broken second":       {shop + "---\na: [\n", "certs.yaml:9: not YAML: did not find expected node content"},
	"tab":                 {header + "metadata:\n\tname: a\n", "certs.yaml:4: not YAML: found character that cannot start any token; this line is indented with a tab, use spaces"},
	"tab in a list":       {header + "issuers:\n- name: a\n\tselfSigned: {}\n", "certs.yaml:5: not YAML: found a tab character that violates indentation; this line is indented with a tab, use spaces"},
	"at sign":             {header + "metadata:\n  name: @a\n", "certs.yaml:4: not YAML: found character that cannot start any token; quote a value that starts with @, ` or %"},
	"unknown anchor":      {header + "metadata:\n  name: a\nexpose: *.example.com\n", "certs.yaml:5: not YAML: did not find expected alphabetic or numeric character; quote a value that starts with *"},
	"alias":               {header + "metadata:\n  name: *other\n", "certs.yaml:4: not YAML: unknown anchor 'other' referenced; quote a value that starts with *"},
	"open quote":          {shop + "metadata:\n  name: \"a\n", "certs.yaml:9: not YAML: found unexpected end of stream; a closing quote is missing"},
	"open bracket":        {header + "expose: [\n", "certs.yaml:3: not YAML: did not find expected node content"},
	"two colons":          {header + "metadata:\n  name: a: b\n", "certs.yaml:4: not YAML: mapping values are not allowed in this context; quote a value that contains a colon and a space, or check the indentation"},
	"indented too little": {header + "expose:\n  - name: a\n    host: b\n   routes: []\n  - name: c\n", "certs.yaml:6: not YAML: did not find expected '-' indicator; check the indentation"},
	"indented too much":   {header + "metadata:\n  name: a\n   more: b\n", "certs.yaml:5: not YAML: mapping values are not allowed in this context; quote a value that contains a colon and a space, or check the indentation"},
	"list at top":         {header + "- a\n", "certs.yaml:3: not YAML: did not find expected key; check the indentation"},
	"no colon":            {header + "metadata\n", "certs.yaml:3: not YAML: could not find expected ':'; write key: value"},
	"not UTF-8":           {header + "metadata: {name: \"caf\xe9\"}\n", "certs.yaml:3: not YAML: invalid trailing UTF-8 octet"},
	"control character":   {header + "metadata:\n  name: \"a\x01\"\n", "certs.yaml:4: not YAML: control characters are not allowed"},
	"deep brackets":       {header + "expose: " + strings.Repeat("[", 20_000), "certs.yaml:3: not YAML: exceeded max depth of 10000"},
	"deep map":            {header + deep("a", 200), "certs.yaml:3: a: unknown field"},
	"CRLF":                {strings.ReplaceAll(header+"metadata:\n  name: A\n  nam: b\n", "\n", "\r\n"), "certs.yaml:4: metadata.name: invalid name \"A\": use at most 253 lower-case letters, digits, '-' and '.'\ncerts.yaml:5: metadata.nam: unknown field; did you mean name?"},
	"CRLF, not YAML":      {strings.ReplaceAll(header+"metadata:\n  name: a: b\n", "\n", "\r\n"), "certs.yaml:4: not YAML: mapping values are not allowed in this context; quote a value that contains a colon and a space, or check the indentation"},
	"too many sources":    {manySources(99, "from: [a.pem], ", "defaultCAs: true"), tooManySources(101)},
	"CR, not YAML":        {strings.ReplaceAll(header+"metadata:\n  name: a: b\n", "\n", "\r"), "certs.yaml:4: not YAML: mapping values are not allowed in this context; quote a value that contains a colon and a space, or check the indentation"},
}

func TestNotOneDocument(t *testing.T) {
	for name, tt := range notOneDocument {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(nil, "certs.yaml", []byte(tt.in))
			if diff := cmp.Diff(tt.want, fmt.Sprint(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func deep(key string, levels int) string {
	return strings.Repeat("{"+key+": ", levels)[1:] + "x" + strings.Repeat("}", levels-1) + "\n"
}

// TestSameFile has the ways to write one file that must all mean the same.
func TestSameFile(t *testing.T) {
	want := parsed(t, shop)
	for name, in := range map[string]string{
		"CRLF":            strings.ReplaceAll(shop, "\n", "\r\n"),
		"byte order mark": "\ufeff" + shop,
		"markers":         "---\n" + shop + "...\n",
		"no last newline": strings.TrimSuffix(shop, "\n"),
		"comments":        "# certs\n" + strings.ReplaceAll(shop, "\n", " # here\n"),
		"quotes":          strings.ReplaceAll(shop, "shop.example.com", `"shop.example.com"`),
		"flow":            `{apiVersion: kubectl-certs.dev/v1alpha1, kind: Certs, expose: [{name: shop, host: shop.example.com, secretName: shop, routes: [{path: /, service: shop, port: 80}]}]}`,
		"JSON":            `{"apiVersion":"kubectl-certs.dev/v1alpha1","kind":"Certs","expose":[{"name":"shop","host":"shop.example.com","secretName":"shop","routes":[{"path":"/","service":"shop","port":80}]}]}`,
		"another number":  strings.ReplaceAll(shop, "port: 80", "port: 0x50"),
		"anchors":         strings.ReplaceAll(strings.ReplaceAll(shop, "- name: shop", "- name: &n shop"), "secretName: shop", "secretName: *n"),
		"merge keys":      strings.ReplaceAll(shop, "  secretName: shop\n", "  <<: {secretName: shop, name: hidden}\n"),
		"merge lists":     strings.ReplaceAll(shop, "  secretName: shop\n", "  <<: [{secretName: shop}, {secretName: hidden, name: hidden}]\n"),
		"merge of merges": strings.ReplaceAll(shop, "  secretName: shop\n", "  <<: {<<: {<<: {secretName: shop}, name: hidden}}\n"),
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, parsed(t, in), compare); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// aliasBombs are small files that expand to huge ones, with a part of the error.
func aliasBombs() map[string]struct{ in, want string } {
	wide := strings.Repeat("*a, ", 2_000)
	var levels strings.Builder
	levels.WriteString("      l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		fmt.Fprintf(&levels, "      l%d: &l%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d, ", i), 10), ", "))
	}
	webhook := header + "issuers:\n- name: le\n  acme:\n    server: letsencrypt\n    solvers:\n    - dns01: {webhook: {groupName: a, solverName: b, config: {\n"
	return map[string]struct{ in, want string }{
		"billion laughs": {
			header + "issuers:\n- name: le\n  acme:\n    server: letsencrypt\n    solvers:\n    - dns01:\n       webhook:\n        groupName: a\n        solverName: b\n        config:\n" + strings.ReplaceAll(levels.String(), "      l", "          l"),
			"aliases expand to more than 108856 values (100000 and 8 for each byte read); replace them with their values",
		},
		"circles in circles": {webhook + "a: &a [" + strings.Repeat("*a,", 100) + "]}}}\n", "an alias refers to a value that contains it"},
		"wide on wide": {
			header + "expose:\n- &a {name: shop, host: shop.example.com, secretName: shop, routes: &r [{path: /, service: a, port: 80}]}\n" +
				"- &b {name: b, host: b.example.com, secretName: b, routes: [&a {path: /b, service: a, port: 80}, " + wide + "*a]}\n" +
				strings.Repeat("- *b\n", 2_000),
			"aliases expand to more than 246136 values (100000 and 8 for each byte read); replace them with their values",
		},
		"environments of everything": {
			header + "environments:\n" + strings.Repeat("- {name: a}\n", 1_001) + "issuers:\n" + strings.Repeat("- {name: a, selfSigned: {}}\n", 1_000),
			"too many entries for one file: 1001 environments of 1000 entries each; split the file",
		},
		"merges of merges": {
			header + "issuers:\n- &l0 {name: a, selfSigned: {}}\n" + mergeBomb(),
			"aliases expand to more than 172024 values (100000 and 8 for each byte read); replace them with their values",
		},
		"the same in every environment": {
			webhook + "a: &a [" + strings.Repeat("x,", 10_000) + "], b: [" + strings.Repeat("*a,", 8) + "]}}}\n" +
				"environments:\n" + manyEnvironments(200),
			"is repeated too often; replace the aliases by their values",
		},
	}
}

// TestAliasBombs checks that they are refused after a bounded amount of work.
func TestAliasBombs(t *testing.T) {
	for name, tt := range aliasBombs() {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(nil, "certs.yaml", []byte(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want an error with %q, got %.400v", tt.want, err)
			}
		})
	}
}

func mergeBomb() string {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "- &l%d {<<: [%s]}\n", i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d, ", i), 50), ", "))
	}
	return b.String()
}

// TestManyProblems checks that a hopeless file gives a list of bounded length.
func TestManyProblems(t *testing.T) {
	_, err := Parse(nil, "certs.yaml", []byte(header+"issuers:\n"+strings.Repeat("- {nam: a}\n", 5_000)))
	lines := strings.Split(fmt.Sprint(err), "\n")
	if len(lines) != problem.Max+1 {
		t.Errorf("%d lines, want %d and one that says so", len(lines), problem.Max)
	}
	want := "certs.yaml:503: more than 1000 problems; these are the first"
	if diff := cmp.Diff(want, lines[len(lines)-1]); diff != "" {
		t.Errorf("last line (-want +got):\n%s", diff)
	}
}

// manyEnvironments change the first issuer, each by itself.
func manyEnvironments(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "- {name: e%d, issuers: {le: {acme: {email: a@example.com}}}}\n", i)
	}
	return b.String()
}
