package diff

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// read decides how a value is shown.
func read(v any, p valueContext) leaf {
	secret := p == secretText || p == secretData
	switch v := v.(type) {
	case nil:
		return leaf{nil, identity{kind: other}}
	case string:
		if secret {
			return readSecret(v, p)
		}
		return readOpen(v)
	default:
		if secret {
			s := fmt.Sprint(v)
			return hide(s)
		}
		return readScalar(v)
	}
}

func readOpen(s string) leaf {
	if pki.HasPrivateKey(s) {
		return hide(s)
	}
	if b, found := findCerts(s); found {
		return b.leaf(false)
	}
	return leaf{s, identity{kind: plain, text: s}}
}

// readSecret shows only certificates, which are public.
func readSecret(s string, p valueContext) leaf {
	if !pki.HasPrivateKey(s) {
		if b, found := findCerts(s); found {
			return b.leaf(true)
		}
	}
	if p == secretData {
		if raw, err := base64.StdEncoding.DecodeString(s); err == nil { // as the API server does
			s = string(raw)
		}
	}
	return hide(s)
}

// readScalar makes 1 and 1.0 equal, as in JSON, and converts numbers that JSON
// lacks to strings.
func readScalar(v any) leaf {
	switch v := v.(type) {
	case int64:
		return leaf{v, identity{kind: number, text: strconv.FormatInt(v, 10)}}
	case float64:
		text := strconv.FormatFloat(v, 'f', -1, 64)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return leaf{text, identity{kind: number, text: text}}
		}
		return leaf{v, identity{kind: number, text: text}}
	}
	return leaf{v, identity{kind: other, text: fmt.Sprint(v)}}
}

// showPair shows two values so that they look different exactly if they differ.
func showPair(old, new any, p valueContext) (any, any) {
	if old == new {
		show := read(new, p).show
		return show, show
	}
	o, n := read(old, p), read(new, p)
	switch {
	case o.is == n.is:
		return n.show, n.show
	case o.is.kind == certs && n.is.kind == certs && o.is.encoding != n.is.encoding:
		return named(o), named(n)
	case manifest.EqualValues(o.show, n.show):
		return withMark(o.show, "before"), withMark(n.show, "after")
	}
	return o.show, n.show
}

// named adds the encoding of its certificate to each line.
func named(l leaf) any {
	lines := l.show.([]any)
	list := make([]any, len(lines))
	for i, line := range lines {
		list[i] = fmt.Sprintf("%s (%s)", line, l.is.encoding)
	}
	return list
}
