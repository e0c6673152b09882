package schema

import (
	"encoding/base64"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// readScalar reads the types that have a special form in certs.yaml.
func readScalar(d *strictyaml.Decoder, node *yaml.Node, at *strictyaml.Path, into any) bool {
	node = yamlnode.Resolve(node)
	switch p := into.(type) {
	case *metav1.Duration:
		readDuration(d, node, at, p)
	case *intstr.IntOrString:
		readIntOrString(d, node, at, p)
	case *[]byte:
		readBytes(d, node, at, p)
	case *resource.Quantity:
		readQuantity(d, node, at, p)
	default:
		return false
	}
	return true
}

func readIntOrString(d *strictyaml.Decoder, node *yaml.Node, at *strictyaml.Path, into *intstr.IntOrString) {
	n, isNumber := strictyaml.WholeNumber(node)
	switch {
	case isNumber && n >= math.MinInt32 && n <= math.MaxInt32:
		*into = intstr.FromInt32(int32(n))
	case isNumber:
		d.Bad(node, at, "is too large")
	case node.Kind == yaml.ScalarNode && node.ShortTag() == "!!str":
		*into = intstr.FromString(node.Value)
	default:
		d.Bad(node, at, "must be a number or a name")
	}
}

func readDuration(d *strictyaml.Decoder, node *yaml.Node, at *strictyaml.Path, into *metav1.Duration) {
	if node.Kind != yaml.ScalarNode {
		d.Bad(node, at, "must be a duration such as 2160h, not %s", strictyaml.KindName(node))
		return
	}
	parsed, err := ParseDuration(node.Value)
	if err == nil && node.ShortTag() != "!!str" { // 0
		err = invalidDuration(node.Value)
	}
	if err != nil {
		d.Bad(node, at, "%s", err)
		return
	}
	into.Duration = parsed
}

// ParseDuration is time.ParseDuration with an error that says how to write days.
func ParseDuration(text string) (time.Duration, error) {
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return 0, invalidDuration(text)
	}
	return parsed, nil
}

func invalidDuration(text string) error {
	return fmt.Errorf("invalid duration %q: use hours, for example %s", text, hours(text))
}

// hours converts days, weeks and years, which a duration does not have, to
// hours.
func hours(s string) string {
	for unit, days := range map[string]int{"d": 1, "w": 7, "y": 365} {
		number, ok := strings.CutSuffix(s, unit)
		if n, err := strconv.Atoi(number); ok && err == nil && n > 0 && n < 10_000 {
			return strconv.Itoa(n*days*24) + "h"
		}
	}
	return "2160h"
}

var quantityForm = regexp.MustCompile(quantityPattern)

// readQuantity is as strict as an API server. The parser itself reads Mi as 0.
func readQuantity(d *strictyaml.Decoder, node *yaml.Node, at *strictyaml.Path, into *resource.Quantity) {
	parsed, err := resource.ParseQuantity(node.Value)
	if node.Kind != yaml.ScalarNode || err != nil || !quantityForm.MatchString(node.Value) {
		d.Bad(node, at, "is not a quantity; use a form such as 100m, 2 or 64Mi")
		return
	}
	*into = parsed
}

// readBytes reads PEM, or base64 as in cert-manager's objects.
func readBytes(d *strictyaml.Decoder, node *yaml.Node, at *strictyaml.Path, into *[]byte) {
	value, ok := d.Text(node, at)
	if !ok {
		return
	}
	if strings.Contains(value, "-----BEGIN ") {
		*into = []byte(value)
		return
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), ""))
	if err != nil || len(decoded) == 0 {
		d.Bad(node, at, "is neither PEM nor base64 of PEM")
		return
	}
	*into = decoded
}
