package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"os"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// operator is a run and all it works with.
type operator struct {
	env       Env
	in        runInput
	rest      *rest.Config
	namespace string
	client    *cluster.Client
	secrets   *cluster.Secrets
	world     *cluster.World
	accounts  *accounts
	solvers   *solvers
	responder responder.Responder
	alpn      responder.TLSALPN
	tally     *tally
	log       *slog.Logger
}

func newOperator(ctx context.Context, env Env, config *genericclioptions.ConfigFlags, in runInput) (*operator, error) {
	client, err := connect(config)
	if err != nil {
		return nil, err
	}
	restConfig, err := config.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	restConfig.UserAgent = "kubectl-certs/" + env.Version
	secrets, err := cluster.NewSecrets(restConfig)
	if err != nil {
		return nil, err
	}
	namespace, _, err := config.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, err
	}
	o := &operator{env: env, in: in, rest: restConfig, client: client, secrets: secrets, namespace: namespace, tally: newTally()}
	o.log = slog.New(slog.NewTextHandler(env.Err, nil))
	watched := namespace
	if in.all {
		watched = metav1.NamespaceAll
	}
	o.world = cluster.NewWorld(client, secrets, watched, in.grants)
	o.accounts = newAccounts(ctx, o)
	o.solvers = newSolvers(o)
	o.responder.Thumbprints = o.accounts.thumbprintsOf
	return o, nil
}

// read takes in what is asked for and what is there.
func (o *operator) read(ctx context.Context) ([]run.Entry, error) {
	defer o.env.progress("reading the cluster")()
	given, err := o.given(ctx)
	if err != nil {
		return nil, err
	}
	if !given || o.in.fromCluster {
		if err := o.world.ReadDemand(ctx); err != nil {
			return nil, err
		}
	}
	if err := o.world.ReadSecrets(ctx); err != nil {
		return nil, err
	}
	for _, note := range o.world.Notes() {
		o.env.say("note: %s", note)
	}
	entries, err := o.world.Entries(ctx)
	return slices.DeleteFunc(entries, func(e run.Entry) bool { return !o.in.part.keep(e.Ref) }), err
}

// given takes in what -f or -k name; false if neither is given.
func (o *operator) given(ctx context.Context) (bool, error) {
	if o.in.project.file == "" && o.in.kustomize == "" {
		return false, nil
	}
	t, err := targetFlags{kustomize: o.in.kustomize}.load(ctx, o.env, o.in.project)
	if err != nil {
		return true, err
	}
	o.world.Add(t.objects)
	return true, nil
}

func (o *operator) runner(report func(run.Event)) *run.Runner {
	r := &run.Runner{
		Store: o.secrets, Workers: o.in.workers, Report: report,
		CA: o.accounts.open, Solvers: o.solvers.choose,
		Rules: run.Rules{RenewBefore: o.in.renewBefore, Adopt: o.in.adopt, Refusal: o.solvers.refusal},
	}
	if o.in.rateBudget == "auto" {
		r.Limits = run.LimitsOf
	}
	o.accounts.gate = r.Gate
	return r
}

// alone refuses to work on what a running cert-manager works on, and where that
// cannot be found out.
func (o *operator) alone(ctx context.Context) error {
	if o.in.ignoreCertManager {
		return nil
	}
	holder, err := o.client.CertManager(ctx)
	if err != nil {
		return withHint(fmt.Errorf("find out whether cert-manager is running: %w", err),
			"allow get of that Lease (docs/run/role.yaml), or give --ignore-cert-manager if no cert-manager issues for these objects")
	}
	if holder == "" {
		return nil
	}
	return withHint(fmt.Errorf("cert-manager is running (%s) and issues from the same objects", holder),
		"scale its controller to 0 first, and run takes over its Secrets as they are; or leave the certificates to it")
}

// listen starts what answers challenges, before anything is ordered.
func (o *operator) listen(s *servers) error {
	return errors.Join(
		s.listen("--listen", o.in.listen, &o.responder, nil),
		s.listen("--listen-tls", o.in.listenTLS, nil, o.alpn.Config()),
	)
}

// respond answers challenges for given thumbprints and does nothing else.
func respond(ctx context.Context, env Env, in runInput) error {
	accounts, err := parseThumbprints(in.thumbprints)
	if err != nil {
		return err
	}
	r := responder.Responder{Thumbprints: accounts.Thumbprints}
	s, ctx := newServers(ctx)
	defer s.close()
	if err := s.listen("--listen", in.listen, &r, nil); err != nil {
		return err
	}
	env.say("answering challenges at %s for %s", in.listen, count(len(in.thumbprints), "thumbprint"))
	<-ctx.Done()
	return s.failure()
}

// parseThumbprints reads THUMBPRINT, for every host that no other names, and
// THUMBPRINT=HOST,HOST.
func parseThumbprints(flags []string) (*responder.Table, error) {
	var accounts responder.Table
	var errs []error
	for _, flag := range flags {
		thumbprint, list, some := strings.Cut(flag, "=")
		hosts := strings.Split(list, ",")
		switch {
		case len(thumbprint) != 43: // base64url of 32 bytes
			errs = append(errs, fmt.Errorf("--thumbprint %q: must be 43 characters of base64url, the SHA-256 thumbprint of an account key (RFC 7638)", thumbprint))
		case !some:
			accounts.AddRest(thumbprint)
		case slices.Contains(hosts, ""):
			errs = append(errs, fmt.Errorf("--thumbprint %s: a host is empty; name the hosts after =, or leave out = for every host", flag))
		default:
			accounts.Add(thumbprint, hosts...)
		}
	}
	return &accounts, errors.Join(errs...)
}

func weight(i int, ref run.Ref) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s", i, ref)
	// FNV alone leaves the last byte's influence in the low bits.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x
}

// identity tells this process from any other, also from one with the same
// number in another pod of the host's network.
func identity() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + "_" + rand.Text()[:10]
}
