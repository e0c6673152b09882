package manifest

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// annotation is one of cert-manager's annotations on an Ingress or Gateway, for
// reading and writing (cert-manager pkg/controller/certificate-shim/helper.go).
type annotation struct {
	key string
	// write returns the value for a certificate, or "".
	write func(c *cm.CertificateSpec) string
	// read sets a value in a certificate.
	read func(c *cm.CertificateSpec, value string) error
}

var optionAnnotations = []annotation{
	text(cm.CommonNameAnnotationKey, func(c *cm.CertificateSpec) *string { return &c.CommonName }),
	duration(cm.DurationAnnotationKey, func(c *cm.CertificateSpec) **metav1.Duration { return &c.Duration }),
	duration(cm.RenewBeforeAnnotationKey, func(c *cm.CertificateSpec) **metav1.Duration { return &c.RenewBefore }),
	number(cm.RenewBeforePercentageAnnotationKey, func(c *cm.CertificateSpec) **int32 { return &c.RenewBeforePercentage }),
	number(cm.RevisionHistoryLimitAnnotationKey, func(c *cm.CertificateSpec) **int32 { return &c.RevisionHistoryLimit }),
	usages(cm.UsagesAnnotationKey),
	key(cm.PrivateKeyAlgorithmAnnotationKey, func(k *cm.CertificatePrivateKey) *cm.PrivateKeyAlgorithm { return &k.Algorithm }),
	key(cm.PrivateKeyEncodingAnnotationKey, func(k *cm.CertificatePrivateKey) *cm.PrivateKeyEncoding { return &k.Encoding }),
	key(cm.PrivateKeyRotationPolicyAnnotationKey, func(k *cm.CertificatePrivateKey) *cm.PrivateKeyRotationPolicy { return &k.RotationPolicy }),
	{key: cm.PrivateKeySizeAnnotationKey, write: writeKeySize, read: readKeySize},
	names(cm.AltNamesAnnotationKey, func(c *cm.CertificateSpec) *[]string { return &c.DNSNames }),
	names(cm.IPSANAnnotationKey, func(c *cm.CertificateSpec) *[]string { return &c.IPAddresses }),
	names(cm.EmailsAnnotationKey, func(c *cm.CertificateSpec) *[]string { return &c.EmailAddresses }),
	subject(cm.SubjectOrganizationsAnnotationKey, func(s *cm.X509Subject) *[]string { return &s.Organizations }),
	subject(cm.SubjectOrganizationalUnitsAnnotationKey, func(s *cm.X509Subject) *[]string { return &s.OrganizationalUnits }),
	subject(cm.SubjectCountriesAnnotationKey, func(s *cm.X509Subject) *[]string { return &s.Countries }),
	subject(cm.SubjectProvincesAnnotationKey, func(s *cm.X509Subject) *[]string { return &s.Provinces }),
	subject(cm.SubjectLocalitiesAnnotationKey, func(s *cm.X509Subject) *[]string { return &s.Localities }),
	subject(cm.SubjectPostalCodesAnnotationKey, func(s *cm.X509Subject) *[]string { return &s.PostalCodes }),
	subject(cm.SubjectStreetAddressesAnnotationKey, func(s *cm.X509Subject) *[]string { return &s.StreetAddresses }),
	{key: cm.SubjectSerialNumberAnnotationKey, write: nothing, read: func(c *cm.CertificateSpec, v string) error {
		subjectOf(c).SerialNumber = v
		return nil
	}},
	{key: cm.IngressSecretTemplate, write: nothing, read: readSecretTemplate},
}

// AnnotationKeys are the annotations of an Ingress or Gateway for certificates,
// without those for the issuer.
func AnnotationKeys() []string {
	keys := make([]string, len(optionAnnotations))
	for i, w := range optionAnnotations {
		keys[i] = w.key
	}
	return keys
}

// annotate returns the annotations that request a need. The plan uses
// annotations only for needs that they can express; names come from the object.
func annotate(n plan.Need) map[string]string {
	c := n.Certificate
	issuer := cm.IngressIssuerNameAnnotationKey
	annotations := map[string]string{}
	switch {
	case c.IssuerRef.Kind == cm.ClusterIssuerKind && c.IssuerRef.Group == "cert-manager.io":
		issuer = cm.IngressClusterIssuerNameAnnotationKey
	case c.IssuerRef.Group != "cert-manager.io":
		annotations["cert-manager.io/issuer-kind"] = c.IssuerRef.Kind
		annotations["cert-manager.io/issuer-group"] = c.IssuerRef.Group
	}
	annotations[issuer] = c.IssuerRef.Name
	for _, w := range optionAnnotations {
		if value := w.write(&c); value != "" {
			annotations[w.key] = value
		}
	}
	return annotations
}

// readOptionAnnotations sets everything that annotations request in a certificate.
func readOptionAnnotations(annotations map[string]string, c *cm.CertificateSpec) error {
	for _, w := range optionAnnotations {
		if value, found := annotations[w.key]; found {
			if err := w.read(c, value); err != nil {
				return fmt.Errorf("annotation %s: %w", w.key, err)
			}
		}
	}
	return nil
}

func nothing(*cm.CertificateSpec) string { return "" }

func text(key string, field func(*cm.CertificateSpec) *string) annotation {
	return annotation{key: key,
		write: func(c *cm.CertificateSpec) string { return *field(c) },
		read:  func(c *cm.CertificateSpec, v string) error { *field(c) = v; return nil },
	}
}

func duration(key string, field func(*cm.CertificateSpec) **metav1.Duration) annotation {
	return annotation{key: key,
		write: func(c *cm.CertificateSpec) string {
			if d := *field(c); d != nil {
				return shortDuration(d.Duration)
			}
			return ""
		},
		read: func(c *cm.CertificateSpec, v string) error {
			d, err := readDuration(v)
			*field(c) = &metav1.Duration{Duration: d}
			return err
		},
	}
}

func readDuration(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil {
		return 0, fmt.Errorf("invalid duration %q: use hours, for example 2160h", v)
	}
	return d, nil
}

// shortDuration returns 2160h instead of Go's 2160h0m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func number(key string, field func(*cm.CertificateSpec) **int32) annotation {
	return annotation{key: key,
		write: func(c *cm.CertificateSpec) string {
			if n := *field(c); n != nil {
				return strconv.Itoa(int(*n))
			}
			return ""
		},
		read: func(c *cm.CertificateSpec, v string) error {
			n, err := strconv.ParseInt(v, 10, 32)
			*field(c) = new(int32(n))
			return err
		},
	}
}

func usages(key string) annotation {
	return annotation{key: key, write: nothing, read: func(c *cm.CertificateSpec, v string) error {
		c.Usages = nil
		for usage := range strings.SplitSeq(v, ",") {
			c.Usages = append(c.Usages, cm.KeyUsage(strings.TrimSpace(usage)))
		}
		return nil
	}}
}

func key[T ~string](key string, field func(*cm.CertificatePrivateKey) *T) annotation {
	return annotation{key: key,
		write: func(c *cm.CertificateSpec) string {
			if c.PrivateKey == nil {
				return ""
			}
			return string(*field(c.PrivateKey))
		},
		read: func(c *cm.CertificateSpec, v string) error { *field(keyOf(c)) = T(v); return nil },
	}
}

func keyOf(c *cm.CertificateSpec) *cm.CertificatePrivateKey {
	if c.PrivateKey == nil {
		c.PrivateKey = &cm.CertificatePrivateKey{}
	}
	return c.PrivateKey
}

func writeKeySize(c *cm.CertificateSpec) string {
	if c.PrivateKey == nil || c.PrivateKey.Size == 0 {
		return ""
	}
	return strconv.Itoa(c.PrivateKey.Size)
}

func readKeySize(c *cm.CertificateSpec, v string) (err error) {
	keyOf(c).Size, err = strconv.Atoi(v)
	return err
}

// names are added to those of the object itself.
func names(key string, field func(*cm.CertificateSpec) *[]string) annotation {
	return annotation{key: key, write: nothing, read: func(c *cm.CertificateSpec, v string) error {
		if v != "" {
			*field(c) = append(*field(c), strings.Split(v, ",")...)
		}
		return nil
	}}
}

func subject(key string, field func(*cm.X509Subject) *[]string) annotation {
	return annotation{key: key, write: nothing, read: func(c *cm.CertificateSpec, v string) (err error) {
		*field(subjectOf(c)), err = csv.NewReader(strings.NewReader(v)).Read()
		return err
	}}
}

func subjectOf(c *cm.CertificateSpec) *cm.X509Subject {
	if c.Subject == nil {
		c.Subject = &cm.X509Subject{}
	}
	return c.Subject
}

func readSecretTemplate(c *cm.CertificateSpec, v string) error {
	dec := json.NewDecoder(strings.NewReader(v))
	dec.DisallowUnknownFields()
	c.SecretTemplate = &cm.CertificateSecretTemplate{}
	return dec.Decode(c.SecretTemplate)
}

// certManagerBlock is tls.cert-manager of a VirtualServer.
func certManagerBlock(n plan.Need) map[string]any {
	ref := n.Certificate.IssuerRef
	block := map[string]any{}
	switch {
	case ref.Group != "cert-manager.io":
		block["issuer"], block["issuer-kind"], block["issuer-group"] = ref.Name, ref.Kind, ref.Group
	case ref.Kind == cm.ClusterIssuerKind:
		block["cluster-issuer"] = ref.Name
	default:
		block["issuer"] = ref.Name
	}
	if n.Certificate.CommonName != "" {
		block["common-name"] = n.Certificate.CommonName
	}
	if n.Temporary {
		block["issue-temp-cert"] = true
	}
	return block
}
