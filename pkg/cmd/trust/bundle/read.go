package bundle

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// read reads the sources, and takes what is pinned of servers.
func (o *Options) read(ctx context.Context) (cabundle.Bundle, error) {
	contents, err := o.Flags.Read(ctx, o.IO, o.Limits, o.Sources)
	if err != nil {
		return cabundle.Bundle{}, err
	}
	if len(o.Pins) > 0 && len(contents.Chains) == 0 {
		return cabundle.Bundle{}, errors.New("--pin can only be used with a source HOST:PORT")
	}
	pinning := source.Pin(contents.Chains, o.Pins)
	if len(pinning.Unpinned) > 0 {
		return cabundle.Bundle{}, o.unpinned(pinning)
	}
	var unmatched []error
	for _, pin := range pinning.Unmatched {
		unmatched = append(unmatched, fmt.Errorf("--pin %s: no server has sent a certificate with it", pin))
	}
	bundle := contents.Bundle()
	bundle.Entries = append(bundle.Entries, pinning.Entries...)
	return bundle, problem.Join(unmatched...)
}

// unpinned refuses the first chain of which nothing is pinned, with all that
// one needs to compare and pin.
func (o *Options) unpinned(pinning source.Pinning) error {
	c := pinning.Unpinned[0]
	for i, e := range c.Certs {
		o.IO.Messagef("%s: certificate %d: %s", c.Address, i+1, pki.Summary(e.Cert))
	}
	proposed := append(slices.Clip(pinning.Matched), cabundle.PinOf(cabundle.PinFor(c.Certs)))
	return hint.With(
		fmt.Errorf("%s: no certificate is pinned, so the server is not authenticated", c.Address),
		"compare the fingerprint with what the CA publishes, then: "+shell.Join(o.command(proposed)))
}

// command is the command line with some pins, as far as it decides what is taken
// and where it goes.
func (o *Options) command(pins []cabundle.Pin) []string {
	words := append([]string{"kubectl", "certs", "trust", "bundle"}, source.Words(o.Sources)...)
	if o.Check.Target != cabundle.Generic {
		words = append(words, "--target", string(o.Check.Target))
	}
	for _, pin := range pins {
		words = append(words, "--pin", pin.String())
	}
	if o.File.Name != "" {
		words = append(words, "--output-file", shell.Path(o.File.Name))
	}
	return words
}
