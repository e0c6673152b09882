package operator

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
)

// secretServer is an API server with Secrets, which records requests.
type secretServer struct {
	lock     sync.Mutex
	secrets  map[string]corev1.Secret // by path
	requests []string
}

// startSecrets starts a server and returns the Secrets of issuers in it.
func startSecrets(t *testing.T) (*secretServer, issuerSecrets) {
	t.Helper()
	s := &secretServer{secrets: map[string]corev1.Secret{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	secrets, err := store.New(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return s, issuerSecrets{secrets, "cert-manager"}
}

func (s *secretServer) put(namespace, name, key, value string, annotations map[string]string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.secrets["/api/v1/namespaces/"+namespace+"/secrets/"+name] = corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Annotations: annotations}, Data: map[string][]byte{key: []byte(value)},
	}
}

// taken returns the requests since the last call.
func (s *secretServer) taken() []string {
	s.lock.Lock()
	defer s.lock.Unlock()
	requests := s.requests
	s.requests = nil
	return requests
}

func (s *secretServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	w.Header().Set("Content-Type", "application/json")
	secret, found := s.secrets[r.URL.Path]
	switch {
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusCreated)
		secret = corev1.Secret{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}}
	case !found:
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(metav1.Status{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: "Failure", Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound,
		})
		return
	}
	_ = json.NewEncoder(w).Encode(secret)
}

// accountKeyPEM returns a private key in PEM.
func accountKeyPEM(t *testing.T) string {
	t.Helper()
	key, err := cmpki.GenerateECPrivateKey(256)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := cmpki.EncodePrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// issuerOf returns an issuer whose account key is in Secret account.
func issuerOf(kind, namespace string) issuance.Issuer {
	i := issuance.Issuer{Kind: kind, Namespace: namespace, Name: "acme"}
	i.Spec.ACME = &cmacme.ACMEIssuer{
		Server: "https://ca.example.com/directory", PrivateKey: cmmeta.SecretKeySelector{LocalObjectReference: cmmeta.LocalObjectReference{Name: "account"}},
	}
	return i
}

func TestAccountKey(t *testing.T) {
	good := accountKeyPEM(t)
	const ofIssuer, ofClusterIssuer = "/api/v1/namespaces/shop/secrets", "/api/v1/namespaces/cert-manager/secrets"
	for name, tt := range map[string]struct {
		kind, namespace    string
		key, value         string // in the Secret, "" for no Secret
		create, neverMakes bool
		err                string
		requests           []string
	}{
		"of an Issuer":        {"Issuer", "shop", "tls.key", good, true, false, "", []string{"GET " + ofIssuer + "/account"}},
		"of a ClusterIssuer":  {"ClusterIssuer", "", "tls.key", good, true, false, "", []string{"GET " + ofClusterIssuer + "/account"}},
		"made":                {"Issuer", "shop", "", "", true, false, "", []string{"GET " + ofIssuer + "/account", "POST " + ofIssuer}},
		"not made when asked": {"Issuer", "shop", "", "", false, false, "account: Issuer shop/acme: Secret shop/account not found", []string{"GET " + ofIssuer + "/account"}},
		"never made":          {"Issuer", "shop", "", "", true, true, "account: Issuer shop/acme: Secret shop/account not found", []string{"GET " + ofIssuer + "/account"}},
		"under another key":   {"Issuer", "shop", "key.pem", good, true, false, "account: Issuer shop/acme: Secret shop/account has no key tls.key: delete the Secret, or set the right key in privateKeySecretRef", []string{"GET " + ofIssuer + "/account"}},
		"not a key":           {"ClusterIssuer", "", "tls.key", "secret bytes", true, false, "account: ClusterIssuer acme: key tls.key of Secret cert-manager/account is not a private key in PEM", []string{"GET " + ofClusterIssuer + "/account"}},
	} {
		t.Run(name, func(t *testing.T) {
			server, secrets := startSecrets(t)
			issuer := issuerOf(tt.kind, tt.namespace)
			issuer.Spec.ACME.DisableAccountKeyGeneration = tt.neverMakes
			if tt.value != "" {
				server.put(secrets.namespace(issuer), "account", tt.key, tt.value, nil)
			}
			_, key, err := secrets.accountKey(t.Context(), issuer, tt.create)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.err, got); diff != "" || (key == nil) != (err != nil) {
				t.Errorf("key %T, error (-want +got):\n%s", key, diff)
			}
			if diff := cmp.Diff(tt.requests, server.taken()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDryRunRegistersNoAccount: where there is no account, none is made.
func TestDryRunRegistersNoAccount(t *testing.T) {
	server, secrets := startSecrets(t)
	server.put("shop", "account", "tls.key", accountKeyPEM(t), nil)
	_, err := accountDialer{secrets: secrets, existing: true}.dial(t.Context(), issuerOf("Issuer", "shop"), nil)
	const want = "account: Issuer shop/acme: no account yet; a dry run does not register one"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for _, request := range server.taken() {
		if !strings.HasPrefix(request, "GET ") {
			t.Errorf("request %s", request)
		}
	}
}

// TestHasKey: an account is that of its issuer while the Secret has its key, or cannot be read.
func TestHasKey(t *testing.T) {
	server, secrets := startSecrets(t)
	i := issuerOf("Issuer", "shop")
	d := accountDialer{secrets: secrets, log: slog.New(slog.DiscardHandler)}
	server.put("shop", "account", "tls.key", accountKeyPEM(t), nil)
	_, key, err := secrets.accountKey(t.Context(), i, false)
	if err != nil {
		t.Fatal(err)
	}
	thumbprint, err := responder.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	ca := caWithThumbprint{thumbprint: thumbprint}
	if !d.hasKey(t.Context(), i, ca) {
		t.Error("the key of the account is not recognized")
	}
	server.put("shop", "account", "tls.key", "not a key", nil)
	if !d.hasKey(t.Context(), i, ca) {
		t.Error("an account is given up because its Secret is damaged")
	}
	server.put("shop", "account", "tls.key", accountKeyPEM(t), nil)
	if d.hasKey(t.Context(), i, ca) {
		t.Error("a replaced key is not noticed")
	}
}

type caWithThumbprint struct {
	issuance.CA
	thumbprint string
}

func (c caWithThumbprint) Thumbprint() string { return c.thumbprint }
