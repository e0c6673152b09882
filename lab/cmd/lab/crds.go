package main

import (
	"context"

	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-certs/kubectl-certs/lab"
	"github.com/kubectl-certs/kubectl-certs/lab/crds"
)

func crdsCmd(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:       "crds NAME...",
		Short:     "Install CRDs and wait until they are established",
		Args:      cobra.MatchAll(cobra.MinimumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: crds.Names(),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := lab.Open(*dir)
			if err != nil {
				return err
			}
			docs, err := crds.Load(args)
			if err != nil {
				return err
			}
			return install(cmd.Context(), s, docs)
		},
	}
}

func install(ctx context.Context, s *lab.State, docs [][]byte) error {
	if len(docs) == 0 {
		return nil
	}
	config, err := clientcmd.BuildConfigFromFlags("", s.Path("kubeconfig"))
	if err != nil {
		return err
	}
	return crds.Install(ctx, config, docs)
}
