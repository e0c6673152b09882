package overlay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	certificatesv1beta1 "k8s.io/api/certificates/v1beta1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// crd validates objects of one kind as an API server with its CRD would.
type crd struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// loadCRDs reads the CRDs that the modules of cert-manager, the Gateway API and
// trust-manager ship.
func loadCRDs(t *testing.T) map[string]crd {
	t.Helper()
	crds := map[string]crd{}
	for module, dir := range map[string]string{
		"github.com/cert-manager/cert-manager": "deploy/crds",
		"sigs.k8s.io/gateway-api":              "config/crd/standard",
	} {
		root, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			t.Fatal(err)
		}
		loadFolder(t, filepath.Join(strings.TrimSpace(string(root)), filepath.FromSlash(dir)), crds)
	}
	loadFolder(t, filepath.Join(labtest.Module(t, labtest.TrustManager), "deploy", "crds"), crds)
	return crds
}

func loadFolder(t *testing.T, dir string, crds map[string]crd) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no CRDs in %s: %v", dir, err)
	}
	for _, file := range files {
		loadCRD(t, file, crds)
	}
}

func loadCRD(t *testing.T, file string, crds map[string]crd) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var def apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(data, &def); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, version := range def.Spec.Versions {
		if version.Name != "v1" && !strings.HasPrefix(version.Name, "v1alpha") || version.Schema == nil {
			continue
		}
		var internal apiextensions.CustomResourceValidation
		if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(version.Schema, &internal, nil); err != nil {
			t.Fatal(err)
		}
		structural, err := structuralschema.NewStructural(internal.OpenAPIV3Schema)
		if err != nil {
			t.Fatal(err)
		}
		schema, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
		if err != nil {
			t.Fatal(err)
		}
		crds[def.Spec.Group+"/"+def.Spec.Names.Kind] = crd{structural, schema, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
	}
}

// validate returns everything a server would report or change.
func (c crd) validate(o manifest.Object) []string {
	var found []string
	raw := map[string]any(o.Clone())
	for _, err := range validation.ValidateCustomResource(nil, raw, c.schema) {
		found = append(found, err.Error())
	}
	if c.rules != nil {
		errs, _ := c.rules.Validate(context.Background(), nil, c.structural, raw, nil, celconfig.RuntimeCELCostBudget)
		for _, err := range errs {
			found = append(found, err.Error())
		}
	}
	if unknown := pruning.PruneWithOptions(raw, c.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}); len(unknown) > 0 {
		found = append(found, fmt.Sprintf("unknown fields %v", unknown))
	}
	stored := map[string]any(o.Clone())
	defaulting.Default(stored, c.structural)
	delete(stored, "status") // a subresource: never applied
	if diff := cmp.Diff(map[string]any(o), stored); diff != "" {
		found = append(found, "the server would store it otherwise (-applied +stored):\n"+diff)
	}
	return found
}

// TestGoldenSchemas holds every object that is generated to the schema of its
// kind, and to being stored as it is applied, which is what keeps Argo CD and
// Flux quiet.
func TestGoldenSchemas(t *testing.T) {
	crds := loadCRDs(t)
	kinds := map[string]int{}
	for _, file := range goldenCases(t) {
		_, files := readArchive(t, file)
		for _, e := range planFiles(t, files).environments {
			for _, o := range e.Objects {
				kind := o.ID().Group + "/" + o.Kind()
				kinds[kind]++
				for _, problem := range validate(t, crds, kind, o.Object) {
					t.Errorf("%s: %s: %s", filepath.Base(file), o.ID(), problem)
				}
			}
		}
	}
	for _, kind := range []string{
		"cert-manager.io/ClusterIssuer", "cert-manager.io/Issuer", "cert-manager.io/Certificate", "networking.k8s.io/Ingress",
		"gateway.networking.k8s.io/Gateway", "gateway.networking.k8s.io/HTTPRoute", "k8s.nginx.org/VirtualServer",
		"k8s.nginx.org/VirtualServerRoute", "/Service", "externaldns.k8s.io/DNSEndpoint",
		"/ConfigMap", "/Secret", "trust.cert-manager.io/Bundle", "trust-manager.io/ClusterBundle",
		"certificates.k8s.io/ClusterTrustBundle", "config.openshift.io/Proxy",
	} {
		if kinds[kind] == 0 {
			t.Errorf("no golden case has a %s", kind)
		}
	}
}

func validate(t *testing.T, crds map[string]crd, kind string, o manifest.Object) []string {
	t.Helper()
	if c, known := crds[kind]; known {
		return c.validate(o)
	}
	switch kind {
	case "networking.k8s.io/Ingress":
		return strict(t, o, &networkingv1.Ingress{})
	case "k8s.nginx.org/VirtualServer":
		return strict(t, o, &virtualServer{})
	case "k8s.nginx.org/VirtualServerRoute":
		return strict(t, o, &virtualServerRoute{})
	case "/Service":
		return strict(t, o, &corev1.Service{})
	case "/ConfigMap":
		return strict(t, o, &corev1.ConfigMap{})
	case "/Secret":
		return strict(t, o, &corev1.Secret{})
	case "certificates.k8s.io/ClusterTrustBundle":
		return strict(t, o, &certificatesv1beta1.ClusterTrustBundle{})
	case "config.openshift.io/Proxy":
		return strict(t, o, &proxy{})
	case "externaldns.k8s.io/DNSEndpoint":
		return strict(t, o, &dnsEndpoint{})
	}
	return []string{"no schema for " + kind}
}

// strict decodes an object into a Go type that must know every field.
func strict(t *testing.T, o manifest.Object, into any) []string {
	t.Helper()
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return []string{err.Error()}
	}
	if v, ok := into.(interface{ problems() []string }); ok {
		return v.problems()
	}
	return nil
}

// proxy is the part of OpenShift's Proxy that is generated.
type proxy struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Spec       struct {
		TrustedCA struct {
			Name string `json:"name"`
		} `json:"trustedCA"`
	} `json:"spec"`
}

// dnsEndpoint is the part of external-dns' DNSEndpoint that is generated,
// written from the names of its fields.
type dnsEndpoint struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Spec       struct {
		Endpoints []struct {
			DNSName    string   `json:"dnsName"`
			RecordType string   `json:"recordType"`
			Targets    []string `json:"targets"`
		} `json:"endpoints"`
	} `json:"spec"`
}

// problems holds each text to be one string of a zone file.
func (d *dnsEndpoint) problems() []string {
	var found []string
	names := map[string]bool{}
	for _, e := range d.Spec.Endpoints {
		if names[e.DNSName] || e.RecordType != "TXT" || len(e.Targets) == 0 {
			found = append(found, fmt.Sprintf("endpoint %+v", e))
		}
		names[e.DNSName] = true
		for _, target := range e.Targets {
			if text, err := strconv.Unquote(target); err != nil || len(text) > 255 {
				found = append(found, fmt.Sprintf("target %s: %v", target, err))
			}
		}
	}
	return found
}

// TestSchemasCanFail shows each validator an object that it must reject.
func TestSchemasCanFail(t *testing.T) {
	crds := loadCRDs(t)
	for _, source := range []string{
		`{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: x}, spec: {secretName: x}}`,
		`{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: x}, spec: {selfSigned: {}, extra: 1}}`,
		`{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: x}, spec: {gatewayClassName: x, listeners: [{name: a, port: 443, protocol: HTTPS}]}}`,
		`{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: x}, spec: {rules: [{backendRefs: [{name: x, port: 80}]}]}}`,
		`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: x}, spec: {tls: [{hosts: a}]}}`,
		`{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: x}, spec: {host: a.example.com, tls: {cert-manager: {issuer: a, cluster-issuer: b}}}}`,
		`{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: x}, spec: {host: a.example.com, routes: [{path: /, route: a/b/c}]}}`,
		`{apiVersion: k8s.nginx.org/v1, kind: VirtualServerRoute, metadata: {name: x}, spec: {host: a.example.com, subroutes: [{path: /, action: {pass: a}}]}}`,
		`{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {ports: [{prot: 80}]}}`,
		`{apiVersion: externaldns.k8s.io/v1alpha1, kind: DNSEndpoint, metadata: {name: x}, spec: {endpoints: [{dnsName: a, recordType: TXT, targets: [a; b]}]}}`,
		`{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: x}, spec: {sources: [{inLine: a, useDefaultCAs: true}], target: {configMap: {key: a}}}}`,
		`{apiVersion: trust-manager.io/v1alpha2, kind: ClusterBundle, metadata: {name: x}, spec: {inLineCAs: a, target: {configMap: {data: [{key: a}]}}}}`,
		`{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: x}, spec: {bundle: a}}`,
		`{apiVersion: config.openshift.io/v1, kind: Proxy, metadata: {name: cluster}, spec: {trustedCA: {configMap: a}}}`,
	} {
		objects, err := manifest.Decode([]byte(source))
		if err != nil {
			t.Fatal(err)
		}
		o := objects[0]
		if len(validate(t, crds, o.ID().Group+"/"+o.Kind(), o)) == 0 {
			t.Errorf("nothing wrong was found with %s", source)
		}
	}
}
