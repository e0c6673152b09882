package help

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Common are kubectl's flags that its users try on every command, with their
// shorthands.
var Common = map[string]string{
	"namespace": "n", "all-namespaces": "A", "filename": "f", "kustomize": "k", "recursive": "R", "selector": "l",
	"watch": "w", "output": "o", "dry-run": "", "no-headers": "", "sort-by": "",
}

// row says what to do without flags.
type row struct {
	flags    string // by their long names
	commands string // separated by |, with those below them; "" for all
	text     string // $ is the command as it is typed
}

const (
	readFiles   = "trust bundle|trust inspect"
	readSources = "trust bundle|trust inspect|trust usage"
	onlyPrint   = "schema|version|completion|options|help"
)

// insteads says what to do instead of giving a flag that a command does not have,
// or does not read. The first row for the flag and the command counts.
var insteads = []row{
	{"namespace", "lint|generate", "set namespace: in certs.yaml"},
	{"namespace", "diff", "set namespace: in certs.yaml, or compare with the cluster: --live"},
	{"namespace", "trust verify", "name it in the location: --in configmap/NAMESPACE/NAME"},
	{"namespace all-namespaces", "trust bundle", "certificates are read from files and servers"},
	{"namespace all-namespaces", "trust inspect", "certificates are read from files and servers; kubectl certs trust verify shows those in a cluster"},
	{"namespace all-namespaces", "trust aks", "nodes have no namespace; the cluster is --name"},
	{"namespace all-namespaces", "trust rotate", "a CA is replaced in the whole cluster; workloads.namespaces in the file limits the pods"},
	{"namespace", "status|renew|trust usage", "leave out -n for all namespaces, or -A for one"},
	{"all-namespaces", "lint|generate|diff|apply", "leave out -A: objects of all namespaces are included"},
	{"all-namespaces", "trust verify", "leave out -A: all namespaces are compared"},

	{"filename kustomize recursive", "renew", "give Secrets or hosts as arguments: $ NAME"},
	{"filename", readSources, "give files and folders as arguments: $ FILE"},
	{"kustomize", readSources, "build it first: kubectl kustomize FOLDER | $ -"},
	{"recursive", readSources, "give the folders as arguments, or a quoted glob: $ 'ca/*'"},
	{"filename file kustomize recursive", "trust aks nodepool-add|trust aks disable", "no file is needed; arguments for az go after --"},
	{"filename file kustomize recursive", "trust aks", "the file with the CA certificates is --ca-file"},
	{"cluster-name", "trust aks", "the cluster is --name"},
	{"nodepool", "trust aks", "CAs apply to the whole cluster; leave it out"},
	{"kustomize", "diff", "compare with the cluster: --live, or give two folders as arguments: $ A B"},
	{"kustomize", "lint", "give the folder as an argument: $ FOLDER"},
	{"kustomize recursive", "generate", "generate reads one certs.yaml, which -f names"},
	{"kustomize recursive", "trust rotate", "a rotation is one file, which -f names"},

	{"selector", "renew", "give Secrets or hosts as arguments: $ NAME"},
	{"selector", "run|status|trust usage", "objects are not selected by label; -n names the namespace"},
	{"selector", "apply|diff", "objects are not selected by label; -k or -f names the objects"},
	{"selector", "trust verify", "objects are not selected by label; --in names the locations"},
	{"selector", "lint|generate|trust rotate", "objects are not selected by label; -f names the file"},
	{"selector", readFiles, "objects are not selected by label; the arguments name the certificates"},
	{"selector", "trust aks", "objects are not selected by label; the cluster is --name"},
	{"watch", "run", "run watches the cluster unless --once is given"},
	{"watch", "renew", "kubectl certs status shows what became of a renewal"},
	{"watch", "apply", "kubectl certs status shows what became of the certificates"},
	{"watch", "", "the command does not wait for changes; run it again"},

	{"dry-run", "renew", "kubectl certs run --once --dry-run shows what is due"},
	{"dry-run", "trust bundle", "without -O nothing is written"},
	{"dry-run", "trust aks", "the command only prints, and runs nothing"},
	{"dry-run", "", "the command only reads, and changes nothing"},
	{"output", "apply", "kubectl certs diff --live -o json prints what would change"},
	{"output", "renew", "kubectl certs status -o json prints the certificates"},
	{"output", "trust rotate next", "kubectl certs trust rotate status -o json prints the steps"},
	{"output", "schema", "the schema is always JSON"},
	{"no-headers sort-by", "lint|diff|trust inspect", "the command prints no table; for scripts use -o json"},
	{"no-headers sort-by", "", "the command prints no table"},
	{"output", "", "the output has only one format"},
	{"filename kustomize recursive", "", "the command reads no manifests"},
	{"namespace all-namespaces selector", onlyPrint, "the command reads no cluster; leave the flag out"},

	{"environment", "generate", "generate writes all environments; leave out -e, or add -o yaml"},
	{"allow-host", "run", "in one namespace every host is allowed"},
	{"client", "version", "there is only a client: $"},
}

// insteadOf returns what to do instead of giving a flag, "" if that is not known.
// The flag is its name, or the letter of one of kubectl's. Rows for all commands
// are about commands that lack the flag.
func insteadOf(cmd *cobra.Command, flag string) string {
	for name, short := range Common {
		if flag == short {
			flag = name
		}
	}
	if _, common := Common[flag]; common && cmd.HasAvailableSubCommands() {
		return "flags belong to a command: " + typed(cmd) + " --help lists the commands"
	}
	path := strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), cmd.Root().DisplayName()), " ")
	lacks := cmd.Flags().Lookup(flag) == nil
	for _, r := range insteads {
		if (lacks || r.commands != "") && slices.Contains(strings.Fields(r.flags), flag) && r.covers(path) {
			return strings.ReplaceAll(r.text, "$", typed(cmd))
		}
	}
	return ""
}

func (r row) covers(command string) bool {
	return r.commands == "" || slices.ContainsFunc(strings.Split(r.commands, "|"), func(c string) bool {
		return c == command || strings.HasPrefix(command, c+" ")
	})
}
