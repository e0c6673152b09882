package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

func main() {
	root := &cobra.Command{
		Use:           "lab",
		Short:         "Run an API server, an ACME server and DNS on loopback ports",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	dir := ".lab"
	if set := os.Getenv("LAB_DIR"); set != "" {
		dir = set
	}
	root.PersistentFlags().StringVar(&dir, "dir", dir, "folder of the lab's state; LAB_DIR sets the default")
	root.AddCommand(upCmd(&dir), statusCmd(&dir), downCmd(&dir), killCmd(&dir), startCmd(&dir), crdsCmd(&dir), serveCmd(&dir), collectCmd(&dir))
	root.AddCommand(superviseCmd(&dir), partCmd(&dir), leashCmd())
	if err := root.ExecuteContext(context.Background()); errors.Is(err, errFound) {
		os.Exit(1)
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
}

func downCmd(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "End everything and wait until it is gone; what was stored stays",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := lab.Open(*dir)
			if errors.Is(err, lab.ErrNone) {
				return nil
			}
			if err != nil {
				return err
			}
			return s.Down(cmd.Context())
		},
	}
}

func killCmd(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:       "kill PART",
		Short:     "End one part with SIGKILL",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: lab.Parts(),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := lab.Open(*dir)
			if err != nil {
				return err
			}
			return s.Kill(cmd.Context(), args[0])
		},
	}
}

func startCmd(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:       "start PART",
		Short:     "Start a part that ended and wait until it is ready",
		Long:      "Start a part that ended, on its old port and data, and wait until it is ready.\nPebble keeps nothing: it has a new root, no accounts and no orders.",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: lab.Parts(),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := lab.Open(*dir)
			if err != nil {
				return err
			}
			return s.Start(cmd.Context(), args[0])
		},
	}
}
