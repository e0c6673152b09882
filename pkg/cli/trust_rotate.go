package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotator"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

const rotationFile = "rotation.yaml"

func newTrustRotateCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Replace a CA without an outage, step by step from Git",
		Long: "Replace a CA by another so that at every step every client trusts every server:\n\n" +
			"  add      the new CA joins the old one in the bundle             edits the file\n" +
			"  spread   until every place has it and every pod has read it     a gate\n" +
			"  switch   issuers sign with the new CA                           edits files, or says what\n" +
			"  drain    until nothing in the cluster needs the old CA          a gate\n" +
			"  remove   the old CA leaves the bundle                           edits the file\n" +
			"  settle   until no place has it any more, and no pod             a gate\n\n" +
			"The plan is a file in Git; where it is follows from Git and the cluster, nothing is kept\n" +
			"elsewhere. Files are edited, the cluster is only read: what is committed gets there as\n" +
			"everything else does.\n\n" +
			"  # " + rotationFile + "\n" +
			"  apiVersion: " + rotation.APIVersion + "\n" +
			"  kind: " + rotation.Kind + "\n" +
			"  metadata: {name: corp}\n" +
			"  old: [ca/root-2016.pem]\n" +
			"  new: [ca/root-2026.pem]\n" +
			"  others: [ca/vault.pem]               # CAs that certificates here lead to and that are not in the cluster\n" +
			"  bundle: ca/roots.pem                 # what the places are made from\n" +
			"  trust: {file: certs.yaml, name: corp-roots} # whose targets are places; it reads the bundle\n" +
			"  places: [partners]                   # others, as trust verify --in takes them\n" +
			"  workloads:                           # pods that must read it; default: all that mount a place\n" +
			"    namespaces: [shop]\n" +
			"    selector: tier!=batch\n" +
			"    reload: reloads=yes                # those that need no restart to read it anew\n" +
			"  ignore: [secret/shop/odd]            # of which a person knows that they do not need the old CA\n" +
			"  servers: [\"ldap.example.com:636\"]    # TLS servers to ask, outside the cluster for instance; no STARTTLS\n" +
			"  issuers:                             # what is to be switched, and where Git says so\n" +
			"  - {kind: ClusterIssuer, name: corp, secretName: corp-ca-2026, file: certs.yaml}",
	}
	group(cmd)
	cmd.AddCommand(newTrustRotateStatusCmd(env, config), newTrustRotateNextCmd(env, config))
	return cmd
}

// rotateFlags are those of all commands about a rotation.
type rotateFlags struct {
	file, passwordFile, clusterNamespace string
}

func (f *rotateFlags) add(flags *pflag.FlagSet) {
	flags.StringVarP(&f.file, "filename", "f", rotationFile, "file of the rotation")
	flags.StringVar(&f.passwordFile, "password-file", "", "file with the password of PKCS#12 and JKS")
	flags.StringVar(&f.clusterNamespace, "cluster-resource-namespace", "", "namespace of the Secrets that ClusterIssuers refer to (default: wherever one has the name)")
}

// rotateInput is a rotation, its files and the cluster.
type rotateInput struct {
	rotateFlags
	program   string
	plan      *rotator.Plan
	certsFile string // by which the places are made; "" if that is not known
	sources   rotator.Sources
	now       time.Time
}

// load reads the rotation and its files, and connects to the cluster.
func (f rotateFlags) load(cmd *cobra.Command, env Env, config *genericclioptions.ConfigFlags) (*rotateInput, error) {
	if flag := cmd.Flag("namespace"); flag != nil && flag.Changed {
		return nil, withHint(errors.New("-n means nothing here: a CA is removed for the whole cluster"), "workloads.namespaces in the file limits the pods that are looked at")
	}
	in := &rotateInput{rotateFlags: f, program: cmd.Root().DisplayName(), now: time.Now()}
	data, err := readFile(f.file, cmd.Flags().Changed("filename"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, withHint(fmt.Errorf("%s: no such file", f.file), "kubectl certs trust rotate --help shows one")
	}
	if err != nil {
		return nil, err
	}
	r, err := rotation.ParseFile(env.Limits, f.file, data)
	if err != nil {
		return nil, err
	}
	settings, err := trustFlags{target: string(cabundle.Generic), passwordFile: f.passwordFile}.settings()
	if err != nil {
		return nil, err
	}
	if in.plan, err = rotator.Load(cmd.Context(), sourceReader(env, settings.passwords), filepath.Dir(f.file), r, in.now); err != nil {
		return nil, err
	}
	in.sources = rotator.Sources{ClusterNamespace: f.clusterNamespace, Passwords: settings.passwords, Public: source.PublicRoots()}
	if err := in.entryPlaces(cmd.Context(), env); err != nil {
		return nil, err
	}
	if in.sources.Cluster, err = newReader(env, config); err != nil {
		return nil, err
	}
	in.sources.Pods, err = newReader(env, config, in.plan.Rotation.Workloads.Namespaces...)
	return in, err
}

// facts asks the cluster and servers all that the rotation depends on.
func (in *rotateInput) facts(ctx context.Context, env Env) (rotation.Facts, error) {
	done := env.progress("reading the cluster")
	f, err := in.plan.Facts(ctx, in.sources, in.now)
	done()
	if err == nil && in.sources.Public == nil && (usage.Report{Doubts: f.Doubts}).Open() {
		env.note(noPublicRoots)
	}
	return f, err
}

// bundlePath is where the bundle is.
func (in *rotateInput) bundlePath() string { return in.plan.Path(in.plan.Rotation.Bundle) }

// noPublicRoots is what a survey cannot tell without them.
const noPublicRoots = "this machine has no public CAs, so that certificates of public CAs cannot be told from others"
