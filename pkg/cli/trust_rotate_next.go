package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/disk"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

type rotateNextFlags struct {
	rotateFlags
	dryRun bool
}

func newTrustRotateNextCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	var f rotateNextFlags
	cmd := &cobra.Command{
		Use:   "next",
		Short: "Make the next edit of a rotation, if nothing is in its way",
		Long: "Make the next edit of a rotation, if what it waits for is there: write the bundle with the\n" +
			"new CA or without the old one, or name the new Secret in the files of issuers. Only files\n" +
			"are written, all or none; commit them, and let them get to the cluster as always. A CA\n" +
			"that a live certificate needs is never removed.\n\n" +
			"Exit codes: 0 edited, or done; 1 something is in the way, or for a person to do; 2 failed.",
		Example: "  kubectl certs trust rotate next --dry-run\n" +
			"  kubectl certs trust rotate next -f ca/rotation.yaml",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env.willWrite(true)
			run := func() error {
				in, err := f.input(cmd, env, config)
				if err != nil {
					return err
				}
				return rotateNextRun(cmd.Context(), env, f, in)
			}
			if f.dryRun {
				return run()
			}
			return locked(cmd.Context(), env, f.file, filepath.Dir(f.file), run)
		},
	}
	f.add(cmd.Flags())
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be written, and write nothing")
	return cmd
}

func rotateNextRun(ctx context.Context, env Env, f rotateNextFlags, in *rotateInput) error {
	facts, err := in.facts(ctx, env)
	if err != nil {
		return err
	}
	s := rotation.Decide(facts)
	writes, said, err := in.edits(facts, s)
	if err != nil {
		return err
	}
	if len(writes) == 0 {
		if err := newRotateView(in, s).print(env, ""); err != nil {
			return err
		}
		if s.Step == rotation.Done {
			return nil
		}
		return errFound
	}
	if !f.dryRun {
		if err := env.writeFiles(func() error { return disk.Write(in.dir, writes, nil) }); err != nil {
			return err
		}
	}
	for _, line := range said {
		env.print("%s", line)
	}
	for _, w := range s.Warnings {
		env.say("warning: %s", w)
	}
	if s.Bundle != nil && in.comments {
		env.say("warning: the comments in %s are not kept; each certificate gets one that says what it is", in.rotation.Bundle)
	}
	if f.dryRun {
		env.say("dry run: %s not written", count(len(writes), "file"))
		return nil
	}
	env.say("wrote %s; %s, and let it get to the cluster, then: %s trust rotate status", count(len(writes), "file"), in.afterEdit(s, writes), in.program)
	return nil
}

// afterEdit says what to do with the files that were written.
func (in *rotateInput) afterEdit(s rotation.Status, writes map[string][]byte) string {
	if s.Bundle != nil {
		return in.rewrite()
	}
	var specs []string
	for _, name := range slices.Sorted(maps.Keys(writes)) {
		if isSpec.Match(writes[name]) {
			specs = append(specs, in.path(name))
		}
	}
	return in.generate(specs...)
}

// isSpec finds a certs.yaml among what is written.
var isSpec = regexp.MustCompile(`(?m)^kind: *Certs\b`)

// edits are the files to write at a step, and what changes in them.
func (in *rotateInput) edits(f rotation.Facts, s rotation.Status) (writes map[string][]byte, said []string, err error) {
	switch {
	case s.Bundle != nil:
		text := trust.Encode(trust.Normalise(entriesOf(s.Bundle)), trust.Generic)
		return map[string][]byte{in.rotation.Bundle: text}, bundleChanges(in.rotation.Bundle, f.Bundle, s.Bundle), nil
	case s.Step == rotation.Switch:
		return in.switches(f)
	}
	return nil, nil, nil
}

func entriesOf(certs []*x509.Certificate) []trust.Entry {
	entries := make([]trust.Entry, len(certs))
	for i, c := range certs {
		entries[i] = trust.Entry{Cert: c}
	}
	return entries
}

func bundleChanges(name string, before, after []*x509.Certificate) []string {
	var lines []string
	for _, change := range []struct {
		sign     string
		of, than []*x509.Certificate
	}{{"-", before, after}, {"+", after, before}} {
		for _, c := range change.of {
			if !slices.ContainsFunc(change.than, c.Equal) {
				lines = append(lines, fmt.Sprintf("%s: %s %s", name, change.sign, newCAView(c)))
			}
		}
	}
	return lines
}

// switches edits the files of issuers whose new Secret is there.
func (in *rotateInput) switches(f rotation.Facts) (writes map[string][]byte, said []string, err error) {
	files, written := map[string][]byte{}, map[string][]byte{}
	var wrong []error
	for _, issuer := range f.Switchable() {
		before, read := files[issuer.File]
		if !read {
			if before, err = in.folder.At(issuer.File).Read(); err != nil {
				wrong = append(wrong, fileError(issuer.File, err))
				continue
			}
		}
		after, err := rotation.SwitchIssuer(before, issuer)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %s: %w", issuer.File, issuer.Ref, err))
			continue
		}
		files[issuer.File] = after
		if string(after) != string(before) {
			written[issuer.File] = after
			said = append(said, fmt.Sprintf("%s: %s signs with %s", issuer.File, issuer.Ref, issuer.SecretName))
		}
	}
	if err := all(wrong...); err != nil {
		return nil, nil, err
	}
	return written, said, nil
}

func fileError(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file", name)
	}
	return err
}
