package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/lab"
	"github.com/kubectl-certs/kubectl-certs/lab/crds"
)

type upFlags struct {
	crds                        []string
	runtimeConfig, featureGates string
	foreground                  bool
	parentPID                   int
}

func upCmd(dir *string) *cobra.Command {
	var f upFlags
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start the lab, or find it running, and print how to reach it",
		Long: `Start the lab, or find it running, and print how to reach it, as lab.env in its
folder says it too. Returns when every part is ready.

What was stored in the folder is there again, but for Pebble, which keeps
nothing: it has a new root, no accounts and no orders after each start.
Pebble's settings (PEBBLE_VA_ALWAYS_VALID and so on) are taken from here.`,
		Example: "  lab up --dir /tmp/lab --crds cert-manager,gateway-api,nginx\n  lab up --foreground",
		Args:    cobra.NoArgs,
	}
	cmd.Flags().StringSliceVar(&f.crds, "crds", nil, "CRDs to install: cert-manager, gateway-api, nginx")
	cmd.Flags().StringVar(&f.runtimeConfig, "runtime-config", "", "kube-apiserver's flag; kept in the folder")
	cmd.Flags().StringVar(&f.featureGates, "feature-gates", "", "kube-apiserver's flag; kept in the folder")
	cmd.Flags().BoolVar(&f.foreground, "foreground", false, "stay until Ctrl-C, or until standard input closes if that is a pipe")
	cmd.Flags().IntVar(&f.parentPID, "parent-pid", 0, "end the lab when this process is gone")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		defer stop()
		o := lab.Options{Dir: *dir, ParentPID: f.parentPID}
		if cmd.Flags().Changed("runtime-config") {
			o.RuntimeConfig = &f.runtimeConfig
		}
		if cmd.Flags().Changed("feature-gates") {
			o.FeatureGates = &f.featureGates
		}
		return f.run(ctx, o)
	}
	return cmd
}

func (f upFlags) run(ctx context.Context, o lab.Options) error {
	docs, err := crds.Load(f.crds)
	if err != nil {
		return err
	}
	if f.foreground {
		if f.parentPID != 0 {
			ctx = lab.Outlived(ctx, f.parentPID)
		}
		return lab.Foreground(untilClosed(ctx, os.Stdin), o, func(s *lab.State) error { return ready(ctx, s, docs) })
	}
	s, err := lab.Up(ctx, o)
	if err != nil {
		return err
	}
	return ready(ctx, s, docs)
}

// ready does what is left when the lab runs.
func ready(ctx context.Context, s *lab.State, docs [][]byte) error {
	if err := install(ctx, s, docs); err != nil {
		return err
	}
	_, err := fmt.Print(s.Env())
	return err
}
