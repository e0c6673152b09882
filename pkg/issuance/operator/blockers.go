package operator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/rbac"
)

// Blocker is what would make the orders of a run fail.
type Blocker struct {
	Problem string `json:"problem"`
	Fix     string `json:"fix"`
}

// Blockers returns what would make the planned orders fail, as far as the cluster shows it:
// missing namespaces and Secrets, names without a solver, and missing permissions. It sends no
// request to a CA or a DNS provider. Call it after Plan.
func (o *Operator) Blockers(ctx context.Context) ([]Blocker, error) {
	b := blockers{operator: o, seen: map[Blocker]bool{}, names: o.plannedNames()}
	for _, check := range []func(context.Context) error{b.namespaces, b.accounts, b.solvers, b.permissions} {
		if err := check(ctx); err != nil {
			return nil, err
		}
	}
	return b.found, nil
}

// blockers collects the blockers of the planned orders.
type blockers struct {
	operator *Operator
	found    []Blocker
	seen     map[Blocker]bool
	missing  []string // namespaces
	names    []plannedName
}

// plannedName is a name of a planned order, and how it is validated.
type plannedName struct {
	demand *issuance.Demand
	method challengeMethod
	err    error // no solver
}

func (o *Operator) plannedNames() []plannedName {
	var all []plannedName
	for _, d := range o.planned {
		for _, name := range d.Names {
			m, err := o.methods.choose(d, usuallyOffered(name))
			all = append(all, plannedName{d, m, err})
		}
	}
	return all
}

func (b *blockers) add(problem, fix string) {
	one := Blocker{problem, fix}
	if !b.seen[one] {
		b.seen[one] = true
		b.found = append(b.found, one)
	}
}

// issuers returns the issuers of the planned orders, sorted.
func (b *blockers) issuers() []issuance.Issuer {
	var all []issuance.Issuer
	for _, d := range b.operator.planned {
		all = append(all, d.Issuer)
	}
	return distinct(all)
}

// namespaces finds missing namespaces, of requests and of account keys.
func (b *blockers) namespaces(ctx context.Context) error {
	for _, namespace := range b.used() {
		exists, err := b.operator.secrets.HasNamespace(ctx, namespace)
		if err != nil {
			return err
		}
		if exists {
			continue
		}
		b.missing = append(b.missing, namespace)
		fix := "kubectl create namespace " + namespace
		if namespace == b.operator.options.ClusterNamespace {
			fix += ", or set --cluster-resource-namespace to the namespace of your issuers' Secrets"
		}
		b.add(fmt.Sprintf("namespace %s not found", namespace), fix)
	}
	return nil
}

// used returns the namespaces in which a run writes, sorted.
func (b *blockers) used() []string {
	var all []string
	for _, d := range b.operator.planned {
		all = append(all, d.Ref.Namespace, b.operator.dialer.secrets.namespace(d.Issuer))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// accounts finds account keys that cannot be used, and missing Secrets of external accounts.
func (b *blockers) accounts(ctx context.Context) error {
	secrets := b.operator.dialer.secrets
	for _, issuer := range b.issuers() {
		if slices.Contains(b.missing, secrets.namespace(issuer)) {
			continue
		}
		_, _, err := secrets.accountKey(ctx, issuer, false)
		switch {
		case err == nil:
		case !errors.Is(err, store.ErrNoAccount):
			b.add(err.Error(), "use the Secret of an ACME account key in privateKeySecretRef")
		case issuer.Spec.ACME.DisableAccountKeyGeneration:
			b.add(err.Error(), "create it, or remove disableAccountKeyGeneration from the issuer")
		}
		if eab := issuer.Spec.ACME.ExternalAccountBinding; eab != nil {
			b.secret(ctx, issuer, eab.Key)
		}
	}
	return nil
}

// secret adds a Secret of an issuer that is missing, or has not the key.
func (b *blockers) secret(ctx context.Context, issuer issuance.Issuer, ref cmmeta.SecretKeySelector) {
	secrets := b.operator.dialer.secrets
	_, err := secrets.value(ctx, issuer, ref.Name, ref.Key)
	if err != nil {
		b.add(fmt.Sprintf("%s: %v", issuer.Key(), err),
			fmt.Sprintf("kubectl create secret generic %s -n %s --from-file=%s=FILE", ref.Name, secrets.namespace(issuer), ref.Key))
	}
}

// solvers finds names without a solver, and missing Secrets of DNS-01 solvers.
func (b *blockers) solvers(ctx context.Context) error {
	for _, n := range b.names {
		if n.err != nil {
			b.add(issuance.AsFailure(issuance.ReasonSolver, n.err).Detail, "kubectl certs lint checks the solvers of an issuer")
			continue
		}
		if n.method.kind != issuance.DNS01 || slices.Contains(b.missing, b.operator.dialer.secrets.namespace(n.demand.Issuer)) {
			continue
		}
		for _, ref := range selectors(reflect.ValueOf(n.method.solver.DNS01)) {
			b.secret(ctx, n.demand.Issuer, ref)
		}
	}
	return nil
}

// selectors returns the Secrets that a part of an issuer refers to.
func selectors(v reflect.Value) []cmmeta.SecretKeySelector {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return selectors(v.Elem())
	case reflect.Struct:
		if ref, is := v.Interface().(cmmeta.SecretKeySelector); is {
			if ref.Name == "" {
				return nil
			}
			return []cmmeta.SecretKeySelector{ref}
		}
		var all []cmmeta.SecretKeySelector
		for i := range v.NumField() {
			all = append(all, selectors(v.Field(i))...)
		}
		return all
	}
	return nil
}

// permissions finds missing permissions to write. That all needed objects may be read is known
// from the plan.
func (b *blockers) permissions(ctx context.Context) error {
	if len(b.operator.planned) == 0 {
		return nil
	}
	for _, p := range rbac.Permissions() {
		for _, resource := range p.Resources {
			namespaces := b.writes(p.Who, resource)
			if err := b.permission(ctx, p, resource, namespaces); err != nil {
				return err
			}
		}
	}
	return nil
}

// writes returns the namespaces in which a run writes a resource.
func (b *blockers) writes(who []rbac.Set, resource string) []string {
	switch {
	case slices.Contains(who, rbac.Run) && resource == "secrets":
		return b.used()
	case slices.Contains(who, rbac.Run) && resource == "leases" && b.operator.options.LeaderElect:
		return []string{cmp.Or(b.operator.options.LeaseNamespace, b.operator.namespace)}
	case !slices.Contains(who, rbac.Solver):
		return nil
	}
	var namespaces []string
	for _, n := range b.names {
		if n.err == nil && n.method.kind == issuance.HTTP01 && !n.method.static && solverWrites(n.method.solver.HTTP01, resource) {
			namespaces = append(namespaces, n.demand.Ref.Namespace)
		}
	}
	slices.Sort(namespaces)
	return slices.Compact(namespaces)
}

// solverWrites reports whether an HTTP-01 solver writes a resource.
func solverWrites(s *cmacme.ACMEChallengeSolverHTTP01, resource string) bool {
	switch resource {
	case "ingresses":
		return s != nil && s.Ingress != nil
	case "httproutes":
		return s != nil && s.GatewayHTTPRoute != nil
	}
	return true
}

// permission adds the verbs that are not allowed. One request is enough for a verb that is
// allowed in all namespaces.
func (b *blockers) permission(ctx context.Context, p rbac.Permission, resource string, namespaces []string) error {
	denied := map[string][]string{} // verbs by namespace
	for _, verb := range p.Verbs {
		if len(namespaces) == 0 || slices.Contains([]string{"get", "list", "watch"}, verb) {
			continue
		}
		a := kube.Access{Verb: verb, Group: p.Group, Resource: resource}
		everywhere, err := b.operator.client.Allowed(ctx, a)
		if err != nil {
			return err
		}
		for _, a.Namespace = range namespaces {
			if everywhere {
				break
			}
			allowed, err := b.operator.client.Allowed(ctx, a)
			if err != nil {
				return err
			}
			if !allowed {
				denied[a.Namespace] = append(denied[a.Namespace], verb)
			}
		}
	}
	for _, namespace := range namespaces {
		if verbs := denied[namespace]; verbs != nil {
			b.add(fmt.Sprintf("this user cannot %s %s in namespace %s", strings.Join(verbs, ", "), resource, namespace),
				"bind the ClusterRole of run ("+hint.Page("kustomize/runner/rbac.yaml")+"), or check another user with --as, such as system:serviceaccount:NAMESPACE:NAME")
		}
	}
	return nil
}
