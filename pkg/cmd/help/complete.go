package help

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
)

// completeTimeout is how long a user waits for the words of a completion.
const completeTimeout = 3 * time.Second

// CompleteKubectl completes the values of kubectl's flags: namespaces of the
// cluster, and what the kubeconfig has.
func CompleteKubectl(f *cmdutil.Factory, root *cobra.Command) {
	offer := func(flag string, words func(context.Context) []string) {
		complete := func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return words(cmd.Context()), cobra.ShellCompDirectiveNoFileComp
		}
		if err := root.RegisterFlagCompletionFunc(flag, complete); err != nil {
			panic(err) // the command has no such flag
		}
	}
	offer("namespace", func(ctx context.Context) []string {
		return objectNames(ctx, f, schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, "")
	})
	config := func(names func(clientcmdapi.Config) []string) func(context.Context) []string {
		return func(context.Context) []string {
			raw, _ := f.Config.ToRawKubeConfigLoader().RawConfig()
			return names(raw)
		}
	}
	offer("context", config(func(c clientcmdapi.Config) []string { return slices.Sorted(maps.Keys(c.Contexts)) }))
	offer("cluster", config(func(c clientcmdapi.Config) []string { return slices.Sorted(maps.Keys(c.Clusters)) }))
	offer("user", config(func(c clientcmdapi.Config) []string { return slices.Sorted(maps.Keys(c.AuthInfos)) }))
}

// CompleteTLSSecrets completes arguments with the TLS Secrets of the namespace, each
// once.
func CompleteTLSSecrets(f *cmdutil.Factory) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		names := objectNames(cmd.Context(), f, schema.GroupVersionKind{Version: "v1", Kind: "Secret"}, "type=kubernetes.io/tls")
		return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(args, name) }), cobra.ShellCompDirectiveNoFileComp
	}
}

// objectNames lists the names of objects in the cluster, those of the namespace if
// they have one; none if it does not answer in time.
func objectNames(ctx context.Context, f *cmdutil.Factory, kind schema.GroupVersionKind, selector string) []string {
	ctx, cancel := context.WithTimeout(ctx, completeTimeout)
	defer cancel()
	client, err := f.Kube()
	if err != nil {
		return nil
	}
	mapping, err := client.Mapping(kind)
	if err != nil {
		return nil
	}
	var names []string
	_ = client.List(ctx, mapping, client.Namespace(), metav1.ListOptions{FieldSelector: selector}, func(o *unstructured.Unstructured) {
		names = append(names, o.GetName())
	})
	slices.Sort(names)
	return names
}
