package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"sync"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcoordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
)

// quietLog swallows what net/http says of clients that go away.
var quietLog = log.New(io.Discard, "", 0)

var errLeaseLost = errors.New("the Lease was lost: the cluster did not answer, or another run has taken over")

// leaseName is the Lease by which runs of one scope take turns.
func (o *operator) leaseName() string {
	if o.in.part.of > 1 {
		return fmt.Sprintf("kubectl-certs-run-%d-of-%d", o.in.part.index, o.in.part.of)
	}
	return "kubectl-certs-run"
}

// lead calls work while the Lease is ours, and gives the Lease back after the
// work has ended.
func (o *operator) lead(ctx context.Context, work func(context.Context) error) error {
	if !o.in.leaderElect {
		return work(ctx)
	}
	lock, err := o.leaseLock(ctx)
	if err != nil {
		return err
	}
	electing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	t := turn{done: make(chan struct{})}
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: lock, ReleaseOnCancel: true, Name: o.leaseName(),
		LeaseDuration: o.in.leaseDuration, RenewDeadline: o.in.leaseDuration * 2 / 3, RetryPeriod: o.in.leaseDuration / 8,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(leading context.Context) {
				defer stop()
				t.work(func() error {
					o.tally.holds(lock.Describe())
					return leased(ctx, leading, work)
				})
			},
			OnStoppedLeading: func() {},
			OnNewLeader: func(who string) {
				if who != lock.Identity() {
					o.env.say("waiting while %s orders (Lease %s)", who, lock.Describe())
				}
			},
		},
	})
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() {
		if !t.begun() { // else the work sees it, and ends the election
			stop()
		}
	})()
	elector.Run(electing)
	worked, err := t.end()
	if !worked {
		return cmp.Or(context.Cause(ctx), errLeaseLost)
	}
	if !elector.IsLeader() {
		o.tally.holds("")
	} else if ctx.Err() != nil {
		o.env.say("warning: release Lease %s: the cluster does not answer; the next run waits up to %s for it", lock.Describe(), o.in.leaseDuration)
	}
	return err
}

// turn is the work that is done once the Lease is held. It may be held at the
// moment in which the election is given up.
type turn struct {
	lock   sync.Mutex
	worked bool
	over   bool
	err    error
	done   chan struct{}
}

func (t *turn) work(f func() error) {
	t.lock.Lock()
	if t.over {
		t.lock.Unlock()
		return
	}
	t.worked = true
	t.lock.Unlock()
	defer close(t.done)
	t.err = f()
}

func (t *turn) begun() bool {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.worked
}

// end waits for the work, and prevents it where it has not begun.
func (t *turn) end() (worked bool, err error) {
	t.lock.Lock()
	t.over = true
	worked = t.worked
	t.lock.Unlock()
	if !worked {
		return false, nil
	}
	<-t.done
	return true, t.err
}

// leased works until the work is done, or the Lease is lost.
func leased(ctx, leading context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(leading, func() { cancel(errLeaseLost) })()
	err := work(ctx)
	if errors.Is(context.Cause(ctx), errLeaseLost) {
		return errLeaseLost
	}
	return err
}

// leaseLock makes the lock, and finds out at once if it cannot be had.
func (o *operator) leaseLock(ctx context.Context) (*resourcelock.LeaseLock, error) {
	config := rest.CopyConfig(o.rest)
	cluster.FinishWrites(config)
	client, err := typedcoordinationv1.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	namespace := o.in.leaseNamespace
	if namespace == "" {
		namespace = o.namespace
	}
	trial := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: o.leaseName()}}
	_, err = client.Leases(namespace).Create(ctx, trial, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if apierrors.IsNotFound(err) {
		return nil, withHint(fmt.Errorf("there is no namespace %q, where the Lease %s is to be", namespace, o.leaseName()), "kubectl create namespace "+namespace+", or name another with -n or --leader-elect-resource-namespace")
	}
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return nil, withHint(fmt.Errorf("the Lease %s/%s: %w", namespace, o.leaseName(), cluster.Explain(err)),
			"allow get, create and update of leases there, name another namespace with --leader-elect-resource-namespace, or see to it yourself that one run works at a time with --leader-elect=false")
	}
	return &resourcelock.LeaseLock{
		LeaseMeta: metav1.ObjectMeta{Namespace: namespace, Name: o.leaseName()}, Client: client,
		LockConfig: resourcelock.ResourceLockConfig{Identity: identity()},
	}, nil
}
