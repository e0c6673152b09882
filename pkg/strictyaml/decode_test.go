package strictyaml

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

type color string

// upper is read by a Format: text in upper case.
type upper string

type common struct {
	Name   string `json:"name"`
	Hidden string `json:"hidden,omitempty"`
}

type inner struct {
	Password string `json:"password,omitempty"`
	Count    int32  `json:"count,omitempty"`
}

type config struct {
	common `json:",inline"`
	Hidden string            `json:"-"`
	Color  color             `json:"color,omitempty"`
	Upper  upper             `json:"upper,omitempty"`
	On     bool              `json:"on,omitempty"`
	Tags   []string          `json:"tags,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	Inner  *inner            `json:"inner,omitempty"`
	Parts  map[string]some   `json:"parts,omitempty"`
	Free   json.RawMessage   `json:"free,omitempty"`
}

// some is a Part of inner.
type some struct{ node *yaml.Node }

func (*some) Whole() reflect.Type    { return reflect.TypeFor[inner]() }
func (s *some) Keep(node *yaml.Node) { s.node = node }

var testFormat = &Format{
	Words:    map[reflect.Type][]string{reflect.TypeFor[color](): {"red", "green"}},
	FreeForm: []reflect.Type{reflect.TypeFor[json.RawMessage]()},
	IsSecret: func(key string) bool { return key == "password" },
	Read: func(d *Decoder, node *yaml.Node, at *Path, into any) bool {
		p, ok := into.(*upper)
		if !ok {
			return false
		}
		if text, ok := d.Text(yamlnode.Resolve(node), at); ok {
			if text != strings.ToUpper(text) {
				d.Bad(node, at, "must be in upper case")
			}
			*p = upper(text)
		}
		return true
	},
}

// parse decodes a file and returns its problems, a line each.
func parse(t *testing.T, format *Format, text string, into any) string {
	t.Helper()
	root, bad := Document(nil, []byte(text), "v1")
	if bad != nil {
		return problem.New("f", []problem.Problem{*bad}).Error()
	}
	d := format.NewDecoder(BudgetFor([]byte(text)))
	d.Decode(root, nil, reflect.ValueOf(into).Elem())
	if err := d.Err("f"); err != nil {
		return err.Error()
	}
	return ""
}

func TestDecode(t *testing.T) {
	var got config
	if problems := parse(t, testFormat, `
name: a
color: red
upper: &u UP
on: true
tags: [x, *u]
labels: {a: b}
inner: &i {count: 7}
parts: {p: {<<: *i}}
free: {any: [1, 2.5, null, 2026-01-02]}
`, &got); problems != "" {
		t.Fatal(problems)
	}
	if got.Parts["p"].node == nil {
		t.Error("the node of a part is lost")
	}
	got.Parts = nil
	want := config{
		common: common{Name: "a"}, Color: "red", Upper: "UP", On: true, Tags: []string{"x", "UP"}, Labels: map[string]string{"a": "b"},
		Inner: &inner{Count: 7}, Free: json.RawMessage(`{"any":[1,2.5,null,"2026-01-02"]}`),
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(config{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDecodeReportsEveryProblem(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"fields": {"nam: a\nhidden: b\ntags: []\ntags: []\n[a]: b\n", "f:1: nam: unknown field; did you mean name?\nf:1: name: required\n" +
			"f:2: hidden: unknown field\nf:4: tags: duplicate key (first on line 3)\nf:5: a key must be plain text"},
		"kinds": {"name: [a]\ntags: a\nlabels: []\ninner: 1\non: 'true'\n", "f:1: name: must be text, not a list\n" +
			"f:2: tags: must be a list (a dash before each entry), not a single value\nf:3: labels: must be a map (lines of key: value), not a list\n" +
			"f:4: inner: must be a map (lines of key: value), not a single value\nf:5: on: must be true or false, without quotes"},
		"scalars": {"name: 1\ncolor: blue\nupper: low\ninner: {count: 99999999999, password: 7}\n", "f:1: name: must be text; quote it: \"1\"\n" +
			"f:2: color: \"blue\" must be one of red, green\nf:3: upper: must be in upper case\nf:4: inner.count: is too large\nf:4: inner.password: must be text; quote it"},
		"nothing": {"name:\ntags: [~]\nlabels: {a: }\ninner:\nparts: {p: }\n", "f:1: name: has no value, and one is required\n" +
			"f:2: tags[0]: is empty\nf:3: labels.a: has no value; write one, or leave it out\n" +
			"f:4: inner: has no value; write {} for an empty map, or leave it out\nf:5: parts.p: has no value; an environment changes entries but does not remove them"},
		"empty":     {"name: ''\n", "f:1: name: must not be empty"},
		"merges":    {"name: a\n<<: b\n", "f:2: [\"<<\"]: must be a map or a list of maps"},
		"free form": {"name: a\nfree: {a: .inf}\n", "f:2: free.a: \".inf\" cannot be represented in JSON; quote it"},
		"part":      {"name: a\nparts:\n  p:\n    cuont: 1\n", "f:4: parts.p.cuont: unknown field; did you mean count?"},
		"odd keys":  {"name: a\nlabels: {a.b: [], '': []}\n", "f:2: labels[\"\"]: must be text, not a list\nf:2: labels[\"a.b\"]: must be text, not a list"},
		"no file":   {"# nothing\n", "f:1: the file is empty; it starts with apiVersion: v1"},
		"two files": {"name: a\n---\nname: b\n", "f:2: second document; a file must have only one"},
		"not YAML":  {"name: a: b\n", "f:1: not YAML: mapping values are not allowed in this context; quote a value that contains a colon and a space, or check the indentation"},
		"null":      {"name: a\non: ~\n", "f:2: on: has no value; write one, or leave it out"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, parse(t, testFormat, tt.text, &config{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestPartialFilesMayLeaveOutAndRemove(t *testing.T) {
	root, bad := Document(nil, []byte("inner: ~\ntags: [a]\n"), "v1")
	if bad != nil {
		t.Fatal(bad)
	}
	d := testFormat.NewDecoder(100)
	d.Partial = true
	var got config
	if d.Decode(root, nil, reflect.ValueOf(&got).Elem()); d.Err("f") != nil || got.Inner != nil || len(got.Tags) != 1 {
		t.Errorf("%+v, %v", got, d.Err("f"))
	}
}

func TestBudgetEndsRepetition(t *testing.T) {
	root, bad := Document(nil, []byte("name: a\ntags: &t [a, b, c, d, e]\nlabels: {a: b}\n"), "v1")
	if bad != nil {
		t.Fatal(bad)
	}
	d := testFormat.NewDecoder(8)
	d.Decode(root, nil, reflect.ValueOf(&config{}).Elem())
	if err := d.Err("f"); d.Budget >= 0 || err == nil || !strings.HasSuffix(err.Error(), "is repeated too often; replace the aliases by their values") || strings.Count(err.Error(), "\n") != 0 {
		t.Errorf("budget %d, %v", d.Budget, err)
	}
}

type plainFile struct {
	Zone  string   `json:"zone"`
	Alias []string `json:"alias,omitempty"`
	Inner inner    `json:"inner,omitempty"`
}

func TestPlainFormat(t *testing.T) {
	format := &Format{Plain: &Plain{NotMap: "no map", NotList: "no list", Twice: "twice", Missing: "missing", Unknown: "only %s"}}
	for name, tt := range map[string]struct{ text, want string }{
		"valid":         {"zone: a\nalias: [b]\n", ""},
		"fields":        {"Zone: a\nZone: b\nalias: [x]\nalias: 7\n", "f:1: Zone: only zone, alias, inner\nf:1: zone: missing\nf:2: Zone: only zone, alias, inner\nf:4: alias: twice"},
		"kinds":         {"zone: a\nalias: []\ninner: ~\n", "f:2: alias: no list\nf:3: inner: no map"},
		"a list of one": {"zone: a\nalias: x\n", "f:2: alias: no list"},
		"no merges":     {"zone: a\n<<: {alias: [b]}\n", "f:2: <<: only zone, alias, inner"},
		"no quotes":     {"zone: a\ninner: {a b: c}\n", "f:2: inner.a b: only password, count"},
		"not a map":     {"[a]", "f:1: no map"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, parse(t, format, tt.text, &plainFile{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestFieldsOf(t *testing.T) {
	fields := testFormat.FieldsOf(reflect.TypeFor[config]())
	if diff := cmp.Diff([]string{"color", "free", "inner", "labels", "name", "on", "parts", "tags", "upper"}, fields.Names); diff != "" {
		t.Errorf("names (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"color", "upper", "on", "tags", "labels", "inner", "parts", "free", "name"}, fields.Declared); diff != "" {
		t.Errorf("declared (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"name"}, fields.Required); diff != "" {
		t.Errorf("required (-want +got)\n%s", diff)
	}
}

func TestPath(t *testing.T) {
	root, bad := Document(nil, []byte("a:\n- b: 1\n  m: &m\n    c: 2\n- {<<: *m, x.y: 3}\n"), "v1")
	if bad != nil {
		t.Fatal(bad)
	}
	var top *Path
	for _, tt := range []struct {
		at    *Path
		text  string
		line  int
		given bool
		value string
	}{
		{top, "", 1, true, ""},
		{top.At("a"), "a", 1, true, ""},
		{top.At("a").Item(0).At("b"), "a[0].b", 2, true, "1"},
		{top.At("a").Item(0).At("m").At("c"), "a[0].m.c", 4, true, "2"},
		{top.At("a").Item(1).At("c"), "a[1].c", 4, true, "2"},
		{top.At("a").Item(1).At("x.y"), `a[1]["x.y"]`, 5, true, "3"},
		{top.At("a").Item(1).At("none"), "a[1].none", 5, false, ""},
		{top.At("a").Item(7).At("b"), "a[7].b", 2, false, ""},
		{top.At("none").Item(0), "none[0]", 1, false, ""},
	} {
		got := fmt.Sprint(tt.at.String(), " ", tt.at.Line(root), " ", tt.at.IsGiven(root), " ", tt.at.Find(root).Value)
		if want := fmt.Sprint(tt.text, " ", tt.line, " ", tt.given, " ", tt.value); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if list, i, field := top.At("a").Item(1).At("hosts").Item(0).Entry(); list != "a" || i != 1 || field != "hosts" {
		t.Errorf("entry is %s[%d].%s", list, i, field)
	}
	if list, _, field := top.At("a").Item(1).Entry(); list != "" || field != "" {
		t.Errorf("a path above the fields of an entry has one: %s, %s", list, field)
	}
	if got := top.At("a").Item(1).Parent().String(); got != "a" {
		t.Errorf("parent is %s", got)
	}
}

func TestProblemsEndAtTheMaximum(t *testing.T) {
	var ps Problems
	for i := range problem.Max + 10 {
		ps.Add(i+1, nil, "wrong")
	}
	bad, ok := errors.AsType[*problem.Error](ps.Err("f"))
	if !ok || !ps.Full() || len(ps.List) != problem.Max+1 || ps.Suggest("nam", []string{"name"}) != "" {
		t.Errorf("%d problems, full %v, %v", len(ps.List), ps.Full(), bad)
	}
	if err := (&Problems{}).Err("f"); err != nil {
		t.Errorf("nothing is wrong, and the error is %v", err)
	}
}
