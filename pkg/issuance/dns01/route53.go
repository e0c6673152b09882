package dns01

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/go-acme/lego/v4/providers/dns/route53"
)

func newRoute53(c *reader, s *cmacme.ACMEIssuerDNS01ProviderRoute53, o Options) (backend, error) {
	config, err := route53Config(c, s, o)
	if err != nil || c.err() != nil {
		return backend{}, err
	}
	p, err := route53.NewDNSProviderConfig(config)
	return backend{host: &legoHost{p}, name: "Route 53"}, err
}

// route53Config does not wait for the propagation of a change: await checks it at the zone's
// servers, for all names together.
func route53Config(c *reader, s *cmacme.ACMEIssuerDNS01ProviderRoute53, o Options) (*route53.Config, error) {
	identity, err := awsConfig(c, s, o)
	if err != nil {
		return nil, err
	}
	return &route53.Config{Client: awsroute53.NewFromConfig(identity), HostedZoneID: s.HostedZoneID, TTL: 10}, nil
}

// awsConfig returns the region and credentials. It uses the environment and files of this
// machine only with ambient credentials.
func awsConfig(c *reader, s *cmacme.ACMEIssuerDNS01ProviderRoute53, o Options) (aws.Config, error) {
	made := aws.Config{
		Region: s.Region, HTTPClient: o.http(),
		// an account may send 5 requests a second
		Retryer: func() aws.Retryer { return retry.NewStandard(func(r *retry.StandardOptions) { r.MaxAttempts = 8 }) },
	}
	id, secret := route53Keys(c, s)
	token := s.Auth != nil && s.Auth.Kubernetes != nil && s.Auth.Kubernetes.ServiceAccountRef != nil
	switch {
	case token:
		made.Region = cmp.Or(made.Region, "us-east-1")
		return webIdentity(c, s, o, made), nil
	case id != "" && secret != "":
		made.Credentials = credentials.NewStaticCredentialsProvider(id, secret, "")
	case c.err() != nil:
		return made, nil
	case !o.Ambient:
		c.bad("", "set accessKeyID or accessKeyIDSecretRef with secretAccessKeySecretRef, or role with auth.kubernetes.serviceAccountRef, or enable ambient credentials for this issuer")
		return made, nil
	default:
		loading := []func(*config.LoadOptions) error{config.WithRetryer(made.Retryer)}
		if o.HTTP != nil { // the library's own client honours AWS_CA_BUNDLE
			loading = append(loading, config.WithHTTPClient(o.HTTP))
		}
		found, err := config.LoadDefaultConfig(c.ctx, loading...)
		if err != nil {
			return made, fmt.Errorf("route53: %w", err)
		}
		found.Region = cmp.Or(found.Region, made.Region) // as cert-manager does
		made = found
	}
	made.Region = cmp.Or(made.Region, "us-east-1") // Route 53 is global; its API is there
	if s.Role != "" {
		made.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(made), s.Role, func(a *stscreds.AssumeRoleOptions) {
			a.RoleSessionName = "kubectl-certs"
		}))
	}
	return made, nil
}

// route53Keys returns the static keys, "" for none.
func route53Keys(c *reader, s *cmacme.ACMEIssuerDNS01ProviderRoute53) (id, secret string) {
	id = s.AccessKeyID
	if s.SecretAccessKeyID != nil {
		if id != "" {
			c.bad("accessKeyIDSecretRef", "cannot be combined with accessKeyID")
		}
		id = c.get("accessKeyIDSecretRef", *s.SecretAccessKeyID)
	}
	if s.SecretAccessKey.Name != "" {
		secret = c.get("secretAccessKeySecretRef", s.SecretAccessKey)
	}
	hasID := s.AccessKeyID != "" || s.SecretAccessKeyID != nil
	if hasID != (s.SecretAccessKey.Name != "") {
		c.bad("", "an access key ID and secretAccessKeySecretRef are required together")
	}
	return id, secret
}

// webIdentity assumes a role with a token of a ServiceAccount.
func webIdentity(c *reader, s *cmacme.ACMEIssuerDNS01ProviderRoute53, o Options, made aws.Config) aws.Config {
	account := s.Auth.Kubernetes.ServiceAccountRef
	if s.Role == "" {
		c.bad("role", "required with auth.kubernetes.serviceAccountRef")
	}
	if account.Name == "" {
		c.bad("auth.kubernetes.serviceAccountRef.name", "required")
	}
	if o.Token == nil {
		c.bad("auth.kubernetes.serviceAccountRef", "requires a cluster that issues tokens of ServiceAccounts")
	}
	audiences := account.TokenAudiences
	if len(audiences) == 0 {
		audiences = []string{"sts.amazonaws.com"}
	}
	made.Credentials = aws.NewCredentialsCache(stscreds.NewWebIdentityRoleProvider(sts.NewFromConfig(made), s.Role,
		serviceAccount(func() ([]byte, error) {
			ctx, stop := context.WithTimeout(context.Background(), 30*time.Second) // the SDK passes no context
			defer stop()
			token, err := o.Token(ctx, account.Name, audiences)
			return []byte(token), err
		}), func(w *stscreds.WebIdentityRoleOptions) { w.RoleSessionName = "kubectl-certs" }))
	return made
}

// serviceAccount creates a token each time the role is assumed.
type serviceAccount func() ([]byte, error)

func (f serviceAccount) GetIdentityToken() ([]byte, error) { return f() }
