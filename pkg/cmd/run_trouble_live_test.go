//go:build unix

package cmd_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// trouble makes an API server answer badly now and then.
type trouble struct {
	lock   sync.Mutex
	random *rand.Rand
	share  float64 // of requests that go wrong
	made   map[string]int
}

// end makes the server answer well.
func (t *trouble) end() {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.share = 0
}

// roll decides whether a request goes wrong, times as often as others.
func (t *trouble) roll(what string, times float64) bool {
	t.lock.Lock()
	defer t.lock.Unlock()
	hit := t.random.Float64() < times*t.share
	if hit {
		t.made[what]++
	}
	return hit
}

// fault implements tap.fault: watches that expire, conflicts, and errors of the
// server, for the API server alone.
func (t *trouble) fault(w http.ResponseWriter, r *http.Request) bool {
	if !strings.HasPrefix(r.URL.Path, "/api") {
		return false
	}
	say := func(code int, reason metav1.StatusReason) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"code":%d,"message":"trouble made by a test"}`, reason, code)
		return true
	}
	watch := r.URL.Query().Get("watch") != ""
	switch {
	case watch && t.roll("watches expired", 3):
		return say(http.StatusGone, metav1.StatusReasonExpired)
	case watch: // it ends soon
		ctx, stop := context.WithTimeout(r.Context(), 2*time.Second)
		context.AfterFunc(r.Context(), stop)
		*r = *r.WithContext(ctx)
		return false
	case r.Method == http.MethodGet:
		return t.roll("reads failed", 1) && say(http.StatusInternalServerError, metav1.StatusReasonInternalError)
	case r.Method == http.MethodPut && t.roll("conflicts", 1):
		return say(http.StatusConflict, metav1.StatusReasonConflict)
	case t.roll("writes failed", 1):
		return say(http.StatusInternalServerError, metav1.StatusReasonInternalError)
	}
	return false
}

// TestLiveRunUnreliableCluster: two runs follow a cluster that answers badly, and the
// one that orders is stopped or killed now and then. Everything is issued in
// the end, and nothing is left behind.
func TestLiveRunUnreliableCluster(t *testing.T) {
	s := startIssuing(t)
	var p tap
	directory, bundle := s.through(&p)
	const n, changes = 30, 10
	var demands strings.Builder
	for i := range n {
		demands.WriteString(expose(fmt.Sprintf("t%d", i), "trouble", fmt.Sprintf("*.t%d.example.com", i)))
	}
	certs(t, 0, "apply", "-f", s.fileFor("trouble", directory, bundle, s.dns01(), "expose:\n"+demands.String()))
	random := seed(t)
	made := &trouble{random: rand.New(rand.NewPCG(random.Uint64(), 0)), share: 0.1, made: map[string]int{}}
	p.arm(0, false)
	p.fault = made.fault
	flags := append([]string{"run", "-A", "--rate-budget", "none", "--leader-elect-lease-duration", "2s"}, s.resolvers()...)
	runs := []*exec.Cmd{background(t, "kubectl-certs", flags...), background(t, "kubectl-certs", flags...)}
	for change := range changes {
		time.Sleep(time.Duration(500+random.IntN(2000)) * time.Millisecond)
		one, signal := random.IntN(2), syscall.SIGTERM
		if change%2 == 0 {
			signal = syscall.SIGKILL
		}
		_ = runs[one].Process.Signal(signal) // it may have ended: it could not start
		_ = runs[one].Wait()
		runs[one] = background(t, "kubectl-certs", flags...)
	}
	made.end()
	for i := range n { // what failed waits for its next try
		_, _ = finish("renew", fmt.Sprintf("t%d-tls", i), "-n", "shop")
	}
	for i := range runs {
		_ = runs[i].Process.Signal(syscall.SIGTERM)
		_ = runs[i].Wait()
	}
	background(t, "kubectl-certs", flags...)
	for i := range n {
		s.eventually(fmt.Sprintf("t%d-tls", i), fmt.Sprintf("*.t%d.example.com", i))
	}
	await(t, "the zone to be clean", func() string {
		if zone := s.zone(); strings.Contains(zone, "_acme-challenge") {
			return zone
		}
		return ""
	})
	t.Logf("%d certificates, %d orders, %d stops and kills; %v", n, p.orders, changes, made.made)
}
