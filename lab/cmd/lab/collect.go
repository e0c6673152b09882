package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	discovered "k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

// collectCmd is not part of every lab: it watches all there is, which only
// controllers that count on it are worth.
func collectCmd(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "collect",
		Short: "Collect garbage as a cluster does: delete what belongs to objects that are gone",
		Long: `Collect garbage as a cluster does: delete what belongs to objects that are gone.
Stays until Ctrl-C, or until standard input closes if that is a pipe. Run it
beside controllers that count on it, such as cert-manager's.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			s, err := lab.Open(*dir)
			if err != nil {
				return err
			}
			config, err := clientcmd.BuildConfigFromFlags("", s.Path("kubeconfig"))
			if err != nil {
				return err
			}
			config.QPS = -1 // no limit
			return collect(untilClosed(ctx, os.Stdin), config)
		},
	}
}

// collect runs the garbage collector of kube-controller-manager, as that does,
// until the context ends.
func collect(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	objects, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	started := make(chan struct{}) // it has its informers for itself and starts them
	close(started)
	collector, err := garbagecollector.NewGarbageCollector(ctx, client, objects,
		restmapper.NewDeferredDiscoveryRESTMapper(discovered.NewMemCacheClient(client.Discovery())),
		garbagecollector.DefaultIgnoredResources(),
		informerfactory.NewInformerFactory(informers.NewSharedInformerFactory(client, 0), metadatainformer.NewSharedInformerFactory(objects, 0)),
		started)
	if err != nil {
		return err
	}
	const workers, period = 20, 30 * time.Second // as upstream has them
	go collector.Sync(ctx, client.Discovery(), period)
	collector.Run(ctx, workers, period)
	return nil
}
