package usage

import (
	"context"
	"crypto/x509"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/clusterreader"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Run prints what needs the CAs.
func Run(ctx context.Context, o *Options) error {
	cas, alsoTrusted, err := o.read(ctx)
	if err != nil {
		return err
	}
	reader, err := o.reader(ctx)
	if err != nil {
		return err
	}
	public := o.Public()
	done := o.IO.Progressing("reading the cluster")
	found, err := reader.FindCAs(ctx, o.Fingerprints)
	if err != nil {
		done()
		return err
	}
	cas = append(cas, found...)
	question := usage.NewQuestion(cas, alsoTrusted, o.Now)
	question.Public = public
	reports, err := reader.Survey(ctx, &usage.Pool{}, o.ResourceNamespace, question)
	done()
	if err != nil {
		return err
	}
	report := reports[0]
	if public == nil && report.Open() {
		o.IO.Messagef("note: %s", clusterreader.NoPublicRoots)
	}
	if err := o.print(newResult(cas, report, reader.Notes, o.Now)); err != nil {
		return err
	}
	return o.verdict(report, reader.Notes)
}

// verdict is what the exit code says.
func (o *Options) verdict(report usage.Report, unseen []string) error {
	if report.Needed(o.Now) {
		return cmdutil.ErrFound
	}
	err := report.Conclusive(o.Now, unseen)
	if report.Open() {
		return hint.With(err, "give the CAs that chains lead to as files: --also-trusted ca/other.pem")
	}
	return err
}

// read reads the sources.
func (o *Options) read(ctx context.Context) (cas, alsoTrusted []*x509.Certificate, err error) {
	passwords, err := o.Passwords.Passwords()
	if err != nil {
		return nil, nil, err
	}
	reader := certificates.Reader(o.IO, o.Limits, passwords)
	ofCAs, err := reader.Certificates(ctx, o.Sources)
	ofOthers, otherErr := reader.Certificates(ctx, o.AlsoTrusted)
	return cabundle.Certificates(ofCAs), cabundle.Certificates(ofOthers), problem.Join(err, otherErr)
}

// reader connects to the cluster, and refuses a namespace that is not there.
func (o *Options) reader(ctx context.Context) (*cluster.Reader, error) {
	if o.Namespace == "" {
		return o.Cluster()
	}
	reader, err := o.Cluster(o.Namespace)
	if err != nil {
		return nil, err
	}
	return reader, reader.KnowsNamespace(ctx, o.Namespace)
}
