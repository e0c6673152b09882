//go:build unix

package cmd_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var leasesOf = schema.GroupVersionResource{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"}

// nothingPresented wants no answer to a challenge to be left, and the Lease to
// be free.
func (s issuing) nothingPresented(when string) {
	s.t.Helper()
	if zone := s.zone(); strings.Contains(zone, "_acme-challenge") {
		s.t.Errorf("%s: left in the zone:\n%s", when, zone)
	}
	for _, kind := range []schema.GroupVersionResource{podsOf, {Version: "v1", Resource: "services"}, kinds["Ingress"]} {
		left, err := s.client.Resource(kind).Namespace("shop").List(s.t.Context(), metav1.ListOptions{LabelSelector: "kubectl-certs.dev/solver-for"})
		if err != nil || len(left.Items) > 0 {
			s.t.Errorf("%s: %d solver objects of %s are left (%v)", when, len(left.Items), kind.Resource, err)
		}
	}
	lease, err := s.client.Resource(leasesOf).Namespace("default").Get(s.t.Context(), "kubectl-certs-run", metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if holder, _, _ := unstructured.NestedString(lease.Object, "spec", "holderIdentity"); holder != "" {
		s.t.Errorf("%s: the Lease is held by %s", when, holder)
	}
}

// TestLiveRunSignalled stops runs at random moments. Each ends in time, takes
// back what it presented, gives back its Lease, and says what was done; the
// next resumes with the same orders.
func TestLiveRunSignalled(t *testing.T) {
	s := startIssuing(t)
	var p tap
	directory, bundle := s.through(&p)
	const n, rounds = 10, 8
	apply(t, s.client, "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: shop}\n") // of the pods
	var dns, pods strings.Builder
	for i := range n {
		dns.WriteString(expose(fmt.Sprintf("d%d", i), "sig", fmt.Sprintf("*.d%d.dns.example.com", i)))
		if i < 3 { // no node runs their pods: they are presented until a signal
			pods.WriteString(expose(fmt.Sprintf("p%d", i), "sig", fmt.Sprintf("p%d.pod.example.com", i)))
		}
	}
	solvers := s.dns01() + ", {http01: {}, selector: {dnsZones: [pod.example.com]}}"
	only := s.fileFor("sig", directory, bundle, solvers, "expose:\n"+dns.String())
	text, err := os.ReadFile(only)
	if err != nil {
		t.Fatal(err)
	}
	both := write(t, filepath.Join(s.dir, "both.yaml"), string(text)+pods.String())
	p.arm(0, false)
	moments := seed(t)
	var slowest time.Duration
	presented := 0
	for round := range rounds {
		delay := time.Duration(moments.Int64N(int64(4 * time.Second)))
		cmd := exec.Command("kubectl-certs", slices.Concat([]string{"run", "--once", "-f", both, "--rate-budget", "none"}, s.resolvers())...)
		if round%2 == 1 {
			cmd.Args = slices.DeleteFunc(cmd.Args, func(arg string) bool { return arg == "--once" })
		}
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(delay)
		there, err := s.client.Resource(podsOf).Namespace("shop").List(t.Context(), metav1.ListOptions{LabelSelector: "kubectl-certs.dev/solver-for"})
		if err != nil {
			t.Fatal(err)
		}
		presented += len(there.Items)
		start := time.Now()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		took := time.Since(start)
		slowest = max(slowest, took)
		when := fmt.Sprintf("round %d, stopped after %s, %s later", round, delay, took.Round(time.Millisecond))
		if state := cmd.ProcessState; took > later+slack || state.ExitCode() != 2-2*(round%2) && state.ExitCode() != -1 || !strings.Contains(said.String(), "stopped") && state.ExitCode() != -1 {
			t.Errorf("%s: %s\n%s", when, state, said.String())
		}
		s.nothingPresented(when)
		if t.Failed() {
			t.Fatalf("%s says\n%s", when, said.String())
		}
	}
	if out, talk := finish(slices.Concat([]string{"run", "--once", "-f", only}, s.resolvers())...); !strings.Contains(talk, "0 failed, 0 deferred") {
		t.Fatalf("the last run\n%s%s", out, talk)
	}
	for i := range n {
		s.issued(fmt.Sprintf("d%d-tls", i), fmt.Sprintf("*.d%d.dns.example.com", i))
	}
	s.nothingPresented("the last run")
	if p.orders > n+3 {
		t.Errorf("%d orders for %d certificates", p.orders, n+3)
	}
	if presented == 0 {
		t.Error("no signal came while a solver pod was there")
	}
	t.Logf("%d rounds, the slowest end took %s; %d orders for %d certificates, %d solver pods at the signals", rounds, slowest.Round(time.Millisecond), p.orders, n+3, presented)
}
