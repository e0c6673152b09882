package diff

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// leaf is one value as it is shown, and its identity for comparison.
type leaf struct {
	show any // the value; *** for a secret; a list of lines for certificates
	is   identity
}

// identity is the relevant content of a value. It may be a secret: it is
// compared and never printed.
type identity struct {
	kind     kind
	encoding pki.Encoding // of certificates
	text     string
}

type kind int

const (
	plain kind = iota
	number
	other  // bool and null
	hidden // a secret
	certs  // only certificates, or other text that is not shown
	mixed  // text with certificates in it
)

const maskPrefix = "*** ("

func hide(secret string) leaf {
	return leaf{fmt.Sprintf("%s%d bytes)", maskPrefix, len(secret)), identity{kind: hidden, text: secret}}
}

func isMask(s string) bool {
	return strings.HasPrefix(s, maskPrefix) && strings.HasSuffix(s, ")")
}

// withMark marks one of two values that would be shown the same: the value
// itself, or the last line of a list.
func withMark(show any, word string) any {
	switch show := show.(type) {
	case string:
		if n := len(show) - 1; n >= 0 && isMask(show) {
			return show[:n] + ", " + word + ")"
		}
	case []any:
		if n := len(show) - 1; n >= 0 {
			return append(show[:n:n], withMark(show[n], word))
		}
	}
	return fmt.Sprintf("%v (%s)", show, word)
}
