package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

type trustWhoFlags struct {
	with             []string
	all              bool
	output           string
	passwordFile     string
	clusterNamespace string
}

func newTrustWhoNeedsCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	var f trustWhoFlags
	cmd := &cobra.Command{
		Use:   "who-needs {FINGERPRINT|SOURCE}...",
		Short: "List the certificates in the cluster that stop working without a CA",
		Long: "List what in the cluster stops working when clients no longer trust a CA: TLS Secrets\n" +
			"whose certificate it signed, by itself or through intermediates, who uses them, and the\n" +
			"issuers that go on signing with it. Chains are built by names, key identifiers and\n" +
			"signatures, from what is in the Secret, in its ca.crt, in --with, and, where a chain\n" +
			"ends early, from all CAs in the cluster.\n\n" +
			"A CA is given as its SHA-256 fingerprint, if the cluster has it, or as a SOURCE with one\n" +
			"or more. What also leads to a root in --with, by what its server sends, does not need\n" +
			"the CA; nor does what has expired. All namespaces are looked at unless -n is given.\n\n" +
			"Exit codes: 0 nobody needs it, 1 somebody does, 2 failed.",
		Example: "  kubectl certs trust who-needs ca/root-2016.pem\n" +
			"  kubectl certs trust who-needs ca/root-2016.pem --with ca/root-2026.pem -o wide\n" +
			"  kubectl certs trust who-needs 9f:1c:33:…",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return withHint(errors.New("no CA given"), "kubectl certs trust who-needs ca/root-2016.pem")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := f.input(cmd.Context(), env, config, args)
			if err != nil {
				return err
			}
			return trustWhoRun(cmd.Context(), env, in)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.with, "with", nil, "sources of what clients have besides: roots that stay trusted, intermediates that servers do not send")
	flags.BoolVarP(&f.all, "all-namespaces", "A", false, "look at all namespaces, which is the default")
	flags.StringVarP(&f.output, "output", "o", "", "wide or json")
	flags.StringVar(&f.passwordFile, "password-file", "", "file with the password of PKCS#12 and JKS sources")
	flags.StringVar(&f.clusterNamespace, "cluster-resource-namespace", "cert-manager", "namespace of the Secrets that ClusterIssuers refer to")
	return cmd
}

type trustWhoInput struct {
	trustWhoFlags
	of, with []*x509.Certificate
	pins     []trust.Pin
	reader   *cluster.Reader
	now      time.Time
}

func (f trustWhoFlags) input(ctx context.Context, env Env, config *genericclioptions.ConfigFlags, args []string) (trustWhoInput, error) {
	in := trustWhoInput{trustWhoFlags: f, now: time.Now()}
	if err := oneOf("output", f.output, "", "wide", "json"); err != nil {
		return in, err
	}
	var namespaces []string
	if n := config.Namespace; n != nil && *n != "" {
		if f.all {
			return in, errors.New("-A and -n exclude each other")
		}
		namespaces = []string{*n}
	}
	settings, err := trustFlags{target: string(trust.Generic), passwordFile: f.passwordFile}.settings()
	if err != nil {
		return in, err
	}
	pins, sources, err := fingerprints(args)
	if err != nil {
		return in, err
	}
	of, ofErr := readCertificates(ctx, env, sources, settings.passwords)
	with, withErr := readCertificates(ctx, env, f.with, settings.passwords)
	if err := all(ofErr, withErr); err != nil {
		return in, err
	}
	in.pins, in.of, in.with = pins, certsOf(of), certsOf(with)
	in.reader, err = newReader(config, namespaces...)
	return in, err
}

func trustWhoRun(ctx context.Context, env Env, in trustWhoInput) error {
	done := env.progress("reading the cluster")
	uses, err := in.survey(ctx)
	done()
	if err != nil {
		return err
	}
	v := newWhoView(in, uses)
	if err := v.print(env, in); err != nil {
		return err
	}
	if v.Needed {
		return errFound
	}
	return in.doubt(uses)
}

// doubt is an error if a CA may be signing for all that could be seen.
func (in trustWhoInput) doubt(uses []rotation.Use) error {
	for _, u := range uses {
		if u.Role == rotation.Signer && u.Instead == nil && !u.Expired(in.now) && len(in.reader.Notes) > 0 {
			return fmt.Errorf("cannot tell whether anybody signs with %s: %s", u.Ref, in.reader.Notes[0])
		}
	}
	return nil
}

func (in *trustWhoInput) survey(ctx context.Context) ([]rotation.Use, error) {
	pinned, err := findPinned(ctx, in.reader, in.pins)
	if err != nil {
		return nil, err
	}
	in.of = append(in.of, pinned...)
	s := rotation.NewSurvey(rotation.Ask(in.of, in.with, in.now))
	var pool rotation.Pool
	for h, err := range in.reader.Holders(ctx, &pool) {
		if err != nil {
			return nil, err
		}
		s.Add(h)
	}
	uses := s.Uses(&pool)
	return uses, addUsers(ctx, in.reader, in.clusterNamespace, uses)
}

// addUsers finds who uses the Secrets in which the certificates are.
func addUsers(ctx context.Context, r *cluster.Reader, clusterNamespace string, surveys ...[]rotation.Use) error {
	of := map[rotation.Ref]bool{}
	for _, uses := range surveys {
		for _, u := range uses {
			if u.Role != rotation.Trusted {
				of[u.Ref] = true
			}
		}
	}
	if len(of) == 0 {
		return nil
	}
	users, err := r.Users(ctx, of, clusterNamespace)
	for _, uses := range surveys {
		for i := range uses {
			uses[i].Users = users[uses[i].Ref]
		}
	}
	return err
}
