package lint

import (
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// usages are all that cert-manager knows (pkg/apis/certmanager/v1).
var usages = []cm.KeyUsage{
	cm.UsageSigning, cm.UsageDigitalSignature, cm.UsageContentCommitment, cm.UsageKeyEncipherment, cm.UsageKeyAgreement,
	cm.UsageDataEncipherment, cm.UsageCertSign, cm.UsageCRLSign, cm.UsageEncipherOnly, cm.UsageDecipherOnly, cm.UsageAny,
	cm.UsageServerAuth, cm.UsageClientAuth, cm.UsageCodeSigning, cm.UsageEmailProtection, cm.UsageSMIME, cm.UsageIPsecEndSystem,
	cm.UsageIPsecTunnel, cm.UsageIPsecUser, cm.UsageTimestamping, cm.UsageOCSPSigning, cm.UsageMicrosoftSGC, cm.UsageNetscapeSGC,
}

// bounds checks the values that cert-manager refuses, whoever issues.
func (l *linter) bounds(r *request) {
	c := &r.Certificate
	bad := func(field, word, format string, args ...any) {
		l.report("C123", r.by, r.specField(field, word), format, args...)
	}
	if d := c.Duration; d != nil && d.Duration < cm.MinimumCertificateDuration {
		bad("duration", "duration", "is %s, and must be an hour at least", d.Duration)
	}
	if before := c.RenewBefore; before != nil {
		switch b := before.Duration; {
		case b < cm.MinimumRenewBefore:
			bad("renewBefore", "renew-before", "is %s, and must be 5 minutes at least", b)
		case b >= asksFor(c):
			bad("renewBefore", "renew-before", "is %s, and must be less than the duration, which is %s", span(b), span(asksFor(c)))
		}
		if c.RenewBeforePercentage != nil {
			bad("renewBeforePercentage", "renew-before-percentage", "stands beside renewBefore, and they exclude each other")
		}
	}
	if p := c.RenewBeforePercentage; p != nil && (*p < 1 || *p > 99) {
		bad("renewBeforePercentage", "renew-before-percentage", "is %d, and must be from 1 to 99", *p)
	}
	if n := c.RevisionHistoryLimit; n != nil && *n < 1 {
		bad("revisionHistoryLimit", "revision-history-limit", "is %d, and must be 1 at least", *n)
	}
	for _, u := range c.Usages {
		if !slices.Contains(usages, u) {
			bad("usages", "usages", "%q is no usage; they are written as in server auth, digital signature", u)
		}
	}
	l.keyBounds(r, bad)
	if t := c.SecretTemplate; t != nil {
		for key := range t.Annotations {
			if strings.HasPrefix(key, "cert-manager.io/") && key != cm.AllowsInjectionFromSecretAnnotation {
				bad("secretTemplate", "secret-template", "has the annotation %s, and those are cert-manager's own", key)
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
			bad("privateKey.size", "private-key-size", "is %d, and RSA keys have 2048 to 8192 bits", k.Size)
		}
	case cm.ECDSAKeyAlgorithm:
		if k.Size != 0 && !slices.Contains([]int{256, 384, 521}, k.Size) {
			bad("privateKey.size", "private-key-size", "is %d, and ECDSA keys have 256, 384 or 521 bits", k.Size)
		}
	case cm.Ed25519KeyAlgorithm:
	default:
		bad("privateKey.algorithm", "private-key-algorithm", "is %q, and cert-manager has RSA, ECDSA and Ed25519", k.Algorithm)
	}
	if !slices.Contains([]cm.PrivateKeyEncoding{"", cm.PKCS1, cm.PKCS8}, k.Encoding) {
		bad("privateKey.encoding", "private-key-encoding", "is %q, and cert-manager has PKCS1 and PKCS8", k.Encoding)
	}
	if !slices.Contains([]cm.PrivateKeyRotationPolicy{"", cm.RotationPolicyNever, cm.RotationPolicyAlways}, k.RotationPolicy) {
		bad("privateKey.rotationPolicy", "private-key-rotation-policy", "is %q, and cert-manager has Never and Always", k.RotationPolicy)
	}
}
