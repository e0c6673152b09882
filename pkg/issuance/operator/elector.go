package operator

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcoordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// LeaseState is a step of leader election.
type LeaseState int

// The steps of leader election.
const (
	LeaseWaiting  LeaseState = iota // another replica holds the Lease
	LeaseHeld                       // this replica holds it and places orders
	LeaseReleased                   // this replica has released it after its work
	LeaseKept                       // the release failed after a signal; others wait for the Lease to expire
)

// LeaseEvent is an event of leader election.
type LeaseEvent struct {
	State LeaseState
	// Lease is its namespace and name.
	Lease string
	// Holder is the other replica, for LeaseWaiting.
	Holder string
}

// LeaseNamespaceError reports that the namespace of the Lease does not exist.
type LeaseNamespaceError struct{ Namespace, Lease string }

// Error implements error.
func (e *LeaseNamespaceError) Error() string {
	return fmt.Sprintf("namespace %q of Lease %s not found", e.Namespace, e.Lease)
}

// LeaseAccessError reports that the Lease cannot be created.
type LeaseAccessError struct {
	Namespace, Lease string
	Err              error
}

// Error implements error.
func (e *LeaseAccessError) Error() string {
	return fmt.Sprintf("Lease %s/%s: %v", e.Namespace, e.Lease, e.Err)
}

// Unwrap returns the error of the API server.
func (e *LeaseAccessError) Unwrap() error { return e.Err }

// errLeaseLost ends the work of a replica that may no longer place orders.
var errLeaseLost = errors.New("lost the Lease: the cluster did not answer, or another replica acquired it")

// elector ensures with a Lease that one of several replicas works at a time.
type elector struct {
	client    typedcoordinationv1.LeasesGetter
	namespace string
	lease     string
	duration  time.Duration
}

// leaseName returns the Lease of the replicas of a shard.
func leaseName(s Shard) string {
	if s.Count > 1 {
		return fmt.Sprintf("kubectl-certs-run-%d-of-%d", s.Index, s.Count)
	}
	return "kubectl-certs-run"
}

// lead calls work while this replica holds the Lease, and releases it after work has returned.
func (e elector) lead(ctx context.Context, report func(LeaseEvent), work func(context.Context) error) error {
	lock, err := e.lock(ctx)
	if err != nil {
		return err
	}
	name := lock.Describe()
	electing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	w := leaderWork{done: make(chan struct{})}
	candidate, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: lock, ReleaseOnCancel: true, Name: e.lease,
		LeaseDuration: e.duration, RenewDeadline: e.duration * 2 / 3, RetryPeriod: e.duration / 8,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(leading context.Context) {
				defer stop()
				w.do(func() error {
					report(LeaseEvent{State: LeaseHeld, Lease: name})
					return workWhile(ctx, leading, work)
				})
			},
			OnStoppedLeading: func() {},
			OnNewLeader: func(holder string) {
				if holder != lock.Identity() {
					report(LeaseEvent{State: LeaseWaiting, Lease: name, Holder: holder})
				}
			},
		},
	})
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() {
		if !w.started() { // otherwise work ends with ctx and ends the election
			stop()
		}
	})()
	candidate.Run(electing)
	worked, err := w.end()
	if !worked {
		return cmp.Or(context.Cause(ctx), errLeaseLost)
	}
	if !candidate.IsLeader() {
		report(LeaseEvent{State: LeaseReleased, Lease: name})
	} else if ctx.Err() != nil {
		report(LeaseEvent{State: LeaseKept, Lease: name})
	}
	return err
}

// leaderWork is called once while the Lease is held. The Lease may be acquired at the moment
// when the election ends.
type leaderWork struct {
	lock   sync.Mutex
	worked bool
	over   bool
	err    error
	done   chan struct{}
}

// do calls work, unless end was called before.
func (w *leaderWork) do(work func() error) {
	w.lock.Lock()
	if w.over {
		w.lock.Unlock()
		return
	}
	w.worked = true
	w.lock.Unlock()
	defer close(w.done)
	w.err = work()
}

func (w *leaderWork) started() bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.worked
}

// end waits for the work, and prevents it if it has not started.
func (w *leaderWork) end() (worked bool, err error) {
	w.lock.Lock()
	w.over = true
	worked = w.worked
	w.lock.Unlock()
	if !worked {
		return false, nil
	}
	<-w.done
	return true, w.err
}

// workWhile calls work until it returns or the Lease is lost, which ends leading.
func workWhile(ctx, leading context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(leading, func() { cancel(errLeaseLost) })()
	err := work(ctx)
	if errors.Is(context.Cause(ctx), errLeaseLost) {
		return errLeaseLost
	}
	return err
}

// lock returns the lock of the Lease, after a dry run that checks whether it can be created.
func (e elector) lock(ctx context.Context) (*resourcelock.LeaseLock, error) {
	meta := metav1.ObjectMeta{Namespace: e.namespace, Name: e.lease}
	trial := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: e.lease}}
	_, err := e.client.Leases(e.namespace).Create(ctx, trial, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if apierrors.IsNotFound(err) {
		return nil, &LeaseNamespaceError{e.namespace, e.lease}
	}
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return nil, &LeaseAccessError{e.namespace, e.lease, kube.WrapUnavailable(err)}
	}
	return &resourcelock.LeaseLock{
		LeaseMeta: meta, Client: e.client, LockConfig: resourcelock.ResourceLockConfig{Identity: identity()},
	}, nil
}

// identity identifies this process, also among pods in the host's network with the same process
// ID.
func identity() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + "_" + rand.Text()[:10]
}
