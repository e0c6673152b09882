package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

// errFound makes the exit code 1: not a failure, but not all is well.
var errFound = errors.New("not everything is running and answers")

func statusCmd(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show which parts run and answer; exits 1 if not all do",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := lab.Open(*dir)
			if err != nil {
				return err
			}
			all, err := s.Status(cmd.Context())
			if errors.Is(err, lab.ErrDown) {
				fmt.Println("not running")
				return errFound
			}
			if err != nil {
				return err
			}
			return printStatus(cmd.Context(), s, all)
		},
	}
}

func printStatus(ctx context.Context, s *lab.State, all []lab.Status) error {
	var found error
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PART\tSTATE\tPID\tADDRESS\tMEMORY")
	for _, st := range all {
		state := "running"
		if !st.Running {
			state, found = "ended: "+st.Exit, errFound
		} else if err := s.Answers(ctx, st.Part); err != nil {
			state, found = "does not answer: "+strings.ReplaceAll(err.Error(), "\n", "; "), errFound
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", st.Part, state, st.PID, s.Listens(st.Part), memory(st))
	}
	return errors.Join(w.Flush(), found)
}

// memory is what a process holds, where the system tells (Linux).
func memory(st lab.Status) string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", st.PID))
	if err != nil || !st.Running {
		return "-"
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	value, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(value)
}
