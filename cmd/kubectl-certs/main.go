package main

import (
	"context"
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // logins of the cloud providers
	"k8s.io/klog/v2"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
)

// version is set by the linker; without it the module's own is shown.
var version string

func main() {
	klog.SetLogger(klog.Logger{}) // client-go also returns what it logs
	ctx, stop := lifecycle.WithSignals(context.Background())
	code := cmd.Main(ctx, iostreams.System(), version, os.Args)
	stop()
	os.Exit(code)
}
