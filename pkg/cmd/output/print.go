package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Version is the apiVersion of what commands print as JSON and YAML.
const Version = v1alpha1.APIVersion

// List is a result of several items. Its JSON form is an object with apiVersion,
// kind and items, and the fields of Rest beside them.
type List struct {
	APIVersion string // Version if empty
	Kind       string
	Items      []any          // each has the JSON form of an object
	Names      []string       // of the items for -o name, as in secret/cafe
	Rest       map[string]any // further fields, such as a summary
}

// MarshalJSON implements json.Marshaler.
func (l List) MarshalJSON() ([]byte, error) {
	fields := map[string]any{"apiVersion": l.APIVersion, "kind": l.Kind, "items": l.Items}
	if l.APIVersion == "" {
		fields["apiVersion"] = Version
	}
	if l.Items == nil {
		fields["items"] = []any{}
	}
	for name, value := range l.Rest {
		fields[name] = value
	}
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false) // the encoder of the list decides
	err := encoder.Encode(fields)
	return data.Bytes(), err
}

// Print writes a list in the format of the flags, which is not Text or Wide. It
// writes nothing if it fails.
func (f *Flags) Print(w io.Writer, l List) error {
	switch f.Format() {
	case JSON, YAML:
		return f.PrintValue(w, l)
	case Name:
		var text strings.Builder
		for _, name := range l.Names {
			text.WriteString(printable.Line(name) + "\n")
		}
		_, err := io.WriteString(w, text.String())
		return err
	}
	print, err := f.printer()
	if err != nil {
		return err
	}
	fields, err := fieldsOf(l)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := print(fields, &text); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n") // the rest is the whole list
		return fmt.Errorf("--output %s: %s", f.Format(), first)
	}
	_, err = w.Write(text.Bytes())
	return err
}

// PrintValue writes a value that is not a list as JSON, or as YAML with the same
// fields in order of their names.
func (f *Flags) PrintValue(w io.Writer, value any) error {
	data, err := printable.JSON(value)
	if err != nil {
		return err
	}
	if f.Format() == YAML {
		fields, err := fieldsOf(value)
		if err != nil {
			return err
		}
		data = manifest.Encode(fields)
	}
	_, err = w.Write(data)
	return err
}

// fieldsOf returns the JSON form of a value, numbers as int64 or float64.
func fieldsOf(value any) (map[string]any, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	err = utiljson.Unmarshal(data, &fields)
	return fields, err
}

// printer returns what prints in the format of the flags, which takes an
// argument.
func (f *Flags) printer() (func(fields map[string]any, w io.Writer) error, error) {
	name, argument := f.split()
	if name == CustomColumns || name == CustomColumns+"-file" {
		return columnsPrinter(name, argument, !f.noHeaders)
	}
	format := f.format
	if format == "" {
		format = "go-template"
	}
	p, err := f.template.ToPrinter(format)
	if err != nil {
		return nil, fmt.Errorf("--output %s: %w", f.Format(), err)
	}
	return func(fields map[string]any, w io.Writer) error {
		var object runtime.Object = &unstructured.Unstructured{Object: fields}
		return p.PrintObj(object, w)
	}, nil
}
