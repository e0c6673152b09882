package output

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/tabwriter"

	"k8s.io/client-go/util/jsonpath"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// column is one of a table that the user describes.
type column struct {
	header string
	path   *jsonpath.JSONPath
}

// columnsPrinter reads NAME:.path,NAME:.path, or a file with the headers in its
// first line and the paths in its second, as kubectl does.
func columnsPrinter(format, argument string, headed bool) (func(map[string]any, io.Writer) error, error) {
	headers, paths, err := columnSpec(format, argument)
	if err != nil {
		return nil, fmt.Errorf("--output %s: %w", format, err)
	}
	columns := make([]column, len(headers))
	for i, header := range headers {
		path := jsonpath.New(header).AllowMissingKeys(true)
		if err := path.Parse(expression(paths[i])); err != nil {
			return nil, fmt.Errorf("--output %s: column %s: %w", format, header, err)
		}
		columns[i] = column{header, path}
	}
	return func(list map[string]any, w io.Writer) error { return printColumns(columns, list, w, headed) }, nil
}

func columnSpec(format, argument string) (headers, paths []string, err error) {
	if argument == "" {
		return nil, nil, errors.New("needs columns, such as custom-columns=SECRET:.secret,EXPIRES:.expires")
	}
	if format != CustomColumns {
		data, err := filetree.ReadFile(argument)
		if err != nil {
			return nil, nil, err
		}
		first, rest, _ := strings.Cut(string(data), "\n")
		second, _, _ := strings.Cut(rest, "\n")
		headers, paths = strings.Fields(first), strings.Fields(second)
		if len(headers) == 0 || len(headers) != len(paths) {
			return nil, nil, fmt.Errorf("%s: needs a line of headers and a line of as many paths", argument)
		}
		return headers, paths, nil
	}
	for part := range strings.SplitSeq(argument, ",") {
		header, path, found := strings.Cut(part, ":")
		if !found || header == "" || path == "" {
			return nil, nil, fmt.Errorf("%q: must be HEADER:PATH, such as SECRET:.secret", part)
		}
		headers, paths = append(headers, header), append(paths, path)
	}
	return headers, paths, nil
}

// expression makes a JSONPath template of a path that may lack the braces and the
// dot.
func expression(path string) string {
	path = strings.TrimSuffix(strings.TrimPrefix(path, "{"), "}")
	if !strings.HasPrefix(path, ".") && !strings.HasPrefix(path, "[") {
		path = "." + path
	}
	return "{" + path + "}"
}

func printColumns(columns []column, list map[string]any, w io.Writer, headed bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	headers := make([]string, len(columns))
	for i, c := range columns {
		headers[i] = c.header
	}
	if headed {
		fmt.Fprintln(table, strings.Join(headers, "\t"))
	}
	items, _ := list["items"].([]any)
	for _, item := range items {
		cells := make([]string, len(columns))
		for i, c := range columns {
			text, err := c.cell(item)
			if err != nil {
				return err
			}
			cells[i] = text
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}

// cell returns the values at the path of an item, or <none>.
func (c column) cell(item any) (string, error) {
	results, err := c.path.FindResults(item)
	if err != nil {
		return "", fmt.Errorf("column %s: %w", c.header, err)
	}
	var values []string
	for _, group := range results {
		for _, value := range group {
			var text bytes.Buffer
			if err := c.path.PrintResults(&text, []reflect.Value{value}); err != nil {
				return "", fmt.Errorf("column %s: %w", c.header, err)
			}
			values = append(values, printable.Line(text.String()))
		}
	}
	if len(values) == 0 {
		return "<none>", nil
	}
	return strings.Join(values, ","), nil
}
