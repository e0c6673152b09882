package store_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"github.com/google/go-cmp/cmp"
	jks "github.com/pavlo-v-chernykh/keystore-go/v4"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
)

// pair returns a certificate with its CA, and its key.
func pair(t *testing.T) issuance.Pair {
	t.Helper()
	ca := catest.Root("ca")
	der, err := x509.MarshalPKCS8PrivateKey(catest.KeyOf("leaf a.example.com"))
	if err != nil {
		t.Fatal(err)
	}
	return issuance.Pair{
		Cert:        catest.PEM(ca.Leaf("a.example.com"), ca),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		Annotations: map[string]string{"from": "us", "both": "us"},
	}
}

func demandOf(c cm.CertificateSpec) *issuance.Demand {
	d := &issuance.Demand{Ref: issuance.Ref{Namespace: "default", Name: "a"}}
	d.Certificate = c
	return d
}

// TestSave: a certificate is saved as cert-manager does, with the labels and annotations of its
// template.
func TestSave(t *testing.T) {
	s := open(t, kubetest.Start(t))
	p := pair(t)
	d := demandOf(cm.CertificateSpec{SecretTemplate: &cm.CertificateSecretTemplate{Labels: map[string]string{"app": "web"}, Annotations: map[string]string{"both": "template"}}})
	version, err := s.Save(t.Context(), d, p, "")
	if err != nil {
		t.Fatal(err)
	}
	secret, err := s.Core().Secrets("default").Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			ResourceVersion: version, Labels: map[string]string{"app": "web", "controller.cert-manager.io/fao": "true"},
			Annotations: map[string]string{"from": "us", "both": "template"},
		},
		Type: corev1.SecretTypeTLS, Data: map[string][]byte{"tls.crt": p.Cert, "tls.key": p.Key},
	}
	got := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{ResourceVersion: secret.ResourceVersion, Labels: secret.Labels, Annotations: secret.Annotations},
		Type:       secret.Type, Data: secret.Data,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p.Annotations["both"] != "us" {
		t.Error("the template changed the annotations that were given")
	}
}

// TestSaveOverOthers: a Secret of another manager is overwritten only in the version that was
// checked.
func TestSaveOverOthers(t *testing.T) {
	server := kubetest.Start(t)
	s := open(t, server)
	p, d := pair(t), demandOf(cm.CertificateSpec{})
	put(t, s, "a", corev1.SecretTypeTLS, nil, map[string][]byte{"tls.crt": []byte("theirs"), "tls.key": []byte("theirs")})
	judged, _, err := s.Secret(t.Context(), d.Ref)
	if err != nil {
		t.Fatal(err)
	}
	const meanwhile = "save Secret default/a: it has changed since it was read; not overwritten"
	if _, err := s.Save(t.Context(), d, p, ""); text(err) != meanwhile {
		t.Errorf("over a version that was not checked: %v", err)
	}
	version, err := s.Save(t.Context(), d, p, judged.Version)
	if err != nil || version == judged.Version {
		t.Errorf("over the version that was checked: %q, %v", version, err)
	}
	if _, err := s.Save(t.Context(), d, issuance.Pair{Cert: []byte("c"), Key: []byte("k")}, judged.Version); text(err) != meanwhile {
		t.Errorf("over a later version: %v", err)
	}
	if now, _, _ := s.Secret(t.Context(), d.Ref); !bytes.Equal(now.Cert, p.Cert) {
		t.Errorf("it holds %s", now.Cert)
	}
	elsewhere := demandOf(cm.CertificateSpec{})
	elsewhere.Ref.Namespace = "gone"
	if _, err := s.Save(t.Context(), elsewhere, p, ""); text(err) != "save Secret gone/a: namespace gone not found" {
		t.Errorf("in no namespace: %v", err)
	}
	server.Before = broken(each)
	if _, err := s.Save(t.Context(), d, p, ""); !strings.HasPrefix(text(err), "save Secret default/a: ") || strings.Contains(text(err), "somebody") {
		t.Errorf("without an answer: %v", err)
	}
}

// TestSaveOnce, and TestLiveSaveOnce with a real API server: of several runs that save a Secret
// that does not exist, one does, and the Secret has its certificate and key.
func TestSaveOnce(t *testing.T) { saveOnce(t, kubetest.Start(t).Config()) }

func TestLiveSaveOnce(t *testing.T) {
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(labtest.Start(t).Dir, "kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	saveOnce(t, config)
}

func saveOnce(t *testing.T, config *rest.Config) {
	s, err := store.New(config)
	if err != nil {
		t.Fatal(err)
	}
	d := demandOf(cm.CertificateSpec{})
	errs := make([]error, 8)
	var runs sync.WaitGroup
	for i := range errs {
		runs.Go(func() {
			_, errs[i] = s.Save(t.Context(), d, issuance.Pair{Cert: fmt.Append(nil, "cert ", i), Key: fmt.Append(nil, "key ", i)}, "")
		})
	}
	runs.Wait()
	saved := -1
	for i, err := range errs {
		switch {
		case err == nil && saved < 0:
			saved = i
		case err == nil:
			t.Errorf("runs %d and %d saved it", saved, i)
		case !errors.Is(err, issuance.ErrConflict):
			t.Error(err)
		}
	}
	now, _, err := s.Secret(t.Context(), d.Ref)
	if err != nil || string(now.Cert) != fmt.Sprint("cert ", saved) || string(now.Key) != fmt.Sprint("key ", saved) {
		t.Errorf("run %d saved it, and it has %s and %s: %v", saved, now.Cert, now.Key, err)
	}
}

// TestFormats: the additional formats contain the key and the whole chain.
func TestFormats(t *testing.T) {
	alias, literal, empty := "web", "changeit", ""
	ref := func(name, key string) cmmeta.SecretKeySelector {
		return cmmeta.SecretKeySelector{LocalObjectReference: cmmeta.LocalObjectReference{Name: name}, Key: key}
	}
	stores := func(p *cm.PKCS12Keystore, j *cm.JKSKeystore) cm.CertificateSpec {
		return cm.CertificateSpec{Keystores: &cm.CertificateKeystores{PKCS12: p, JKS: j}}
	}
	for name, tt := range map[string]struct {
		certificate cm.CertificateSpec
		damage      func(*issuance.Pair)
		want        []string
		alias       string // of the Java keystore
		err         string
	}{
		"none":               {},
		"all, and both keys": {certificate: cm.CertificateSpec{AdditionalOutputFormats: []cm.CertificateAdditionalOutputFormat{{Type: cm.CertificateOutputFormatDER}, {Type: cm.CertificateOutputFormatCombinedPEM}}}, want: []string{"key.der", "tls-combined.pem"}},
		"no DER of no key":   {certificate: cm.CertificateSpec{AdditionalOutputFormats: []cm.CertificateAdditionalOutputFormat{{Type: cm.CertificateOutputFormatDER}}}, damage: func(p *issuance.Pair) { p.Key = []byte("odd") }},
		"no keystores":       {certificate: stores(nil, nil)},
		"not to be made":     {certificate: stores(&cm.PKCS12Keystore{Password: &literal}, &cm.JKSKeystore{Password: &literal})},
		"by a literal":       {certificate: stores(&cm.PKCS12Keystore{Create: true, Password: &literal}, &cm.JKSKeystore{Create: true, Password: &literal}), want: []string{"keystore.jks", "keystore.p12"}, alias: "certificate"},
		"by a Secret":        {certificate: stores(&cm.PKCS12Keystore{Create: true, PasswordSecretRef: ref("password", "p")}, &cm.JKSKeystore{Create: true, Alias: &alias, Password: &empty, PasswordSecretRef: ref("password", "p")}), want: []string{"keystore.jks", "keystore.p12"}, alias: "web"},
		"PKCS#12, no Secret": {certificate: stores(&cm.PKCS12Keystore{Create: true, PasswordSecretRef: ref("no", "p")}, nil), err: "keystores.pkcs12: Secret default/no not found"},
		"JKS, no key":        {certificate: stores(nil, &cm.JKSKeystore{Create: true, PasswordSecretRef: ref("password", "q")}), err: "keystores.jks: Secret default/password has no key q"},
		"no password":        {certificate: stores(&cm.PKCS12Keystore{Create: true}, nil), err: "keystores.pkcs12: password or passwordSecretRef is missing"},
		"PKCS#12, odd":       {certificate: stores(&cm.PKCS12Keystore{Create: true, Password: new("\U0001F512")}, nil), err: "keystores.pkcs12: "},
		"odd key":            {certificate: stores(nil, nil), damage: func(p *issuance.Pair) { p.Key = []byte("odd") }, err: "invalid private key"},
		"odd certificate":    {certificate: stores(nil, nil), damage: func(p *issuance.Pair) { p.Cert = []byte("odd") }, err: "no PEM certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, kubetest.Start(t))
			put(t, s, "password", "Opaque", nil, map[string][]byte{"p": []byte(literal)})
			p, d := pair(t), demandOf(tt.certificate)
			if tt.damage != nil {
				tt.damage(&p)
			}
			_, err := s.Save(t.Context(), d, p, "")
			if (err != nil) != (tt.err != "") || !strings.Contains(text(err), tt.err) {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				return
			}
			data, err := s.Data(t.Context(), "default", "a")
			if err != nil {
				t.Fatal(err)
			}
			delete(data, "tls.crt")
			delete(data, "tls.key")
			if diff := cmp.Diff(tt.want, slices.Sorted(maps.Keys(data))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkFormats(t, data, p, literal, tt.alias)
		})
	}
}

// checkFormats reads each format with an independent reader.
func checkFormats(t *testing.T, data map[string][]byte, p issuance.Pair, password, alias string) {
	t.Helper()
	block, _ := pem.Decode(p.Key)
	const chain = "a.example.com → ca"
	if der, there := data["key.der"]; there && !bytes.Equal(der, block.Bytes) {
		t.Error("another key in DER")
	}
	if both, there := data["tls-combined.pem"]; there && string(both) != string(p.Key)+"\n"+string(p.Cert) {
		t.Errorf("combined is %s", both)
	}
	if store, there := data["keystore.p12"]; there {
		key, leaf, others, err := pkcs12.DecodeChain(store, password)
		if err != nil {
			t.Fatal(err)
		}
		if got := catest.Names(append([]*x509.Certificate{leaf}, others...)); got != chain || !cmp.Equal(catest.KeyOf("leaf a.example.com"), key) {
			t.Errorf("PKCS#12 holds %s", got)
		}
	}
	if store, there := data["keystore.jks"]; there {
		read := jks.New()
		if err := read.Load(bytes.NewReader(store), []byte(password)); err != nil {
			t.Fatal(err)
		}
		entry, err := read.GetPrivateKeyEntry(alias, []byte(password))
		if err != nil || len(entry.CertificateChain) != 2 || !bytes.Equal(entry.PrivateKey, block.Bytes) {
			t.Errorf("the Java keystore has %d certificates, error %v", len(entry.CertificateChain), err)
		}
	}
}
