package lab_test

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

// TestRefusals: nothing is started for what cannot work.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"up", "--crds", "traefik"}, "error: traefik: no such CRDs; there are cert-manager, gateway-api, nginx\n"},
		{[]string{"kill", "etcd"}, "no lab here\n"},
		{[]string{"kill", "kubelet"}, `error: invalid argument "kubelet" for "lab kill"` + "\n"},
		{[]string{"status"}, "no lab here\n"},
	} {
		dir := t.TempDir()
		_, err := run(t, dir, c.args...)
		if err == nil || !strings.Contains(err.Error(), "exit status 2") || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.args, err, c.want)
		}
		if left := processes(t, dir); len(left) != 0 {
			t.Errorf("%v: left behind: %v", c.args, left)
		}
	}
}

// TestUpFailsIfAPartFails: a lab fails if one of its parts ends at once.
func TestUpFailsIfAPartFails(t *testing.T) {
	dir := t.TempDir()
	_, err := run(t, dir, "up", "--feature-gates", "NoSuchGate=true")
	if err == nil || !strings.Contains(err.Error(), "kube-apiserver ended: exit status") || !strings.Contains(err.Error(), "unrecognized feature gate: NoSuchGate") {
		t.Errorf("up with a wrong gate: %v", err)
	}
	vanish(t, dir)
}

// TestConcurrentUp: of those that start a lab at the same time, one does and all
// get a message.
func TestConcurrentUp(t *testing.T) {
	dir := t.TempDir()
	t.Cleanup(func() { must(t, dir, "down") })
	var group sync.WaitGroup
	said := make([]string, 3)
	for i := range said {
		group.Go(func() { said[i], _ = run(t, dir, "up") })
	}
	group.Wait()
	if said[0] == "" || said[0] != said[1] || said[1] != said[2] {
		t.Errorf("they say %q", said)
	}
	if got := len(processes(t, dir)); got != 5 {
		t.Errorf("%d processes, want 5", got)
	}
}

// TestPortTaken: a port that was taken while the lab was down is left to
// them; the data stays.
func TestPortTaken(t *testing.T) {
	dir := t.TempDir()
	env := up(t, dir)
	before, err := lab.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	must(t, dir, "down")
	taken, err := net.Listen("tcp", env["DNS_ADDR"])
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	after := up(t, dir)
	for key, value := range env {
		moved := key == "DNS_ADDR"
		if (after[key] != value) != moved {
			t.Errorf("%s: %s, before: %s", key, after[key], value)
		}
	}
	if s, err := lab.Open(dir); err != nil || s.Token != before.Token {
		t.Errorf("another token: %v", err)
	}
}
