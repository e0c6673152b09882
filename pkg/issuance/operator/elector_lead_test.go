package operator

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	fakecoordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1/fake"
	clienttesting "k8s.io/client-go/testing"
)

var leases = schema.GroupResource{Group: "coordination.k8s.io", Resource: "leases"}

// leaseServer is an API server with Leases.
type leaseServer struct {
	clienttesting.Fake
	lock sync.Mutex
	// refusal is the answer to everything, nil for the usual ones.
	refusal error
}

func newLeaseServer() *leaseServer {
	s := &leaseServer{}
	store := clienttesting.NewObjectTracker(scheme.Scheme, scheme.Codecs.UniversalDecoder())
	s.AddReactor("*", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		s.lock.Lock()
		defer s.lock.Unlock()
		if s.refusal != nil {
			return true, nil, s.refusal
		}
		if create, ok := action.(clienttesting.CreateActionImpl); ok && len(create.CreateOptions.DryRun) > 0 {
			lease := create.Object.(*coordinationv1.Lease)
			if _, err := store.Get(action.GetResource(), action.GetNamespace(), lease.Name); err == nil {
				return true, nil, apierrors.NewAlreadyExists(leases, lease.Name)
			}
			return true, lease, nil
		}
		return clienttesting.ObjectReaction(store)(action)
	})
	return s
}

func (s *leaseServer) refuse(err error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.refusal = err
}

// elector returns one of the replicas.
func (s *leaseServer) elector() elector {
	return elector{client: &fakecoordinationv1.FakeCoordinationV1{Fake: &s.Fake}, namespace: "shop", lease: leaseName(Shard{}), duration: 15 * time.Second}
}

// steps collects the steps of leader election.
type steps struct {
	lock sync.Mutex
	all  []LeaseState
}

func (s *steps) report(e LeaseEvent) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.all = append(s.all, e.State)
}

// TestOneReplicaWorksAtATime: the second replica waits until the first has
// released the Lease.
func TestOneReplicaWorksAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, start := newLeaseServer(), time.Now()
		var first, second steps
		working := make(chan struct{})
		var replicas sync.WaitGroup
		replicas.Go(func() {
			err := server.elector().lead(t.Context(), first.report, func(context.Context) error {
				close(working)
				time.Sleep(time.Minute)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-working
		failed := errors.New("failed")
		err := server.elector().lead(t.Context(), second.report, func(context.Context) error {
			if waited := time.Since(start); waited < time.Minute || waited > time.Minute+15*time.Second {
				t.Errorf("began after %s", waited)
			}
			return failed
		})
		if err != failed {
			t.Errorf("error %v", err)
		}
		replicas.Wait()
		synctest.Wait() // steps are reported by goroutines
		if diff := cmp.Diff([]LeaseState{LeaseHeld, LeaseReleased}, first.all); diff != "" {
			t.Errorf("first replica (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]LeaseState{LeaseWaiting, LeaseHeld, LeaseReleased}, second.all); diff != "" {
			t.Errorf("second replica (-want +got):\n%s", diff)
		}
	})
}

// TestLostLease: work ends before another replica may take over.
func TestLostLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, start := newLeaseServer(), time.Now()
		err := server.elector().lead(t.Context(), (&steps{}).report, func(ctx context.Context) error {
			server.refuse(errors.New("no answer"))
			<-ctx.Done()
			return ctx.Err()
		})
		if took := time.Since(start); err != errLeaseLost || took > 15*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}

// TestStoppedWhileWaiting: a replica that is stopped while it waits does not
// work, and leaves the Lease alone.
func TestStoppedWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newLeaseServer()
		done := make(chan struct{})
		go func() {
			_ = server.elector().lead(t.Context(), (&steps{}).report, func(context.Context) error { <-done; return nil })
		}()
		synctest.Wait()
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		var waiting steps
		err := server.elector().lead(ctx, waiting.report, func(context.Context) error { t.Error("it works"); return nil })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		synctest.Wait() // steps are reported by goroutines
		if diff := cmp.Diff([]LeaseState{LeaseWaiting}, waiting.all); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		close(done)
		synctest.Wait()
	})
}

// TestKeptLease: a release that fails after a signal is reported, since the next
// run waits for the Lease to expire.
func TestKeptLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newLeaseServer()
		ctx, stop := context.WithCancel(t.Context())
		var s steps
		err := server.elector().lead(ctx, s.report, func(ctx context.Context) error {
			server.refuse(errors.New("no answer"))
			stop()
			return ctx.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if diff := cmp.Diff([]LeaseState{LeaseHeld, LeaseKept}, s.all); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestLeaseThatCannotBeCreated(t *testing.T) {
	for name, tt := range map[string]struct {
		answer error
		want   string
	}{
		"no namespace": {apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "shop"),
			`namespace "shop" of Lease kubectl-certs-run not found`},
		"forbidden": {apierrors.NewForbidden(leases, "", errors.New("no")),
			"Lease shop/kubectl-certs-run: leases.coordination.k8s.io is forbidden: no"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newLeaseServer()
			server.refuse(tt.answer)
			err := server.elector().lead(t.Context(), (&steps{}).report, func(context.Context) error { t.Error("it works"); return nil })
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestReleasedLease: one that an earlier run has released is taken.
func TestReleasedLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newLeaseServer()
		for range 2 {
			start, worked := time.Now(), false
			err := server.elector().lead(t.Context(), (&steps{}).report, func(context.Context) error { worked = true; return nil })
			if waited := time.Since(start); err != nil || !worked || waited > 0 {
				t.Errorf("%v, worked %v after %s", err, worked, waited)
			}
		}
	})
}

func TestLeaseName(t *testing.T) {
	for shard, want := range map[Shard]string{{}: "kubectl-certs-run", {0, 1}: "kubectl-certs-run", {1, 3}: "kubectl-certs-run-1-of-3"} {
		if got := leaseName(shard); got != want {
			t.Errorf("%v: got %s, want %s", shard, got, want)
		}
	}
}
