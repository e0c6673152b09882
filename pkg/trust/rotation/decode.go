package rotation

import (
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// format is the format of rotation.yaml.
var format = &strictyaml.Format{
	Read: read,
	Plain: &strictyaml.Plain{
		NotMap:  "must be a mapping",
		NotList: "must be a list with at least one entry",
		Twice:   "duplicate field",
		Missing: "missing",
		Unknown: "unknown field; the fields are %s",
	},
}

// read reads the types that are strings in the file, and issuers.
func read(d *strictyaml.Decoder, n *yaml.Node, at *strictyaml.Path, into any) bool {
	r := reader{d, n, at}
	switch p := into.(type) {
	case *apiVersion:
		*p = apiVersion(r.only(APIVersion))
	case *kind:
		*p = kind(r.only(Kind))
	case *issuerKind:
		*p = issuerKind(r.only("ClusterIssuer", "Issuer"))
	case *nameText:
		*p = nameText(r.name())
	case *filePath:
		*p = filePath(r.path())
	case *anyPath:
		*p = anyPath(r.anyPath())
	case *server:
		*p = server(r.server())
	case *labels.Selector:
		*p = r.selector()
	case *usage.Location:
		*p = r.location()
	case *usage.Ref:
		*p = r.secret()
	case *fileIssuer:
		r.issuer(p)
	default:
		return false
	}
	return true
}

// reader reads one node.
type reader struct {
	decoder *strictyaml.Decoder
	node    *yaml.Node // may be an alias
	at      *strictyaml.Path
}

func (r reader) bad(format string, args ...any) { r.decoder.Bad(r.node, r.at, format, args...) }

func (r reader) text() string {
	n := yamlnode.Resolve(r.node)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" || n.Value == "" {
		r.decoder.Bad(n, r.at, "must be a string")
		return ""
	}
	return n.Value
}

// name reads the name of an object.
func (r reader) name() string {
	text := r.text()
	if text != "" && !usage.IsObjectName(text) {
		r.bad("%q: must consist of lower-case letters, digits, - and .", text)
	}
	return text
}

// only reads one of the words.
func (r reader) only(words ...string) string {
	text := r.text()
	if text != "" && !slices.Contains(words, text) {
		r.bad("%q: must be %s", text, strings.Join(words, " or "))
	}
	return text
}

func (r reader) selector() labels.Selector {
	text := r.text()
	s, err := labels.Parse(text)
	if err != nil {
		r.bad("%q: must be a label selector, for example app=web,tier!=batch", text)
	}
	return s
}

func (r reader) location() usage.Location {
	text := r.text()
	if text == "" {
		return usage.Location{}
	}
	p, err := usage.ParseLocation(text)
	switch {
	case err != nil:
		r.bad("%v", err)
	case p.Vague():
		r.bad("%q: must include the namespace, for example %s/shop/%s", p.String(), strings.ToLower(p.Kind), p.Name)
	}
	return p
}

// secret reads a reference to a Secret in the form that status prints.
func (r reader) secret() usage.Ref {
	text := r.text()
	p, err := usage.ParseLocation(text)
	if text != "" && (err != nil || p.Kind != "Secret" || p.Namespace == "" || p.Key != "" || p.Hashed) {
		r.bad("%q: must be secret/NAMESPACE/NAME", text)
	}
	return usage.Ref{Kind: p.Kind, Namespace: p.Namespace, Name: p.Name}
}

func (r reader) server() string {
	text := r.text()
	if text != "" && !cabundle.IsServer(text) {
		r.bad("%q: must be HOST:PORT of a TLS server", text)
	}
	return text
}

func (r reader) issuer(i *fileIssuer) {
	r.decoder.Struct(r.node, r.at, reflect.ValueOf(i).Elem())
	switch {
	case i.Kind == "Issuer" && i.Namespace == "":
		r.bad("an Issuer needs its namespace")
	case i.Kind == "ClusterIssuer" && i.Namespace != "":
		r.bad("a ClusterIssuer has no namespace")
	}
}

// anyPath reads the path of an input file, which may be outside the rotation's
// folder.
func (r reader) anyPath() string {
	text := r.text()
	if path.IsAbs(text) || strings.Contains(text, `\`) {
		r.bad("%q: must be a path relative to the folder of this file, with /", text)
	}
	return path.Clean(text)
}

// path reads the path of a file below that of the rotation.
func (r reader) path() string {
	text := r.text()
	clean := path.Clean(text)
	if text != "" && (path.IsAbs(text) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(text, `\`)) {
		r.bad("%q: must be a path below the folder of this file, with /", text)
	}
	return clean
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// document returns the one document of a file.
func document(budget *limits.Budget, data []byte) (*yaml.Node, *problem.Problem) {
	var root *yaml.Node
	for doc, err := range budget.Documents(data) {
		switch {
		case err != nil:
			match := yamlLine.FindStringSubmatch(err.Error())
			line, _ := strconv.Atoi(match[1]) // 0 without a line
			return nil, &problem.Problem{Line: max(line, 1), Rule: strings.TrimPrefix(err.Error(), match[0])}
		case root != nil:
			return nil, &problem.Problem{Line: doc.Line, Rule: "must have only one document"}
		}
		root = doc.Content[0]
	}
	if root == nil {
		return nil, &problem.Problem{Line: 1, Rule: "the file is empty; start with apiVersion: " + APIVersion}
	}
	return root, nil
}
