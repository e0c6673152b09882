package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// tryKills ends a command at a random moment and runs it again.
func tryKills(t *trial) {
	switch t.index % 4 {
	case 0, 1:
		t.killGenerate(t.index%4 == 1)
	case 2:
		t.killApply()
	default:
		t.killRun()
	}
}

// anyEnd is a signal and the moment for it.
func (t *trial) anyEnd(c command, within time.Duration) command {
	c.signal = pick(t.Rand, []os.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, os.Interrupt})
	c.after = time.Duration(t.Int64N(int64(within)))
	return c
}

// afterEnd checks how a command ended after a signal.
func (t *trial) afterEnd(c command, r result) {
	// Until a process has set itself up, any signal ends it.
	if c.signal != syscall.SIGKILL && r.code < 0 && r.stdout+r.stderr != "" {
		t.fail("does not handle "+c.signal.String(), "after %s: %s\n%s%s", c.after, r.state, short(r.stdout), short(r.stderr))
	}
	if c.signal != syscall.SIGKILL && r.took > c.after+20*time.Second {
		t.fail("does not end on "+c.signal.String(), "%s after %s\n%s", r.took, c.after, short(r.stderr))
	}
}

// project is a certs.yaml with many hosts.
func project(hosts int, service string) string {
	var b strings.Builder
	b.WriteString("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: kills}\nissuers:\n- {name: web, ca: {secretName: ca}}\nexpose:\n")
	for i := range hosts {
		fmt.Fprintf(&b, "- {name: h%d, namespace: n%d, host: h%d.example.com, className: traefik, issuer: web, routes: [{path: /, service: %s, port: 80}]}\n", i, i%40, i, service)
	}
	b.WriteString("environments: [{name: staging}, {name: prod}]\n")
	return b.String()
}

// killGenerate ends generate in an empty folder, or over a tree that is there.
// Every file is then as it was or as it is to be, and a second generate makes
// the tree whole.
func (t *trial) killGenerate(over bool) {
	hosts := 1 + t.IntN(80)
	t.write("certs.yaml", project(hosts, "new"))
	writing := command{args: []string{"generate", "-d", "want"}, writes: true}
	t.run(writing)
	old := map[string][]byte{}
	if over {
		t.write("old.yaml", project(hosts+t.IntN(5), "old"))
		t.run(command{args: []string{"generate", "-f", "old.yaml", "-d", "out"}, writes: true})
		old = t.files("out")
	}
	want := t.files("want")
	took := 20*time.Millisecond + time.Duration(t.IntN(300))*time.Millisecond
	c := t.anyEnd(command{args: []string{"generate", "-d", "out"}, writes: true}, took)
	t.afterEnd(c, t.run(c))
	for name, data := range t.files("out") {
		if !temporary(name) && !bytes.Equal(data, old[name]) && !bytes.Equal(data, want[name]) {
			t.fail("a file is neither old nor new", "%s, after %s at %s:\n%s", name, c.signal, c.after, short(string(data)))
		}
	}
	if r := t.run(command{args: []string{"generate", "-d", "out"}, writes: true}); r.code != 0 {
		t.fail("generate after a killed one", "after %s at %s: exit %d\n%s%s", c.signal, c.after, r.code, short(r.stdout), short(r.stderr))
		return
	}
	t.whole(want, fmt.Sprintf("after %s at %s", c.signal, c.after))
}

// whole checks that folder out has exactly the files that it is to have.
func (t *trial) whole(want map[string][]byte, when string) {
	now := t.files("out")
	for name, data := range now {
		switch {
		case temporary(name):
			t.fail("temporary file left", "%s, %s", name, when)
		case !bytes.Equal(data, want[name]):
			t.fail("wrong tree after a killed generate", "%s, %s:\n%s", name, when, short(string(data)))
		}
	}
	for name := range want {
		if now[name] == nil {
			t.fail("wrong tree after a killed generate", "%s is missing, %s", name, when)
		}
	}
}

func temporary(name string) bool { return strings.HasPrefix(filepath.Base(name), ".kubectl-certs-") }

// files reads a folder.
func (t *trial) files(folder string) map[string][]byte {
	found := map[string][]byte{}
	top := filepath.Join(t.dir, folder)
	err := filepath.WalkDir(top, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(top, path)
		must(err)
		found[name], err = os.ReadFile(path)
		return err
	})
	if !os.IsNotExist(err) {
		must(err)
	}
	return found
}

// killApply ends apply, and applies again.
func (t *trial) killApply() {
	namespace, kubeconfig := t.namespace()
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: %s}\nissuers:\n- {name: web, kind: Issuer, namespace: %[1]s, ca: {secretName: ca}}\nexpose:\n", namespace)
	for i := range 1 + t.IntN(60) {
		fmt.Fprintf(&b, "- {name: h%d, namespace: %s, host: h%d.example.com, className: traefik, issuer: web, routes: [{path: /, service: s, port: 80}]}\n", i, namespace, i)
	}
	t.write("certs.yaml", b.String())
	apply := command{args: []string{"apply", "-f", "certs.yaml"}, env: []string{"KUBECONFIG=" + kubeconfig}, limit: 3 * t.limit, spare: cache}
	c := t.anyEnd(apply, 400*time.Millisecond)
	r := t.run(c)
	t.afterEnd(c, r)
	if strings.Contains(r.stderr, "nothing is half written") && strings.Contains(r.stdout, "created") {
		t.fail("half an apply is called nothing", "%s\n%s", short(r.stdout), short(r.stderr))
	}
	if r := t.run(apply); r.code != 0 {
		t.fail("apply after a killed one", "exit %d\n%s%s", r.code, short(r.stdout), short(r.stderr))
	}
	apply.args = []string{"diff", "--live", "-f", "certs.yaml"}
	if r := t.run(apply); r.code != 0 {
		t.fail("diff --live after apply", "exit %d\n%s%s", r.code, short(r.stdout), short(r.stderr))
	}
}

// killRun ends run --once a few times, and lets it end. There is then one good
// certificate for each Secret, of one order.
func (t *trial) killRun() {
	f := t.front()
	defer f.close()
	namespace, kubeconfig := t.namespace()
	hosts := 1 + t.IntN(4)
	text, wanted := t.requested(namespace, f.url, f.authority, hosts)
	t.write("certs.yaml", text)
	var when []string
	for range 1 + t.IntN(3) {
		c := t.anyEnd(t.once(kubeconfig), 900*time.Millisecond)
		r := t.run(c)
		t.afterEnd(c, r)
		t.quiet("killed", r, t.lab.keysIn(namespace))
		when = append(when, fmt.Sprintf("%s at %s: %s, %d orders", c.signal, c.after, r.state, f.count()))
	}
	r := t.run(t.once(kubeconfig))
	t.quiet("after a killed run", r, t.lab.keysIn(namespace))
	if r.code != 0 {
		t.fail("run after a killed one", "%s\nexit %d\n%s%s", strings.Join(when, "\n"), r.code, short(r.stdout), short(r.stderr))
		return
	}
	t.issued(namespace, wanted, true)
	if f.count() != hosts {
		t.fail("orders made twice", "%d orders for %d certificates\n%s", f.count(), hosts, strings.Join(when, "\n"))
	}
}
