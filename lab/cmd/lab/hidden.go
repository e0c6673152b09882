package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

// superviseCmd is what lab up leaves behind.
func superviseCmd(dir *string) *cobra.Command {
	var parent int
	cmd := &cobra.Command{Use: "supervise", Hidden: true, Args: cobra.NoArgs}
	cmd.Flags().IntVar(&parent, "parent-pid", 0, "")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, stop := signal.NotifyContext(lab.Detached(context.Background(), os.Stdin), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		defer stop()
		if parent != 0 {
			ctx = lab.Outlived(ctx, parent)
		}
		s, err := lab.Open(*dir)
		if err != nil {
			return err
		}
		return s.Supervise(ctx)
	}
	return cmd
}

// partCmd is one server. It ends with the pipe on its standard input.
func partCmd(dir *string) *cobra.Command {
	return &cobra.Command{
		Use: "part NAME", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := lab.Open(*dir)
			if err != nil {
				return err
			}
			run, known := map[string]func(*lab.State) error{
				lab.Etcd: etcd, lab.DNS: dnsServer, lab.Pebble: pebble, lab.APIServer: apiserver,
			}[args[0]]
			if !known {
				return fmt.Errorf("%s: no such part", args[0])
			}
			go func() {
				drain(os.Stdin)
				os.Exit(1)
			}()
			return run(s)
		},
	}
}

// leashCmd is any other server, such as an ingress controller, that is to end
// with the pipe on our standard input.
func leashCmd() *cobra.Command {
	return &cobra.Command{
		Use: "leash PROGRAM [ARGUMENT...]", Hidden: true, Args: cobra.MinimumNArgs(1), DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			return lab.Leash(untilClosed(ctx, os.Stdin), args[0], args[1:]...)
		},
	}
}
