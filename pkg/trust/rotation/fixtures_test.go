package rotation

import (
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
)

// now is the time of all tests.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Certificates as short as tables need them.
var (
	root, list, names, pemOf = catest.Root, catest.List, catest.Names, catest.PEM
	keyOf, caTemplate, sign  = catest.KeyOf, catest.Template, catest.Sign
	date                     = catest.Date
)

type authority = catest.Authority

// The CAs of the tests.
var (
	oldRoot = root("Old Root")
	newRoot = root("New Root")
	other   = root("Other Root")
	oldMid  = oldRoot.Below("Issuing 1")
)
