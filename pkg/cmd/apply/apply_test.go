package apply

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube/apply"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

func TestFlags(t *testing.T) {
	type flags struct {
		Environment, Kustomize, Set, DryRun string
		Force, Prune                        bool
	}
	for _, test := range []struct {
		args []string
		want flags
		err  string
	}{
		{args: nil, want: flags{DryRun: "none"}},
		{args: []string{"-e", "prod", "--set", "s", "--prune"}, want: flags{Environment: "prod", Set: "s", DryRun: "none", Prune: true}},
		{args: []string{"-k", "o", "--dry-run=server", "--force-conflicts"}, want: flags{Kustomize: "o", DryRun: "server", Force: true}},
		{args: []string{"--dry-run=client"}, err: `--dry-run "client": must be one of none, server`},
		{args: []string{"-f", "a", "-k", "o"}, err: "-f cannot be used with -k"},
		{args: []string{"-e", "prod", "-k", "o"}, err: "-e cannot be used with -k"},
		{args: []string{"--yes"}, err: "--yes needs --prune"},
		{args: []string{"--prune-certificates"}, err: "--prune-certificates needs --prune"},
		{args: []string{"-R"}, err: "-R needs -f"},
		{args: []string{"-f", "https://example.com/a.yaml"}, err: `invalid argument "https://example.com/a.yaml" for "-f, --filename" flag: URLs are not supported; download the file, or clone the repository, and use the copy`},
		{args: []string{"x"}, err: `unexpected argument "x": apply takes no arguments`},
	} {
		var got flags
		cmd := NewCmd(&cmdutil.Factory{}, func(_ context.Context, o *Options) error {
			got = flags{o.Project.Environment, o.Target.Kustomize, o.Target.Set, o.DryRun, o.Force, o.Target.Prune}
			return nil
		})
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(append([]string{}, test.args...))
		text := ""
		if err := cmd.Execute(); err != nil {
			text = err.Error()
		}
		if text != test.err {
			t.Errorf("%q: error %q, want %q", test.args, text, test.err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.args, diff)
		}
	}
}

// client returns a client of a server for tests that serves no cert-manager.
func client(t *testing.T) *kube.Client {
	t.Helper()
	config := kubetest.Start(t, "cert-manager.io").Config()
	discovered, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kube.New(config, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovered)), "default")
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// TestRun: objects are applied as often as asked and written once; --prune
// deletes those that are gone; what the cluster does not serve fails.
func TestRun(t *testing.T) {
	const (
		a      = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}\n---\n"
		c      = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: default}}\n---\n"
		b      = "{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: default}}\n---\n"
		issuer = "{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: i, namespace: default}}\n---\n"
	)
	kubeClient := client(t)
	for _, step := range []struct {
		name, objects string
		options       Options
		answer        string // of a person at a terminal, "" for none
		want, err     string
	}{
		{name: "dry run", objects: a + b, options: Options{DryRun: "server"},
			want: "configmap/a created (server dry run)\nconfigmap/b created (server dry run)\n"},
		{name: "create", objects: a + b, want: "configmap/a created\nconfigmap/b created\n"},
		{name: "again", objects: a + b, want: "configmap/a unchanged\nconfigmap/b unchanged\n"},
		{name: "prune, dry run", objects: a, options: Options{DryRun: "server", Target: cmdutil.TargetFlags{Prune: true}},
			want: "configmap/a unchanged (server dry run)\nconfigmap/b pruned (server dry run)\n"},
		{name: "prune", objects: a, options: Options{Target: cmdutil.TargetFlags{Prune: true}}, want: "configmap/a unchanged\nconfigmap/b pruned\n"},
		{name: "pruned", objects: a, options: Options{Target: cmdutil.TargetFlags{Prune: true}}, want: "configmap/a unchanged\n"},
		{name: "most of a set", objects: b, options: Options{Target: cmdutil.TargetFlags{Prune: true}}, want: "configmap/b created\nconfigmap/a pruned\n"},
		{name: "two more", objects: a + c + b, want: "configmap/a created\nconfigmap/c created\nconfigmap/b unchanged\n"},
		{name: "more than half", objects: b, options: Options{Target: cmdutil.TargetFlags{Prune: true}},
			want: "configmap/b unchanged\n", err: "nothing deleted: --prune would delete 2 of 3 objects of set shop"},
		{name: "a person says no", objects: b, answer: "\n", options: Options{Target: cmdutil.TargetFlags{Prune: true}},
			want: "configmap/b unchanged\nto delete: ConfigMap/default/a\nto delete: ConfigMap/default/c\nDelete 2 objects of set shop? [y/N]: ", err: "nothing deleted: not confirmed"},
		{name: "a person says yes", objects: a + b, answer: "Y\n", options: Options{Target: cmdutil.TargetFlags{Prune: true}},
			want: "configmap/a unchanged\nconfigmap/b unchanged\nto delete: ConfigMap/default/c\nDelete 1 object of set shop? [y/N]: configmap/c pruned\n"},
		{name: "--yes", objects: a, options: Options{Yes: true, Target: cmdutil.TargetFlags{Prune: true}}, want: "configmap/a unchanged\nconfigmap/b pruned\n"},
		{name: "not served", objects: a + issuer, err: "1 object not applied",
			want: "configmap/a unchanged\nnote: skipping 1 Issuer object (cert-manager.io/v1): install cert-manager first\n"},
	} {
		var out bytes.Buffer
		o := step.options
		o.IO = iostreams.IO{Out: &out, Err: &out, In: strings.NewReader(step.answer), Interactive: step.answer != ""}
		o.Kube = func() (*kube.Client, error) { return kubeClient, nil }
		o.Load = func(context.Context) (project.Target, error) {
			objects, err := manifest.Decode([]byte(step.objects))
			return project.Target{Set: "shop", Objects: objects}, err
		}
		text := ""
		if err := Run(t.Context(), &o); err != nil {
			text = err.Error()
		}
		if text != step.err {
			t.Errorf("%s: error %q, want %q", step.name, text, step.err)
		}
		if diff := cmp.Diff(step.want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}

// TestTally: an object that was not tried counts neither as applied nor as
// failed.
func TestTally(t *testing.T) {
	tally := tally{total: 6}
	if got, want := tally.String(), "0 of 6 objects applied; run the command again for the rest"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	refused := errors.New("refused")
	tally.add([]apply.Outcome{
		{Result: apply.Created}, {Result: apply.Unchanged}, {Err: refused}, {Err: context.Canceled}, {Err: refused, Unanswered: true}, {},
	})
	tally.setPruned(1, 2)
	want := "2 of 6 objects applied, 1 failed, 1 without a response, 1 of 2 pruned; run the command again for the rest"
	if got := tally.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
