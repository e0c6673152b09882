package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
	"k8s.io/klog/v2"
)

func main() {
	var s solver.HTTP01Solver
	flag.IntVar(&s.ListenPort, "listen-port", 8089, "port")
	flag.StringVar(&s.Domain, "domain", "", "name that is to be proved")
	flag.StringVar(&s.Token, "token", "", "token of the challenge")
	flag.StringVar(&s.Key, "key", "", "answer to it")
	flag.Parse()
	fmt.Fprintln(os.Stderr, "error:", s.Listen(klog.Background()))
	os.Exit(1)
}
