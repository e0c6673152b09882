package run

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// TestConclude: a CronJob fails for certificates that failed, or that something but a rate
// limit prevents.
func TestConclude(t *testing.T) {
	const note = "note: 2 certificates deferred because of a rate limit of the CA; a later run orders them. --rate-budget none orders them now\n"
	for name, tt := range map[string]struct {
		summary issuance.Summary
		text    string
		fails   bool
	}{
		"all issued":          {issuance.Summary{Issued: 3, UpToDate: 1}, "3 issued, 0 failed, 0 deferred, 1 up to date\n", false},
		"rate limit":          {issuance.Summary{Issued: 3, RateLimited: 2}, "3 issued, 0 failed, 2 deferred, 0 up to date\n" + note, false},
		"rate limit and more": {issuance.Summary{RateLimited: 2, Deferred: 1}, "0 issued, 0 failed, 3 deferred, 0 up to date\n" + note, true},
		"failed":              {issuance.Summary{Failed: 1, UpToDate: 1}, "0 issued, 1 failed, 0 deferred, 1 up to date\n", true},
		"deferred":            {issuance.Summary{Deferred: 1}, "0 issued, 0 failed, 1 deferred, 0 up to date\n", true},
	} {
		var messages bytes.Buffer
		io, flush := iostreams.IO{Out: &bytes.Buffer{}, Err: &messages}.Safe()
		err := (&Options{IO: io}).conclude(tt.summary)
		flush()
		if diff := cmp.Diff(tt.text, messages.String()); diff != "" || errors.Is(err, cmdutil.ErrFound) != tt.fails {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}
