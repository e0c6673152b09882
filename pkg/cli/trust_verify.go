package cli

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	targetFlags
	project              projectFlags
	in                   []string
	trustNamespace       string
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
		Use:   "verify [SOURCE... --in PLACE]",
		Short: "Compare the CA certificates in Git with what the cluster trusts",
		Long: "Compare CA certificates, as they are in Git, with what is in the cluster, certificate by\n" +
			"certificate: what a place lacks, what it has besides, and what its readers cannot read.\n\n" +
			"Without SOURCE these are all that certs.yaml, or the kustomization of -k, says is to be\n" +
			"trusted: ConfigMaps, Secrets, Bundles and what they become in each namespace,\n" +
			"ClusterTrustBundles, OpenShift's own, and the ConfigMaps of the component for pods.\n\n" +
			placesHelp + "\n\n" + sourcesHelp + "\n\n" +
			"Exit codes: 0 the same everywhere, 1 differences, 2 failed.",
		Example: "  kubectl certs trust verify -e prod\n" +
			"  kubectl certs trust verify -k overlays/prod\n" +
			"  kubectl certs trust verify ca/roots.pem --in corp-roots\n" +
			"  kubectl certs trust verify ca/*.pem --in configmap/shop/roots:ca.crt,clustertrustbundle/corp\n" +
			"  kubectl certs trust verify ca/roots.pem --in secret/kube-system/custom-ca-trust-secret -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := f.input(cmd, env, config, args)
			if err != nil {
				return err
			}
			return trustVerifyRun(cmd.Context(), env, in)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.project.file, "filename", "f", "certs.yaml", "the certs.yaml to read where no SOURCE is given; - is stdin")
	flags.StringVarP(&f.project.environment, "environment", "e", "", "with -f: the environment")
	flags.StringVarP(&f.kustomize, "kustomize", "k", "", "take the objects of this kustomization instead of certs.yaml")
	flags.StringSliceVar(&f.in, "in", nil, "places in the cluster to compare each SOURCE with")
	flags.StringVar(&f.trustNamespace, "trust-namespace", "", "namespace of the sources that Bundles name (default: as certs.yaml says, or cert-manager)")
	flags.StringVarP(&f.output, "output", "o", "", "json")
	flags.StringVar(&f.passwordFile, "password-file", "", "file with the password of PKCS#12 and JKS; none and changeit are tried anyway")
	return cmd
}

type trustVerifyInput struct {
	trustVerifyFlags
	wanted []cluster.Wanted
	values rotation.Values
	reader *cluster.Reader
	now    time.Time
}

func (f trustVerifyFlags) input(cmd *cobra.Command, env Env, config *genericclioptions.ConfigFlags, sources []string) (*trustVerifyInput, error) {
	in := &trustVerifyInput{trustVerifyFlags: f, now: time.Now()}
	if err := oneOf("output", f.output, "", "json"); err != nil {
		return nil, err
	}
	settings, err := trustFlags{target: string(trust.Generic), passwordFile: f.passwordFile}.settings()
	if err != nil {
		return nil, err
	}
	in.values.Passwords = settings.passwords
	if len(sources)+len(f.in) == 0 {
		in.wanted, err = in.fromGit(cmd.Context(), env)
	} else {
		in.wanted, err = f.fromSources(cmd, env, sources, settings.passwords)
	}
	if err != nil {
		return nil, err
	}
	in.reader, err = newReader(config)
	return in, err
}

// fromSources is what the command line says: the certificates of all sources
// are to be in every place.
func (f trustVerifyFlags) fromSources(cmd *cobra.Command, env Env, sources, passwords []string) ([]cluster.Wanted, error) {
	for _, name := range []string{"filename", "environment", "kustomize"} {
		if cmd.Flags().Changed(name) {
			return nil, withHint(fmt.Errorf("--%s says what to compare, and so do SOURCE and --in", name), "kubectl certs trust verify -e prod, or kubectl certs trust verify ca/roots.pem --in corp-roots")
		}
	}
	if err := needsSource(cmd, sources); err != nil {
		return nil, err
	}
	if len(f.in) == 0 {
		return nil, withHint(errors.New("no place to compare with"), "--in corp-roots for all of that name, or --in configmap/NAMESPACE/NAME")
	}
	var wanted []cluster.Wanted
	var wrong []error
	for _, text := range f.in {
		place, err := rotation.ParsePlace(text)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("--in %w", err))
		}
		wanted = append(wanted, cluster.Wanted{Place: place})
	}
	if err := all(wrong...); err != nil {
		return nil, err
	}
	entries, err := readCertificates(cmd.Context(), env, sources, passwords)
	if err != nil {
		return nil, err
	}
	for i := range wanted {
		wanted[i].Certs = certsOf(entries)
	}
	return wanted, nil
}

// fromGit is what certs.yaml or a kustomization says.
func (in *trustVerifyInput) fromGit(ctx context.Context, env Env) ([]cluster.Wanted, error) {
	t, err := in.load(ctx, env, in.project)
	if err != nil {
		return nil, err
	}
	in.trustNamespace = cmp.Or(in.trustNamespace, t.trustNamespace, "cert-manager")
	wanted, wrong := t.wants(&in.values)
	if err := all(wrong...); err != nil {
		return nil, err
	}
	for _, dir := range t.unseen() {
		env.say("note: %s is for nodes, which cannot be asked", dir)
	}
	if len(wanted) == 0 {
		return nil, withHint(errors.New("nothing of it is a place in the cluster that holds CA certificates"), "kubectl certs trust verify ca/roots.pem --in PLACE compares files with any place")
	}
	return wanted, nil
}

func trustVerifyRun(ctx context.Context, env Env, in *trustVerifyInput) error {
	v := verifyView{Certificates: []caView{}, Places: []heldView{}}
	done := env.progress("reading the cluster")
	err := in.compare(ctx, &v)
	done()
	if err != nil {
		return err
	}
	if err := v.print(env, in.output); err != nil {
		return err
	}
	differ := 0
	for _, h := range v.Places {
		if !h.Same {
			differ++
		}
	}
	env.say("%s, %s: %d the same, %d not", count(len(v.Certificates), "certificate"), count(len(v.Places), "place"), len(v.Places)-differ, differ)
	for _, note := range v.Notes {
		env.say("note: %s", note)
	}
	if differ > 0 {
		return errFound
	}
	return nil
}

// follow adds what Bundles are to take from the cluster itself. A source that
// is not there is a difference.
func (in *trustVerifyInput) follow(ctx context.Context, v *verifyView) error {
	for i := range in.wanted {
		w := &in.wanted[i]
		for j := range w.From {
			w.From[j].Namespace = in.trustNamespace
		}
		held, err := in.reader.Places(ctx, w.From, &in.values)
		if err != nil {
			return err
		}
		for _, h := range held {
			if h.Absent != "" || len(h.Damage) > 0 {
				v.Places = append(v.Places, newHeldView(h, nil))
				continue
			}
			w.Certs = append(slices.Clip(w.Certs), h.Certs...)
		}
	}
	return nil
}

// compare reads all places, those with the same certificates at once.
func (in *trustVerifyInput) compare(ctx context.Context, v *verifyView) error {
	if err := in.follow(ctx, v); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, group := range groups(in.wanted) {
		var places []rotation.Place
		for _, w := range group {
			places = append(places, w.Place)
		}
		held, err := in.reader.Places(ctx, places, &in.values)
		if err != nil {
			return err
		}
		for _, h := range held {
			h.Mixed = h.Mixed || group[0].More
			v.Places = append(v.Places, newHeldView(h, group[0].Certs))
		}
		for _, c := range group[0].Certs {
			if view := newCAView(c); !seen[view.SHA256] {
				seen[view.SHA256] = true
				v.Certificates = append(v.Certificates, view)
			}
		}
	}
	slices.SortStableFunc(v.Places, func(a, b heldView) int { return strings.Compare(a.Place, b.Place) })
	v.Notes = in.reader.Notes
	return nil
}

// groups are the places that are to hold the same certificates, in the order
// of the first of each.
func groups(wanted []cluster.Wanted) [][]cluster.Wanted {
	var list [][]cluster.Wanted
	for _, w := range wanted {
		i := slices.IndexFunc(list, func(group []cluster.Wanted) bool {
			return group[0].More == w.More && slices.EqualFunc(group[0].Certs, w.Certs, (*x509.Certificate).Equal)
		})
		if i < 0 {
			i = len(list)
			list = append(list, nil)
		}
		list[i] = append(list[i], w)
	}
	return list
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
