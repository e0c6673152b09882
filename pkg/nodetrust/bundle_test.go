package nodetrust_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	encodingpem "encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

const everyTarget = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
trust:
- name: corp
  from: [two.pem]
  to:
    aks: {}
    gke: {secretURI: projects/p/secrets/s/versions/1, hosts: [registry.example.com, "192.0.2.1:5000"]}
    bottlerocket: {}
    talos: {}
    k3s: {hosts: [registry.example.com, "registry.example.com:5000"]}
    rke2: {hosts: [registry.example.com]}
    containerd: {hosts: [registry.example.com, "registry.example.com:5000"]}
    pods: {variables: [JAVA_TOOL_OPTIONS]}
    configmap: {}
`

func roots(t *testing.T) []cabundle.Entry {
	t.Helper()
	return read(t, readFile(t, filepath.Join("..", "..", "testdata", "trust", "two.pem")))
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func read(t *testing.T, data []byte) []cabundle.Entry {
	t.Helper()
	b, err := cabundle.Read("roots", data, "changeit")
	if err != nil {
		t.Fatal(err)
	}
	return cabundle.Normalise(b.Entries)
}

// files are those of all targets, by target and name.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	doc, err := config.Parse(nil, "certs.yaml", []byte(everyTarget))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, folder := range nodetrust.Folders(plan.New(doc.Base, plan.Roots{"corp": roots(t)})) {
		if filepath.ToSlash(filepath.Dir(folder.Dir)) != "trust/corp" {
			t.Errorf("a folder is %s", folder.Dir)
		}
		for _, f := range folder.Files {
			name := filepath.Base(folder.Dir) + "/" + f.Name
			if all[name] != nil || len(f.Data) == 0 || f.Note == "" {
				t.Errorf("%s is empty, there twice or has no note", name)
			}
			all[name] = f.Data
		}
	}
	return all
}

// same wants a text to hold the roots and nothing else.
func same(t *testing.T, what string, data []byte) {
	t.Helper()
	fingerprints := func(entries []cabundle.Entry) (list []string) {
		for _, e := range entries {
			list = append(list, e.Title())
		}
		return list
	}
	if diff := cmp.Diff(fingerprints(roots(t)), fingerprints(read(t, data))); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestPEM wants every file of certificates to hold all, in a form without fault.
func TestPEM(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	all, n := files(t), 0
	for name, data := range all {
		if ext := filepath.Ext(name); ext != ".pem" && ext != ".crt" && ext != ".jks" {
			continue
		}
		n++
		same(t, name, data)
		target := cabundle.Generic
		if name == "aks/roots.pem" {
			target = cabundle.AKS
		}
		b, err := cabundle.Read(name, data, "changeit")
		if found := cabundle.Check(b, target, now); err != nil || filepath.Ext(name) != ".jks" && (finding.Worst(found) == finding.Error || finding.Worst(found) == finding.Warning) {
			t.Errorf("%s: %v %v", name, found, err)
		}
	}
	if n != 7 {
		t.Errorf("%d files of certificates", n)
	}
}

var quotedBase64 = regexp.MustCompile(`['"](LS0t[A-Za-z0-9+/=]+)['"]`)

// TestAKS wants the same certificates, one by one in base64, in every fragment.
func TestAKS(t *testing.T) {
	all := files(t)
	var want []string
	for _, e := range roots(t) {
		want = append(want, base64.StdEncoding.EncodeToString(cabundle.Encode([]cabundle.Entry{e}, cabundle.AKS)))
	}
	for _, name := range []string{"aks/arm.json", "aks/roots.bicep", "aks/roots.tf"} {
		var got []string
		for _, m := range quotedBase64.FindAllSubmatch(all[name], -1) {
			got = append(got, string(m[1]))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	var arm struct {
		Properties struct {
			SecurityProfile struct{ CustomCATrustCertificates []string }
		}
	}
	dec := json.NewDecoder(bytes.NewReader(all["aks/arm.json"]))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&arm); err != nil || !slices.Equal(arm.Properties.SecurityProfile.CustomCATrustCertificates, want) {
		t.Errorf("arm.json: %v", err)
	}
}

// TestFragments wants the lines of Bicep and Terraform to be their frame,
// comments and base64, whatever is in the name of a root.
func TestFragments(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root\n]\r\u2028${file(\"x\")} */ ''", Organization: []string{"a\nb"}}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := config.Parse(nil, "certs.yaml", []byte(everyTarget))
	if err != nil {
		t.Fatal(err)
	}
	odd := append(roots(t), read(t, encodingpem.EncodeToMemory(&encodingpem.Block{Type: "CERTIFICATE", Bytes: der}))...)
	fragments := map[string]string{
		"roots.bicep": `(//.*\n){2}var \w+ = \[\n((  //.*\n)  '[A-Za-z0-9+/=]+'\n){3}\]\n`,
		"roots.tf":    `(#.*\n){2}locals \{\n  \w+ = \[\n((    #.*\n)    "[A-Za-z0-9+/=]+",\n){3}  \]\n\}\n`,
	}
	for _, folder := range nodetrust.Folders(plan.New(doc.Base, plan.Roots{"corp": odd})) {
		for _, f := range folder.Files {
			form := fragments[f.Name]
			if form == "" {
				continue
			}
			delete(fragments, f.Name)
			if !regexp.MustCompile("^"+form+"$").Match(f.Data) || bytes.ContainsAny(f.Data, "\r\u2028") {
				t.Errorf("%s is\n%s", f.Name, f.Data)
			}
		}
	}
	if len(fragments) > 0 {
		t.Errorf("no %v", fragments)
	}
}

// TestContainerd reads hosts.toml with the library that containerd has, and
// looks for the file it names.
func TestContainerd(t *testing.T) {
	all := files(t)
	for dir, server := range map[string]string{
		"registry.example.com":       "https://registry.example.com",
		"registry.example.com_5000_": "https://registry.example.com:5000",
	} {
		var hosts map[string]any
		name := "containerd/certs.d/" + dir + "/hosts.toml"
		if err := toml.Unmarshal(all[name], &hosts); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(map[string]any{"server": server, "ca": "../corp.pem"}, hosts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if all[filepath.ToSlash(filepath.Join(filepath.Dir(name), hosts["ca"].(string)))] == nil {
			t.Errorf("%s names %v, which is not there", name, hosts["ca"])
		}
	}
}

func TestBottlerocket(t *testing.T) {
	var data struct {
		Settings struct {
			PKI map[string]struct {
				Data    string
				Trusted bool
			}
		}
	}
	dec := toml.NewDecoder(bytes.NewReader(files(t)["bottlerocket/user-data.toml"]))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&data); err != nil {
		t.Fatal(err)
	}
	pem, err := base64.StdEncoding.DecodeString(data.Settings.PKI["corp"].Data)
	if err != nil || !data.Settings.PKI["corp"].Trusted {
		t.Errorf("not trusted, or no base64: %v", err)
	}
	same(t, "user data", pem)
}

func TestYAML(t *testing.T) {
	all := files(t)
	tls := func(file string) any { return map[string]any{"tls": map[string]any{"ca_file": file}} }
	for name, want := range map[string]any{
		"gke/containerd.yaml": map[string]any{"privateRegistryAccessConfig": map[string]any{
			"enabled": true, "certificateAuthorityDomainConfig": []any{map[string]any{
				"fqdns":                             []any{"registry.example.com", "192.0.2.1:5000"},
				"gcpSecretManagerCertificateConfig": map[string]any{"secretURI": "projects/p/secrets/s/versions/1"},
			}},
		}},
		"k3s/registries.yaml": map[string]any{"configs": map[string]any{
			"registry.example.com": tls("/etc/rancher/k3s/corp.pem"), "registry.example.com:5000": tls("/etc/rancher/k3s/corp.pem"),
		}},
		"rke2/registries.yaml": map[string]any{"configs": map[string]any{"registry.example.com": tls("/etc/rancher/rke2/corp.pem")}},
	} {
		var got any
		if err := yaml.Unmarshal(all[name], &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	var talos map[string]string
	if err := yaml.Unmarshal(all["talos/trusted-roots.yaml"], &talos); err != nil {
		t.Fatal(err)
	}
	same(t, "Talos", []byte(talos["certificates"]))
	delete(talos, "certificates")
	if diff := cmp.Diff(map[string]string{"apiVersion": "v1alpha1", "kind": "TrustedRootsConfig", "name": "corp"}, talos); diff != "" {
		t.Errorf("Talos (-want +got):\n%s", diff)
	}
}

// TestNodeDirs: only components for pods get into a cluster by being built.
func TestNodeDirs(t *testing.T) {
	folders := []nodetrust.Folder{{Dir: "trust/corp/talos"}, {Dir: "trust/corp/pods"}, {Dir: "trust/pods/k3s"}}
	if diff := cmp.Diff([]string{"trust/corp/talos", "trust/pods/k3s"}, nodetrust.NodeDirs(folders)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
