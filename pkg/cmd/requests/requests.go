package requests

import (
	"context"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Flags say where certificates are requested: by objects of the cluster, or in
// place of those by a certs.yaml or a kustomization. The zero value is the
// namespace of the context.
type Flags struct {
	Project       cmdutil.ProjectFlags
	Target        cmdutil.TargetFlags
	AllNamespaces bool
}

// Usage is how a command describes the flags that replace the cluster's objects.
type Usage struct{ File, Kustomize string }

// AddTo adds --filename, --recursive, --environment, --kustomize and --all-namespaces to a
// command.
func (f *Flags) AddTo(cmd *cobra.Command, usage Usage) {
	f.Project.AddFile(cmd, "", usage.File)
	f.Project.AddRecursive(cmd)
	f.Project.AddEnvironment(cmd, "with -f: environment of certs.yaml")
	f.Target.AddKustomize(cmd, usage.Kustomize)
	f.AddAllNamespaces(cmd)
	help.Modes(cmd, help.Mode{If: "kustomize", Reads: "kustomize"}, help.Mode{If: "filename", Reads: "filename recursive environment"})
}

// AddAllNamespaces adds --all-namespaces to a command.
func (f *Flags) AddAllNamespaces(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&f.AllNamespaces, "all-namespaces", "A", false, "all namespaces, not only the context's")
}

// Operator returns an operator for the requested certificates. It adds what
// the flags say to the settings. It reads the manifests before the kubeconfig:
// mistakes in files are reported even if no cluster is configured.
func (f *Flags) Operator(ctx context.Context, factory *cmdutil.Factory, settings operator.Options) (*operator.Operator, error) {
	if f.Project.File != "" || f.Target.Kustomize != "" {
		target, err := f.Target.Load(ctx, factory, &f.Project)
		if err != nil {
			return nil, err
		}
		settings.Manifests = append([]manifest.Object{}, target.Objects...) // not nil, which is the cluster
	}
	client, err := factory.Kube()
	if err != nil {
		return nil, err
	}
	config, err := factory.RESTConfig()
	if err != nil {
		return nil, err
	}
	config.UserAgent = "kubectl-certs/" + factory.Version // CAs get it too
	settings.Namespace = client.Namespace()
	if f.AllNamespaces {
		settings.Namespace = metav1.NamespaceAll
	}
	return operator.New(operator.Cluster{REST: config, Client: client, Namespace: client.Namespace()}, settings)
}

// ReadingHooks report how an operator reads the cluster.
func ReadingHooks(io iostreams.IO) operator.Hooks {
	return operator.Hooks{
		Note:    func(text string) { io.Messagef("note: %s", text) },
		Reading: func() func() { return io.Progressing("reading the cluster") },
	}
}
