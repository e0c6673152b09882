package cluster

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"iter"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// bigPage is the page size for objects of up to a megabyte.
const bigPage = 100

// withoutCertificates are types of Secrets without certificates. Some are large:
// Helm stores a release in each.
var withoutCertificates = []corev1.SecretType{
	corev1.SecretTypeTLS, // listed separately
	"helm.sh/release.v1", corev1.SecretTypeDockerConfigJson, corev1.SecretTypeDockercfg,
	corev1.SecretTypeBasicAuth, corev1.SecretTypeSSHAuth, corev1.SecretTypeBootstrapToken, v1alpha1.JournalType,
}

// holders yields the Secrets and ConfigMaps with certificates in PEM, TLS Secrets
// first. An error ends the sequence. If Secrets are forbidden, that is an error;
// if ConfigMaps are, it is a note.
func (r *Reader) holders(ctx context.Context, pool *usage.Pool) iter.Seq2[usage.Holder, error] {
	return func(yield func(usage.Holder, error) bool) {
		more := true
		give := func(h usage.Holder) bool {
			if len(h.Values)+len(h.Unread) > 0 {
				more = yield(h, nil)
			}
			return more
		}
		for _, namespace := range r.namespaces {
			for _, list := range []func() error{
				func() error {
					return r.secrets(ctx, namespace, metav1.ListOptions{Limit: kube.PageSize, FieldSelector: "type=" + string(corev1.SecretTypeTLS)}, pool, give)
				},
				func() error {
					return r.secrets(ctx, namespace, metav1.ListOptions{Limit: bigPage, FieldSelector: noneOf(withoutCertificates)}, pool, give)
				},
				func() error { return r.skipForbidden(r.configMaps(ctx, namespace, pool, give), "ConfigMaps") },
			} {
				if err := list(); err != nil {
					yield(usage.Holder{}, err)
					return
				}
				if !more {
					return
				}
			}
		}
	}
}

func noneOf(types []corev1.SecretType) string {
	var terms []string
	for _, t := range types {
		terms = append(terms, "type!="+string(t))
	}
	return strings.Join(terms, ",")
}

func (r *Reader) secrets(ctx context.Context, namespace string, o metav1.ListOptions, pool *usage.Pool, give func(usage.Holder) bool) error {
	return kube.EachPage(ctx, "Secrets", o, r.core.Secrets(namespace).List, func(p *corev1.SecretList) bool {
		for i := range p.Items {
			if !give(holderOf(&p.Items[i], pool)) {
				return false
			}
		}
		return true
	})
}

func (r *Reader) configMaps(ctx context.Context, namespace string, pool *usage.Pool, give func(usage.Holder) bool) error {
	o := metav1.ListOptions{Limit: bigPage}
	return kube.EachPage(ctx, "ConfigMaps", o, r.core.ConfigMaps(namespace).List, func(p *corev1.ConfigMapList) bool {
		for i := range p.Items {
			m := &p.Items[i]
			h := usage.Holder{Ref: usage.Ref{Kind: "ConfigMap", Namespace: m.Namespace, Name: m.Name}}
			for key, value := range m.Data {
				addValue(&h, key, []byte(value), pool)
			}
			for key, value := range m.BinaryData {
				addValue(&h, key, value, pool)
			}
			if !give(sorted(h)) {
				return false
			}
		}
		return true
	})
}

// Annotations of cert-manager, and of run, with the issuer of a certificate.
const (
	issuerNameAnnotation = "cert-manager.io/issuer-name"
	issuerKindAnnotation = "cert-manager.io/issuer-kind"
)

// holderOf returns the certificates of a Secret without the rest of its data.
func holderOf(s *corev1.Secret, pool *usage.Pool) usage.Holder {
	h := usage.Holder{
		Ref:     usage.Ref{Kind: "Secret", Namespace: s.Namespace, Name: s.Name},
		Changed: changed(s.ObjectMeta, isTrue(s.Immutable), valuesOf("")...),
	}
	if name := s.Annotations[issuerNameAnnotation]; name != "" {
		h.Issuer = usage.Ref{Kind: "Issuer", Namespace: s.Namespace, Name: name}
		if kind := s.Annotations[issuerKindAnnotation]; kind == "ClusterIssuer" {
			h.Issuer = usage.Ref{Kind: kind, Name: name}
		}
	}
	for key, value := range s.Data {
		unread := addValue(&h, key, value, pool)
		if served := key == corev1.TLSCertKey && bytes.Contains(value, certificateMark); served && len(unread) == 0 && !slices.ContainsFunc(h.Values, func(v usage.Value) bool { return v.Key == key }) {
			unread = []string{"cannot parse any certificate in it"}
		}
		for _, why := range unread {
			h.Unread = append(h.Unread, usage.Unread{Key: key, Why: why})
		}
		h.Keyed = h.Keyed || hasKey(value)
	}
	if h.Unread = slices.DeleteFunc(h.Unread, func(u usage.Unread) bool { return u.Key == "ca.crt" }); !h.Keyed {
		h.Unread = nil // without a key it cannot serve or sign
	}
	h.Own = ownCAs(h, s.Data)
	return sorted(h)
}

var (
	privateKey      = []byte("PRIVATE KEY-----") // of any kind
	certificateMark = []byte("CERTIFICATE-----")
)

// hasKey reports whether a value holds a private key, in PEM or DER.
func hasKey(value []byte) bool {
	if bytes.Contains(value, privateKey) {
		return true
	}
	if bytes.Contains(value, certificateMark) { // PEM without a key, the usual case
		return false
	}
	keys, _ := pki.PublicKeys(value)
	return len(keys) > 0
}

// addValue adds the certificates of a value. Unread has a reason for each that
// cannot be parsed.
func addValue(h *usage.Holder, key string, value []byte, pool *usage.Pool) (unread []string) {
	certs, unread := pool.Read(value)
	if len(certs) > 0 {
		h.Values = append(h.Values, usage.Value{Key: key, Certs: certs})
	}
	return unread
}

// ownCAs returns the CAs under unusual keys with their private key beside them,
// as in Istio's cacerts. If a private key cannot be parsed, it returns all CAs
// under unusual keys.
func ownCAs(h usage.Holder, data map[string][]byte) []*x509.Certificate {
	var cas []*x509.Certificate
	for _, v := range h.Values {
		for _, c := range v.Certs {
			if h.Keyed && !usage.IsUsualKey(v.Key) && cabundle.KindOf(c) != cabundle.Leaf {
				cas = append(cas, c)
			}
		}
	}
	if len(cas) == 0 {
		return nil
	}
	var keys []crypto.PublicKey
	for _, value := range data {
		if !hasKey(value) {
			continue
		}
		found, all := pki.PublicKeys(value)
		if !all || len(found) == 0 {
			return cas
		}
		keys = append(keys, found...)
	}
	return slices.DeleteFunc(cas, func(c *x509.Certificate) bool {
		return !slices.ContainsFunc(keys, func(key crypto.PublicKey) bool { return pki.SamePublicKey(c, key) })
	})
}

func sorted(h usage.Holder) usage.Holder {
	slices.SortFunc(h.Values, func(a, b usage.Value) int { return strings.Compare(a.Key, b.Key) })
	slices.SortFunc(h.Unread, func(a, b usage.Unread) int { return strings.Compare(a.Key, b.Key) })
	return h
}

func isTrue(b *bool) bool { return b != nil && *b }
