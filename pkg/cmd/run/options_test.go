package run

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
)

// execute runs the command with a run function in place of Run, and returns the
// options that it gets, nil if it is not called.
func execute(t *testing.T, args ...string) (*Options, error) {
	t.Helper()
	var got *Options
	f := &cmdutil.Factory{IO: iostreams.IO{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}, Config: genericclioptions.NewConfigFlags(true)}
	cmd := NewCmd(f, func(_ context.Context, o *Options) error {
		got = o
		return nil
	})
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	return got, cmd.ExecuteContext(t.Context())
}

func TestFlags(t *testing.T) {
	type values struct {
		Once, DryRun, ResponderOnly, AllNamespaces bool
		File, Environment, Kustomize, Format       string
		Shutdown                                   time.Duration
		Changed                                    func(*operator.Options)
	}
	usual := func() values { return values{Shutdown: 10 * time.Second} }
	thumbprint := strings.Repeat("a", 43)
	for args, change := range map[string]func(*values){
		"":                     func(*values) {},
		"--once":               func(v *values) { v.Once = true },
		"-f certs.yaml -e dev": func(v *values) { v.File, v.Environment = "certs.yaml", "dev" },
		"-k overlays/prod --from-cluster": func(v *values) {
			v.Kustomize, v.Changed = "overlays/prod", func(s *operator.Options) { s.FromCluster = true }
		},
		"--dry-run -o wide --http01 static": func(v *values) {
			v.DryRun, v.Format, v.Changed = true, "wide", func(s *operator.Options) { s.DryRun, s.HTTP01 = true, operator.HTTP01Static }
		},
		"--responder-only --listen :8089 --thumbprint " + thumbprint: func(v *values) {
			v.ResponderOnly, v.Changed = true, func(s *operator.Options) { s.Listen = ":8089" }
		},
		"--dns01-recursive-nameservers 192.0.2.1 --acme-http01-solver-nameservers dns.example.com,2001:db8::1": func(v *values) {
			v.Changed = func(s *operator.Options) {
				s.Resolvers, s.HTTP01Resolvers = []string{"192.0.2.1:53"}, []string{"dns.example.com:53", "[2001:db8::1]:53"}
			}
		},
		"-A --allow-host shop=*.example.com --allow-host shop=192.0.2.1": func(v *values) {
			v.AllNamespaces, v.Changed = true, func(s *operator.Options) {
				s.Grants = []watch.Grant{{Namespace: "shop", Host: "*.example.com"}, {Namespace: "shop", Host: "192.0.2.1"}}
			}
		},
		"--shard 1/3 --rate-budget none --workers 1 --renew-before 24h --adopt --leader-elect=false": func(v *values) {
			v.Changed = func(s *operator.Options) {
				s.Shard, s.RateLimits, s.Workers, s.RenewBefore, s.Adopt, s.LeaderElect = operator.Shard{Index: 1, Count: 3}, false, 1, 24*time.Hour, true, false
			}
		},
		"--shutdown-timeout 1s --leader-elect-lease-duration 1s --listen-tls :443 --metrics-listen :9402": func(v *values) {
			v.Shutdown, v.Changed = time.Second, func(s *operator.Options) {
				s.LeaseDuration, s.ListenTLS, s.MetricsListen = time.Second, ":443", ":9402"
			}
		},
	} {
		o, err := execute(t, strings.Fields(args)...)
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		want, settings := usual(), operator.DefaultOptions()
		change(&want)
		if want.Changed != nil {
			want.Changed(&settings)
		}
		got := values{
			Once: o.Once, DryRun: o.DryRun, ResponderOnly: o.ResponderOnly, AllNamespaces: o.Requests.AllNamespaces,
			File: o.Requests.Project.File, Environment: o.Requests.Project.Environment, Kustomize: o.Requests.Target.Kustomize,
			Format: o.Output.Format(), Shutdown: o.ShutdownTimeout,
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(values{}, "Changed")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", args, diff)
		}
		if diff := cmp.Diff(settings, o.Settings); diff != "" {
			t.Errorf("%s: settings (-want +got):\n%s", args, diff)
		}
		if answered := o.Accounts != nil && len(o.Accounts.Thumbprints("www.example.com")) == 1; answered != o.ResponderOnly {
			t.Errorf("%s: answers for the account: %t", args, answered)
		}
	}
}

func TestRefusedFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--http01 magic --rate-budget some -o table --dry-run": `--http01 "magic": must be one of auto, static, solver
--rate-budget "some": must be one of auto, none
--output "table": must be one of json, yaml, name, wide, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file`,
		"--workers 0 --renew-before -1h": "--workers must be at least 1\n--renew-before must not be negative",
		"-f a.yaml -k b":                 "-f cannot be used with -k",
		"--http01 static":                "--http01 static needs --listen",
		"--shutdown-timeout 999ms --leader-elect-lease-duration 999ms": "--shutdown-timeout must be at least 1s\n--leader-elect-lease-duration must be at least 1s",
		"-o json":                    "-o needs --dry-run",
		"--register --dry-run":       "--dry-run cannot be used with --register",
		"--register --once":          "--once cannot be used with --register",
		"--template x":               "--template needs --dry-run",
		"--from-cluster":             "--from-cluster needs -f or -k",
		"-e nonsense":                "-e needs -f",
		"--once --metrics-listen :1": "--metrics-listen cannot be used with --once",
		"--leader-elect=false --leader-elect-lease-duration 20s": "--leader-elect-lease-duration cannot be used with --leader-elect=false",
		"--responder-only --once --listen :1 --thumbprint a":     "--once cannot be used with --responder-only",
		"--shard 3/3":                                 `--shard "3/3": must be INDEX/COUNT with INDEX from 0 to COUNT-1, as in 0/3`,
		"--responder-only":                            "--responder-only needs --listen and --thumbprint; run --register prints the thumbprints",
		"--responder-only --listen :1":                "--responder-only needs --listen and --thumbprint; run --register prints the thumbprints",
		"--thumbprint a":                              "--thumbprint needs --responder-only",
		"--responder-only --listen :1 --thumbprint a": `--thumbprint "a": must be 43 characters of base64url, the SHA-256 thumbprint of an account key (RFC 7638)`,
		"--allow-host shop=a.example.com":             "--allow-host needs -A",
		"-A --allow-host shop --allow-host shop=a_b": `--allow-host "shop": must be NAMESPACE=HOST with a host name, a wildcard or an IP address, such as shop=www.example.com
--allow-host "shop=a_b": must be NAMESPACE=HOST with a host name, a wildcard or an IP address, such as shop=www.example.com`,
		"secret": `unexpected argument "secret": run takes no arguments`,
	} {
		o, err := execute(t, strings.Fields(args)...)
		if err == nil || o != nil {
			t.Errorf("%s: accepted", args)
			continue
		}
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", args, diff)
		}
	}
}
