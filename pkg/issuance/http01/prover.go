package http01

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/adler32"
	"maps"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// solverLabel marks our solver objects, with the Secret that they are for, so
// that they are found again after a crash.
const solverLabel = "kubectl-certs.dev/solver-for"

// solverPort is where solver pods listen, as cert-manager's do.
const solverPort = 8089

// Prover answers HTTP-01 by a pod, a Service and a route for each
// challenge, as cert-manager does. It is a run.Prover for one Secret.
type Prover struct {
	Client *kube.Client
	For    run.Ref
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
	See func(ctx context.Context, c run.Challenge) error
}

// Prove implements run.Prover.
func (s *Prover) Prove(ctx context.Context, challenges []run.Challenge) error {
	jobs := make([]func(context.Context) error, 0, len(challenges))
	for _, c := range challenges {
		jobs = append(jobs, func(ctx context.Context) error { return s.prove(ctx, c) })
	}
	return kube.InParallel(ctx, jobs)
}

func (s *Prover) prove(ctx context.Context, c run.Challenge) error {
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
		if err := s.editIngress(ctx, ingress, func(o manifest.Object) bool { return addPath(o, c, solverName(c)) }); err != nil {
			return err
		}
	}
	if err := s.running(ctx, objects[0]); err != nil {
		return err
	}
	return s.visible(ctx, c)
}

// Clean implements run.Prover.
func (s *Prover) Clean(ctx context.Context, challenges []run.Challenge) error {
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

func solverName(c run.Challenge) string {
	sum := sha256.Sum256([]byte(c.Token + c.Name))
	return "kubectl-certs-http-" + hex.EncodeToString(sum[:6])
}

// objects are the pod, the Service and the route for a challenge.
func (s *Prover) objects(c run.Challenge) ([]manifest.Object, error) {
	// NGINX Ingress Controller knows solver Ingresses by cert-manager's labels.
	labels := map[string]any{
		"acme.cert-manager.io/http-domain":   fmt.Sprint(adler32.Checksum([]byte(c.Name))),
		"acme.cert-manager.io/http-token":    fmt.Sprint(adler32.Checksum([]byte(c.Token))),
		"acme.cert-manager.io/http01-solver": "true",
		solverLabel:                          labelOf(s.For.Name),
	}
	name := solverName(c)
	object := func(apiVersion, kind string, spec map[string]any) manifest.Object {
		return manifest.Object{
			"apiVersion": apiVersion, "kind": kind, "spec": spec,
			"metadata": map[string]any{"namespace": s.For.Namespace, "name": name, "labels": maps.Clone(labels)},
		}
	}
	pod := object("v1", "Pod", s.podSpec(c))
	if err := s.addPodTemplate(pod); err != nil {
		return nil, err
	}
	service := object("v1", "Service", map[string]any{
		"type":     s.serviceType(),
		"selector": map[string]any{"acme.cert-manager.io/http-domain": labels["acme.cert-manager.io/http-domain"], "acme.cert-manager.io/http-token": labels["acme.cert-manager.io/http-token"]},
		"ports":    []any{map[string]any{"name": "http", "port": int64(solverPort), "targetPort": int64(solverPort)}},
	})
	objects := []manifest.Object{pod, service}
	switch {
	case s.Config.GatewayHTTPRoute != nil:
		route, err := s.httpRoute(c, name)
		if err != nil {
			return nil, err
		}
		o := object("gateway.networking.k8s.io/v1", "HTTPRoute", route)
		addTo(o, "labels", s.Config.GatewayHTTPRoute.Labels)
		return append(objects, o), nil
	case s.inPlace() != "":
		return objects, nil
	}
	o := object("networking.k8s.io/v1", "Ingress", s.ingressSpec(c, name))
	addTo(o, "annotations", map[string]string{"nginx.ingress.kubernetes.io/whitelist-source-range": "0.0.0.0/0,::/0"})
	if i := s.Config.Ingress; i != nil {
		if i.Class != nil {
			addTo(o, "annotations", map[string]string{"kubernetes.io/ingress.class": *i.Class})
		}
		if t := i.IngressTemplate; t != nil {
			addTo(o, "annotations", t.Annotations)
			addTo(o, "labels", t.Labels)
		}
	}
	return append(objects, o), nil
}

// labelOf is a Secret's name as a label value, shortened if need be.
func labelOf(name string) string {
	if len(name) <= 63 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:46] + "-" + hex.EncodeToString(sum[:8])
}

func addTo(o manifest.Object, field string, values map[string]string) {
	metadata := o.Map("metadata")
	have, _ := metadata[field].(map[string]any)
	if have == nil && len(values) > 0 {
		have = map[string]any{}
		metadata[field] = have
	}
	for key, value := range values {
		have[key] = value
	}
}

func (s *Prover) serviceType() string {
	if i := s.Config.Ingress; i != nil && i.ServiceType != "" {
		return string(i.ServiceType)
	}
	if g := s.Config.GatewayHTTPRoute; g != nil && g.ServiceType != "" {
		return string(g.ServiceType)
	}
	return "NodePort" // cert-manager's default; some controllers reach nodes only
}

func (s *Prover) ingressSpec(c run.Challenge, service string) map[string]any {
	spec := map[string]any{"rules": []any{map[string]any{"host": c.Name, "http": map[string]any{"paths": []any{challengePath(c, service)}}}}}
	if i := s.Config.Ingress; i != nil && i.IngressClassName != nil {
		spec["ingressClassName"] = *i.IngressClassName
	}
	return spec
}

func (s *Prover) httpRoute(c run.Challenge, service string) (map[string]any, error) {
	parents := []any{}
	for _, p := range s.Config.GatewayHTTPRoute.ParentRefs {
		parent, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&p)
		if err != nil {
			return nil, fmt.Errorf("parentRefs: %w", err)
		}
		parents = append(parents, parent)
	}
	if len(parents) == 0 && s.Gateway != "" {
		parents = append(parents, map[string]any{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": s.Gateway})
	}
	return map[string]any{
		"parentRefs": parents, "hostnames": []any{c.Name},
		"rules": []any{map[string]any{
			"matches":     []any{map[string]any{"path": map[string]any{"type": "Exact", "value": pathOf(c)}}},
			"backendRefs": []any{map[string]any{"name": service, "port": int64(solverPort)}},
		}},
	}, nil
}

// visible waits until a challenge is answered as seen from here, or as long as
// the issuer says instead.
func (s *Prover) visible(ctx context.Context, c run.Challenge) error {
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
	deadline := time.Now().Add(patience)
	for {
		err := look()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
