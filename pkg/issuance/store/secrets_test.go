package store_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
)

// open returns the Store of a test server.
func open(t *testing.T, s *kubetest.Server) *store.Store {
	t.Helper()
	secrets, err := store.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	return secrets
}

// put creates a Secret in namespace default.
func put(t *testing.T, s *store.Store, name string, kind corev1.SecretType, annotations map[string]string, data map[string][]byte) {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations}, Type: kind, Data: data}
	if _, err := s.Core().Secrets("default").Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// annotations returns the annotations of a Secret in namespace default.
func annotations(t *testing.T, s *store.Store, name string) map[string]string {
	t.Helper()
	secret, err := s.Core().Secrets("default").Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return secret.Annotations
}

// broken answers all matching requests with a server error.
func broken(matches func(*http.Request) bool) func(*http.Request) error {
	return func(r *http.Request) error {
		if matches(r) {
			return apierrors.NewInternalError(errors.New("broken"))
		}
		return nil
	}
}

func method(name string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == name }
}

func each(*http.Request) bool { return true }

// text returns an error's text, "" for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestRead: a missing Secret and a failed read have different errors.
func TestRead(t *testing.T) {
	server := kubetest.Start(t)
	s := open(t, server)
	put(t, s, "a", corev1.SecretTypeTLS, nil, map[string][]byte{"tls.crt": []byte("c"), "tls.key": []byte("k")})

	secret, found, err := s.Secret(t.Context(), issuance.Ref{Namespace: "default", Name: "a"})
	if !found || err != nil || string(secret.Cert) != "c" || string(secret.Key) != "k" || secret.Version == "" || secret.Manager == "" {
		t.Errorf("%+v, found %v, error %v", secret, found, err)
	}
	if _, found, err := s.Secret(t.Context(), issuance.Ref{Namespace: "default", Name: "b"}); found || err != nil {
		t.Errorf("what is not there: found %v, error %v", found, err)
	}
	for name, want := range map[string]string{"a/tls.crt": "c", "a/no": "Secret default/a has no key no", "b/tls.crt": "Secret default/b not found"} {
		secret, key, _ := strings.Cut(name, "/")
		value, err := s.Value(t.Context(), "default", secret, key)
		if got := string(value) + text(err); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}

	server.Before = broken(each)
	if _, found, err := s.Secret(t.Context(), issuance.Ref{Namespace: "default", Name: "b"}); found || !strings.HasPrefix(text(err), "read Secret default/b: ") {
		t.Errorf("found %v, error %v", found, err)
	}
	if _, err := s.Value(t.Context(), "default", "b", "k"); !strings.HasPrefix(text(err), "read Secret default/b: ") {
		t.Errorf("error %v", err)
	}
}

// TestAccount: an account key is created once. An existing key is used, also if another process
// has just created it; a Secret without the key is never overwritten.
func TestAccount(t *testing.T) {
	fresh := func() ([]byte, error) { return []byte("fresh"), nil }
	server := kubetest.Start(t)
	s := open(t, server)
	put(t, s, "there", "Opaque", map[string]string{v1alpha1.AccountAnnotation: "https://ca/1"}, map[string][]byte{"k": []byte("old")})
	put(t, s, "other", "Opaque", nil, map[string][]byte{"x": []byte("old")})
	for _, tt := range []struct {
		behaviour, name string
		fresh           func() ([]byte, error)
		want            store.Account
		err             string
	}{
		{"a key that is there", "there", fresh, store.Account{Key: []byte("old"), URL: "https://ca/1"}, ""},
		{"another key", "other", fresh, store.Account{}, "Secret default/other has no key k: delete the Secret, or set the right key in privateKeySecretRef"},
		{"none may be made", "new", nil, store.Account{}, "Secret default/new not found"},
		{"none can be made", "new", func() ([]byte, error) { return nil, errors.New("no entropy") }, store.Account{}, "no entropy"},
		{"a new key", "new", fresh, store.Account{Key: []byte("fresh")}, ""},
		{"the same again", "new", func() ([]byte, error) { return []byte("newer"), nil }, store.Account{Key: []byte("fresh")}, ""},
		{"another was faster", "race", func() ([]byte, error) {
			put(t, s, "race", "Opaque", nil, map[string][]byte{"k": []byte("theirs")})
			return []byte("ours"), nil
		}, store.Account{Key: []byte("theirs")}, ""},
	} {
		got, err := s.Account(t.Context(), "default", tt.name, "k", tt.fresh)
		if diff := cmp.Diff(tt.want, got); diff != "" || text(err) != tt.err {
			t.Errorf("%s: error %v (-want +got):\n%s", tt.behaviour, err, diff)
		}
	}
	if err := s.NoteAccount(t.Context(), "default", "new", "https://ca/2"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Account(t.Context(), "default", "new", "k", nil); got.URL != "https://ca/2" || err != nil {
		t.Errorf("noted %q, error %v", got.URL, err)
	}
	for verb, want := range map[string]string{http.MethodGet: "read Secret default/later: ", http.MethodPost: "store the account key in Secret default/later: "} {
		server.Before = broken(method(verb))
		if got, err := s.Account(t.Context(), "default", "later", "k", fresh); !strings.HasPrefix(text(err), want) || got.Key != nil {
			t.Errorf("%s fails: key %q, error %v", verb, got.Key, err)
		}
	}
}

// TestRequestRenewal: a renewal can be requested for a certificate, and for an order that waits
// after failures; not for a Secret that is never renewed. A request is one write.
func TestRequestRenewal(t *testing.T) {
	now := time.Date(2026, 11, 1, 10, 0, 0, 250e6, time.UTC)
	const stamp = "2026-11-01T10:00:00.25Z"
	failed := issuance.Journal{Order: "https://ca/1", Failures: 2, Failed: now, RetryAt: now.Add(time.Hour)}
	for name, tt := range map[string]struct {
		kind      corev1.SecretType
		data      map[string][]byte
		journal   bool
		broken    func(*http.Request) bool
		requested bool
		err       string
	}{
		"nothing":                 {},
		"a certificate":           {kind: corev1.SecretTypeTLS, requested: true},
		"an order":                {journal: true, requested: true},
		"both":                    {kind: corev1.SecretTypeTLS, journal: true, requested: true},
		"the journal is not read": {kind: corev1.SecretTypeTLS, journal: true, requested: true, broken: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "-order") }},
		"something else":          {kind: corev1.SecretTypeOpaque, err: "Secret default/a has type Opaque, not kubernetes.io/tls: it has no certificate to renew"},
		"another's":               {kind: corev1.SecretTypeTLS, data: map[string][]byte{"tls.crt": []byte("c"), "tls.key": []byte("k")}, err: "Secret default/a was created by "},
		"no answer":               {broken: method(http.MethodGet), err: "read Secret default/a: "},
		"it cannot be noted":      {kind: corev1.SecretTypeTLS, broken: method(http.MethodPatch), err: "annotate Secret default/a: "},
		"no answer of the order":  {journal: true, broken: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "-order") }, err: "read Secret default/a-kubectl-certs-order: "},
		"neither, and no failure": {broken: method(http.MethodPatch)},
		"the wait does not end":   {journal: true, broken: method(http.MethodPatch), err: "annotate Secret default/a-kubectl-certs-order: "},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.Start(t)
			s := open(t, server)
			ref := issuance.Ref{Namespace: "default", Name: "a"}
			if tt.kind != "" {
				put(t, s, "a", tt.kind, nil, tt.data)
			}
			if tt.journal {
				if _, err := s.SaveJournal(t.Context(), &issuance.Demand{Ref: ref}, failed); err != nil {
					t.Fatal(err)
				}
			}
			if tt.broken != nil {
				server.Before = broken(tt.broken)
			}
			requested, err := issuance.RequestRenewal(t.Context(), s, ref, now)
			if requested != tt.requested || !strings.HasPrefix(text(err), tt.err) || (err != nil) != (tt.err != "") {
				t.Errorf("asked %v, error %v", requested, err)
			}
			if err != nil {
				return
			}
			if tt.kind != "" && annotations(t, s, "a")[v1alpha1.RenewAnnotation] != stamp {
				t.Errorf("the Secret is annotated with %v", annotations(t, s, "a"))
			}
			if tt.journal && tt.kind == "" {
				secret, err := s.Core().Secrets("default").Get(t.Context(), store.JournalName("a"), metav1.GetOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if _, j := store.JournalOf(secret); j.Failures != 0 || !j.RetryAt.IsZero() || j.Order != failed.Order {
					t.Errorf("the order is %+v", j)
				}
			}
		})
	}
}

// TestKeepErrors: an unavailable server is not reported as another run.
func TestKeepErrors(t *testing.T) {
	server := kubetest.Start(t)
	s := open(t, server)
	server.Before = broken(each)
	d := &issuance.Demand{Ref: issuance.Ref{Namespace: "default", Name: "a"}}
	if _, err := s.SaveJournal(t.Context(), d, issuance.Journal{}); !strings.HasPrefix(text(err), "store the order of Secret default/a: ") {
		t.Errorf("error %v", err)
	}
	if err := s.DeleteJournal(t.Context(), d.Ref, ""); !strings.HasPrefix(text(err), "delete the order of Secret default/a: ") {
		t.Errorf("error %v", err)
	}
	server.Before = nil
	d.Ref.Namespace = "gone"
	if _, err := s.SaveJournal(t.Context(), d, issuance.Journal{}); !strings.HasPrefix(text(err), "store the order of Secret gone/a: ") {
		t.Errorf("error %v", err)
	}
}
