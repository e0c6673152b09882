package dns01

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cert-manager/cert-manager/pkg/acme/webhook/apis/acme/v1alpha1"
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// LegoGroup is the groupName of webhook solvers that use a DNS provider of lego. The solverName
// is the provider's name. The config references a Secret whose keys are the provider's
// environment variables: {"secretName": "…"}.
const LegoGroup = "lego.kubectl-certs.dev"

func newWebhook(c *reader, s *cmacme.ACMEIssuerDNS01ProviderWebhook, o Options) (backend, error) {
	if s.GroupName == "" {
		c.bad("groupName", "required")
	}
	if s.SolverName == "" {
		c.bad("solverName", "required")
	}
	if s.GroupName == LegoGroup {
		return newByName(c, s, o)
	}
	if o.Webhook == nil {
		c.bad("", "the webhook %s requires a cluster; lego's DNS providers do not: use groupName %s", s.GroupName, LegoGroup)
	}
	return backend{host: &webhook{solver: s, o: o}, name: "the webhook " + s.GroupName + "/" + s.SolverName}, nil
}

// webhook calls a webhook solver of cert-manager.
type webhook struct {
	solver *cmacme.ACMEIssuerDNS01ProviderWebhook
	o      Options
}

func (h *webhook) present(ctx context.Context, r *record) error {
	return h.call(ctx, r, v1alpha1.ChallengeActionPresent)
}

func (h *webhook) remove(ctx context.Context, r *record) error {
	return h.call(ctx, r, v1alpha1.ChallengeActionCleanUp)
}

func (h *webhook) call(ctx context.Context, r *record, action v1alpha1.ChallengeAction) error {
	zone, err := r.zone(ctx)
	if err != nil {
		return err
	}
	review := v1alpha1.ChallengePayload{
		TypeMeta: metav1.TypeMeta{APIVersion: v1alpha1.SchemeGroupVersion.String(), Kind: "ChallengePayload"},
		Request: &v1alpha1.ChallengeRequest{
			UID: types.UID(r.value), Action: action, Type: "dns-01",
			DNSName: r.name, Key: r.value, ResolvedFQDN: r.fqdn, ResolvedZone: zone,
			ResourceNamespace: h.o.Namespace, AllowAmbientCredentials: h.o.Ambient,
			Config: h.config(),
		},
	}
	payload, err := json.Marshal(review)
	if err != nil {
		return err
	}
	body, err := h.o.Webhook(ctx, h.solver.GroupName, h.solver.SolverName, payload)
	if err != nil {
		return err
	}
	return webhookAnswer(body)
}

func (h *webhook) config() *apiext.JSON {
	if h.solver.Config == nil {
		return nil
	}
	return &apiext.JSON{Raw: h.solver.Config.Raw}
}

// webhookAnswer returns nil if the webhook reports success.
func webhookAnswer(body []byte) error {
	var answer v1alpha1.ChallengePayload
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("invalid ChallengePayload in the answer: %w", err)
	}
	switch {
	case answer.Response == nil:
		return errors.New("the answer has no response")
	case answer.Response.Success:
		return nil
	case answer.Response.Result == nil || answer.Response.Result.Message == "":
		return errors.New("the webhook failed without a message")
	}
	return errors.New(answer.Response.Result.Message)
}

// newByName creates a lego DNS provider.
func newByName(c *reader, s *cmacme.ACMEIssuerDNS01ProviderWebhook, o Options) (backend, error) {
	if o.ByName == nil {
		c.bad("groupName", "%s: lego's DNS providers are not available here", LegoGroup)
	}
	var config struct {
		SecretName string `json:"secretName"`
	}
	if s.Config != nil {
		decoder := json.NewDecoder(bytes.NewReader(s.Config.Raw))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&config); err != nil {
			c.bad("config", `must be {"secretName": "…"}: %v`, err)
		}
	}
	if config.SecretName == "" {
		c.bad("config.secretName", "required: a Secret whose keys are variables of the provider")
	}
	if c.err() != nil {
		return backend{}, nil
	}
	found := c.secret(config.SecretName)
	if found.err != nil {
		c.bad("config.secretName", "%v", found.err)
		return backend{}, nil
	}
	variables := map[string]string{}
	for name, value := range found.data {
		variables[name] = strings.TrimSpace(string(value))
		c.values = append(c.values, variables[name])
	}
	p, err := o.ByName(c.ctx, s.SolverName, variables)
	if err != nil {
		return backend{}, err
	}
	return byName(s.SolverName, p), nil
}
