package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
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
	rotation  rotation.Rotation
	dir       string        // of its file
	folder    source.Folder // the same
	comments  bool          // in the bundle, which are not ours
	certsFile string        // by which the places are made; "" if that is not known
	old, new  []*x509.Certificate
	others    []*x509.Certificate
	bundle    []*x509.Certificate
	passwords []string
	reader    *cluster.Reader // of the whole cluster
	podReader *cluster.Reader // of the namespaces of the workloads
	now       time.Time
}

func (f rotateFlags) input(cmd *cobra.Command, env Env, config *genericclioptions.ConfigFlags) (*rotateInput, error) {
	if flag := cmd.Flag("namespace"); flag != nil && flag.Changed {
		return nil, withHint(errors.New("-n means nothing here: a CA is removed for the whole cluster"), "workloads.namespaces in the file limits the pods that are looked at")
	}
	in := &rotateInput{rotateFlags: f, program: cmd.Root().DisplayName(), dir: filepath.Dir(f.file), now: time.Now()}
	data, err := readFile(f.file, cmd.Flags().Changed("filename"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, withHint(fmt.Errorf("%s: no such file", f.file), "kubectl certs trust rotate --help shows one")
	}
	if err != nil {
		return nil, err
	}
	if in.rotation, err = rotation.ParseFile(env.Limits, f.file, data); err != nil {
		return nil, err
	}
	if in.folder, err = source.OpenFolder(in.dir); err != nil {
		return nil, err
	}
	settings, err := trustFlags{target: string(trust.Generic), passwordFile: f.passwordFile}.settings()
	if err != nil {
		return nil, err
	}
	in.passwords = settings.passwords
	if err := in.certificates(cmd.Context(), env); err != nil {
		return nil, err
	}
	if err := in.entryPlaces(cmd.Context(), env); err != nil {
		return nil, err
	}
	if in.reader, err = newReader(config); err != nil {
		return nil, err
	}
	in.podReader, err = newReader(config, in.rotation.Workloads.Namespaces...)
	return in, err
}

// certificates reads the files that the rotation names.
func (in *rotateInput) certificates(ctx context.Context, env Env) error {
	old, oldErr := in.read(ctx, env, in.rotation.Old)
	fresh, newErr := in.read(ctx, env, in.rotation.New)
	others, othersErr := in.read(ctx, env, in.rotation.Others)
	bundle, bundleErr := in.readBundle(ctx, env)
	wrong := []error{oldErr, newErr, othersErr, bundleErr}
	for _, f := range trust.Blocking(trust.Judge(trust.Bundle{Entries: fresh}, trust.Generic, in.now)) {
		wrong = append(wrong, fmt.Errorf("new: %s", f))
	}
	for _, e := range fresh {
		for _, o := range old {
			if o.Cert.Equal(e.Cert) {
				wrong = append(wrong, fmt.Errorf("%s: %s is among the old ones too", e.Place, pki.Name(e.Cert.Subject)))
			}
		}
	}
	in.old, in.new, in.others, in.bundle = certsOf(old), certsOf(fresh), certsOf(others), certsOf(bundle)
	return all(wrong...)
}

func (in *rotateInput) read(ctx context.Context, env Env, names []string) ([]trust.Entry, error) {
	contents, err := sourceReader(env, in.passwords).ReadBeside(ctx, in.dir, names)
	if err != nil {
		return nil, passwordHint(err)
	}
	entries, err := contents.Certificates()
	return entries, certificatesHint(err, in.paths(names))
}

func (in *rotateInput) paths(names []string) []string {
	var files []string
	for _, name := range names {
		files = append(files, in.path(name))
	}
	return files
}

// path is where a file of the rotation is.
func (in *rotateInput) path(name string) string {
	return filepath.Join(in.dir, filepath.FromSlash(name))
}

// readBundle reads the bundle, which need not be there yet, and refuses one
// that cannot be written anew without losing something.
func (in *rotateInput) readBundle(ctx context.Context, env Env) ([]trust.Entry, error) {
	name := in.path(in.rotation.Bundle)
	data, err := in.folder.At(in.rotation.Bundle).Read()
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(data) == 0:
		return nil, nil
	case err != nil:
		return nil, err
	}
	if in.comments, err = rotation.CheckBundle(data); err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", name, err), "kubectl certs trust bundle "+shell.Join([]string{name})+" writes PEM to name instead; make the places from that")
	}
	return in.read(ctx, env, []string{in.rotation.Bundle})
}
