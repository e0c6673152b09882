package renew

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// renewal is one call of the command.
type renewal struct {
	*Options
	op        *operator.Operator
	namespace string // of the context
	done      atomic.Int32

	read      bool // requested is read
	requested []operator.Row
}

// one requests the renewal of the certificate that a name means. A name is looked up among
// the Secrets of the namespace first: that needs no permission to list requests.
func (r *renewal) one(ctx context.Context, name Name) (issuance.Ref, error) {
	if !r.Requests.AllNamespaces && !onlyHost(name.Text) {
		ref := issuance.Ref{Namespace: r.namespace, Name: name.Text}
		requested, err := r.op.Renew(ctx, ref)
		if err != nil || requested {
			return ref, err
		}
		if name.Secret || !strings.Contains(name.Text, ".") {
			return ref, notFound(ref)
		}
	}
	ref, err := r.find(ctx, name)
	if err != nil {
		return ref, err
	}
	requested, err := r.op.Renew(ctx, ref)
	if err == nil && !requested {
		err = notFound(ref)
	}
	return ref, err
}

func notFound(ref issuance.Ref) error {
	return fmt.Errorf("secret %s not found; if a certificate is requested for it, kubectl certs run --once issues it", ref)
}

// onlyHost reports whether a name cannot be the name of a Secret: a wildcard or an IPv6 address.
func onlyHost(name string) bool { return strings.ContainsAny(name, "*:") }

// find returns the Secret of the requested certificate that a name means.
func (r *renewal) find(ctx context.Context, name Name) (issuance.Ref, error) {
	if !r.read {
		rows, err := r.op.Requested(ctx, requests.ReadingHooks(r.IO))
		if err != nil {
			return issuance.Ref{}, err
		}
		r.requested, r.read = rows, true
	}
	found := matches(name, r.requested)
	switch len(found) {
	case 0:
		return issuance.Ref{}, hint.With(fmt.Errorf("no certificate is requested for %q%s", name.Text, r.where()), r.suggest(name))
	case 1:
		return found[0], nil
	}
	texts := make([]string, 0, len(found))
	for _, ref := range found {
		texts = append(texts, ref.String())
	}
	return issuance.Ref{}, hint.With(fmt.Errorf("%s are requested for %q: in Secrets %s", phrase.Count(len(found), "certificate"), name.Text, phrase.List(texts)),
		fmt.Sprintf("name the Secret: kubectl certs renew secret/%s -n %s", found[0].Name, found[0].Namespace))
}

func (r *renewal) where() string {
	if r.Requests.AllNamespaces {
		return ""
	}
	return " in namespace " + r.namespace
}

// matches returns the Secrets that a name means: those with that name, otherwise those of
// certificates with that host, otherwise those with a wildcard that covers it.
func matches(name Name, requested []operator.Row) []issuance.Ref {
	host := issuance.CanonicalName(name.Text)
	_, parent, _ := strings.Cut(host, ".")
	for _, match := range []func(operator.Row) bool{
		func(r operator.Row) bool { return r.Secret == name.Text },
		func(r operator.Row) bool { return !name.Secret && hasName(r, host) },
		func(r operator.Row) bool { return !name.Secret && hasName(r, "*."+parent) },
	} {
		var found []issuance.Ref
		for _, r := range requested {
			if match(r) {
				found = append(found, issuance.Ref{Namespace: r.Namespace, Name: r.Secret})
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

func hasName(r operator.Row, host string) bool {
	return slices.ContainsFunc(r.Names, func(name string) bool { return issuance.CanonicalName(name) == host })
}

// suggest returns what to do about a name for which no certificate is requested.
func (r *renewal) suggest(name Name) string {
	var names []string
	for _, row := range r.requested {
		names = append(append(names, row.Names...), row.Secret)
	}
	list := "kubectl certs status -A lists the requested certificates"
	if !r.Requests.AllNamespaces {
		list = fmt.Sprintf("kubectl certs status -n %s lists the requested certificates; -A looks in all namespaces", r.namespace)
	}
	if near := hint.Nearest(name.Text, names); near != "" {
		return fmt.Sprintf("did you mean %s? %s", near, list)
	}
	return list
}
