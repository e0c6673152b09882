package spec

import (
	"encoding/base64"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// want checks that a node is of a kind and says how to write that kind.
func (d *decoder) want(node *yaml.Node, at *path, kind yaml.Kind) bool {
	switch {
	case node.Kind == kind:
		return true
	case kind == yaml.MappingNode:
		d.bad(node, at, "must be a map, lines of key: value; this is %s", kindName(node))
	case kind == yaml.SequenceNode:
		d.bad(node, at, "must be a list, each entry after a dash; this is %s", kindName(node))
	default:
		d.bad(node, at, "must be text; this is %s", kindName(node))
	}
	return false
}

func kindName(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

// plainText returns the text of a node that YAML, too, takes for text. A date
// is text: nothing here is of another type that looks like one.
func (d *decoder) plainText(node *yaml.Node, at *path) (string, bool) {
	if !d.want(node, at, yaml.ScalarNode) {
		return "", false
	}
	if tag := node.ShortTag(); tag != "!!str" && tag != "!!timestamp" {
		if at.key == "password" {
			d.bad(node, at, "must be text; quote it") // and not shown
		} else {
			d.bad(node, at, "must be text; quote it: %q", node.Value)
		}
		return "", false
	}
	return node.Value, true
}

func (d *decoder) text(node *yaml.Node, at *path, into reflect.Value) {
	value, ok := d.plainText(node, at)
	if !ok {
		return
	}
	if allowed := enums[into.Type()]; allowed != nil && !slices.Contains(allowed, value) {
		d.notAllowed(node, at, value, allowed)
		return
	}
	into.SetString(value)
}

// notAllowed lists the words, unless there are many and one of them is near.
func (d *decoder) notAllowed(node *yaml.Node, at *path, value string, allowed []string) {
	meant := d.hint(value, allowed)
	if meant != "" && len(allowed) > 8 {
		d.bad(node, at, "%q is not known here%s", value, meant)
		return
	}
	d.bad(node, at, "%q is none of %s%s", value, strings.Join(allowed, ", "), meant)
}

func (d *decoder) boolean(node *yaml.Node, at *path, into reflect.Value) {
	yes := strings.EqualFold(node.Value, "true")
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!bool" || !yes && !strings.EqualFold(node.Value, "false") {
		d.bad(node, at, "must be true or false%s", withoutQuotes(node))
		return
	}
	into.SetBool(yes)
}

func (d *decoder) integer(node *yaml.Node, at *path, into reflect.Value) {
	n, ok := wholeNumber(node)
	switch {
	case !ok:
		d.bad(node, at, "must be a whole number%s", withoutQuotes(node))
	case into.OverflowInt(n):
		d.bad(node, at, "is too large")
	default:
		into.SetInt(n)
	}
}

func withoutQuotes(node *yaml.Node) string {
	if node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		return ", without quotes"
	}
	return ""
}

func wholeNumber(node *yaml.Node) (int64, bool) {
	var n int64
	ok := node.Kind == yaml.ScalarNode && node.ShortTag() == "!!int" && node.Decode(&n) == nil
	return n, ok
}

func (d *decoder) intOrString(node *yaml.Node, at *path, into *intstr.IntOrString) {
	n, isNumber := wholeNumber(node)
	switch {
	case isNumber && n >= math.MinInt32 && n <= math.MaxInt32:
		*into = intstr.FromInt32(int32(n))
	case isNumber:
		d.bad(node, at, "is too large")
	case node.Kind == yaml.ScalarNode && node.ShortTag() == "!!str":
		*into = intstr.FromString(node.Value)
	default:
		d.bad(node, at, "must be a number or a name")
	}
}

func (d *decoder) duration(node *yaml.Node, at *path, into *metav1.Duration) {
	if node.Kind != yaml.ScalarNode {
		d.bad(node, at, "must be a duration such as 2160h; this is %s", kindName(node))
		return
	}
	parsed, err := time.ParseDuration(node.Value)
	if node.ShortTag() != "!!str" || err != nil {
		d.bad(node, at, "%q is no duration; write hours, minutes and seconds, as in %s", node.Value, hours(node.Value))
		return
	}
	into.Duration = parsed
}

// hours turns what people write for days, weeks and years into what cert-manager reads.
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

// quantity is stricter than its own parser, which takes Mi for 0: as API servers are.
func (d *decoder) quantity(node *yaml.Node, at *path, into *resource.Quantity) {
	parsed, err := resource.ParseQuantity(node.Value)
	if node.Kind != yaml.ScalarNode || err != nil || !quantityForm.MatchString(node.Value) {
		d.bad(node, at, "is no quantity; write one such as 100m, 2 or 64Mi")
		return
	}
	*into = parsed
}

// bytes reads base64, as cert-manager has it, or PEM text as people have it.
func (d *decoder) bytes(node *yaml.Node, at *path, into *[]byte) {
	value, ok := d.plainText(node, at)
	if !ok {
		return
	}
	if strings.Contains(value, "-----BEGIN ") {
		*into = []byte(value)
		return
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), ""))
	if err != nil || len(decoded) == 0 {
		d.bad(node, at, "is neither PEM nor base64 of PEM")
		return
	}
	*into = decoded
}
