package rotate

import (
	"context"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/clusterreader"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotator"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// loaded is a rotation, its files and the cluster.
type loaded struct {
	program string
	plan    *rotator.Plan
	sources rotator.Sources
}

// load reads the rotation and its files, and connects to the cluster.
func (o *Options) load(ctx context.Context) (*loaded, error) {
	file, r, err := rotator.Read(ctx, rotator.Input{File: o.File, Named: o.Named, Stdin: o.IO.In, Limits: o.Limits})
	if err != nil {
		return nil, err
	}
	passwords, err := o.Passwords.Passwords()
	if err != nil {
		return nil, err
	}
	l := &loaded{program: o.Program}
	if l.plan, err = rotator.Load(ctx, certificates.Reader(o.IO, o.Limits, passwords), file, r, o.Now); err != nil {
		return nil, err
	}
	l.sources = rotator.Sources{ClusterNamespace: o.ResourceNamespace, Passwords: passwords, Public: o.Public()}
	if err := o.addTargets(ctx, l); err != nil {
		return nil, err
	}
	if l.sources.Cluster, err = o.Cluster(); err != nil {
		return nil, err
	}
	l.sources.Pods, err = o.Cluster(l.plan.Rotation.Workloads.Namespaces...)
	return l, err
}

// addTargets adds the locations that an entry of trust in a certs.yaml has.
func (o *Options) addTargets(ctx context.Context, l *loaded) error {
	added, err := project.AddTargets(ctx, o.Project(), l.plan, l.sources.Passwords)
	for _, w := range added.Warnings {
		o.IO.Messagef("warning: %s", w)
	}
	for _, dir := range added.NodeDirs {
		o.IO.Messagef("note: %s is for nodes, which cannot be read: update the nodes after add and after remove", dir)
	}
	return err
}

// facts asks the cluster and servers all that the rotation depends on.
func (o *Options) facts(ctx context.Context, l *loaded) (rotation.Facts, error) {
	done := o.IO.Progressing("reading the cluster")
	f, err := l.plan.Facts(ctx, l.sources, o.Now)
	done()
	if err == nil && l.sources.Public == nil && (usage.Report{Doubts: f.Doubts}).Open() {
		o.IO.Messagef("note: %s", clusterreader.NoPublicRoots)
	}
	return f, err
}

// advice says what to do about the rotation.
func (l *loaded) advice() rotation.Advice { return l.plan.Advice(l.program) }
