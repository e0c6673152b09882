package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcoordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
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
	started, finished := make(chan struct{}), make(chan struct{})
	var result error
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: lock, ReleaseOnCancel: true, Name: o.leaseName(),
		LeaseDuration: o.in.leaseDuration, RenewDeadline: o.in.leaseDuration * 2 / 3, RetryPeriod: o.in.leaseDuration / 8,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(leading context.Context) {
				close(started)
				defer close(finished)
				defer stop()
				result = leased(ctx, leading, work)
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
	context.AfterFunc(ctx, func() {
		select {
		case <-started: // the work sees it, and ends the election
		default:
			stop()
		}
	})
	elector.Run(electing)
	select {
	case <-started:
		<-finished
		return result
	default:
		return context.Cause(ctx)
	}
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
	client, err := typedcoordinationv1.NewForConfig(o.rest)
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
