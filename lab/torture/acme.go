package main

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"syscall"
	"time"
)

// Bounds of a run at a server that misbehaves: after a while it gets a signal.
const (
	patience = 20 * time.Second
	shutdown = 5 * time.Second
)

// tryACME has run --once order at an ACME server that misbehaves in one way,
// and again when it no longer does.
func tryACME(t *trial) {
	all := spoils()
	s := &all[(t.index*37+t.IntN(37))%len(all)] // all kinds in turn
	phase := pick(t.Rand, strings.Fields(s.phases))
	times := pick(t.Rand, []int{1, 3, 1 << 30})
	f := t.front()
	defer f.close()
	namespace, kubeconfig := t.namespace()
	text, wanted := t.requested(namespace, f.url, f.authority, 1+t.IntN(2))
	t.write("certs.yaml", text)
	if phase == "renewal" { // which is requested when there is a certificate
		t.run(t.once(kubeconfig))
	}
	f.arm(s, phase, times)
	c := t.once(kubeconfig)
	c.signal, c.after, c.limit = os.Signal(syscall.SIGTERM), patience, 20*time.Second
	what := s.name + " at " + phase
	r := t.run(c)
	if t.list != nil {
		_, _ = fmt.Fprintf(t.list, "acme %x: %q, %d times, exit %d\n", t.seed, what, f.used(), r.code)
	}
	if t.ends() && r.took > patience+shutdown+15*time.Second {
		t.fail("does not end after SIGTERM", "%s: %s\n%s", what, r.took, short(r.stderr))
	}
	t.quiet(what, r, t.lab.keysIn(namespace))
	t.issued(namespace, maps.Clone(wanted), false)
	t.healed(f, namespace, kubeconfig, what, wanted)
}

// healed runs again at a server that behaves.
func (t *trial) healed(f *front, namespace, kubeconfig, what string, wanted map[string]string) {
	before := f.used()
	f.arm(nil, "", 0)
	renew := []string{"renew", "-n", namespace}
	for name := range wanted {
		renew = append(renew, name)
	}
	t.run(command{args: renew, env: []string{"KUBECONFIG=" + kubeconfig}, spare: cache})
	r := t.run(t.once(kubeconfig))
	t.quiet(what, r, t.lab.keysIn(namespace))
	if r.code != 0 {
		t.fail("no recovery from a server that misbehaved", "%s (%d times): exit %d\n%s%s", what, before, r.code, short(r.stdout), short(r.stderr))
		return
	}
	t.issued(namespace, wanted, true)
}

// once is run --once as all cases use it.
func (t *trial) once(kubeconfig string) command {
	args := []string{"run", "--once", "-f", "certs.yaml", "--http01", "static", "--listen", "127.0.0.1:0", "--leader-elect-lease-duration", "1s"}
	if t.ends() {
		args = append(args, "--shutdown-timeout", shutdown.String())
	}
	return command{args: args, env: []string{"KUBECONFIG=" + kubeconfig}, limit: 3 * t.limit, spare: cache}
}

// ends says whether run has a flag that bounds its end.
func (h *harness) ends() bool {
	return strings.Contains(h.help("run"), "--shutdown-timeout")
}

// quiet checks that no key of the cluster is in what a run says.
func (t *trial) quiet(what string, r result, keys []string) {
	for _, key := range keys {
		if shows(r.stdout+r.stderr, key) {
			t.fail("key shown", "%s\n%s%s", what, short(r.stdout), short(r.stderr))
		}
	}
}
