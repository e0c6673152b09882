package rotate

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

// NewCmd returns the command that holds the others.
func NewCmd(f *cmdutil.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Replace a CA without an outage, step by step from Git",
		Long: "Replace a CA by another so that at every step every client trusts every server:\n\n" +
			"  add      the new CA joins the old one in the bundle             edits the file\n" +
			"  spread   until every place has it and every pod has read it     a gate\n" +
			"  switch   issuers sign with the new CA                           edits files, or says what\n" +
			"  drain    until nothing in the cluster needs the old CA          a gate\n" +
			"  remove   the old CA leaves the bundle                           edits the file\n" +
			"  settle   until no place has it any more, and no pod             a gate\n\n" +
			"The plan is a file in Git; where it is follows from Git and the cluster, nothing is kept\n" +
			"elsewhere. Files are edited, the cluster is only read: what is committed gets there as\n" +
			"everything else does.\n\n" +
			"  # " + rotation.UsualFile + "\n" +
			"  apiVersion: " + rotation.APIVersion + "\n" +
			"  kind: " + rotation.Kind + "\n" +
			"  metadata: {name: corp}\n" +
			"  old: [ca/root-2016.pem]\n" +
			"  new: [ca/root-2026.pem]\n" +
			"  others: [ca/vault.pem]               # CAs that certificates here lead to and that are not in the cluster\n" +
			"  bundle: ca/roots.pem                 # what the places are made from\n" +
			"  trust: {file: certs.yaml, name: corp-roots} # whose targets are places; it reads the bundle\n" +
			"  places: [partners]                   # others, as trust verify --in takes them\n" +
			"  workloads:                           # pods that must read it; default: all that mount a place\n" +
			"    namespaces: [shop]\n" +
			"    selector: tier!=batch\n" +
			"    reload: reloads=yes                # those that need no restart to read it anew\n" +
			"  ignore: [secret/shop/odd]            # of which a person knows that they do not need the old CA\n" +
			"  servers: [\"ldap.example.com:636\"]    # TLS servers to ask, outside the cluster for instance; no STARTTLS\n" +
			"  issuers:                             # what is to be switched, and where Git says so\n" +
			"  - {kind: ClusterIssuer, name: corp, secretName: corp-ca-2026, file: certs.yaml}",
	}
	cmdutil.Group(cmd)
	cmd.AddCommand(NewStatusCmd(f, nil), NewNextCmd(f, nil))
	return cmd
}
