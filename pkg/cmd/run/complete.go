package run

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
)

// complete checks the flags, all of them, and fills the settings that follow from
// them.
func (o *Options) complete([]string) error {
	s := &o.Settings
	errs := []error{
		cmdutil.OneOf("http01", string(s.HTTP01), "auto", "static", "solver"),
		cmdutil.OneOf("rate-budget", o.rateBudget, "auto", "none"),
		o.Output.Validate(),
	}
	refuse := func(condition bool, text string) {
		if condition {
			errs = append(errs, errors.New(text))
		}
	}
	refuse(s.Workers < 1, "--workers must be at least 1")
	refuse(s.RenewBefore < 0, "--renew-before must not be negative")
	errs = append(errs, o.Requests.Validate())
	refuse(s.HTTP01 == operator.HTTP01Static && s.Listen == "" && !o.DryRun, "--http01 static needs --listen, the address at which to answer")
	refuse(o.ShutdownTimeout < time.Second, "--shutdown-timeout must be at least 1s")
	refuse(s.LeaseDuration < time.Second, "--leader-elect-lease-duration must be at least 1s")
	refuse(!o.Output.Is(output.Text) && !o.DryRun, "-o is for --dry-run")
	errs = append(errs, o.completeGrants(), o.completeShard(), o.completeAccounts())
	s.DryRun, s.RateLimits = o.DryRun, o.rateBudget == "auto"
	return errors.Join(errs...)
}

func (o *Options) completeGrants() error {
	var errs []error
	if len(o.allowHosts) > 0 && !o.Requests.AllNamespaces {
		errs = append(errs, errors.New("--allow-host is for --all-namespaces; where one namespace is watched every host is allowed"))
	}
	for _, value := range o.allowHosts {
		grant, err := parseGrant(value)
		errs, o.Settings.Grants = append(errs, err), append(o.Settings.Grants, grant)
	}
	return errors.Join(errs...)
}

// parseGrant reads NAMESPACE=HOST.
func parseGrant(flag string) (watch.Grant, error) {
	namespace, host, _ := strings.Cut(flag, "=")
	name := strings.TrimPrefix(host, "*.")
	_, notAddress := netip.ParseAddr(host)
	if len(validation.IsDNS1123Label(namespace)) > 0 || notAddress != nil && len(validation.IsDNS1123Subdomain(strings.ToLower(name))) > 0 {
		return watch.Grant{}, fmt.Errorf("--allow-host %q: must be NAMESPACE=HOST with a host name, a wildcard or an IP address, such as shop=www.example.com", flag)
	}
	return watch.Grant{Namespace: namespace, Host: host}, nil
}

func (o *Options) completeShard() error {
	if o.shard == "" {
		return nil
	}
	var err error
	if o.Settings.Shard, err = operator.ParseShard(o.shard); err != nil {
		return fmt.Errorf("--shard %q: %w", o.shard, err)
	}
	return nil
}

func (o *Options) completeAccounts() error {
	switch {
	case o.ResponderOnly && (o.Settings.Listen == "" || len(o.thumbprints) == 0):
		return errors.New("--responder-only needs --listen and --thumbprint; run --dry-run tells the thumbprints")
	case !o.ResponderOnly && len(o.thumbprints) > 0:
		return errors.New("--thumbprint is for --responder-only; a run knows its accounts")
	}
	var err error
	o.Accounts, err = parseThumbprints(o.thumbprints)
	return err
}
