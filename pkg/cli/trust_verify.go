package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

type trustVerifyFlags struct {
	in                   []string
	output, passwordFile string
}

// placesHelp says what places are.
const placesHelp = "A PLACE is one of\n" +
	"  NAME                               everything of that name, of all kinds below, in all namespaces\n" +
	"  configmap/NAMESPACE/NAME[:KEY]     secret/… likewise; * for all namespaces that have it\n" +
	"  bundle/NAME, clusterbundle/NAME    of trust-manager: what is in line, and each of its targets\n" +
	"  clustertrustbundle/NAME            of Kubernetes\n" +
	"  openshift                          the ConfigMap of the Proxy, and those it is injected into\n" +
	"Without KEY all values with certificates count together; of TLS Secrets only ca.crt. NAME-*\n" +
	"is the last of those to whose names kustomize added a hash."

func newTrustVerifyCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	var f trustVerifyFlags
	cmd := &cobra.Command{
		Use:   "verify SOURCE... --in PLACE",
		Short: "Compare the CA certificates in Git with what the cluster trusts",
		Long: "Compare CA certificates, as they are in Git, with what is in the cluster, certificate by\n" +
			"certificate: what a place lacks, what it has besides, and what its readers cannot read.\n\n" +
			placesHelp + "\n\n" + sourcesHelp + "\n\n" +
			"Exit codes: 0 the same everywhere, 1 differences, 2 failed.",
		Example: "  kubectl certs trust verify ca/roots.pem --in corp-roots\n" +
			"  kubectl certs trust verify ca/*.pem --in configmap/shop/roots:ca.crt,clustertrustbundle/corp\n" +
			"  kubectl certs trust verify ca/roots.pem --in secret/kube-system/custom-ca-trust-secret -o json",
		Args: needsSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := f.input(cmd.Context(), env, config, args)
			if err != nil {
				return err
			}
			return trustVerifyRun(cmd.Context(), env, in)
		},
	}
	cmd.Flags().StringSliceVar(&f.in, "in", nil, "places in the cluster to compare with")
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "json")
	cmd.Flags().StringVar(&f.passwordFile, "password-file", "", "file with the password of PKCS#12 and JKS; none and changeit are tried anyway")
	return cmd
}

type trustVerifyInput struct {
	trustVerifyFlags
	want   []*x509.Certificate
	places []rotation.Place
	values rotation.Values
	reader *cluster.Reader
	now    time.Time
}

func (f trustVerifyFlags) input(ctx context.Context, env Env, config *genericclioptions.ConfigFlags, sources []string) (*trustVerifyInput, error) {
	in := &trustVerifyInput{trustVerifyFlags: f, now: time.Now()}
	if err := oneOf("output", f.output, "", "json"); err != nil {
		return nil, err
	}
	if len(f.in) == 0 {
		return nil, withHint(errors.New("no place to compare with"), "--in corp-roots for all of that name, or --in configmap/NAMESPACE/NAME")
	}
	var wrong []error
	for _, text := range f.in {
		place, err := rotation.ParsePlace(text)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("--in %w", err))
		}
		in.places = append(in.places, place)
	}
	if err := all(wrong...); err != nil {
		return nil, err
	}
	settings, err := trustFlags{target: string(trust.Generic), passwordFile: f.passwordFile}.settings()
	if err != nil {
		return nil, err
	}
	entries, err := readCertificates(ctx, env, sources, settings.passwords)
	if err != nil {
		return nil, err
	}
	in.want, in.values.Passwords = certsOf(entries), settings.passwords
	in.reader, err = newReader(config)
	return in, err
}

func trustVerifyRun(ctx context.Context, env Env, in *trustVerifyInput) error {
	done := env.progress("reading the cluster")
	held, err := in.reader.Places(ctx, in.places, &in.values)
	done()
	if err != nil {
		return err
	}
	v := verifyView{Certificates: []caView{}, Places: []heldView{}, Notes: in.reader.Notes}
	for _, c := range in.want {
		v.Certificates = append(v.Certificates, newCAView(c))
	}
	differ := 0
	for _, h := range held {
		view := newHeldView(h, in.want)
		v.Places = append(v.Places, view)
		if !view.Same {
			differ++
		}
	}
	if err := v.print(env, in.output); err != nil {
		return err
	}
	env.say("%s, %s: %d the same, %d not", count(len(in.want), "certificate"), count(len(held), "place"), len(held)-differ, differ)
	for _, note := range v.Notes {
		env.say("note: %s", note)
	}
	if differ > 0 {
		return errFound
	}
	return nil
}

// verifyView is what verify prints as JSON.
type verifyView struct {
	Certificates []caView   `json:"certificates"`
	Places       []heldView `json:"places"`
	Notes        []string   `json:"notes,omitempty"`
}

type heldView struct {
	Place   string     `json:"place"`
	Same    bool       `json:"same"`
	Absent  string     `json:"absent,omitempty"`
	Damage  []string   `json:"damage,omitempty"`
	Count   int        `json:"count"`
	Mixed   bool       `json:"mixed,omitempty"` // more certificates are no difference
	Missing []caView   `json:"missing,omitempty"`
	Extra   []caView   `json:"extra,omitempty"`
	Changed *time.Time `json:"changed,omitempty"` // at the latest
}

func newHeldView(h rotation.Held, want []*x509.Certificate) heldView {
	v := heldView{Place: h.Place, Same: h.Same(want), Absent: h.Absent, Damage: h.Damage, Count: len(h.Certs), Mixed: h.Mixed}
	if h.Absent == "" {
		d := h.Against(want)
		v.Missing, v.Extra = caViews(d.Missing), caViews(d.Extra)
	}
	if !h.Changed.IsZero() {
		changed := h.Changed.UTC()
		v.Changed = &changed
	}
	return v
}

func caViews(certs []*x509.Certificate) []caView {
	var views []caView
	for _, c := range certs {
		views = append(views, newCAView(c))
	}
	return views
}

func (v verifyView) print(env Env, output string) error {
	if output == "json" {
		return printView(env, v, output)
	}
	table := tabwriter.NewWriter(env.Out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "PLACE\tCERTIFICATES\tSTATUS")
	for _, h := range v.Places {
		fmt.Fprintf(table, "%s\t%d\t%s\n", h.Place, h.Count, h.status())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i, line := range v.differences() {
		if i == 0 {
			fmt.Fprintln(env.Out)
		}
		fmt.Fprintln(env.Out, line)
	}
	return nil
}

func (h heldView) status() string {
	switch {
	case h.Same && h.Mixed:
		return "has them"
	case h.Same:
		return "same"
	case h.Absent != "":
		return h.Absent
	}
	return "differs"
}

// differences are lines, a certificate each.
func (v verifyView) differences() []string {
	var lines []string
	for _, h := range v.Places {
		for _, d := range h.Damage {
			lines = append(lines, h.Place+": cannot be read: "+d)
		}
		for _, c := range h.Missing {
			lines = append(lines, h.Place+": lacks "+c.String())
		}
		for _, c := range h.Extra {
			lines = append(lines, h.Place+": has besides "+c.String())
		}
	}
	return lines
}

// String names a CA in a line.
func (v caView) String() string {
	return fmt.Sprintf("%s, until %s, sha256 %s", v.Subject, day(v.NotAfter), v.SHA256)
}

func newCAView(c *x509.Certificate) caView {
	return caView{pki.Name(c.Subject), pki.Fingerprint(c), c.NotAfter.UTC()}
}
