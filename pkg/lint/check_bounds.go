package lint

import (
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// usages are the key usages of cert-manager (pkg/apis/certmanager/v1).
var usages = []cm.KeyUsage{
	cm.UsageSigning, cm.UsageDigitalSignature, cm.UsageContentCommitment, cm.UsageKeyEncipherment, cm.UsageKeyAgreement,
	cm.UsageDataEncipherment, cm.UsageCertSign, cm.UsageCRLSign, cm.UsageEncipherOnly, cm.UsageDecipherOnly, cm.UsageAny,
	cm.UsageServerAuth, cm.UsageClientAuth, cm.UsageCodeSigning, cm.UsageEmailProtection, cm.UsageSMIME, cm.UsageIPsecEndSystem,
	cm.UsageIPsecTunnel, cm.UsageIPsecUser, cm.UsageTimestamping, cm.UsageOCSPSigning, cm.UsageMicrosoftSGC, cm.UsageNetscapeSGC,
}

// bounds reports values that cert-manager rejects for any issuer.
func (l *linter) bounds(r *request) {
	c := &r.Certificate
	bad := func(field, word, format string, args ...any) {
		l.report("C123", r.by, r.specField(field, word), format, args...)
	}
	if d := c.Duration; d != nil && d.Duration < cm.MinimumCertificateDuration {
		bad("duration", "duration", "is %s; must be at least an hour", d.Duration)
	}
	if before := c.RenewBefore; before != nil {
		switch b := before.Duration; {
		case b < cm.MinimumRenewBefore:
			bad("renewBefore", "renew-before", "is %s; must be at least 5 minutes", b)
		case b >= requestedDuration(c):
			bad("renewBefore", "renew-before", "is %s; must be less than the duration of %s", span(b), span(requestedDuration(c)))
		}
		if c.RenewBeforePercentage != nil {
			bad("renewBeforePercentage", "renew-before-percentage", "cannot be combined with renewBefore")
		}
	}
	if p := c.RenewBeforePercentage; p != nil && (*p < 1 || *p > 99) {
		bad("renewBeforePercentage", "renew-before-percentage", "is %d; must be from 1 to 99", *p)
	}
	if n := c.RevisionHistoryLimit; n != nil && *n < 1 {
		bad("revisionHistoryLimit", "revision-history-limit", "is %d; must be at least 1", *n)
	}
	for _, u := range c.Usages {
		if !slices.Contains(usages, u) {
			bad("usages", "usages", "invalid usage %q; usages are written like server auth or digital signature", u)
		}
	}
	l.keyBounds(r, bad)
	if t := c.SecretTemplate; t != nil {
		for key := range t.Annotations {
			if strings.HasPrefix(key, "cert-manager.io/") && key != cm.AllowsInjectionFromSecretAnnotation {
				bad("secretTemplate", "secret-template", "sets the annotation %s, which is reserved for cert-manager", key)
			}
		}
	}
}

func (l *linter) keyBounds(r *request, bad func(field, word, format string, args ...any)) {
	k := r.Certificate.PrivateKey
	if k == nil {
		return
	}
	switch k.Algorithm {
	case "", cm.RSAKeyAlgorithm:
		if k.Size != 0 && (k.Size < 2048 || k.Size > 8192) {
			bad("privateKey.size", "private-key-size", "is %d; RSA keys must have 2048 to 8192 bits", k.Size)
		}
	case cm.ECDSAKeyAlgorithm:
		if k.Size != 0 && !slices.Contains([]int{256, 384, 521}, k.Size) {
			bad("privateKey.size", "private-key-size", "is %d; ECDSA keys must have 256, 384 or 521 bits", k.Size)
		}
	case cm.Ed25519KeyAlgorithm:
	default:
		bad("privateKey.algorithm", "private-key-algorithm", "is %q; must be RSA, ECDSA or Ed25519", k.Algorithm)
	}
	if !slices.Contains([]cm.PrivateKeyEncoding{"", cm.PKCS1, cm.PKCS8}, k.Encoding) {
		bad("privateKey.encoding", "private-key-encoding", "is %q; must be PKCS1 or PKCS8", k.Encoding)
	}
	if !slices.Contains([]cm.PrivateKeyRotationPolicy{"", cm.RotationPolicyNever, cm.RotationPolicyAlways}, k.RotationPolicy) {
		bad("privateKey.rotationPolicy", "private-key-rotation-policy", "is %q; must be Never or Always", k.RotationPolicy)
	}
}
