package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// tryInjections puts hostile texts where names are expected.
func tryInjections(t *trial) {
	switch t.index % 5 {
	case 0:
		t.injectShell()
	case 1:
		t.injectObjects()
	case 2:
		t.injectSpec()
	case 3:
		t.injectSubjects()
	default:
		t.injectFileNames()
	}
	t.injected()
}

// injected checks that no injected command was run.
func (t *trial) injected() {
	for name := range t.listing() {
		if filepath.Base(name) == marker {
			t.fail("injection", "%s was created", name)
		}
	}
	if _, err := os.Lstat("/tmp/torture-" + marker); err == nil {
		t.fail("injection", "/tmp/torture-%s was created", marker)
	}
}

// argument is a hostile text that can be an argument.
func (t *trial) argument() string {
	return strings.ReplaceAll(hostile(t.Rand), "\x00", "")
}

// fileName is a hostile text that can be the name of a file.
func (t *trial) fileName() string {
	name := strings.NewReplacer("/", "", "\x00", "").Replace(hostile(t.Rand))
	if name == "" || name == "." || name == ".." || len(name) > 200 {
		return "$(: >" + marker + ")"
	}
	return name
}

// injectShell runs the commands that trust aks and the hints print, with an az
// that only takes notes.
func (t *trial) injectShell() {
	file := t.fileName()
	t.write(file, string(t.corpus.trust[pick(t.Rand, []string{"one.pem", "two-blank-line.pem", "base64.txt", "cut-first.pem", "two.pem"})]))
	group, name, pool := t.argument(), t.argument(), t.argument()
	verb := pick(t.Rand, []string{"create", "update", "nodepool-add", "nodepool-update", "enable", "disable"})
	args := []string{"trust", "aks", verb, "--resource-group=" + group, "--name=" + name}
	if !strings.HasPrefix(verb, "nodepool-add") && verb != "disable" {
		args = append(args, "--ca-file="+file)
	}
	if verb != "create" && verb != "update" {
		args = append(args, "--nodepool="+pool)
	}
	if t.IntN(3) == 0 {
		args = append(args, "--preview")
	}
	if t.IntN(3) == 0 {
		args = append(args, "--", "--tags", t.argument())
	}
	r := t.exec(args...)
	t.shell(r.stdout)
	if said := t.notes(); r.code == 0 && said != "" && !strings.Contains(said, group) {
		t.fail("az gets another argument", "resource group %q is not in %q", group, said)
	}
	t.shell(hints(t.exec("trust", "bundle", "--target", "aks", "./"+file).stderr))
	t.shell(hints(t.exec("trust", "inspect", "./"+file, "--target", "aks").stderr))
	t.exec("trust", "aks", verb, "--resource-group="+group, "--name="+name, "-o", "json")
}

var hintLine = regexp.MustCompile(`(?m)^(?:hint|fix \w+|retired on .*): ((?:kubectl|az|base64) .*)$`)

// hints are the commands that hints print.
func hints(text string) string {
	var b strings.Builder
	for _, m := range hintLine.FindAllStringSubmatch(text, -1) {
		b.WriteString(m[1] + "\n")
	}
	return b.String()
}

// shell runs a script where nothing but stubs can be run.
func (t *trial) shell(script string) {
	if script == "" {
		return
	}
	stubs := filepath.Join(t.top, "stubs")
	must(os.MkdirAll(stubs, 0o755))
	for _, name := range []string{"az", "kubectl", "base64", "cat"} {
		must(os.WriteFile(filepath.Join(stubs, name), []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" >>"+t.top+"/notes\n"), 0o755))
	}
	if out, err := exec.Command("/bin/sh", "-n", "-c", script).CombinedOutput(); err != nil {
		t.fail("a printed command is not valid shell", "%s\n%s", short(string(out)), short(script))
		return
	}
	cmd := exec.Command("/bin/sh", "-c", script)
	cmd.Dir, cmd.Env = t.dir, []string{"PATH=" + stubs, "HOME=" + t.home}
	_ = cmd.Run() // a file may be missing; what counts is what it did
}

// notes is what stubs were called with since the last time.
func (t *trial) notes() string {
	path := filepath.Join(t.top, "notes")
	data, err := os.ReadFile(path)
	if err == nil {
		must(os.Remove(path))
	}
	return string(data)
}

// injectObjects compares and lints objects with hostile names.
func (t *trial) injectObjects() {
	text := hostile(t.Rand)
	object := func(extra string) map[string]any {
		return map[string]any{
			"apiVersion": "networking.k8s.io/v1", "kind": pick(t.Rand, []string{"Ingress", "ConfigMap", "Certificate", "Secret", text}),
			"metadata": map[string]any{"name": pick(t.Rand, []string{"a", text}), "namespace": pick(t.Rand, []string{"n", hostile(t.Rand)}),
				"labels": map[string]any{hostile(t.Rand): hostile(t.Rand)}, "annotations": map[string]any{"cert-manager.io/cluster-issuer": hostile(t.Rand), "x": text + extra}},
			"data": map[string]any{hostile(t.Rand): hostile(t.Rand)},
			"spec": map[string]any{"dnsNames": []any{text}, "secretName": text, "issuerRef": map[string]any{"name": hostile(t.Rand)},
				"rules": []any{map[string]any{"host": text}}, "tls": []any{map[string]any{"hosts": []any{text, hostile(t.Rand)}, "secretName": hostile(t.Rand)}}},
		}
	}
	for range 2 {
		t.write("a.yaml", emit(t.Rand, object("")))
		t.write("b.yaml", emit(t.Rand, object("more")))
		t.exec("diff", "a.yaml", "b.yaml")
	}
	out := t.exec("diff", "a.yaml", "b.yaml", "-o", "json")
	var v any
	if out.code == 1 && json.Unmarshal([]byte(out.stdout), &v) == nil && utf8.ValidString(text) && len(text) < 200 && !anyString(v, text) {
		t.fail("JSON does not decode to the input", "%q\n%s", text, short(out.stdout))
	}
	page := t.exec("diff", "a.yaml", "b.yaml", "-o", "markdown")
	if line := outsideCode(page.stdout, "<img"); line != "" {
		t.fail("markup outside of code", "%s\n%s", line, short(page.stdout))
	}
	t.exec("lint", "b.yaml", "-o", pick(t.Rand, []string{"wide", "json", "yaml", "github"}))
	t.exec("lint", "a.yaml", "b.yaml", "-o", "github")
}

func anyString(v any, part string) bool {
	switch node := v.(type) {
	case string:
		return strings.Contains(node, part)
	case []any:
		for _, item := range node {
			if anyString(item, part) {
				return true
			}
		}
	case map[string]any:
		for key, item := range node {
			if strings.Contains(key, part) || anyString(item, part) {
				return true
			}
		}
	}
	return false
}

var codeSpan = regexp.MustCompile("`[^`]*`")

// outsideCode finds a text in Markdown that is in no code.
func outsideCode(page, text string) string {
	fence := ""
	for line := range strings.Lines(page) {
		mark := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(mark) >= 3:
			fence = mark
		case fence != "" && len(mark) >= len(fence) && strings.TrimSpace(line) == mark:
			fence = ""
		case fence == "" && strings.Contains(codeSpan.ReplaceAllString(line, ""), text):
			return line
		}
	}
	return ""
}

// injectSpec generates from a certs.yaml with a hostile text at one place or
// everywhere.
func (t *trial) injectSpec() {
	h := func(usual string) string {
		if t.IntN(4) == 0 {
			return hostile(t.Rand)
		}
		return usual
	}
	tree := map[string]any{
		"apiVersion": "kubectl-certs.dev/v1alpha1", "kind": "Certs", "metadata": map[string]any{"name": h("x")},
		"issuers": []any{map[string]any{"name": "web", "labels": map[string]any{h("a"): h("b")}, "acme": map[string]any{"server": h("letsencrypt"), "email": h("a@example.com"), "profile": h("x"),
			"solvers": []any{map[string]any{"dns01": map[string]any{"webhook": map[string]any{"groupName": h("g.example.com"), "solverName": h("s"), "config": map[string]any{h("k"): h("v")}}}}}}}},
		"expose": []any{map[string]any{"name": h("a"), "namespace": h("n"), "host": h("a.example.com"), "className": h("traefik"), "issuer": "web", "secretName": h("a-tls"),
			"annotations": map[string]any{h("x"): h("y")}, "routes": []any{map[string]any{"path": h("/"), "service": h("s"), "port": 80}}}},
		"trust":        []any{map[string]any{"name": h("corp"), "from": []any{h("ca.pem")}, "to": map[string]any{pick(t.Rand, []string{"aks", "talos", "bottlerocket", "configmap", "pods"}): map[string]any{}}}},
		"environments": []any{map[string]any{"name": h("prod"), "hosts": map[string]any{h("example.com"): h("prod.example.com")}}},
	}
	t.write("ca.pem", string(t.corpus.trust["one.pem"]))
	t.write("certs.yaml", emit(t.Rand, tree))
	t.generateTwice("certs.yaml")
	entries, err := os.ReadDir(t.dir)
	must(err)
	for _, entry := range entries {
		if name := entry.Name(); name != "out" && name != "ca.pem" && name != "certs.yaml" {
			t.fail("written beside the tree", "%q", name)
		}
	}
	t.exec("generate", "-o", pick(t.Rand, []string{"yaml", "json", "name"}))
	t.exec("lint", "-o", pick(t.Rand, []string{"wide", "json", "yaml", "github"}))
	t.exec("generate", "-e", hostileFlag(t))
	t.exec("lint", "--as-of", hostileFlag(t), "--allow", hostileFlag(t))
}

func hostileFlag(t *trial) string { return t.argument() }

// injectSubjects reads certificates with hostile subjects.
func (t *trial) injectSubjects() {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(t.index) + 1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * 365 * time.Hour),
		Subject:     pkix.Name{CommonName: hostile(t.Rand), Organization: []string{hostile(t.Rand)}, OrganizationalUnit: []string{hostile(t.Rand)}, Country: []string{hostile(t.Rand)}, SerialNumber: "1"},
		OCSPServer:  []string{"http://a/" + ascii(hostile(t.Rand))},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return // no such certificate can be
	}
	t.write("a.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	t.exec("trust", "inspect", "a.pem")
	for _, format := range []string{"wide", "json", "yaml"} {
		t.exec("trust", "inspect", "a.pem", "-o", format)
	}
	t.tryBundle("a.pem", "hostile subject")
	t.readInProject("a.pem")
	t.exec("trust", "aks", "update", "-g", "rg", "--name", "n", "--ca-file", "a.pem")
}

func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r > '~' {
			return -1
		}
		return r
	}, text)
}

// injectFileNames reads files and folders with hostile names.
func (t *trial) injectFileNames() {
	names := []string{t.fileName(), t.fileName() + ".pem", t.fileName() + ".yaml"}
	t.write(filepath.Join("d", names[0]), string(t.corpus.trust["cut-first.pem"]))
	t.write(filepath.Join("d", names[1]), string(t.corpus.trust[pick(t.Rand, t.corpus.names)]))
	t.write(filepath.Join("d", names[2]), emit(t.Rand, clone(pick(t.Rand, t.corpus.documents).tree)))
	t.write(filepath.Join("e", names[2], "x.yaml"), pick(t.Rand, t.corpus.documents).text)
	for _, args := range [][]string{
		{"trust", "inspect", "d"}, {"trust", "inspect", "d", "-o", "json"}, {"trust", "inspect", "d/" + names[0]}, {"trust", "bundle", "d/" + names[1]},
		{"lint", "d", "e"}, {"lint", "d", "-o", "github"}, {"lint", "e", "-o", "json"}, {"diff", "d", "e"}, {"diff", "d/" + names[2], "nowhere" + names[0]},
		{"diff", "git:" + names[0] + ":x", "d"}, {"lint", "--explain", names[0]}, {names[0]}, {"generate", "-f", names[1]}, {"generate", "-f", "d/" + names[2]},
	} {
		t.exec(args...)
	}
	t.write("certs.yaml", fmt.Sprintf("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: x, from: [%s], to: {aks: {}}}]\n", jsonText("d/"+names[1])))
	t.exec("lint")
	t.exec("generate", "--dry-run")
}
