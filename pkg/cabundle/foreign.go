package cabundle

import (
	"errors"
	"path"
	"slices"
	"strings"
)

// ErrForeign means that a source is nothing that is read here, as a README or
// an image are.
var ErrForeign = errors.New("not PEM, DER, PKCS#7, PKCS#12, JKS or a manifest with these")

var extensions = []string{
	".pem", ".crt", ".cert", ".cer", ".der", ".ca-bundle",
	".p12", ".pfx", ".p7b", ".p7c", ".jks", ".jceks", ".keystore", ".truststore",
}

// Claims reports whether a file says by its name that it holds certificates.
func Claims(name string) bool {
	return slices.Contains(extensions, strings.ToLower(path.Ext(name)))
}

// foreign is an error that says why a source is nothing that is read here.
type foreign struct{ error }

func (foreign) Is(target error) bool { return target == ErrForeign }
