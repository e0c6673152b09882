package lint

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// isVariable reports whether a string has a placeholder, such as ${NAME} of Flux
// or {{ name }} of Helm, or is encrypted.
func isVariable(text string) bool {
	return strings.Contains(text, "${") || strings.Contains(text, "{{") || strings.Contains(text, "ENC[")
}

// hasVariable reports whether any string of an object has a placeholder.
func hasVariable(v any) bool {
	switch v := v.(type) {
	case string:
		return isVariable(v)
	case map[string]any:
		for _, inner := range v {
			if hasVariable(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasVariable)
	}
	return false
}

// isSealed reports whether a string is encrypted with SOPS, age or PGP.
func isSealed(text string) bool {
	return strings.Contains(text, "ENC[AES256_GCM") || strings.Contains(text, "-----BEGIN AGE ENCRYPTED FILE-----") || strings.Contains(text, "-----BEGIN PGP MESSAGE-----")
}

// isThere reports whether a value is in clear text and not empty or a
// placeholder. A value with certificates is, even with placeholders beside them.
func isThere(text string) bool {
	if strings.TrimSpace(text) == "" || isSealed(text) {
		return false
	}
	if !isVariable(text) || !utf8.ValidString(text) {
		return true
	}
	_, _, found := pki.Find(text)
	return found
}

// withoutVariables copies a value with empty strings instead of placeholders.
func withoutVariables(v any) any {
	switch v := v.(type) {
	case string:
		if !isThere(v) {
			return ""
		}
	case map[string]any:
		copied := make(map[string]any, len(v))
		for key, inner := range v {
			copied[key] = withoutVariables(inner)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, inner := range v {
			copied[i] = withoutVariables(inner)
		}
		return copied
	}
	return v
}

// valueMaps are the maps of a Secret or a ConfigMap, and whether they hold base64.
var valueMaps = map[string]bool{"data": true, "stringData": false, "binaryData": true}

// value returns the decoded value of a Secret or ConfigMap.
func value(o manifest.Object, field string, v any) string {
	text, isText := v.(string)
	switch {
	case v == nil:
		return ""
	case !isText:
		return fmt.Sprint(v)
	}
	if !valueMaps[field] || field == "data" && o.Kind() == "ConfigMap" {
		return text
	}
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
		return string(raw)
	}
	return text
}

// hasValue reports whether a Secret or ConfigMap has a value in clear text.
func hasValue(o manifest.Object) bool {
	for field := range valueMaps {
		for _, v := range o.Map(field) {
			if isThere(value(o, field, v)) {
				return true
			}
		}
	}
	return false
}

// filled returns an object without its placeholders.
func filled(o manifest.Object) manifest.Object {
	if o.Kind() != "Secret" && o.Kind() != "ConfigMap" {
		if !hasVariable(map[string]any(o)) {
			return o
		}
		return withoutVariables(map[string]any(o)).(map[string]any)
	}
	copied := manifest.Object{}
	for key, v := range o {
		copied[key] = v
	}
	for field := range valueMaps {
		values := o.Map(field)
		if len(values) == 0 {
			continue
		}
		kept := map[string]any{}
		for key, v := range values {
			if isThere(value(o, field, v)) {
				kept[key] = v
			}
		}
		copied[field] = kept
	}
	return copied
}
