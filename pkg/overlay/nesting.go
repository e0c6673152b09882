package overlay

import (
	"bytes"
	"errors"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// maxInner is the maximum depth of YAML within strings of YAML, such as patches
// in the configuration of a transformer.
const maxInner = 4

// checkYAML checks the limits of a file before kustomize expands its aliases,
// and of the strings in it, which kustomize may read as YAML (patches and
// configuration). Files that are not YAML pass.
func checkYAML(budget *limits.Budget, data []byte, inner int) error {
	if inner > maxInner || !hasAliases(data) && !mayBeDeep(data) {
		return nil
	}
	for doc, err := range budget.Documents(data) {
		if _, isLimit := errors.AsType[*limits.Error](err); isLimit || budget.Err() != nil {
			return err
		}
		if err != nil {
			return nil
		}
		if err := checkTexts(budget, doc, inner); err != nil {
			return err
		}
	}
	return nil
}

func hasAliases(data []byte) bool {
	return bytes.IndexByte(data, '&') >= 0 && bytes.IndexByte(data, '*') >= 0
}

// mayBeDeep saves most files from being read twice. In flow style a level needs
// a bracket, in block style a column.
func mayBeDeep(data []byte) bool {
	const half = limits.MaxDepth / 2
	if bytes.Count(data, []byte("{"))+bytes.Count(data, []byte("[")) >= half-1 {
		return true
	}
	for line := range bytes.Lines(data) {
		if len(line)-len(bytes.TrimLeft(line, " -?:")) >= half-1 {
			return true
		}
	}
	return false
}

func checkTexts(budget *limits.Budget, n *yaml.Node, inner int) error {
	if n.Kind == yaml.ScalarNode {
		err := checkYAML(budget, []byte(n.Value), inner+1)
		if limit, isLimit := errors.AsType[*limits.Error](err); isLimit {
			return &limits.Error{Line: n.Line, Reason: limit.Reason}
		}
		return err
	}
	for _, below := range n.Content {
		if err := checkTexts(budget, below, inner); err != nil {
			return err
		}
	}
	return nil
}
