package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cert-manager/cert-manager/pkg/controller"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/klog/v2"
)

func main() {
	options, workers := parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		if wait(os.Stdin) {
			stop()
		}
	}()
	failed := make(chan error)
	go func() { failed <- run(ctx, options, workers) }()
	select {
	case <-ctx.Done(): // at once: workers may sleep for a minute
	case err := <-failed:
		if ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(2)
		}
	}
}

// wait returns when a pipe closes: the process at its other end is gone.
func wait(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return false
	}
	_, _ = io.Copy(io.Discard, f) // an error ends it as well
	return true
}

// parse reads the flags, named as upstream names them. Their defaults are
// upstream's too, but for the rates, the period and the workers: those keep a
// test waiting.
func parse() (options controller.ContextOptions, workers int) {
	var level klog.Level
	var nameservers, solverNameservers, prefixes, qps = "", "", "", 0.0
	var nameserversOnly bool
	flag.StringVar(&options.Kubeconfig, "kubeconfig", "", "kubeconfig of the cluster")
	flag.StringVar(&options.Namespace, "namespace", "", "only this namespace")
	flag.StringVar(&options.ClusterResourceNamespace, "cluster-resource-namespace", "kube-system", "namespace of the Secrets of ClusterIssuers")
	flag.StringVar(&nameservers, "dns01-recursive-nameservers", "", "HOST:PORT,... of the DNS servers for self-checks")
	flag.BoolVar(&nameserversOnly, "dns01-recursive-nameservers-only", false, "ask those servers only, not the authoritative ones")
	flag.DurationVar(&options.DNS01CheckRetryPeriod, "dns01-check-retry-period", time.Second, "time between self-checks, of DNS-01 and of HTTP-01")
	flag.BoolVar(&options.EnableGatewayAPI, "enable-gateway-api", false, "run the Gateway shim; its CRDs must be there")
	flag.BoolVar(&options.EnableOwnerRef, "enable-certificate-owner-ref", false, "delete a Secret with its Certificate")
	flag.DurationVar(&options.CertificateRequestMinimumBackoffDuration, "certificate-request-minimum-backoff-duration", time.Hour, "wait this long after a failed request")
	flag.StringVar(&prefixes, "copied-annotation-prefixes", "*,-kubectl.kubernetes.io/,-fluxcd.io/,-argocd.argoproj.io/", "annotations that a Certificate hands on")
	flag.StringVar(&solverNameservers, "acme-http01-solver-nameservers", "", "HOST:PORT,... of the DNS servers for self-checks of HTTP-01")
	flag.StringVar(&options.HTTP01SolverImage, "acme-http01-solver-image", "acmesolver", "image of the pods that answer HTTP-01")
	flag.IntVar(&options.MaxConcurrentChallenges, "max-concurrent-challenges", 500, "challenges in flight")
	flag.IntVar(&workers, "concurrent-workers", 50, "workers of each controller; a DNS-01 challenge keeps one for a minute")
	flag.Float64Var(&qps, "kube-api-qps", 500, "requests per second to the API server")
	flag.IntVar(&options.KubernetesAPIBurst, "kube-api-burst", 1000, "requests at once to the API server")
	flag.Var(&level, "v", "log `level`")
	flag.Parse()

	options.KubernetesAPIQPS = float32(qps)
	options.DNS01Nameservers = list(nameservers)
	options.HTTP01SolverNameservers = list(solverNameservers)
	options.DNS01CheckAuthoritative = !nameserversOnly
	options.CopiedAnnotationPrefixes = list(prefixes)
	options.ACMEHTTP01SolverRunAsNonRoot = true
	options.HTTP01SolverResourceRequestCPU = resource.MustParse("10m")
	options.HTTP01SolverResourceRequestMemory = resource.MustParse("64Mi")
	options.HTTP01SolverResourceLimitsCPU = resource.MustParse("100m")
	options.HTTP01SolverResourceLimitsMemory = resource.MustParse("64Mi")
	options.ClusterIssuerAmbientCredentials = true
	options.DefaultIssuerKind = "Issuer"
	options.DefaultIssuerGroup = "cert-manager.io"
	options.DefaultAutoCertificateAnnotations = []string{"kubernetes.io/tls-acme"}
	return options, workers
}

func list(s string) []string {
	return slices.DeleteFunc(strings.Split(s, ","), func(item string) bool { return item == "" })
}
