package verify

import (
	"cmp"
	"context"
	"errors"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Run prints the differences between Git and the cluster.
func Run(ctx context.Context, o *Options) error {
	w, err := o.wanted(ctx)
	if err != nil {
		return err
	}
	reader, err := o.Cluster()
	if err != nil {
		return err
	}
	done := o.IO.Progressing("reading the cluster")
	c, err := reader.Compare(ctx, w.targets, w.trustNamespace, &w.values)
	done()
	if err != nil {
		return err
	}
	if err := o.print(c); err != nil {
		return err
	}
	return o.verdict(c)
}

// verdict sums up, and is what the exit code says.
func (o *Options) verdict(c usage.Comparison) error {
	differ := c.Different()
	o.IO.Messagef("%s, %s: %d same, %d different", phrase.Count(len(c.Certificates), "certificate"), phrase.Count(len(c.Locations), "location"), len(c.Locations)-differ, differ)
	for _, note := range c.Notes {
		o.IO.Messagef("note: %s", note)
	}
	switch {
	case len(c.Locations)+len(c.Notes) == 0:
		return errors.New("nothing was compared: the cluster has none of the locations")
	case differ > 0:
		return cmdutil.ErrFound
	}
	return nil
}

// wanted is what the cluster is to hold.
type wanted struct {
	targets        []cluster.Target
	trustNamespace string       // of the sources that Bundles name
	values         usage.Values // with the passwords for those in the cluster
}

func (o *Options) wanted(ctx context.Context) (wanted, error) {
	passwords, err := o.Passwords.Passwords()
	if err != nil {
		return wanted{}, err
	}
	w := wanted{trustNamespace: o.TrustNamespace, values: usage.Values{Passwords: passwords}}
	if len(o.Sources) == 0 {
		err = o.addGit(ctx, &w)
	} else {
		err = o.addSources(ctx, &w)
	}
	return w, err
}

// addSources adds the certificates of all sources in every location.
func (o *Options) addSources(ctx context.Context, w *wanted) error {
	entries, err := certificates.Reader(o.IO, o.Limits, w.values.Passwords).Certificates(ctx, o.Sources)
	for _, l := range o.Locations {
		w.targets = append(w.targets, cluster.Target{Location: l, Certs: cabundle.Certificates(entries)})
	}
	return err
}

// addGit adds what certs.yaml or a kustomization says.
func (o *Options) addGit(ctx context.Context, w *wanted) error {
	t, err := o.Git(ctx)
	if err != nil {
		return err
	}
	trusted, trustNamespace, err := t.InCluster(o.Namespace, &w.values)
	for _, dir := range trusted.NodeDirs {
		o.IO.Messagef("note: skipped %s: it is for nodes, which cannot be read", dir)
	}
	w.targets, w.trustNamespace = trusted.Locations, cmp.Or(w.trustNamespace, trustNamespace)
	return err
}
