package manifest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestEmitterAgrees holds the emitter to the YAML library on objects of all shapes.
func TestEmitterAgrees(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	emitted := 0
	const total = 20_000
	for range total {
		o := randomObject(random, 0)
		var e emitter
		text, ok := e.emit(o)
		if !ok {
			continue
		}
		emitted++
		if want := encodeByLibrary(o); string(text) != string(want) {
			t.Fatalf("emitted:\n%s\nthe library:\n%s", text, want)
		}
	}
	if emitted < total/10 {
		t.Errorf("only %d of %d were emitted", emitted, total)
	}
}

var atoms = []string{
	"a", "B", "apiVersion", "name", "names", "namespace", "cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "cert_x", "a.b", "a-b", "a/b", "ab", "aB", "Ab", "A", "a1", "a01", "a1b", "a1-b", "kubectl-certs.dev/http01", "1a",
	"true", "Yes", "no", "N", "y", "null", "NaN", "off", "*.example.com", "example.com", "https://acme-v02.api.letsencrypt.org/directory", "/tea", "me@example.com",
	"", "team-07", "networking.k8s.io/v1", "a:b", "a: b", "a #b", "-", "7", "1e3", "e1", "2026-01-01", "x y", "é", "a\nb", "<<", "=", "~", "0x1", ".inf", "$patch", "metadata/x", "http://", "a:/", "Infinity", "inf",
	`"letsencrypt.org; accounturi=https://a"`, `"`, `"it's"`, `" a "`, `"é"`, "\"a\nb\"", "_validation-persist.example.com", "_", "_1", "__", "_a b",
}

func randomObject(random *rand.Rand, depth int) map[string]any {
	m := map[string]any{}
	for range random.IntN(5) + 1 - depth/3 {
		m[atoms[random.IntN(len(atoms))]] = randomValue(random, depth+1)
		if random.IntN(3) > 0 { // mostly keys that an object of ours has
			clear(m)
			for range random.IntN(6) + 1 {
				m[atoms[random.IntN(22)]] = randomValue(random, depth+1)
			}
		}
	}
	return m
}

func randomValue(random *rand.Rand, depth int) any {
	switch n := random.IntN(10); {
	case n < 2 && depth < 5:
		return randomObject(random, depth)
	case n < 4 && depth < 5:
		list := make([]any, random.IntN(4))
		for i := range list {
			list[i] = randomValue(random, depth+1)
		}
		return list
	case n == 4:
		return random.Int64N(100_000) - 10
	case n == 5:
		return random.IntN(2) == 0
	case n == 6 && random.IntN(4) == 0:
		return nil
	}
	return atoms[random.IntN(len(atoms))]
}

// TestEmitterEmits keeps the objects that there are thousands of on the fast path.
func TestEmitterEmits(t *testing.T) {
	for _, source := range []string{
		"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, namespace: team-07, annotations: {cert-manager.io/cluster-issuer: web, nginx.org/mergeable-ingress-type: master}}, spec: {ingressClassName: nginx, tls: [{hosts: ['*.example.com'], secretName: a-tls}], rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]}}",
		"{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a, namespace: b, annotations: {cert-manager.io/issue-temporary-certificate: 'true'}}, spec: {dnsNames: [a.example.com], issuerRef: {kind: ClusterIssuer, name: web}, secretName: a-tls}}",
		"{apiVersion: k8s.nginx.org/v1, kind: VirtualServerRoute, metadata: {name: team-07.a, namespace: kubectl-certs, labels: {kubectl-certs.dev/http01: static}}, spec: {host: a.example.com, upstreams: [{name: certs-responder, service: certs-responder, port: 80}], subroutes: [{path: /.well-known/acme-challenge/, action: {pass: certs-responder}}]}}",
		"{apiVersion: externaldns.k8s.io/v1alpha1, kind: DNSEndpoint, metadata: {name: a-tls, namespace: b}, spec: {endpoints: [{dnsName: _validation-persist.example.com, recordType: TXT, targets: ['\"letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1; policy=wildcard\"']}]}}",
		"{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: a}, spec: {acme: {server: 'https://acme.example.com/dir', empty: {}, none: [], nothing: null, word: 'true', text: '', list: [{}, a, true, 7], _under: a, mail: me@example.com}}}",
	} {
		objects, err := Decode([]byte(source))
		if err != nil {
			t.Fatal(err)
		}
		var e emitter
		if text, ok := e.emit(objects[0]); !ok || !strings.Contains(string(text), "apiVersion: ") {
			t.Errorf("not emitted: %s", source)
		}
	}
}

// BenchmarkEncode writes 1,000 Ingresses as the emitter does, and as the
// library alone would.
func BenchmarkEncode(b *testing.B) {
	const route = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a%[1]d, namespace: b, annotations: {cert-manager.io/cluster-issuer: web}}, spec: {ingressClassName: nginx, tls: [{hosts: [a%[1]d.example.com], secretName: a%[1]d-tls}], rules: [{host: a%[1]d.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]}}"
	objects := make([]Object, 1000)
	for i := range objects {
		decoded, err := Decode(fmt.Appendf(nil, route, i))
		if err != nil {
			b.Fatal(err)
		}
		objects[i] = decoded[0]
	}
	for name, encode := range map[string]func(Object) []byte{
		"emitter": Encode,
		"yaml":    func(o Object) []byte { return encodeValue(map[string]any(o)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, o := range objects {
					encode(o)
				}
			}
		})
	}
}
