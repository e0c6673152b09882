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

// solverPort is where solver pods listen, as cert-manager's do.
const solverPort = 8089

// Labels by which NGINX Ingress Controller tells solver Ingresses from others:
// cert-manager's.
const (
	domainLabel = "acme.cert-manager.io/http-domain"
	tokenLabel  = "acme.cert-manager.io/http-token"
	http01Label = "acme.cert-manager.io/http01-solver"
)

// Prover answers HTTP-01 by a pod, a Service and a route for each
// challenge, as cert-manager does. It is a issuance.Prover for one Secret.
type Prover struct {
	Client *kube.Client
	For    issuance.Ref
	Config *cmacme.ACMEChallengeSolverHTTP01
	// Image answers a challenge when it is run like cert-manager's acmesolver.
	Image string
	// Wait, if not nil, replaces the look from here at whether the challenge
	// is answered.
	Wait *metav1.Duration
	// Ingress is what challenges are added to, and Gateway what HTTPRoutes
	// attach to, where Config names nothing.
	Ingress, Gateway string
	// See looks at a challenge from here; its error says what it saw.
	See func(ctx context.Context, c issuance.Challenge) error
}

func (s *Prover) inPlace() string {
	if i := s.Config.Ingress; i != nil && i.Name != "" {
		return i.Name
	}
	return s.Ingress
}

func solverName(c issuance.Challenge) string {
	sum := sha256.Sum256([]byte(c.Token + c.Name))
	return "kubectl-certs-http-" + hex.EncodeToString(sum[:6])
}

// patience is how long a solver may take to answer.
const patience = 2 * time.Minute

// until repeats a look every second; the last error is what is reported.
func (s *Prover) until(ctx context.Context, look func() error) error {
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

func (s *Prover) labels(c issuance.Challenge) map[string]string {
	return map[string]string{
		domainLabel:             fmt.Sprint(adler32.Checksum([]byte(c.Name))),
		tokenLabel:              fmt.Sprint(adler32.Checksum([]byte(c.Token))),
		http01Label:             "true",
		v1alpha1.SolverForLabel: labelOf(s.For.Name),
	}
}

// labelOf is a Secret's name as a label value, shortened if need be.
func labelOf(name string) string {
	if len(name) <= 63 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:46] + "-" + hex.EncodeToString(sum[:8])
}
