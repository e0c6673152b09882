package usage

import (
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
)

// now is the time of all tests.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Certificates as short as tables need them.
var (
	root, list, names, pemOf = catest.Root, catest.List, catest.Names, catest.PEM
	keyOf, caTemplate        = catest.KeyOf, catest.Template
	date                     = catest.Date
)

type authority = catest.Authority

// The CAs of the tests.
var (
	oldRoot = root("Old Root")
	newRoot = root("New Root")
	other   = root("Other Root")
	oldMid  = oldRoot.Below("Issuing 1")
	newMid  = newRoot.Below("Issuing 1") // of the same key: cross-signed
	cross   = oldRoot.Below("New Root")  // the new root, vouched for by the old
)

func pinsOf(certs ...any) []cabundle.Pin {
	var pins []cabundle.Pin
	for _, c := range list(certs...) {
		pins = append(pins, cabundle.PinOf(cabundle.Entry{Cert: c}))
	}
	return pins
}
