package cluster

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// holderText describes the certificates of an object.
func holderText(h usage.Holder) string {
	s := h.Ref.String() + ":"
	for _, v := range h.Values {
		s += fmt.Sprintf(" %s=%s", v.Key, catest.Names(v.Certs))
	}
	if h.Keyed {
		s += " keyed"
	}
	if len(h.Own) > 0 {
		s += " own=" + catest.Names(h.Own)
	}
	if (h.Issuer != usage.Ref{}) {
		s += " by " + h.Issuer.String()
	}
	for _, u := range h.Unread {
		s += fmt.Sprintf(" unread %s: %s", u.Key, u.Why)
	}
	return s
}

// TestHolderOf: which certificates a Secret has to serve, to sign and to trust.
func TestHolderOf(t *testing.T) {
	der := func(key ed25519.PrivateKey) []byte {
		raw, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	key := func(key ed25519.PrivateKey) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der(key)})
	}
	sealed := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("sealed")})
	certs, leaf := catest.PEM(oldRoot), catest.PEM(oldRoot.Leaf("web"))
	broken := []byte("-----BEGIN CERTIFICATE-----\nMIIB%%\n-----END CERTIFICATE-----\n")
	issued := func(annotations map[string]string) *corev1.Secret {
		return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Annotations: annotations}}
	}
	for name, tt := range map[string]struct {
		secret *corev1.Secret
		data   map[string][]byte
		want   string
	}{
		"server":              {data: map[string][]byte{"tls.crt": leaf, "tls.key": key(catest.KeyOf("leaf web")), "ca.crt": certs}, want: "ca.crt=Old tls.crt=web keyed"},
		"roots":               {data: map[string][]byte{"ca.crt": certs, "motd": []byte("hello")}, want: "ca.crt=Old"},
		"a key in DER":        {data: map[string][]byte{"ca.crt": certs, "key.der": der(oldRoot.Key)}, want: "ca.crt=Old keyed"},
		"two values":          {data: map[string][]byte{"a": certs, "z": catest.PEM(newRoot)}, want: "a=Old z=New"},
		"of an Issuer":        {secret: issued(map[string]string{"cert-manager.io/issuer-name": "ca"}), want: " by issuer/shop/ca"},
		"of a ClusterIssuer":  {secret: issued(map[string]string{"cert-manager.io/issuer-name": "ca", "cert-manager.io/issuer-kind": "ClusterIssuer"}), want: " by clusterissuer/ca"},
		"of an issuer's kind": {secret: issued(map[string]string{"cert-manager.io/issuer-kind": "ClusterIssuer"})},

		"damaged, to serve":    {data: map[string][]byte{"tls.crt": broken, "tls.key": key(oldRoot.Key)}, want: "keyed unread tls.crt: cannot parse any certificate in it"},
		"damaged, no key":      {data: map[string][]byte{"tls.crt": broken}},
		"damaged, to trust":    {data: map[string][]byte{"ca.crt": broken, "tls.key": key(oldRoot.Key)}, want: "keyed"},
		"damaged, elsewhere":   {data: map[string][]byte{"x": broken, "tls.key": key(oldRoot.Key)}, want: "keyed"},
		"no certificate":       {data: map[string][]byte{"tls.crt": []byte("hello"), "tls.key": key(oldRoot.Key)}, want: "keyed"},
		"CA in tls.crt":        {data: map[string][]byte{"tls.crt": certs, "tls.key": key(oldRoot.Key)}, want: "tls.crt=Old keyed"},
		"own CA":               {data: map[string][]byte{"cert.pem": certs, "key.pem": key(oldRoot.Key)}, want: "cert.pem=Old keyed own=Old"},
		"own CA in one value":  {data: map[string][]byte{"all.pem": append(key(oldRoot.Key), certs...)}, want: "all.pem=Old keyed own=Old"},
		"own CA in DER":        {data: map[string][]byte{"cert.pem": certs, "key.der": der(oldRoot.Key), "x": []byte("hello")}, want: "cert.pem=Old keyed own=Old"},
		"CA beside a key":      {data: map[string][]byte{"cert.pem": certs, "key.pem": key(newRoot.Key)}, want: "cert.pem=Old keyed"},
		"one of two":           {data: map[string][]byte{"cert.pem": catest.PEM(oldRoot, newRoot), "key.pem": key(newRoot.Key)}, want: "cert.pem=Old → New keyed own=New"},
		"keys of both":         {data: map[string][]byte{"cert.pem": catest.PEM(oldRoot, newRoot), "a.pem": key(newRoot.Key), "b.pem": key(oldRoot.Key)}, want: "cert.pem=Old → New keyed own=Old → New"},
		"a key is encrypted":   {data: map[string][]byte{"cert.pem": certs, "key.pem": sealed}, want: "cert.pem=Old keyed own=Old"},
		"a server's own chain": {data: map[string][]byte{"cert.pem": leaf, "key.pem": sealed}, want: "cert.pem=web keyed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := tt.secret
			if s == nil {
				s = &corev1.Secret{}
			}
			s.Namespace, s.Name, s.Data = "shop", "a", tt.data
			want := strings.TrimSuffix("secret/shop/a: "+tt.want, " ")
			if tt.secret != nil {
				want = "secret/shop/a:" + tt.want
			}
			if diff := cmp.Diff(want, holderText(holderOf(s, &usage.Pool{}))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestHolders: TLS Secrets are first, Secrets of types without certificates are
// left out, and a caller may stop at any object.
func TestHolders(t *testing.T) {
	objects := secret("shop", "opaque", "type: Opaque, stringData: {ca.crt: $old}") +
		secret("shop", "web", "type: kubernetes.io/tls, stringData: {tls.crt: $old}") +
		secret("shop", "web2", "type: kubernetes.io/tls, stringData: {tls.crt: $old}") +
		secret("shop", "release", "type: helm.sh/release.v1, stringData: {ca.crt: $old}") +
		configMap("shop", "motd", "data: {motd: hello}") +
		configMap("shop", "roots", "data: {a: $old}, binaryData: {b: $base64}") +
		configMap("shop", "roots2", "data: {a: $old}") +
		configMap("other", "roots", "data: {a: $new}")
	all := []string{
		"secret/shop/web: tls.crt=Old", "secret/shop/web2: tls.crt=Old", "secret/shop/opaque: ca.crt=Old",
		"configmap/shop/roots: a=Old b=Old → New", "configmap/shop/roots2: a=Old", "configmap/other/roots: a=New",
	}
	for stop := 1; stop <= len(all); stop++ {
		reader := readerOf(t, kubetest.Start(t), objects, "shop", "other")
		var got []string
		for h, err := range reader.holders(t.Context(), &usage.Pool{}) {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, holderText(h)); len(got) == stop {
				break
			}
		}
		if diff := cmp.Diff(all[:stop], got); diff != "" {
			t.Errorf("the first %d (-want +got):\n%s", stop, diff)
		}
	}
}
