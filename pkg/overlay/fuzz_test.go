package overlay_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/cert-manager/cert-manager/pkg/util/solverpicker"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// dice makes choices out of fuzzed bytes; when they run out, the first choice.
type dice struct{ bytes []byte }

func (d *dice) roll(n int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % n
}

func (d *dice) pick(choices ...string) string { return choices[d.roll(len(choices))] }

// randomSpec composes a certs.yaml from the fields that change what is
// generated. Many are refused, most are not.
func randomSpec(data []byte) []byte {
	d := &dice{data}
	var b strings.Builder
	b.WriteString("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n")
	b.WriteString(d.pick("", "ingressClasses: [{name: nginx, controller: k8s.io/ingress-nginx}]\n"))
	b.WriteString(d.pick("", "", "responder: {default: true}\n", "responder: {namespace: one, service: acme, port: 8080, default: true}\n", "responder: {namespace: three}\n"))
	b.WriteString("issuers:\n- name: web\n  acme:\n    server: letsencrypt\n" + d.pick("", "    profile: tlsserver\n"))
	b.WriteString(d.pick("", "", "    dnsPersist: {accountURI: \"https://acme-v02.api.letsencrypt.org/1\", emit: external-dns}\n", "    dnsPersist: {accountURI: \"https://acme-v02.api.letsencrypt.org/1\", persistUntil: 2027-12-31}\n"))
	b.WriteString("    solvers:\n")
	b.WriteString(d.pick("", "    - dns01: {cloudflare: {apiTokenSecretRef: {name: cf, key: t}}}\n      selector: {dnsZones: [example.com, example.org]}\n"))
	for range 1 + d.roll(3) {
		b.WriteString(d.pick("    - http01: {}\n", "    - http01: {ingressClassName: nginx}\n", "    - http01: {ingress: {class: nginx}}\n",
			"    - dns01: {digitalocean: {tokenSecretRef: {name: do, key: t}}}\n", "    - http01: {gatewayHTTPRoute: {}}\n"))
		b.WriteString(d.pick("", "", "      selector: {dnsZones: [example.com]}\n", "      selector: {dnsNames: [a1.example.com, b2.example.org]}\n", "      selector: {matchLabels: {app: x}}\n"))
	}
	b.WriteString(d.pick("- {name: corp, kind: Issuer, namespace: one, ca: {secretName: ca}}\n", "- {name: corp, namespace: one, private: {commonName: Corp Root}}\n", "- {name: corp, private: {commonName: Corp Root, namespace: two, duration: 8760h}}\n"))
	b.WriteString("- {name: there, existing: true}\n")
	b.WriteString("expose:\n")
	for i := range 1 + d.roll(5) {
		randomExpose(&b, d, i)
	}
	if d.roll(2) == 1 {
		b.WriteString("certificates: [{name: own, namespace: two, issuer: there, dnsNames: [own.example.com], renewBeforePercentage: 30}]\n")
	}
	bundles := d.roll(3)
	for i := range bundles {
		if i == 0 {
			b.WriteString("trust:\n")
		}
		randomTrust(&b, d, i)
	}
	for i := range d.roll(3) {
		if i == 0 {
			b.WriteString("environments:\n")
		}
		fmt.Fprintf(&b, "- name: env%d\n%s%s%s%s%s%s", i, pickIf(d, bundles > 0,
			"", "  trust: {t0: {from: [two.pem]}}\n", "  trust: {t0: {to: {configmap: {namespaces: [four]}, trust-manager: null}}}\n",
			"  trust: {t0: {to: {cluster-trust-bundle: {version: v1}, aks-secret: {}}}}\n", "  trust: {t0: {from: null}}\n", "  trust: {t0: {fromIssuers: null, from: [one.pem]}}\n", "  trust: {t0: {from: [p256.pem], to: {trust-manager: {version: v1alpha2}, configmap: null}}}\n", "  trust: {t0: {to: {talos: {}, pods: {variables: []}}}}\n"),
			d.pick("", "  className: nginx-two\n", "  className: traefik\n"),
			d.pick("", "  hosts: {example.com: example.net}\n", "  hosts: {h0.example.com: x.example.org, example.org: y.example.org}\n"),
			d.pick("", "  issuers: {web: {acme: {server: letsencrypt-staging, dnsPersist: null}}}\n", "  issuers: {web: {acme: {profile: null}, labels: {a: b}}}\n"),
			d.pick("", "", "  responder: {default: true}\n", "  responder: {default: false}\n", "  responder: {namespace: two, port: 81}\n"),
			d.pick("", "  expose: {e0: {secretName: other, duration: 100h}}\n", "  expose: {e0: {http01: static}}\n", "  expose: {e0: {as: VirtualServer}}\n", "  expose: {e0: {certificate: explicit, labels: {x: z}}}\n", "  expose: {e0: {redirect: true, issuer: there}}\n"))
	}
	return []byte(b.String())
}

func pickIf(d *dice, ask bool, choices ...string) string {
	if !ask {
		return ""
	}
	return d.pick(choices...)
}

func randomTrust(b *strings.Builder, d *dice, i int) {
	if d.roll(4) == 3 { // the root of corp, which is in one of these
		fmt.Fprintf(b, "- name: t%d\n%s  fromIssuers: [corp]\n  to: {trust-manager: {trustNamespace: %s%s}%s}\n", i, d.pick("", "  from: [one.pem]\n"),
			d.pick("one", "two"), d.pick("", ", defaultCAs: true", ", version: v1alpha2"), d.pick("", ", pods: {mount: trust-manager, variables: [JAVA_TOOL_OPTIONS]}"))
		return
	}
	fmt.Fprintf(b, "- name: t%d\n  from: [%s]\n  to:\n", i, d.pick("one.pem", "two.pem", "p256.pem, one.pem"))
	b.WriteString(d.pick("    cluster-trust-bundle: {}\n", "    cluster-trust-bundle: {signerName: example.com/a}\n"))
	b.WriteString(d.pick("", "    configmap: {}\n", "    configmap: {namespaces: [one, two]}\n", "    trust-manager: {}\n",
		"    trust-manager: {version: v1alpha2, defaultCAs: true}\n", "    trust-manager: {namespaces: {matchLabels: {a: b}}}\n"))
	b.WriteString(d.pick("", "", "    aks-secret: {}\n"))
	b.WriteString(d.pick("", "", "    openshift: {}\n", "    openshift: {namespaces: [three]}\n"))
	b.WriteString(d.pick("", "", "    aks: {}\n", "    bottlerocket: {}\n    talos: {}\n", "    k3s: {hosts: [a.example.com]}\n    containerd: {hosts: [\"a.example.com:5000\", a.example.com]}\n"))
	b.WriteString(d.pick("", "", "    pods: {}\n", "    pods: {mount: cluster-trust-bundle, matchLabels: {a: b}}\n", "    pods: {variables: [JAVA_TOOL_OPTIONS]}\n"))
}

func randomExpose(b *strings.Builder, d *dice, i int) {
	as := d.pick("Ingress", "VirtualServer", "HTTPRoute")
	namespace := d.pick("one", "two")
	fmt.Fprintf(b, "- name: e%d\n  namespace: %s\n  as: %s\n", i, namespace, as)
	b.WriteString(d.pick(
		fmt.Sprintf("  host: h%d.example.com\n", i), fmt.Sprintf("  hosts: [a%d.example.com, b%d.example.org]\n", i, i),
		fmt.Sprintf("  host: \"*.w%d.example.com\"\n", i), fmt.Sprintf("  hosts: [\"*.v%d.example.com\", v%d.example.com]\n", i, i)))
	class := ""
	if as == "HTTPRoute" {
		b.WriteString("  gateway: {name: " + d.pick("g", "h") + ", className: x" + d.pick("", ", namespace: one") + "}\n")
	} else {
		class = d.pick("nginx", "traefik", "", "nginx")
		if class != "" {
			b.WriteString("  className: " + class + "\n")
		}
	}
	issuer := d.pick("  issuer: web\n", "  issuer: web\n", "  issuer: corp\n", "  issuer: there\n", fmt.Sprintf("  secretName: given%d\n", i))
	if namespace != "one" {
		issuer = strings.Replace(issuer, "corp", "there", 1)
	}
	b.WriteString(issuer)
	b.WriteString(d.pick("", "", "", "", "  redirect: true\n", "  redirect: false\n"))
	if strings.Contains(issuer, "issuer:") {
		b.WriteString(d.pick("", "", "", "  certificate: explicit\n"))
	}
	switch {
	case as == "Ingress" && class == "nginx" && strings.Contains(issuer, "there"):
		b.WriteString(d.pick("  http01: mergeable\n", "  http01: edit-in-place\n", "  http01: plain\n"))
	case strings.Contains(issuer, "web") && as == "Ingress":
		b.WriteString(d.pick("", "", "", "", "  http01: edit-in-place\n", "  http01: static\n"))
	case strings.Contains(issuer, "web"):
		b.WriteString(d.pick("", "", "", "", "  http01: static\n", "  http01: plain\n"))
	}
	b.WriteString(d.pick("", "", "  privateKey: {algorithm: ECDSA, size: 256}\n", "  usages: [server auth]\n", "  revisionHistoryLimit: 2\n",
		"  duration: 2160h\n  renewBefore: 360h30m\n", "  renewBeforePercentage: 20\n", "  keystores: {jks: {create: true, passwordSecretRef: {name: p, key: k}}}\n"))
	b.WriteString(d.pick("", "", "  labels: {app: x}\n", "  annotations: {note: \"yes\"}\n"))
	b.WriteString("  routes: [{path: /, service: s, port: 80}" + d.pick("", ", {path: /x, pathType: Exact, service: s, port: 81}") + "]\n")
}

// FuzzGenerate holds every law of a tree against specs made of fuzzed choices.
func FuzzGenerate(f *testing.F) {
	for i := range 64 {
		f.Add([]byte(strings.Repeat(string([]byte{byte(i), byte(i * 7), byte(i * 31), byte(i * 3), byte(i * 13)}), 8)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		source := randomSpec(data)
		if _, err := config.Parse(nil, "certs.yaml", source); err != nil {
			return
		}
		p := planSpec(t, source)
		checkBuilds(t, p)
		checkNeeds(t, p.doc)
		checkSolvers(t, p.doc)
		checkTwice(t, source, p)
		checkComponents(t, p)
		for _, e := range p.environments {
			var objects []manifest.Object
			for _, o := range e.Objects {
				objects = append(objects, o.Object)
			}
			if changes, err := diff.Objects(objects, objects); err != nil || len(changes) > 0 {
				t.Errorf("a tree differs from itself: %v, %v", changes, err)
			}
			if err := overlay.CheckReferences(objects, e.Objects, nil); err != nil {
				t.Errorf("references: %v", err)
			}
		}
		if t.Failed() {
			t.Logf("certs.yaml:\n%s", source)
		}
	})
}

// checkComponents: every component builds over an application.
func checkComponents(t *testing.T, p planned) {
	t.Helper()
	for name := range p.tree {
		if dir, ok := strings.CutSuffix(name, "/pods/kustomization.yaml"); ok {
			buildApplication(t, p.tree, dir+"/pods", "app: web")
		}
	}
}

// checkSolvers: cert-manager picks for every host a solver that gets through
// to where the host is served.
func checkSolvers(t *testing.T, doc config.Document) {
	t.Helper()
	for _, e := range append([]config.Environment{{Certs: doc.Base}}, doc.Environments...) {
		index, p := resolve.NewIndex(&e.Certs), plan.New(e.Certs, nil)
		for i := range e.Certs.Expose {
			x := &e.Certs.Expose[i]
			for j, pick := range index.SolverIndexes(x) {
				issuer := index.Issuer(x.CertificateNamespace(), x.Issuer)
				if pick < 0 || issuer.ACME.Solvers[pick].HTTP01 == nil {
					continue
				}
				got := pickSolver(t, p, issuer.Name, x, x.Hosts[j])
				style := index.Style(x)
				minion := got.HTTP01 != nil && got.HTTP01.Ingress != nil && got.HTTP01.Ingress.IngressTemplate != nil &&
					got.HTTP01.Ingress.IngressTemplate.Annotations[plan.MergeableAnnotation] == "minion"
				class := ""
				if got.HTTP01 != nil && got.HTTP01.Ingress != nil && got.HTTP01.Ingress.IngressClassName != nil {
					class = *got.HTTP01.Ingress.IngressClassName
				}
				if got.HTTP01 == nil || style.Gateway != (got.HTTP01.GatewayHTTPRoute != nil) || minion != (style.Mode == v1alpha1.Mergeable) || class != "" && x.ClassName != "" && class != x.ClassName {
					t.Errorf("%s of %s (%+v) is solved by %+v", x.Hosts[j], x.Name, style, got)
				}
			}
		}
	}
}

// pickSolver asks cert-manager itself.
func pickSolver(t *testing.T, p plan.Plan, issuer string, e *v1alpha1.Expose, host string) cmacme.ACMEChallengeSolver {
	t.Helper()
	for _, n := range p.Needs {
		if n.Namespace != e.CertificateNamespace() || n.Certificate.SecretName != e.SecretName {
			continue
		}
		for _, i := range p.Issuers {
			if i.Name != issuer {
				continue
			}
			order := &cmacme.Order{ObjectMeta: metav1.ObjectMeta{Labels: n.Labels}}
			challenges := []cmacme.ACMEChallenge{{Type: "dns-01"}, {Type: "http-01"}}
			if solver, _ := solverpicker.Pick(t.Context(), host, challenges, i.Solvers, order); solver != nil {
				return *solver
			}
		}
	}
	return cmacme.ACMEChallengeSolver{}
}

func checkTwice(t *testing.T, source []byte, p planned) {
	t.Helper()
	again := planSpec(t, source)
	for name, data := range p.tree {
		if !bytes.Equal(data, again.tree[name]) {
			t.Errorf("%s is not the same a second time", name)
		}
	}
	u, err := overlay.Plan(p.tree, again.generated, false)
	if err != nil || u.Dirty() {
		t.Errorf("a second run would change the tree: %v %v", u.Changes, err)
	}
}

// TestRandomSpecs makes sure that the fuzzer's specs are mostly valid, and that
// their objects pass the schemas.
func TestRandomSpecs(t *testing.T) {
	crds := loadCRDs(t)
	valid := 0
	const total = 300
	for i := range total {
		data := make([]byte, 60)
		for j := range data {
			data[j] = byte((i*131 + j*j*29 + j*i*7 + i/3) >> (j % 3))
		}
		source := randomSpec(data)
		if _, err := config.Parse(nil, "certs.yaml", source); err != nil {
			continue
		}
		valid++
		p := planSpec(t, source)
		checkNeeds(t, p.doc)
		checkSolvers(t, p.doc)
		for _, e := range p.environments {
			for _, o := range e.Objects {
				for _, problem := range validate(t, crds, o.ID().Group+"/"+o.Kind(), o.Object) {
					t.Errorf("%s: %s\n%s", o.ID(), problem, source)
				}
			}
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	if valid < total/10 {
		t.Errorf("only %d of %d specs are valid", valid, total)
	}
	t.Logf("%d of %d specs are valid", valid, total)
}
