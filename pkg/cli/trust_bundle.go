package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

type trustBundleFlags struct {
	trustFlags
	output  string
	pins    []string
	program string // as it was called
}

func newTrustBundleCmd(env Env) *cobra.Command {
	var f trustBundleFlags
	cmd := &cobra.Command{
		Use:   "bundle SOURCE...",
		Short: "Write CA certificates in one canonical form of PEM",
		Long: "Write CA certificates in one canonical form of PEM: LF, sorted by subject, each once,\n" +
			"a comment before each with subject, end and fingerprint. For --target aks without\n" +
			"comments, and with one blank line between certificates. What was repaired or left\n" +
			"out is told on stderr. With an error that cannot be repaired nothing is written.\n\n" +
			sourcesHelp + "\n" +
			"Certificates of a server are taken only by --pin, once for each.\n\n" +
			"Exit codes: 0 written, 1 errors found and nothing written, 2 failed.",
		Example: "  kubectl certs trust bundle corp/ legacy.p12 > roots.pem\n" +
			"  kubectl certs trust bundle --target aks roots.pem > aks-roots.pem\n" +
			"  kubectl certs trust bundle registry.example.com:443\n" +
			"  kubectl get secret -n kube-system custom-ca-trust-secret -o yaml | kubectl certs trust bundle -",
		Args: needsSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noNamespace(cmd); err != nil {
				return err
			}
			f.program = cmd.Root().DisplayName()
			in, err := f.input(args)
			if err != nil {
				return err
			}
			return trustBundleRun(cmd.Context(), env, in)
		},
	}
	f.add(cmd.Flags())
	cmd.Flags().StringVarP(&f.output, "output", "o", "pem", "pem or json")
	cmd.Flags().StringArrayVar(&f.pins, "pin", nil, "take a server's certificate with this fingerprint, sha256:HEX")
	return cmd
}

type trustBundleInput struct {
	trustBundleFlags
	settings trustSettings
	sources  []string
	pins     []cabundle.Pin
}

func (f trustBundleFlags) input(sources []string) (trustBundleInput, error) {
	in := trustBundleInput{trustBundleFlags: f, sources: sources}
	if err := oneOf("output", f.output, "pem", "json"); err != nil {
		return in, err
	}
	for _, s := range f.pins {
		pin, err := cabundle.ParsePin(s)
		if err != nil {
			return in, fmt.Errorf("--pin %w", err)
		}
		in.pins = append(in.pins, pin)
	}
	var err error
	in.settings, err = f.settings()
	return in, err
}

// read reads the sources, and takes what is pinned of servers.
func (in trustBundleInput) read(ctx context.Context, env Env) (cabundle.Bundle, error) {
	contents, err := readSources(ctx, env, in.sources, in.settings.passwords)
	if err != nil {
		return cabundle.Bundle{}, err
	}
	if len(in.pins) > 0 && len(contents.Chains) == 0 {
		return cabundle.Bundle{}, errors.New("--pin goes with HOST:PORT, and there is none among the sources")
	}
	pinning := source.Pin(contents.Chains, in.pins)
	if len(pinning.Unpinned) > 0 {
		return cabundle.Bundle{}, in.unpinned(env, pinning)
	}
	var unmatched []error
	for _, pin := range pinning.Unmatched {
		unmatched = append(unmatched, fmt.Errorf("--pin %s: no server has sent a certificate with it", pin))
	}
	bundle := contents.Bundle()
	bundle.Entries = append(bundle.Entries, pinning.Entries...)
	return bundle, all(unmatched...)
}

// unpinned refuses the first chain of which nothing is pinned, with all that
// one needs to compare and pin.
func (in trustBundleInput) unpinned(env Env, pinning source.Pinning) error {
	c := pinning.Unpinned[0]
	for i, e := range c.Certs {
		env.say("%s: certificate %d: %s", c.Address, i+1, pki.Summary(e.Cert))
	}
	offer := append(slices.Clip(pinning.Matched), cabundle.PinOf(cabundle.PinFor(c.Certs)))
	return withHint(
		fmt.Errorf("%s: none of its certificates is pinned, and anybody may have answered", c.Address),
		"compare the fingerprint with what the CA publishes, then: "+shell.Join(in.command(offer)))
}

// command is the command line with some pins, as far as it decides what is taken.
func (in trustBundleInput) command(pins []cabundle.Pin) []string {
	words := append([]string{"kubectl", "certs", "trust", "bundle"}, source.Words(in.sources)...)
	if in.target != string(cabundle.Generic) {
		words = append(words, "--target", in.target)
	}
	for _, pin := range pins {
		words = append(words, "--pin", pin.String())
	}
	return words
}

func trustBundleRun(ctx context.Context, env Env, in trustBundleInput) error {
	bundle, err := in.read(ctx, env)
	if err != nil {
		return err
	}
	findings := in.settings.judge(bundle)
	text := finding.TextOptions{Program: in.program}
	if blocking := cabundle.Blocking(findings); len(blocking) > 0 {
		printFindings(env.Err, reported(findings, in.settings.target, false), text)
		env.say("nothing written: %s that cannot be repaired; %s", count(len(blocking), "error"), allSame(blocking))
		return errFound
	}
	written := reported(findings, in.settings.target, true)
	kept := cabundle.Normalise(bundle.Entries)
	if len(kept) == 0 {
		printFindings(env.Err, written, text)
		return errors.New("no certificate is left to write")
	}
	if err := in.print(env, kept, findings); err != nil {
		return err
	}
	printFindings(env.Err, written, text)
	env.say("%s for %s: %s", count(len(kept), "certificate"), in.settings.target, finding.Summary(findings))
	return nil
}

// allSame says how to write a bundle in spite of errors, and what it costs.
func allSame(blocking []finding.Finding) string {
	advice := "to write all the same, add --allow " + ids(blocking)
	lost := slices.DeleteFunc(slices.Clone(blocking), func(f finding.Finding) bool {
		rule, _ := cabundle.RuleOf(f.ID)
		return !rule.Lost
	})
	if len(lost) > 0 {
		advice += ", but the certificates of " + ids(lost) + " will be missing"
	}
	return advice
}

// ids lists the IDs of findings, each once.
func ids(findings []finding.Finding) string {
	var list []string
	for _, f := range findings {
		list = append(list, f.ID)
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ",")
}

func (in trustBundleInput) print(env Env, kept []cabundle.Entry, findings []finding.Finding) error {
	text := cabundle.Encode(kept, in.settings.target)
	if in.output == "json" {
		view := newTrustView(in.settings.target, kept, findings)
		view.Bundle = string(text)
		return printView(env, view, in.output)
	}
	_, err := env.Out.Write(text)
	return err
}
