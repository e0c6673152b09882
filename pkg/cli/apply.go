package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

type applyFlags struct {
	project      projectFlags
	target       targetFlags
	dryRun       string
	force, prune bool
}

func newApplyCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Apply an overlay to the cluster, for those without Argo CD or Flux",
		Long: "Apply an overlay, or an environment of certs.yaml, to the cluster: server-side,\n" +
			"in the order that works (namespaces, CRDs, issuers, the rest). What was applied is\n" +
			"labelled, so that --prune finds what is no longer wanted.\n\n" +
			"Exit codes: 0 applied, 2 failed; applying again goes on where it failed.",
		Example: "  kubectl certs apply -k overlays/staging\n" +
			"  kubectl certs apply -e prod --dry-run=server",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("dry-run", f.dryRun, "none", "server"); err != nil {
				return err
			}
			t, err := f.target.load(cmd.Context(), env, f.project)
			if err != nil {
				return err
			}
			client, err := connect(config)
			if err != nil {
				return err
			}
			return applyRun(cmd.Context(), env, client, f, t)
		},
	}
	f.project.add(cmd.Flags())
	f.target.add(cmd.Flags())
	cmd.Flags().StringVar(&f.dryRun, "dry-run", "none", "none, or server: ask the server, change nothing")
	cmd.Flags().BoolVar(&f.force, "force-conflicts", false, "take over fields that somebody else owns")
	cmd.Flags().BoolVar(&f.prune, "prune", false, "delete objects of the set that are no longer wanted")
	return cmd
}

func applyRun(ctx context.Context, env Env, client *cluster.Client, f applyFlags, t target) error {
	dryRun := f.dryRun == "server"
	for _, stage := range cluster.Order(t.objects) {
		placed, others, err := place(ctx, env, client, stage)
		if err != nil {
			return err
		}
		if err := applyStage(ctx, env, client, f, t.set, placed); err != nil {
			return err
		}
		if len(others) > 0 {
			return fmt.Errorf("%s not applied", count(len(others), "object"))
		}
		if !dryRun {
			if err := client.WaitEstablished(ctx, placed); err != nil {
				return err
			}
		}
	}
	if !f.prune {
		return nil
	}
	placed, _, err := client.Place(t.objects)
	if err != nil {
		return err
	}
	return prune(ctx, env, client, f, t.set, placed)
}

// applyStage applies objects that do not depend on each other, and names every
// one that failed.
func applyStage(ctx context.Context, env Env, client *cluster.Client, f applyFlags, set string, objects []manifest.Object) error {
	done := env.progress(fmt.Sprintf("applying %s", count(len(objects), "object")))
	outcomes, silence := client.Apply(ctx, objects, cluster.ApplyOptions{Set: set, Force: f.force, DryRun: f.dryRun == "server"})
	done()
	var errs []error
	for _, o := range outcomes {
		switch {
		case o.Err != nil:
			errs = append(errs, o.Err)
		case o.Result != "":
			env.print("%s %s%s", o.ID, o.Result, suffix(f.dryRun))
		}
	}
	if silence != nil {
		return withHint(silence, "apply again when the cluster answers; what is applied already stays as it is")
	}
	err := errors.Join(errs...)
	if slices.ContainsFunc(errs, cluster.IsConflict) {
		return withHint(err, "--force-conflicts takes the fields over; or leave them to their owners and out of certs.yaml")
	}
	return err
}

func suffix(dryRun string) string {
	if dryRun == "server" {
		return " (server dry run)"
	}
	return ""
}

func prune(ctx context.Context, env Env, client *cluster.Client, f applyFlags, set string, keep []manifest.Object) error {
	p := pruning{set: set, keep: keep}
	if f.dryRun == "server" {
		p.soon = keep
	}
	objects, err := leftOver(ctx, env, client, p)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := client.Delete(ctx, o, f.dryRun == "server"); err != nil {
			return err
		}
		env.print("%s pruned%s", o.ID(), suffix(f.dryRun))
	}
	return nil
}

// pruning is what is not wanted any more: all of a set but what is kept.
type pruning struct {
	set  string
	keep []manifest.Object
	soon []manifest.Object // what is about to be applied
}

// leftOver returns what pruning deletes. OpenShift's Proxy is never deleted, and
// so the ConfigMap that it names must stay too; and ConfigMaps that workloads
// read, which two kustomizations may both have made.
func leftOver(ctx context.Context, env Env, client *cluster.Client, p pruning) ([]manifest.Object, error) {
	objects, err := client.LeftOver(ctx, p.set, p.keep)
	if err != nil {
		return nil, err
	}
	objects = slices.DeleteFunc(objects, func(o manifest.Object) bool {
		named := o.Kind() == "ConfigMap" && o.Namespace() == spec.OpenShiftNamespace && o.Name() == spec.OpenShiftName
		if named {
			env.say("note: %s is not pruned, for Proxy/cluster names it: oc patch proxy/cluster --type merge -p '{\"spec\":{\"trustedCA\":{\"name\":\"\"}}}', then delete it", o.ID())
		}
		return named
	})
	configMaps := slices.DeleteFunc(slices.Clone(objects), func(o manifest.Object) bool { return o.Kind() != "ConfigMap" })
	used, err := client.InUse(ctx, configMaps, p.soon)
	return slices.DeleteFunc(objects, func(o manifest.Object) bool {
		why := used[o.ID()]
		if why != "" {
			env.say("note: %s is not pruned, for %s", o.ID(), why)
		}
		return why != ""
	}), err
}
