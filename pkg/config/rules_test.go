package config

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// TestEveryRuleHasACase reads the texts of all rules from the source and
// wants each of them in the outcome of some case.
func TestEveryRuleHasACase(t *testing.T) {
	var reported []string
	docs := brokenDocuments(t)
	for _, tt := range notOneDocument {
		docs = append(docs, tt.in)
	}
	for _, name := range []string{"the same in every environment", "environments of everything"} { // the others take long and say nothing new
		docs = append(docs, aliasBombs()[name].in)
	}
	for _, doc := range docs {
		_, err := Parse(nil, "certs.yaml", []byte(doc))
		var e *problem.Error
		if !errors.As(err, &e) {
			t.Fatalf("no *problem.Error for\n%s", doc)
		}
		for _, p := range e.Problems {
			reported = append(reported, p.Rule)
		}
	}
	all := strings.Join(reported, "\n")
	rules := ruleTexts(t)
	if len(rules) < 100 {
		t.Errorf("only %d rules found in the source", len(rules))
	}
	for _, rule := range rules {
		if !rulePattern(rule).MatchString(all) {
			t.Errorf("no case for %q", rule)
		}
	}
}

// brokenDocuments are the files of all archives of errors.
func brokenDocuments(t testing.TB) []string {
	var docs []string
	for _, archive := range broken(t) {
		for _, f := range archive.Files {
			if strings.HasSuffix(f.Name, ".yaml") {
				docs = append(docs, withHeader(string(f.Data)))
			}
		}
	}
	return docs
}

// ruleTexts returns the formats given to bad and Bad, and what ruleFuncs return.
func ruleTexts(t *testing.T) []string {
	var files []string
	for _, dir := range []string{".", "schema", "resolve", "validation", filepath.Join("..", "strictyaml")} {
		found, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no source in %s: %v", dir, err)
		}
		files = append(files, found...)
	}
	var rules []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				rules = append(rules, rulesOf(f)...)
			}
		}
	}
	return rules
}

// ruleFuncs return a rule or a part of one.
var ruleFuncs = []string{"hostRule", "pathRule", "nginxPathRule", "sourceRule", "registryRule", "yamlAdvice", "withoutQuotes", "WhyExplicit", "WhyExplicitGateway"}

func rulesOf(f *ast.FuncDecl) []string {
	var rules []string
	literals := func(exprs []ast.Expr) {
		for _, e := range exprs {
			if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil && text != "" {
					rules = append(rules, text)
					return
				}
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && strings.EqualFold(s.Sel.Name, "bad") {
				literals(n.Args)
			}
		case *ast.ReturnStmt:
			if slices.Contains(ruleFuncs, f.Name.Name) {
				literals(n.Results)
			}
		}
		return true
	})
	return rules
}

var verb = regexp.MustCompile(`%[qsdv]`)

func rulePattern(rule string) *regexp.Regexp {
	parts := verb.Split(rule, -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(strings.Join(parts, ".*"))
}
