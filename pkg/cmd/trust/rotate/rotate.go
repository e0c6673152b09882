package rotate

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

// NewCmd returns the command that holds the others.
func NewCmd(f *cmdutil.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Replace a CA without an outage, step by step from Git",
		Long: "Replace a CA so that at every step every client trusts every server:\n\n" +
			"  add         add the new CA to the bundle                       edits the file\n" +
			"  distribute  every location has it, and every pod has read it   waits\n" +
			"  switch      issuers sign with the new CA                       edits files\n" +
			"  drain       nothing in the cluster needs the old CA            waits\n" +
			"  remove      remove the old CA from the bundle                  edits the file\n" +
			"  settle      no location and no pod has the old CA              waits\n\n" +
			"The plan is a file in Git. The current step is derived from Git and the cluster.\n" +
			"The cluster is only read: commit and deploy the edits as usual.\n\n" +
			"  # " + rotation.UsualFile + " (all fields: docs/trust.md)\n" +
			"  apiVersion: " + rotation.APIVersion + "\n" +
			"  kind: " + rotation.Kind + "\n" +
			"  metadata: {name: corp}\n" +
			"  old: [ca/root-2016.pem]\n" +
			"  new: [ca/root-2026.pem]\n" +
			"  bundle: ca/roots.pem\n" +
			"  trust: {file: certs.yaml, name: corp-roots}",
	}
	help.Group(cmd)
	cmd.AddCommand(NewStatusCmd(f, nil), NewNextCmd(f, nil))
	return cmd
}
