package run

import (
	"context"
	"sync/atomic"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// register opens the accounts of the requested certificates, and prints them.
func (o *Options) register(ctx context.Context, op *operator.Operator) error {
	var opened atomic.Int32
	o.Process.OnStop(func() string {
		return phrase.Count(int(opened.Load()), "account") + " registered; run the command again for the rest"
	})
	table := o.IO.NewTable(true)
	err := op.Register(ctx, requests.ReadingHooks(o.IO), func(issuer string, account operator.Account) {
		if opened.Add(1) == 1 {
			table.Row("ISSUER", "ACCOUNT", "THUMBPRINT")
		}
		table.Row(issuer, account.URL, account.Thumbprint)
	})
	if flushErr := table.Flush(); flushErr != nil {
		return flushErr
	}
	if err == nil && opened.Load() == 0 {
		o.IO.Messagef("No certificates of ACME issuers requested.")
	}
	return explain(err)
}
