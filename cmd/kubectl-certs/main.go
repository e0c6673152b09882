// Command kubectl-certs generates, compares and runs certificates on
// Kubernetes; as a plugin it is called kubectl certs.
package main

import (
	"context"
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // logins of the cloud providers

	"github.com/kubectl-certs/kubectl-certs/pkg/cli"
)

// version is set by the linker; without it the module's own is shown.
var version string

func main() {
	ctx, stop := cli.WithSignals(context.Background())
	code := cli.Main(ctx, cli.System(version), os.Args)
	stop()
	os.Exit(code)
}
