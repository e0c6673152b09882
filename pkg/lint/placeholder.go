package lint

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// isVariable reports whether a text has something in it that is filled in
// later, as Flux does with ${NAME}.
func isVariable(text string) bool { return strings.Contains(text, "${") }

// isSealed reports whether a text is encrypted by what decrypts it before use.
func isSealed(text string) bool {
	return strings.Contains(text, "ENC[AES256_GCM") || strings.Contains(text, "-----BEGIN AGE ENCRYPTED FILE-----") || strings.Contains(text, "-----BEGIN PGP MESSAGE-----")
}

// isThere reports whether a value is one, and not a place to put one into. What
// has certificates in it is one, whatever is beside them.
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

// valueMaps are the maps of a Secret or a ConfigMap, and whether they hold base64.
var valueMaps = map[string]bool{"data": true, "stringData": false, "binaryData": true}

// value returns what a value of a Secret or ConfigMap stands for, as far as that
// is text.
func value(o manifest.Object, field string, v any) string {
	text, isText := v.(string)
	if !isText {
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

// hasValue reports whether a Secret or ConfigMap has any value that is there.
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

// filled returns a Secret or ConfigMap without the values that are not there
// yet; any other object as it is.
func filled(o manifest.Object) manifest.Object {
	if o.Kind() != "Secret" && o.Kind() != "ConfigMap" {
		return o
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
