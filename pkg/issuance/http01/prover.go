package http01

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// solverPort is where solver pods listen, as cert-manager's do.
const solverPort = 8089

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

// Prove implements issuance.Prover.
func (s *Prover) Prove(ctx context.Context, challenges []issuance.Challenge) error {
	jobs := make([]func(context.Context) error, 0, len(challenges))
	for _, c := range challenges {
		jobs = append(jobs, func(ctx context.Context) error { return s.prove(ctx, c) })
	}
	return kube.InParallel(ctx, jobs)
}

func (s *Prover) prove(ctx context.Context, c issuance.Challenge) error {
	objects, err := s.objects(c)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if _, err := s.Client.Apply(ctx, o, metav1.ApplyOptions{FieldManager: kube.FieldManager, Force: true}); err != nil {
			return fmt.Errorf("make solver %s: %w", o.ID(), kube.WrapUnavailable(err))
		}
	}
	if ingress := s.inPlace(); ingress != "" {
		path, err := challengePath(c, solverName(c))
		if err != nil {
			return err
		}
		if err := s.editIngress(ctx, ingress, func(o manifest.Object) bool { return addPath(o, c, path) }); err != nil {
			return err
		}
	}
	if err := s.running(ctx, objects[0]); err != nil {
		return err
	}
	return s.visible(ctx, c)
}

// Clean implements issuance.Prover.
func (s *Prover) Clean(ctx context.Context, challenges []issuance.Challenge) error {
	var errs []error
	for _, c := range challenges {
		if ingress := s.inPlace(); ingress != "" {
			errs = append(errs, s.editIngress(ctx, ingress, func(o manifest.Object) bool { return removePath(o, c) }))
		}
		objects, err := s.objects(c)
		errs = append(errs, err)
		for _, o := range objects {
			errs = append(errs, s.Client.Delete(ctx, o, false))
		}
	}
	return errors.Join(errs...)
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

// visible waits until a challenge is answered as seen from here, or as long as
// the issuer says instead.
func (s *Prover) visible(ctx context.Context, c issuance.Challenge) error {
	if s.Wait != nil {
		select {
		case <-time.After(s.Wait.Duration):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	seen := 0
	return s.until(ctx, func() error {
		if err := s.See(ctx, c); err != nil {
			seen = 0
			return err
		}
		if seen++; seen < 2 { // controllers have several replicas
			return errors.New("answered once only")
		}
		return nil
	})
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
