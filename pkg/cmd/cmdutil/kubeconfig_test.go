package cmdutil

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
)

// TestKubeconfigErrors: an error says which file, flag or context does not name a cluster, and
// lists the names that do.
func TestKubeconfigErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const named = "apiVersion: v1\nkind: Config\nclusters: [{name: prod-eu, cluster: {server: 'https://127.0.0.1:1'}}]\n" +
		"contexts: [{name: eu, context: {cluster: prod-eu, user: me}}, {name: us, context: {cluster: prod-eu, user: me}}]\nusers: [{name: me, user: {}}]\n"
	whole, stale := write("whole", named), write("stale", named+"current-context: uss\n")
	empty, broken := write("empty", ""), write("broken", "a: [")
	for name, tt := range map[string]struct {
		env   string
		flags []string
		want  string
		hint  string
	}{
		"no file":            {env: dir + "/nope", want: "no cluster is configured: DIR/nope: no such file", hint: "set --kubeconfig or KUBECONFIG"},
		"no file of flag":    {env: whole, flags: []string{"--kubeconfig", dir + "/nope"}, want: "no cluster is configured: DIR/nope: no such file", hint: "set --kubeconfig or KUBECONFIG"},
		"empty":              {env: empty, want: "no cluster is configured: DIR/empty has no contexts", hint: "set --kubeconfig or KUBECONFIG"},
		"broken":             {env: broken, want: `error loading config file "DIR/broken": yaml: line 1: did not find expected node content`, hint: "check the file of --kubeconfig or KUBECONFIG"},
		"no current context": {env: whole, want: "the kubeconfig has no current context", hint: "choose one with --context or kubectl config use-context: eu, us"},
		"stale context":      {env: stale, want: "the current context uss is not in the kubeconfig", hint: "did you mean --context us? The contexts in the kubeconfig are eu, us"},
		"unknown context":    {env: whole, flags: []string{"--context", "apac"}, want: "--context apac: not in the kubeconfig", hint: "the contexts in the kubeconfig are eu, us"},
		"unknown cluster":    {env: whole, flags: []string{"--context", "eu", "--cluster", "prod-ue"}, want: "--cluster prod-ue: not in the kubeconfig", hint: "did you mean --cluster prod-eu? The clusters in the kubeconfig are prod-eu"},
		"unknown user":       {env: whole, flags: []string{"--context", "eu", "--user", "someone"}, want: "--user someone: not in the kubeconfig", hint: "the users in the kubeconfig are me"},
		"found":              {env: whole, flags: []string{"--context", "eu"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", tt.env)
			f := &Factory{Config: genericclioptions.NewConfigFlags(false)}
			for i := 0; i < len(tt.flags); i += 2 {
				set := map[string]*string{"--kubeconfig": f.Config.KubeConfig, "--context": f.Config.Context, "--cluster": f.Config.ClusterName, "--user": f.Config.AuthInfoName}
				*set[tt.flags[i]] = tt.flags[i+1]
			}
			_, err := f.RESTConfig()
			var text, advice string
			if err != nil {
				text = strings.ReplaceAll(err.Error(), dir, "DIR")
				advice, _ = hint.Of(err)
			}
			if text != tt.want || advice != tt.hint {
				t.Errorf("%s\n%s\nwant %s\n%s", text, advice, tt.want, tt.hint)
			}
		})
	}
}
