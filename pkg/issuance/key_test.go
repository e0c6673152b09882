package issuance

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"net/url"
	"strings"
	"testing"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// TestNewKey: the algorithm and encoding of keys.
func TestNewKey(t *testing.T) {
	for name, tt := range map[string]struct {
		wants *cm.CertificatePrivateKey
		block string
		kind  string
	}{
		"nothing said":   {nil, "RSA PRIVATE KEY", "RSA 2048"},
		"the rotation":   {&cm.CertificatePrivateKey{RotationPolicy: cm.RotationPolicyNever}, "RSA PRIVATE KEY", "RSA 2048"},
		"ECDSA":          {&cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm}, "EC PRIVATE KEY", "ECDSA 256"},
		"ECDSA 384":      {&cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm, Size: 384}, "EC PRIVATE KEY", "ECDSA 384"},
		"PKCS #1":        {&cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm, Encoding: cm.PKCS1}, "EC PRIVATE KEY", "ECDSA 256"},
		"PKCS #8":        {&cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm, Encoding: cm.PKCS8}, "PRIVATE KEY", "ECDSA 256"},
		"Ed25519":        {&cm.CertificatePrivateKey{Algorithm: cm.Ed25519KeyAlgorithm, Encoding: cm.PKCS8}, "PRIVATE KEY", "Ed25519"},
		"PKCS #8 of RSA": {&cm.CertificatePrivateKey{Encoding: cm.PKCS8}, "PRIVATE KEY", "RSA 2048"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := cm.CertificateSpec{PrivateKey: tt.wants}
			text, err := newKey(&spec)
			if err != nil {
				t.Fatal(err)
			}
			block, _ := pem.Decode(text)
			if diff := cmp.Diff(tt.block, block.Type); diff != "" {
				t.Errorf("block (-want +got):\n%s", diff)
			}
			kept := spec
			kept.PrivateKey = &cm.CertificatePrivateKey{}
			if tt.wants != nil {
				*kept.PrivateKey = *tt.wants
			}
			kept.PrivateKey.RotationPolicy = cm.RotationPolicyNever
			if !reusable(&kept, text) {
				t.Error("would not be used again")
			}
			kept.PrivateKey.Size = 521
			if tt.kind != "Ed25519" && reusable(&kept, text) {
				t.Error("would be used again for another size")
			}
			der, err := request(&cm.CertificateSpec{DNSNames: []string{"a.example.com"}, PrivateKey: tt.wants}, text)
			if err != nil {
				t.Fatal(err)
			}
			csr, err := x509.ParseCertificateRequest(der)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.kind, keyName(keyOf(csr.PublicKey))); diff != "" {
				t.Errorf("key (-want +got):\n%s", diff)
			}
		})
	}
}

// TestReusable: a key is used again only if the demand allows that and it is valid.
func TestReusable(t *testing.T) {
	key, err := newKey(&cm.CertificateSpec{PrivateKey: &cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm}})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		wants *cm.CertificatePrivateKey
		key   []byte
		want  bool
	}{
		"kept":             {&cm.CertificatePrivateKey{RotationPolicy: cm.RotationPolicyNever, Algorithm: cm.ECDSAKeyAlgorithm}, key, true},
		"of another kind":  {&cm.CertificatePrivateKey{RotationPolicy: cm.RotationPolicyNever}, key, false},
		"always another":   {&cm.CertificatePrivateKey{RotationPolicy: cm.RotationPolicyAlways, Algorithm: cm.ECDSAKeyAlgorithm}, key, false},
		"nothing said":     {nil, key, false},
		"no key":           {&cm.CertificatePrivateKey{RotationPolicy: cm.RotationPolicyNever, Algorithm: cm.ECDSAKeyAlgorithm}, nil, false},
		"not a key":        {&cm.CertificatePrivateKey{RotationPolicy: cm.RotationPolicyNever, Algorithm: cm.ECDSAKeyAlgorithm}, []byte("x"), false},
		"no word on kinds": {&cm.CertificatePrivateKey{RotationPolicy: cm.RotationPolicyNever, Size: 256}, key, false},
	} {
		if got := reusable(&cm.CertificateSpec{PrivateKey: tt.wants}, tt.key); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// TestRequest: the contents of the CSR besides names, and the errors.
func TestRequest(t *testing.T) {
	key, err := newKey(&cm.CertificateSpec{PrivateKey: &cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm}})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		spec    cm.CertificateSpec
		key     []byte
		subject string
		failure string
	}{
		"names only":     {spec: cm.CertificateSpec{DNSNames: []string{"a.example.com"}}, key: key},
		"a subject":      {spec: cm.CertificateSpec{CommonName: "a.example.com", Subject: &cm.X509Subject{Organizations: []string{"Acme"}}}, key: key, subject: "CN=a.example.com,O=Acme"},
		"a literal one":  {spec: cm.CertificateSpec{DNSNames: []string{"a.example.com"}, LiteralSubject: "CN=a.example.com,OU=Web"}, key: key, subject: "CN=a.example.com,OU=Web"},
		"not a subject":  {spec: cm.CertificateSpec{DNSNames: []string{"a.example.com"}, LiteralSubject: "web"}, key: key, failure: "rejected: create the CSR: "},
		"another key":    {spec: cm.CertificateSpec{DNSNames: []string{"a.example.com"}}, key: []byte("x"), failure: "store: invalid private key in the journal"},
		"no key":         {spec: cm.CertificateSpec{DNSNames: []string{"a.example.com"}}, failure: "store: invalid private key in the journal"},
		"nothing at all": {spec: cm.CertificateSpec{}, key: key, failure: "rejected: create the CSR: "},
		"a key of RSA":   {spec: cm.CertificateSpec{DNSNames: []string{"a.example.com"}, PrivateKey: &cm.CertificatePrivateKey{Algorithm: cm.RSAKeyAlgorithm}}, key: key, failure: "rejected: sign the CSR: "},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.spec.PrivateKey == nil {
				tt.spec.PrivateKey = &cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm}
			}
			der, err := request(&tt.spec, tt.key)
			if tt.failure != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.failure) || der != nil {
					t.Fatalf("%v, want %s", err, tt.failure)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			csr, err := x509.ParseCertificateRequest(der)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.subject, csr.Subject.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFailureSays: the text of a failure: the CA's message if there is one, else the cause.
func TestFailureSays(t *testing.T) {
	cause := Failuref(ReasonChallenge, "no")
	for want, f := range map[string]*Failure{
		"account":                       {Reason: ReasonAccount},
		"validation: a.example.com":     {Reason: ReasonValidation, Name: "a.example.com"},
		"validation: NXDOMAIN":          {Reason: ReasonValidation, Detail: "NXDOMAIN"},
		"validation: a: NXDOMAIN":       {Reason: ReasonValidation, Name: "a", Detail: "NXDOMAIN"},
		"store: EOF":                    {Reason: ReasonStore, Err: plain("EOF")},
		"store: conflict":               {Reason: ReasonStore, Detail: "conflict", Err: plain("EOF")},
		"challenge: no":                 AsFailure(ReasonStore, cause),
		"unavailable: dial":             AsFailure(ReasonUnavailable, plain("dial")),
		"rejected: 3 names, 2 too many": Failuref(ReasonRejected, "%d names, %d too many", 3, 2),
	} {
		if diff := cmp.Diff(want, f.Error()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

type plain string

func (p plain) Error() string { return string(p) }

// TestDescribe: the annotations by which cert-manager accepts a Secret as its own, without
// empty ones.
func TestDescribe(t *testing.T) {
	uri, err := url.Parse("spiffe://x")
	if err != nil {
		t.Fatal(err)
	}
	d := demand(need("web", "web.example.com"))
	certificate := d
	certificate.By = plan.Source{Kind: cm.CertificateKind, Namespace: "default", Name: "the-certificate"}
	for name, tt := range map[string]struct {
		demand Demand
		leaf   x509.Certificate
		want   map[string]string
	}{
		"names of an Ingress": {d, x509.Certificate{DNSNames: []string{"b.example.com", "a.example.com"}}, map[string]string{
			"cert-manager.io/certificate-name": "web", "cert-manager.io/common-name": "", "cert-manager.io/alt-names": "b.example.com,a.example.com",
			"cert-manager.io/ip-sans": "", "cert-manager.io/uri-sans": "",
		}},
		"all of a Certificate": {certificate, x509.Certificate{
			IPAddresses: []net.IP{net.ParseIP("192.0.2.1"), net.ParseIP("2001:db8::1")}, URIs: []*url.URL{uri}, EmailAddresses: []string{"me@example.com"},
			Subject: pkix.Name{
				CommonName: "cn", SerialNumber: "7", Organization: []string{"Acme, Inc.", "b"}, OrganizationalUnit: []string{"ou"}, Country: []string{"NZ"},
				Province: []string{"p"}, Locality: []string{"l"}, StreetAddress: []string{"s"}, PostalCode: []string{"1"},
			},
		}, map[string]string{
			"cert-manager.io/certificate-name": "the-certificate", "cert-manager.io/common-name": "cn", "cert-manager.io/alt-names": "",
			"cert-manager.io/ip-sans": "192.0.2.1,2001:db8::1", "cert-manager.io/uri-sans": "spiffe://x", "cert-manager.io/email-sans": "me@example.com",
			"cert-manager.io/subject-organizations": `"Acme, Inc.",b`, "cert-manager.io/subject-organizationalunits": "ou", "cert-manager.io/subject-countries": "NZ",
			"cert-manager.io/subject-provinces": "p", "cert-manager.io/subject-localities": "l", "cert-manager.io/subject-streetaddresses": "s",
			"cert-manager.io/subject-postalcodes": "1", "cert-manager.io/subject-serialnumber": "7",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			tt.want["cert-manager.io/issuer-name"], tt.want["cert-manager.io/issuer-kind"] = "le", "ClusterIssuer"
			tt.want["cert-manager.io/issuer-group"], tt.want["kubectl-certs.dev/issued"] = "cert-manager.io", "note"
			if diff := cmp.Diff(tt.want, describe(&tt.demand, &tt.leaf, "note")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestTemporary: a temporary certificate has the names and the key, and no trusted issuer.
func TestTemporary(t *testing.T) {
	spec := need("web", "web.example.com").Certificate
	key, err := newKey(&spec)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := temporary(&spec, key)
	if err != nil {
		t.Fatal(err)
	}
	h := Examine(Secret{Type: tlsType, Cert: cert, Key: key})
	if !h.Temporary || h.Damage != "" || !bytes.Contains(cert, []byte("CERTIFICATE")) || cmp.Diff([]string{"web.example.com"}, h.Names) != "" {
		t.Errorf("%+v", h)
	}
	spec.LiteralSubject, spec.DNSNames, spec.CommonName = "x", nil, ""
	if cert, err := temporary(&spec, key); err == nil || !strings.HasPrefix(err.Error(), "rejected: create a temporary certificate: ") || cert != nil {
		t.Errorf("of nothing: %s, %v", cert, err)
	}
}
