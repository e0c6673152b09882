package pkg

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// A phrase is wording that readers stumble over, and what to write in its place. A
// match that begins or ends with something allowed is correct English.
type phrase struct {
	pattern string // a space is any space, also the break of a comment's line
	instead string
	allowed string
}

// phrases may only grow. CONTRIBUTING.md has the glossary.
var phrases = []phrase{
	{`\b(?:\w+ )?(?:is|are|was|were) no (?:\w+|%\w)`, `"is not a X", or "invalid X"`,
		`^(?i:there|here) |\b(longer|more|less|fewer|later|earlier|larger|smaller|better|worse|different)$`},
	{`\b(?:\w+ )?(?:is|are|was|were) none\b`, `"is not one", "is missing"`, `^(?i:there) `},
	{`\b(?:is|are) there twice\b`, `"duplicate X"`, ``},
	{`\b(?:tells?|told|telling) of\b`, `"reports"`, ``},
	{`\b(?:is|are|was|were|be|been|being) told\b`, `"is reported"`, ``},
	{`\b(?:nobody|somebody|anybody)\b`, `"no one", "the user", or name the component`, ``},
	{`\bwho(?:m)?ever\b`, `"the one that", or name the component`, ``},
	{`\b(?:go|goes|gone|going|went) on with\b`, `"resume", "continue"`, ``},
	{`\b(?:pass|passes|passed|passing) over\b`, `"skip"`, ``},
	{`\bby whose\b`, `"source"`, ``},
	{`\bbe it\b`, `"whether"`, ``},
	{`\bjudg(?:e|es|ed|ing|ment|ments|ement)\b`, `"check"`, ``},
	{`\basked for\b`, `"requested"`, ``},
	{`\b(?:held|holds|hold) back\b`, `"deferred"`, ``},
	{`\b(?:is|are|was|were|be|been) taken over\b`, `"adopted"`, ``},
	{`\bstands? for\b`, `"means", "describes"`, ``},
	{`\b(?:is|are|was) torn\b|\btorn reference`, `"unresolved reference"`, ``},
	{`\bhow it stands\b`, `"the status of"`, ``},
	{`\b(?:see|sees|saw) to it\b`, `"ensures"`, ``},
	{`\btak(?:e|es|en) for granted\b`, `"assumes"`, ``},
	{`\bof which (?:nobody|no one|a person)\b`, `a sentence of its own`, ``},
	{`\bto \w+ all the same\b`, `"anyway"`, ``},
}

type compiled struct {
	phrase
	match, fine *regexp.Regexp
}

func compile() []compiled {
	var all []compiled
	for _, p := range phrases {
		c := compiled{phrase: p, match: regexp.MustCompile(`(?i)` + strings.ReplaceAll(p.pattern, " ", `(?:\s+(?:(?://|#|>)\s*)?)`))}
		if p.allowed != "" {
			c.fine = regexp.MustCompile(p.allowed)
		}
		all = append(all, c)
	}
	return all
}

// A text is what is read of a file: a literal, a comment, a name or a document.
type text struct {
	file    string // below the root, with slashes
	line    int
	content string
}

// problems returns file:line and the phrase for each bad phrase of a text.
func (c compiled) problems(t text) []string {
	var found []string
	for _, at := range c.match.FindAllStringIndex(t.content, -1) {
		words := strings.Join(strings.Fields(t.content[at[0]:at[1]]), " ")
		if c.fine != nil && c.fine.MatchString(words) {
			continue
		}
		line := t.line + strings.Count(t.content[:at[0]], "\n")
		found = append(found, fmt.Sprintf("%s:%d: %q: write %s", t.file, line, words, c.instead))
	}
	return found
}

// TestStyle: no text has a phrase of the list.
func TestStyle(t *testing.T) {
	all := compile()
	for _, one := range texts(t, "..") {
		for _, c := range all {
			for _, problem := range c.problems(one) {
				t.Error(problem)
			}
		}
	}
}

// TestStyleCanFail: the list matches what it is for, and nothing else.
func TestStyleCanFail(t *testing.T) {
	for content, want := range map[string]int{
		"90d is no duration":                        1,
		"there is no Secret, which is no longer so": 0,
		"%q is no %s":                               1,
		"x is none of these":                        1,
		"there is none":                             0,
		"cafe is there\n// twice":                   1,
		"the judge may be it, and nobody is told":   4,
		"there are no more than 3":                  0,
	} {
		n := 0
		for _, c := range compile() {
			n += len(c.problems(text{"x.go", 1, content}))
		}
		if n != want {
			t.Errorf("%q has %d bad phrases, want %d", content, n, want)
		}
	}
	at := compile()[2].problems(text{"x.go", 7, "a\nb is there twice"})
	if want := `x.go:8: "is there twice": write "duplicate X"`; len(at) != 1 || at[0] != want {
		t.Errorf("got %q, want %q", at, want)
	}
}

// texts reads the Go files under pkg, cmd and lab, the Markdown files, and the
// comments of the Makefiles, of the YAML under docs, kustomize, krew and lab, and of
// the scripts.
func texts(t *testing.T, root string) []text {
	var all []text
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		if err == nil && entry.IsDir() && file != root && (name == "testdata" || strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() {
			return err
		}
		shown, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		shown = filepath.ToSlash(shown)
		var data []byte
		switch ext := filepath.Ext(name); {
		case ext == ".go" && shown != "pkg/style_test.go":
			read, err := goTexts(file, shown)
			all = append(all, read...)
			return err
		case ext == ".md":
			data, err = os.ReadFile(file)
			all = append(all, text{shown, 1, withoutGlossary(string(data))})
		case name == "Makefile", ext == ".yaml":
			data, err = os.ReadFile(file)
			all = append(all, hashComments(shown, string(data))...)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob(filepath.Join(root, "testdata", "script", "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range scripts {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		commands, _, _ := bytes.Cut(data, []byte("\n-- "))
		all = append(all, hashComments("testdata/script/"+filepath.Base(file), string(commands))...)
	}
	if len(all) < 1000 {
		t.Fatalf("read only %d texts", len(all))
	}
	return all
}

// withoutGlossary blanks the part of CONTRIBUTING.md that quotes the phrases.
func withoutGlossary(data string) string {
	before, rest, found := strings.Cut(data, "\n## Words\n")
	if !found {
		return data
	}
	glossary, after, _ := strings.Cut(rest, "\n## ")
	return before + strings.Repeat("\n", 2+strings.Count(glossary, "\n")) + after
}

// goTexts returns the literals and comments of a Go file; of a test the comments
// and the names of tests.
func goTexts(file, shown string) ([]text, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var all []text
	add := func(at token.Pos, content string) {
		all = append(all, text{shown, files.Position(at).Line, content})
	}
	for _, group := range parsed.Comments {
		lines := make([]string, len(group.List))
		for i, c := range group.List {
			lines[i] = c.Text
		}
		add(group.Pos(), strings.Join(lines, "\n"))
	}
	isTest := strings.HasSuffix(file, "_test.go")
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncDecl:
			if isTest && strings.HasPrefix(n.Name.Name, "Test") {
				add(n.Pos(), words(n.Name.Name))
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING && !isTest {
				add(n.Pos(), literal(n.Value))
			}
		}
		return true
	})
	return all, nil
}

// literal returns what a literal means, with its line breaks where they are in the
// file.
func literal(value string) string {
	if strings.HasPrefix(value, "`") {
		return value
	}
	if unquoted, err := strconv.Unquote(value); err == nil {
		return strings.ReplaceAll(unquoted, "\n", " ")
	}
	return value
}

// words splits a name like TestNobodyIsTold.
func words(name string) string {
	var text strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			text.WriteByte(' ')
		}
		text.WriteRune(r)
	}
	return text.String()
}

var hashComment = regexp.MustCompile(`(?:^|\s)#.*`)

func hashComments(shown, data string) []text {
	lines := strings.Split(data, "\n")
	for i, line := range lines {
		lines[i] = hashComment.FindString(line)
	}
	return []text{{shown, 1, strings.Join(lines, "\n")}}
}

// errorFuncs are the functions whose literals are errors and hints.
var errorFuncs = []string{"fmt.Errorf", "errors.New", "hint.With"}

// maxWords is how many words a sentence of an error may have.
const maxWords = 30

var sentenceEnd = regexp.MustCompile(`[.;:]\s`)

// TestErrorSentences: no sentence of an error or a hint is longer than maxWords.
func TestErrorSentences(t *testing.T) {
	read := 0
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || strings.Contains(file, "testdata") {
			return err
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || !slices.Contains(errorFuncs, types.ExprString(call.Fun)) {
				return true
			}
			for _, arg := range call.Args {
				read++
				for _, sentence := range sentenceEnd.Split(constant(arg), -1) {
					if n := len(strings.Fields(sentence)); n > maxWords {
						t.Errorf("%s: a sentence of %d words: %s", files.Position(call.Pos()), n, sentence)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil || read < 500 {
		t.Fatalf("read %d arguments: %v", read, err)
	}
}

// constant returns the literals of an expression, and ... for what is between them.
func constant(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.BasicLit:
		return literal(e.Value)
	case *ast.BinaryExpr:
		return constant(e.X) + constant(e.Y)
	}
	return " ... "
}
