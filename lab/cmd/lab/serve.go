package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

func serveCmd(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "serve NAMESPACE/SECRET HOST",
		Short: "Serve the certificate of a Secret over TLS to one client that trusts Pebble's root",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			namespace, secret, ok := strings.Cut(args[0], "/")
			if !ok {
				return fmt.Errorf("%q: must be NAMESPACE/SECRET", args[0])
			}
			s, err := lab.Open(*dir)
			if err != nil {
				return err
			}
			served, err := s.Serve(cmd.Context(), namespace, secret, args[1])
			if err != nil {
				return err
			}
			fmt.Printf("TLS handshake with %s: certificate for %s by %s until %s, verified against Pebble's root\n",
				args[1], strings.Join(served.Names, ", "), served.Issuer, served.NotAfter.Format(time.DateOnly))
			return nil
		},
	}
}
