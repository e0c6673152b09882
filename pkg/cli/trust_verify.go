package cli

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
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
	"  component/[NAMESPACE/]NAME         what workloads and pods mount by the component for pods of that name\n" +
	"  openshift                          the ConfigMap of the Proxy, and those it is injected into\n" +
	"Without KEY all values with certificates count together; of TLS Secrets only ca.crt. NAME-*\n" +
	"is the last made of those to whose names kustomize added a hash."

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
			in, err := f.input()
			if err != nil {
				return err
			}
			if err := in.read(cmd, env, config, args); err != nil {
				return err
			}
			return trustVerifyRun(cmd.Context(), env, in)
		},
	}
	flags := cmd.Flags()
	f.project.addFile(flags, "certs.yaml", "the certs.yaml to read where no SOURCE is given; - is stdin")
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
	wanted []cluster.Target
	values usage.Values
	reader *cluster.Reader
}

func (f trustVerifyFlags) input() (*trustVerifyInput, error) {
	in := &trustVerifyInput{trustVerifyFlags: f}
	if err := oneOf("output", f.output, "", "json"); err != nil {
		return nil, err
	}
	settings, err := trustFlags{target: string(cabundle.Generic), passwordFile: f.passwordFile}.settings()
	if err != nil {
		return nil, err
	}
	in.values.Passwords = settings.passwords
	return in, nil
}

// read reads what is to be trusted, and connects to the cluster.
func (in *trustVerifyInput) read(cmd *cobra.Command, env Env, config *genericclioptions.ConfigFlags, sources []string) error {
	var err error
	if len(sources)+len(in.in) == 0 {
		in.wanted, err = in.fromGit(cmd, env)
	} else {
		in.wanted, err = in.fromSources(cmd, env, sources)
	}
	if err == nil {
		in.reader, err = newReader(env, config)
	}
	return err
}

// fromSources is what the command line says: the certificates of all sources
// are to be in every place.
func (in *trustVerifyInput) fromSources(cmd *cobra.Command, env Env, sources []string) ([]cluster.Target, error) {
	for _, name := range []string{"filename", "environment", "kustomize"} {
		if cmd.Flags().Changed(name) {
			return nil, withHint(fmt.Errorf("--%s says what to compare, and so do SOURCE and --in", name), "kubectl certs trust verify -e prod, or kubectl certs trust verify ca/roots.pem --in corp-roots")
		}
	}
	if err := needsSource(cmd, sources); err != nil {
		return nil, err
	}
	if len(in.in) == 0 {
		return nil, withHint(errors.New("no place to compare with"), "--in corp-roots for all of that name, or --in configmap/NAMESPACE/NAME")
	}
	var wanted []cluster.Target
	var wrong []error
	for _, text := range in.in {
		place, err := usage.ParseLocation(text)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("--in %w", err))
		}
		wanted = append(wanted, cluster.Target{Location: place})
	}
	if err := all(wrong...); err != nil {
		return nil, err
	}
	entries, err := sourceReader(env, in.values.Passwords).Certificates(cmd.Context(), sources)
	if err != nil {
		return nil, err
	}
	for i := range wanted {
		wanted[i].Certs = certsOf(entries)
	}
	return wanted, nil
}

// fromGit is what certs.yaml or a kustomization says.
func (in *trustVerifyInput) fromGit(cmd *cobra.Command, env Env) ([]cluster.Target, error) {
	for _, name := range []string{"filename", "environment"} {
		if in.kustomize != "" && cmd.Flags().Changed(name) {
			return nil, fmt.Errorf("--kustomize and --%s exclude each other", name)
		}
	}
	t, err := in.load(cmd.Context(), env, in.project)
	if err != nil {
		return nil, err
	}
	in.trustNamespace = cmp.Or(in.trustNamespace, t.TrustNamespace, "cert-manager")
	wanted, wrong := cluster.TargetsOf(t.Objects, &in.values)
	if err := all(wrong...); err != nil {
		return nil, err
	}
	wanted = append(wanted, cluster.ComponentTargets(t.Folders, &in.values)...)
	if n := cmd.Flag("namespace"); n != nil && n.Changed {
		for i := range wanted {
			if p := &wanted[i].Location; p.Kind == usage.Component {
				p.Namespace = n.Value.String()
			}
		}
	}
	for _, dir := range nodetrust.NodeDirs(t.Folders) {
		env.say("note: %s is for nodes, which cannot be asked", dir)
	}
	if len(wanted) == 0 {
		return nil, withHint(errors.New("nothing of it is a place in the cluster that holds CA certificates"), "kubectl certs trust verify ca/roots.pem --in PLACE compares files with any place")
	}
	return wanted, nil
}
