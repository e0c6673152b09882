package limits_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// read returns how many documents a stream has, and the error that ends it.
func read(b *limits.Budget, text string) (documents int, err error) {
	for _, err := range b.Documents([]byte(text)) {
		if err != nil {
			return documents, err
		}
		documents++
	}
	return documents, nil
}

// levels is a document in which each level names the one before ten times.
func levels(n int, open, closing, item string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "l%d: &l%d %s", i, i, open)
		for k := range 10 {
			ref := "x"
			if i > 0 {
				ref = fmt.Sprintf("*l%d", i-1)
			}
			fmt.Fprintf(&b, strings.ReplaceAll(item, "KEY", fmt.Sprint("k", k)), ref)
		}
		b.WriteString(closing + "\n")
	}
	return b.String()
}

func TestDocumentsErrors(t *testing.T) {
	list, mapping := levels(9, "[", "]", "%s, "), levels(9, "{", "}", "KEY: %s, ")
	for name, c := range map[string]struct{ in, want string }{
		"lists":              {list, "line 5: aliases expand to more than 104232 values (100000 and 8 for each byte read); replace them with their values"},
		"maps":               {mapping, "line 5: aliases expand to more than 107112 values (100000 and 8 for each byte read); replace them with their values"},
		"merge keys":         {levels(9, "{<<: [", "]}", "%s, "), "line 5: aliases expand to more than 104664 values (100000 and 8 for each byte read); replace them with their values"},
		"long text":          {"a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat("*a, ", 2000) + "]\n", "line 2: aliases expand to more than 8552712 values (100000 and 8 for each byte read); replace them with their values"},
		"alias as key":       {"a: &a [" + strings.Repeat("x,", 60_000) + "]\nb:\n  ? *a\n  : *a\nc: [" + strings.Repeat("*a,", 30) + "]\n", "line 5: aliases expand to more than 1060976 values (100000 and 8 for each byte read); replace them with their values"},
		"many documents":     {strings.Repeat(levels(4, "[", "]", "%s, ")+"---\n", 200), "line 189: aliases expand to more than 464800 values (100000 and 8 for each byte read); replace them with their values"},
		"earlier document":   {levels(4, "[", "]", "%s, ") + "---\n[" + strings.Repeat("*l3,", 100) + "]\n", "line 6: aliases expand to more than 105048 values (100000 and 8 for each byte read); replace them with their values"},
		"circle":             {"a: b\nc: &c {d: [*c]}\n", "line 2: an alias refers to a value that contains it"},
		"merged circle":      {"a: &a\n  b: c\n  <<: *a\n", "line 3: an alias refers to a value that contains it"},
		"circle in a key":    {"&a\n? [*a]\n: b\n", "line 2: an alias refers to a value that contains it"},
		"deep flow":          {strings.Repeat("[", 300) + strings.Repeat("]", 300), "line 1: nested deeper than 200 levels"},
		"deep block":         {strings.Repeat("- ", 300) + "x\n", "line 1: nested deeper than 200 levels"},
		"deep by aliases":    {"a: &a " + nested(150) + "\nb: " + strings.Repeat("[", 60) + "*a" + strings.Repeat("]", 60) + "\n", "line 2: nested deeper than 200 levels"},
		"ten thousand deep":  {nested(9_999), "line 1: nested deeper than 200 levels"},
		"a million deep":     {nested(1_000_000), "yaml: exceeded max depth of 10000"},
		"too many documents": {strings.Repeat("---\na: b\n", 100_001), "line 200001: more than 100000 documents in one file; split it"},
		"no YAML":            {"a: b\n---\nc: [\n", "yaml: line 3: did not find expected node content"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(nil, c.in)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// TestDocuments: what files spell out is not limited, nor are modest aliases.
func TestDocuments(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want int
	}{
		"nothing":           {"", 0},
		"two":               {"a: b\n---\nc: d\n", 2},
		"JSON":              {`{"a": ["b"]}`, 1},
		"two million nodes": {strings.Repeat("- a: b\n", 700_000), 1},
		"many documents":    {strings.Repeat("---\na: b\n", 100_000), 100_000},
		"PEM in text":       {"a: |\n" + strings.Repeat("  -----BEGIN CERTIFICATE-----\n", 200_000), 1},
		"aliases":           {"a: &a {b: c}\n" + strings.Repeat("---\na: &a {b: c}\nd: {<<: *a, e: *a}\n", 10_000), 10_001},
		"deep":              {nested(200), 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := read(nil, c.in); got != c.want || err != nil {
				t.Errorf("got %d documents, %v, want %d", got, err, c.want)
			}
		})
	}
}

// TestBudgetIsShared: each file is modest, all together are not.
func TestBudgetIsShared(t *testing.T) {
	file := levels(4, "[", "]", "%s, ")
	b := limits.New(nil)
	for i := 1; ; i++ {
		_, err := read(b, file)
		if err == nil && i < 100 {
			continue
		}
		const want = "line 4: aliases expand to more than 117920 values (100000 and 8 for each byte read); replace them with their values"
		if i != 10 || err == nil || err.Error() != want {
			t.Errorf("file %d: got %v, want file 10 and %s", i, err, want)
		}
		break
	}
	if _, err := read(b, "a: &a [b]\nc: *a\n"); err != nil {
		t.Errorf("what was refused spent the budget: %v", err)
	}
}

func TestStop(t *testing.T) {
	stopped, documents := errors.New("stopped"), 0
	b := limits.New(func() error {
		if documents == 2 {
			return stopped
		}
		return nil
	})
	for _, err := range b.Documents([]byte("a: b\n---\na: b\n---\na: b\n")) {
		if err != nil {
			if err != stopped || documents != 2 {
				t.Errorf("got %v after %d documents", err, documents)
			}
			return
		}
		documents++
	}
	t.Errorf("read all %d documents", documents)
}

// FuzzDocuments: what is let through can be expanded with bounded work.
func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{
		"a: &a [x, x]\nb: &b [*a, *a]\nc: {<<: {d: *b}}\n---\ne: *b\n",
		"a: &a [*a]\n", "? &a b\n: *a\n", "&a {b: &a c, d: *a}\n", levels(6, "{", "}", "KEY: %s, "),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		spelled, expanded := 0, 0
		for doc, err := range limits.New(nil).Documents(data) {
			if err != nil {
				if doc != nil {
					t.Errorf("both %v and %v", doc, err)
				}
				return
			}
			spelled += count(doc, false)
			expanded += count(doc, true)
		}
		if limit := spelled + 100_000 + 8*len(data); expanded > limit {
			t.Errorf("%d nodes expand to %d, over %d", spelled, expanded, limit)
		}
	})
}

func count(n *yaml.Node, expand bool) int {
	if n.Kind == yaml.AliasNode && expand {
		return 1 + count(n.Alias, expand)
	}
	sum := 1
	for _, inner := range n.Content {
		sum += count(inner, expand)
	}
	return sum
}

func TestSizes(t *testing.T) {
	got := []string{
		fmt.Sprint(limits.Size(limits.MaxFile)), fmt.Sprint(limits.Size(limits.MaxFile + 1)),
		fmt.Sprint(limits.Blocks(strings.Repeat("-----BEGIN X-----\n", 10_000))),
		fmt.Sprint(limits.Blocks(strings.Repeat("-----BEGIN X-----\n", 10_001))),
	}
	want := []string{
		"<nil>", "over the limit of 64 MiB for one file; split it",
		"<nil>", "10001 PEM blocks, over the limit of 10000 for one file; split it",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
