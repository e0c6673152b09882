package http01

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/adler32"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// solverPort is the port of solver pods, as in cert-manager.
const solverPort = 8089

// cert-manager's labels, by which NGINX Ingress Controller recognizes solver Ingresses.
const (
	domainLabel = "acme.cert-manager.io/http-domain"
	tokenLabel  = "acme.cert-manager.io/http-token"
	http01Label = "acme.cert-manager.io/http01-solver"
)

// Solver answers HTTP-01 challenges of one Secret with a pod, a Service and a route each, as
// cert-manager does. It is an issuance.Solver.
type Solver struct {
	Client *kube.Client
	For    issuance.Ref
	Config *cmacme.ACMEChallengeSolverHTTP01
	// Image has cert-manager's acmesolver, or a program with the same flags.
	Image string
	// Wait, if not nil, replaces the check of the answer from this process.
	Wait *metav1.Duration
	// Ingress is the Ingress to edit in place, and Gateway the parent of HTTPRoutes, if Config
	// has none.
	Ingress, Gateway string
	// See checks a challenge from this process; its error describes the answer.
	See func(ctx context.Context, c issuance.Challenge) error
	// Explain adds the likely cause to the error of the last check of a host.
	Explain func(ctx context.Context, host string, err error) error
}

func (s *Solver) inPlace() string {
	if i := s.Config.Ingress; i != nil && i.Name != "" {
		return i.Name
	}
	return s.Ingress
}

func solverName(c issuance.Challenge) string {
	sum := sha256.Sum256([]byte(c.Token + c.Name))
	return "kubectl-certs-http-" + hex.EncodeToString(sum[:6])
}

// patience is the timeout of a solver.
const patience = 2 * time.Minute

// until calls look every second until it returns nil. It returns the last error.
func (s *Solver) until(ctx context.Context, look func() error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, time.Second, patience, true, func(context.Context) (bool, error) {
		last = look()
		return last == nil, nil
	})
	if ctx.Err() == nil && last != nil {
		return last
	}
	return err
}

func pathOf(c issuance.Challenge) string { return "/.well-known/acme-challenge/" + c.Token }

func (s *Solver) labels(c issuance.Challenge) map[string]string {
	return map[string]string{
		domainLabel:             fmt.Sprint(adler32.Checksum([]byte(c.Name))),
		tokenLabel:              fmt.Sprint(adler32.Checksum([]byte(c.Token))),
		http01Label:             "true",
		v1alpha1.SolverForLabel: labelOf(s.For.Name),
	}
}

// labelOf returns a Secret's name as a label value, shortened if necessary.
func labelOf(name string) string {
	if len(name) <= 63 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:46] + "-" + hex.EncodeToString(sum[:8])
}
