package http01

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Present implements issuance.Solver.
func (s *Solver) Present(ctx context.Context, challenges []issuance.Challenge) error {
	jobs := make([]func(context.Context) error, 0, len(challenges))
	for _, c := range challenges {
		jobs = append(jobs, func(ctx context.Context) error { return s.present(ctx, c) })
	}
	return kube.InParallel(ctx, jobs)
}

func (s *Solver) present(ctx context.Context, c issuance.Challenge) error {
	objects, err := s.objects(c)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if _, err := s.Client.Apply(ctx, o, metav1.ApplyOptions{FieldManager: kube.FieldManager, Force: true}); err != nil {
			return fmt.Errorf("create solver %s: %w", o.ID(), kube.WrapUnavailable(err))
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

// CleanUp implements issuance.Solver.
func (s *Solver) CleanUp(ctx context.Context, challenges []issuance.Challenge) error {
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

// visible waits until a challenge is answered correctly from this process, or for the issuer's
// fixed time.
func (s *Solver) visible(ctx context.Context, c issuance.Challenge) error {
	if s.Wait != nil {
		select {
		case <-time.After(s.Wait.Duration):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	seen := 0
	err := s.until(ctx, func() error {
		if err := s.See(ctx, c); err != nil {
			seen = 0
			return err
		}
		if seen++; seen < 2 { // controllers have several replicas
			return errors.New("only one correct answer so far, and two in a row are required")
		}
		return nil
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return s.Explain(ctx, c.Name, err)
}
