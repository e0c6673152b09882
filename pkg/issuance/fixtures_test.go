package issuance

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

const (
	day    = 24 * time.Hour
	server = "https://ca.example/directory"
)

// signer is a CA that signs every request.
type signer struct {
	lifetime time.Duration
	ahead    time.Duration // of its clock
	info     func(id string) (RenewalInfo, error)
	fail     func(r Request) error
	// failOrdered, if not nil, is the result of every order once it is placed, and chain
	// replaces the issued certificate.
	failOrdered error
	chain       func(pem []byte) []byte
	// byOrder are the issued certificates: a resumed order has the same one.
	byOrder map[string][]byte

	lock     sync.Mutex
	cert     *x509.Certificate
	key      *ecdsa.PrivateKey
	orders   []Request
	count    int // of all orders, though a test forgets some
	issuedAt []time.Time
	most     int // orders under way at once
	now      int
	takes    time.Duration
}

func newSigner(t testing.TB, lifetime time.Duration) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(100 * 365 * day),
		KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: []byte{1, 2, 3},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &signer{lifetime: lifetime, cert: cert, key: key, byOrder: map[string][]byte{}}
}

func (s *signer) Thumbprint() string { return "thumbprint" }

func (s *signer) RenewalInfo(_ context.Context, id string) (RenewalInfo, error) {
	if s.info == nil {
		return RenewalInfo{}, ErrNoRenewalInfo
	}
	return s.info(id)
}

func (s *signer) Issue(ctx context.Context, r Request) (Chain, error) {
	s.lock.Lock()
	s.orders = append(s.orders, r)
	s.count++
	number := s.count
	s.now++
	s.most = max(s.most, s.now)
	s.lock.Unlock()
	defer func() { s.lock.Lock(); s.now--; s.lock.Unlock() }()
	if s.takes > 0 {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
			return Chain{}, ctx.Err()
		}
	}
	if s.fail != nil {
		if err := s.fail(r); err != nil {
			return Chain{}, err
		}
	}
	url := cmp.Or(r.Order, fmt.Sprintf("%s/order/%d", server, number))
	if r.Ordered != nil {
		if err := r.Ordered(ctx, url); err != nil {
			return Chain{}, err
		}
	}
	if s.failOrdered != nil {
		return Chain{}, s.failOrdered
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if chain := s.byOrder[url]; chain != nil {
		return Chain{PEM: chain, Order: url}, nil
	}
	s.issuedAt = append(s.issuedAt, time.Now())
	chain := s.sign(r.CSR, r.Names, int64(number))
	if s.chain != nil {
		chain = s.chain(chain)
	}
	s.byOrder[url] = chain
	return Chain{PEM: chain, Order: url}, nil
}

// sign creates a certificate as Let's Encrypt does: it is an hour old.
func (s *signer) sign(csr []byte, names []string, serial int64) []byte {
	request, err := x509.ParseCertificateRequest(csr)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial + 1000), AuthorityKeyId: []byte{1, 2, 3},
		NotBefore: time.Now().Add(s.ahead - time.Hour), NotAfter: time.Now().Add(s.ahead + s.lifetime - time.Hour),
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, s.cert, request.PublicKey, s.key)
	if err != nil {
		panic(err)
	}
	return append(encode(der), encode(s.cert.Raw)...)
}

func encode(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// memory is a cluster.
type memory struct {
	lock      sync.Mutex
	secrets   map[Ref]Secret
	journals  map[Ref]Journal
	saves     int
	saveErr   error
	version   int // of journals
	deletions int
	// deleteErr, if not nil, is asked by the number of the call.
	deleteErr func(call int) error
}

func newMemory() *memory { return &memory{secrets: map[Ref]Secret{}, journals: map[Ref]Journal{}} }

func (m *memory) Secret(_ context.Context, ref Ref) (Secret, bool, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	s, found := m.secrets[ref]
	return s, found, nil
}

func (m *memory) Save(ctx context.Context, d *Demand, p Pair, version string) (string, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if m.saveErr != nil {
		return "", m.saveErr
	}
	if m.secrets[d.Ref].Version != version {
		return "", fmt.Errorf("version is %q, not %q: %w", m.secrets[d.Ref].Version, version, ErrConflict)
	}
	m.saves++
	s := Secret{Type: "kubernetes.io/tls", Annotations: p.Annotations, Cert: p.Cert, Key: p.Key, Manager: "kubectl-certs", Version: fmt.Sprint(m.saves)}
	m.secrets[d.Ref] = s
	return s.Version, nil
}

func (m *memory) Journal(_ context.Context, ref Ref) (Journal, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.journals[ref], nil
}

func (m *memory) SaveJournal(_ context.Context, d *Demand, j Journal) (Journal, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if is := m.journals[d.Ref].Version; is != j.Version {
		return Journal{}, fmt.Errorf("the journal's version is %q, not %q: %w", is, j.Version, ErrConflict)
	}
	m.version++
	j.Version = fmt.Sprint("kept ", m.version)
	m.journals[d.Ref] = j
	return j, nil
}

func (m *memory) DeleteJournal(_ context.Context, ref Ref, version string) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.deletions++
	if m.deleteErr != nil {
		if err := m.deleteErr(m.deletions); err != nil {
			return err
		}
	}
	if m.journals[ref].Version == version {
		delete(m.journals, ref)
	}
	return nil
}

// entries returns what a restart would read.
func (m *memory) entries(demands ...Demand) []Entry {
	m.lock.Lock()
	defer m.lock.Unlock()
	var entries []Entry
	for _, d := range demands {
		e := Entry{Ref: d.Ref, Demand: &d, Journal: m.journals[d.Ref]}
		if s, found := m.secrets[d.Ref]; found {
			e.Secret = Examine(s)
		}
		entries = append(entries, e)
	}
	return entries
}

// still is a source that never changes.
type still []Entry

func (s still) Entries(context.Context) ([]Entry, error) { return s, nil }
func (s still) Changes(context.Context) <-chan Entry     { return nil }

func issuer() Issuer {
	return Issuer{Kind: "ClusterIssuer", Name: "le", Spec: cm.IssuerSpec{IssuerConfig: cm.IssuerConfig{ACME: &cmacme.ACMEIssuer{Server: server}}}}
}

func need(name string, hosts ...string) plan.Need {
	return plan.Need{
		Namespace: "default",
		Certificate: cm.CertificateSpec{
			SecretName: name, DNSNames: hosts,
			IssuerRef:  cmmeta.IssuerReference{Kind: "ClusterIssuer", Name: "le", Group: "cert-manager.io"},
			PrivateKey: &cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm},
		},
		By: plan.Source{Kind: "Ingress", Namespace: "default", Name: name},
	}
}

func disabled() *cm.CertificateRenewal {
	return &cm.CertificateRenewal{Policy: cm.CertificateRenewalPolicyDisabled}
}

func demand(needs ...plan.Need) Demand { return Demands(needs, []Issuer{issuer()})[0] }

func runner(ca CA, store Store) *Runner {
	return &Runner{
		Store: store, Workers: 64,
		CA:      func(context.Context, Issuer) (CA, error) { return ca, nil },
		Solvers: func(*Demand, CA) func(string, bool, []string) (ChosenSolver, error) { return nil },
	}
}

// Demands joins needs with issuers, one demand for each Secret, sorted.
func Demands(needs []plan.Need, issuers []Issuer) []Demand {
	known := map[plan.IssuerKey]Issuer{}
	for _, i := range issuers {
		known[i.Key()] = i
	}
	bySecret := map[Ref][]plan.Need{}
	for _, n := range needs {
		ref := Ref{n.Namespace, n.Certificate.SecretName}
		bySecret[ref] = append(bySecret[ref], n)
	}
	demands := make([]Demand, 0, len(bySecret))
	for _, ref := range slices.SortedFunc(maps.Keys(bySecret), compareRefs) {
		demands = append(demands, NewDemand(ref, bySecret[ref], known))
	}
	return demands
}
