package overlay_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// TestChallengeRouteKeepsItsName: kustomize follows no namespace/name, so a VirtualServer
// and the route for its challenges must keep theirs; and they do where we say.
func TestChallengeRouteKeepsItsName(t *testing.T) {
	_, files := readArchive(t, "../../testdata/overlay/static_virtualserver.txtar")
	torn := func(who, now string) string {
		return who + " refers to VirtualServerRoute kubectl-certs/shop.plain for challenges, which the kustomization renames to " + now +
			"; move the namespace, namePrefix or nameSuffix to base/apps/kustomization.yaml, which has no such route"
	}
	for name, c := range map[string]struct{ dir, change, want string }{
		"prefix above all":    {"overlays/default", "namePrefix: x-\n", torn("VirtualServer/shop/x-plain", "kubectl-certs/x-shop.plain")},
		"namespace above all": {"overlays/default", "namespace: x\n", torn("VirtualServer/x/plain", "x/shop.plain")},
		"routes alone":        {overlay.ResponderDir, "nameSuffix: -x\n", torn("VirtualServer/shop/plain", "kubectl-certs/shop.plain-x")},
		"apps alone":          {overlay.AppsDir, "namePrefix: x-\nnamespace: shop-2\n", ""},
		"nothing":             {"overlays/default", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := planFiles(t, files)
			file := path.Join(c.dir, "kustomization.yaml")
			p.tree[file] = append(slices.Clone(p.tree[file]), c.change...)
			var b overlay.Builder
			built, err := b.Build(mapFS(p.tree), "overlays/default")
			if err != nil {
				t.Fatal(err)
			}
			err = overlay.CheckReferences(built, p.base.Objects, overlay.NameAffixes(mapFS(p.tree), "overlays/default"))
			switch {
			case c.want == "" && err != nil:
				t.Errorf("got %v, want nothing", err)
			case c.want != "" && (err == nil || !slices.Contains(strings.Split(err.Error(), "\n"), c.want)):
				t.Errorf("got\n%v\nwant among it\n%s", err, c.want)
			}
		})
	}
}

// TestRenamedReferences covers names that only look as if a build had changed
// them, and names that it does change.
func TestRenamedReferences(t *testing.T) {
	const source = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
issuers:
- {name: letsencrypt, selfSigned: {}}
- {name: letsencrypt-staging, selfSigned: {}}
- {name: vault, ca: {secretName: vault}}
- {name: flare, acme: {server: letsencrypt, solvers: [{dns01: {cloudflare: {apiTokenSecretRef: {name: cloudflare, key: k}}}}]}}
`
	const (
		ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: mine\n  namespace: default\n" +
			"  annotations: {cert-manager.io/cluster-issuer: letsencrypt}\nspec:\n  tls: [{hosts: [mine.example.com], secretName: mine-tls}]\n"
		deletion = "patches: [{patch: \"{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: letsencrypt}, $patch: delete}\"}]\n"
		foreign  = "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: my-letsencrypt-2}\nspec: {selfSigned: {}}\n"
		renamed  = "Ingress/mine refers to ClusterIssuer/letsencrypt, which the kustomization renames to "
	)
	secret := func(name string) string {
		return "apiVersion: v1\nkind: Secret\nmetadata: {name: " + name + ", namespace: cert-manager}\n"
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string // how the error begins; "" for none
	}{
		"Secrets that end in ten letters": {map[string]string{
			"overlays/default/kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
			"overlays/default/a.yaml":             secret("vault-credential"),
			"overlays/default/b.yaml":             secret("cloudflare-production"),
		}, ""},
		"a Secret with a hash": {map[string]string{
			"overlays/default/kustomization.yaml": "secretGenerator: [{name: vault, namespace: cert-manager, literals: [a=b]}]\n",
		}, "ClusterIssuer/vault names Secret vault, which the kustomization generates as vault-"},
		"an issuer left out, with another planned that begins the same": {map[string]string{
			"overlays/default/kustomization.yaml": "resources: [mine.yaml]\n" + deletion,
			"overlays/default/mine.yaml":          ingress,
		}, ""},
		"an issuer left out, with another of the user that contains its name": {map[string]string{
			"overlays/default/kustomization.yaml": "resources: [mine.yaml, issuer.yaml]\n" + deletion,
			"overlays/default/mine.yaml":          ingress,
			"overlays/default/issuer.yaml":        foreign,
		}, ""},
		"prefix and suffix": {map[string]string{
			"overlays/default/kustomization.yaml": "namePrefix: my-\nnameSuffix: \"-2\"\nresources: [mine.yaml]\n",
			"overlays/default/mine.yaml":          ingress,
		}, "Ingress/my-mine-2 refers to ClusterIssuer/letsencrypt, which the kustomization renames to my-letsencrypt-2; "},
		"a suffix that makes the name of another planned issuer": {map[string]string{
			"overlays/default/kustomization.yaml": "resources: [mine.yaml]\n",
			"overlays/default/mine.yaml":          ingress,
			"base/cluster/kustomization.yaml":     "nameSuffix: -staging\n",
		}, renamed + "letsencrypt-staging; "},
		"prefixes of nested kustomizations": {map[string]string{
			"overlays/default/kustomization.yaml": "resources: [mine.yaml]\nnamePrefix: a-\n",
			"overlays/default/mine.yaml":          ingress,
			"base/cluster/kustomization.yaml":     "namePrefix: b-\n",
		}, "Ingress/a-mine refers to ClusterIssuer/letsencrypt, which the kustomization renames to a-b-letsencrypt; "},
		"a component": {map[string]string{
			"overlays/default/kustomization.yaml": "resources: [mine.yaml]\ncomponents: [../../c]\n",
			"overlays/default/mine.yaml":          ingress,
			"c/kustomization.yaml":                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -c\n",
		}, "Ingress/mine-c refers to ClusterIssuer/letsencrypt, which the kustomization renames to letsencrypt-c; "},
	} {
		t.Run(name, func(t *testing.T) {
			p := planSpec(t, []byte(source))
			for file, data := range c.files {
				generated := p.tree[file]
				if own := []byte(data); generated != nil {
					p.tree[file] = mergeLists(t, generated, own)
				} else {
					p.tree[file] = own
				}
			}
			fsys := mapFS(p.tree)
			var b overlay.Builder
			built, err := b.Build(fsys, "overlays/default")
			if err != nil {
				t.Fatal(err)
			}
			err = overlay.CheckReferences(built, p.base.Objects, overlay.NameAffixes(fsys, "overlays/default"))
			switch {
			case c.want == "" && err != nil:
				t.Errorf("got %v, want nothing", err)
			case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
				t.Errorf("got\n%v\nwant\n%s…", err, c.want)
			}
		})
	}
}

// mergeLists adds what a user adds to a kustomization.
func mergeLists(t *testing.T, generated, own []byte) []byte {
	t.Helper()
	var a, b map[string]any
	for data, into := range map[*[]byte]*map[string]any{&generated: &a, &own: &b} {
		if err := yaml.Unmarshal(*data, into); err != nil {
			t.Fatal(err)
		}
	}
	for key, value := range b {
		if list, isList := a[key].([]any); isList {
			value = append(list, value.([]any)...)
		}
		a[key] = value
	}
	merged, err := yaml.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

// TestNameAffixesInCycles covers kustomizations that include themselves and each other
// many times.
func TestNameAffixesInCycles(t *testing.T) {
	circle := overlay.Tree{"a/kustomization.yaml": []byte("namePrefix: a-\nresources: [../b, ../a]\n"), "b/kustomization.yaml": []byte("nameSuffix: -b\nresources: [../a]\n")}
	if n := len(overlay.NameAffixes(mapFS(circle), "a")); n == 0 || n > 10_000 {
		t.Errorf("%d affixes of a cycle", n)
	}
	wide := overlay.Tree{"l40/kustomization.yaml": []byte("namePrefix: x-\n")}
	for i := range 40 {
		wide[fmt.Sprintf("l%d/kustomization.yaml", i)] = fmt.Appendf(nil, "resources: [../l%d, ../l%d]\n", i+1, i+1)
	}
	want := []overlay.Affixes{{Prefix: "x-"}}
	if diff := cmp.Diff(want, overlay.NameAffixes(mapFS(wide), "l0")); diff != "" {
		t.Errorf("affixes (-want +got):\n%s", diff)
	}
	none := overlay.Tree{"kustomization.yaml": []byte("resources: [\"https://example.com\", ../.., /etc, missing]\n")}
	if got := overlay.NameAffixes(mapFS(none), "."); got != nil {
		t.Errorf("got %v, want none", got)
	}
}

// TestHostOfAnyKind: a route that is not generated may have any value as its host.
func TestHostOfAnyKind(t *testing.T) {
	for _, host := range []any{map[string]any{"a": "b"}, []any{"a"}, int64(1), nil} {
		built := []manifest.Object{{"apiVersion": "k8s.nginx.org/v1", "kind": "VirtualServerRoute", "metadata": map[string]any{"name": "theirs"}, "spec": map[string]any{"host": host}}}
		if err := overlay.CheckReferences(built, nil, nil); err != nil {
			t.Errorf("host %v: %v", host, err)
		}
	}
}

// TestCheckReferences has unresolved references and what only looks like them, in a few
// objects.
func TestCheckReferences(t *testing.T) {
	issuer := func(kind, name string) string {
		return "{apiVersion: cert-manager.io/v1, kind: " + kind + ", metadata: {name: " + name + "}, spec: {ca: {secretName: root}}}"
	}
	asks := func(kind, name string) string {
		return "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c}, spec: {secretName: s, dnsNames: [a], issuerRef: {kind: " + kind + ", name: " + name + "}}}"
	}
	server := func(kind, to string) string {
		return "{apiVersion: k8s.nginx.org/v1, kind: " + kind + ", metadata: {name: v, namespace: shop}, spec: {host: a.example.com, routes: [{path: /, route: " + to + "}]}}"
	}
	route := func(namespace, host string) string {
		return "{apiVersion: k8s.nginx.org/v1, kind: VirtualServerRoute, metadata: {name: r, namespace: " + namespace + "}, spec: {host: " + host + "}}"
	}
	secret := func(name string) string { return "{apiVersion: v1, kind: Secret, metadata: {name: " + name + "}}" }
	const (
		hashed     = "root-2456789bcd"
		wrongName  = "ClusterIssuer/ca names Secret root, which the kustomization generates as root-2456789bcd; add generatorOptions: {disableNameSuffixHash: true}"
		wrongRoute = "VirtualServer/shop/v refers to VirtualServerRoute edge/r for challenges, which the kustomization renames to other/r; move the namespace, namePrefix or nameSuffix to base/apps/kustomization.yaml, which has no such route"
	)
	prefix := []overlay.Affixes{{Prefix: "x-"}}
	for name, tt := range map[string]struct {
		built, planned []string
		affixes        []overlay.Affixes
		want           string
	}{
		"an Issuer that is renamed": {[]string{issuer("Issuer", "x-ca"), asks("Issuer", "ca")}, []string{issuer("Issuer", "ca")}, prefix,
			"Certificate/c refers to Issuer/ca, which the kustomization renames to x-ca; add the field to a nameReference configuration, or remove the namePrefix and nameSuffix"},
		"a ClusterIssuer that is renamed": {[]string{issuer("ClusterIssuer", "x-ca"), asks("ClusterIssuer", "ca")}, []string{issuer("ClusterIssuer", "ca")}, prefix,
			"Certificate/c refers to ClusterIssuer/ca, which the kustomization renames to x-ca; kustomize treats it as an object of namespace default, and updates references only there: move the namePrefix to base/apps/kustomization.yaml, which has no ClusterIssuer"},
		"requested by its new name":          {[]string{issuer("Issuer", "x-ca"), asks("Issuer", "x-ca")}, []string{issuer("Issuer", "ca")}, prefix, ""},
		"of another kind":                    {[]string{issuer("Issuer", "x-ca"), asks("ClusterIssuer", "ca")}, []string{issuer("Issuer", "ca")}, prefix, ""},
		"there under both names":             {[]string{issuer("Issuer", "x-ca"), issuer("Issuer", "ca"), asks("Issuer", "ca")}, []string{issuer("Issuer", "ca")}, prefix, ""},
		"there under neither":                {[]string{asks("Issuer", "ca")}, []string{issuer("Issuer", "ca")}, prefix, ""},
		"not of the plan":                    {[]string{issuer("Issuer", "x-ca"), asks("Issuer", "ca")}, nil, prefix, ""},
		"without affixes":                    {[]string{issuer("Issuer", "x-ca"), asks("Issuer", "ca")}, []string{issuer("Issuer", "ca")}, nil, ""},
		"another planned one has that name":  {[]string{issuer("Issuer", "x-ca"), asks("Issuer", "ca")}, []string{issuer("Issuer", "ca"), issuer("Issuer", "x-ca")}, prefix, ""},
		"a Secret with a hash":               {[]string{secret(hashed), issuer("ClusterIssuer", "ca")}, nil, nil, wrongName},
		"behind other objects":               {[]string{asks("Issuer", "y"), secret(hashed), asks("Issuer", "z"), issuer("ClusterIssuer", "ca")}, nil, nil, wrongName},
		"with its own name too":              {[]string{secret(hashed), secret("root"), issuer("ClusterIssuer", "ca")}, nil, nil, ""},
		"another Secret":                     {[]string{secret("other-2456789bcd"), issuer("ClusterIssuer", "ca")}, nil, nil, ""},
		"a ConfigMap with a hash":            {[]string{strings.Replace(secret(hashed), "Secret", "ConfigMap", 1), secret("a"), issuer("ClusterIssuer", "ca")}, nil, nil, ""},
		"an issuer of another group":         {[]string{secret(hashed), strings.Replace(issuer("ClusterIssuer", "ca"), "cert-manager.io", "example.com", 1)}, nil, nil, ""},
		"another kind of cert-manager's":     {[]string{secret(hashed), issuer("Challenge", "ca")}, nil, nil, ""},
		"a route that is moved":              {[]string{server("VirtualServer", "edge/r"), route("other", "a.example.com")}, []string{route("edge", "a.example.com")}, nil, wrongRoute},
		"a route that stays":                 {[]string{server("VirtualServer", "edge/r"), route("edge", "a.example.com")}, []string{route("edge", "a.example.com")}, nil, ""},
		"a route of another host":            {[]string{server("VirtualServer", "edge/r"), route("other", "b.example.com")}, []string{route("edge", "a.example.com")}, nil, ""},
		"a route that was not planned":       {[]string{server("VirtualServer", "mine/r"), route("other", "a.example.com")}, []string{route("edge", "a.example.com")}, nil, ""},
		"another kind that names the route":  {[]string{server("TransportServer", "edge/r"), route("other", "a.example.com")}, []string{route("edge", "a.example.com")}, nil, ""},
		"a route that the build has not got": {[]string{server("VirtualServer", "edge/r")}, []string{route("edge", "a.example.com")}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var built []manifest.Object
			for _, text := range tt.built {
				built = append(built, decoded(t, text)...)
			}
			var planned []manifest.Built
			for _, text := range tt.planned {
				planned = append(planned, manifest.Built{Object: decoded(t, text)[0]})
			}
			got := ""
			if err := overlay.CheckReferences(built, planned, tt.affixes); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func decoded(t *testing.T, text string) []manifest.Object {
	t.Helper()
	objects, err := manifest.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}
