package cmdutil

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
)

// kubeconfigError says why the kubeconfig and the flags do not name a cluster. err is client-go's
// error; nil means that it took its default.
func kubeconfigError(flags *genericclioptions.ConfigFlags, err error) error {
	loader := flags.ToRawKubeConfigLoader()
	files := loader.ConfigAccess().GetLoadingPrecedence()
	if named := *flags.Context + *flags.ClusterName + *flags.AuthInfoName; named == "" && !slices.ContainsFunc(files, exists) {
		return hint.With(fmt.Errorf("no cluster is configured: %s: no such file", strings.Join(files, ", ")), "set --kubeconfig or KUBECONFIG")
	}
	config, invalid := loader.RawConfig()
	if invalid != nil {
		return hint.With(invalid, "check the file of --kubeconfig or KUBECONFIG")
	}
	contexts := slices.Sorted(maps.Keys(config.Contexts))
	for _, named := range []struct {
		flag, value string
		known       []string
	}{
		{"context", *flags.Context, contexts},
		{"cluster", *flags.ClusterName, slices.Sorted(maps.Keys(config.Clusters))},
		{"user", *flags.AuthInfoName, slices.Sorted(maps.Keys(config.AuthInfos))},
	} {
		if named.value != "" && !slices.Contains(named.known, named.value) {
			return hint.With(fmt.Errorf("--%s %s: not in the kubeconfig", named.flag, named.value), choice(named.flag, named.value, named.known))
		}
	}
	switch current := config.CurrentContext; {
	case len(contexts) == 0 && (err == nil || clientcmd.IsEmptyConfig(err)):
		return hint.With(fmt.Errorf("no cluster is configured: %s has no contexts", strings.Join(files, ", ")), "set --kubeconfig or KUBECONFIG")
	case *flags.Context == "" && current == "" && (err == nil || clientcmd.IsEmptyConfig(err)):
		return hint.With(errors.New("the kubeconfig has no current context"), "choose one with --context or kubectl config use-context: "+strings.Join(contexts, ", "))
	case *flags.Context == "" && config.Contexts[current] == nil && current != "":
		return hint.With(fmt.Errorf("the current context %s is not in the kubeconfig", current), choice("context", current, contexts))
	case err == nil:
		err = errors.New("no cluster is configured")
	}
	return hint.With(err, "kubectl config view shows the kubeconfig")
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// choice suggests the nearest of the known values of a flag, and lists them.
func choice(flag, value string, known []string) string {
	list := "the kubeconfig has no " + flag + "s"
	if len(known) > 0 {
		list = "the " + flag + "s in the kubeconfig are " + strings.Join(known, ", ")
	}
	if nearest := hint.Nearest(value, known); nearest != "" {
		return "did you mean --" + flag + " " + nearest + "? " + strings.ToUpper(list[:1]) + list[1:]
	}
	return list
}
