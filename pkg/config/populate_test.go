package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"sync"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
)

// populator sets every field of a value, so that a field that a new
// cert-manager brings is tested automatically.
type populator struct {
	count int  // makes values differ
	lean  bool // set what is required only, below the first struct
	depth int
	turn  map[reflect.Type]int // of the alternatives below; nil for all at once
}

// alternatives are groups of fields that cannot be used together. Only one of a
// group is set at a time, each in its turn.
var alternatives = map[reflect.Type][][]string{
	reflect.TypeFor[cm.IssuerConfig]():                          {{"ACME"}, {"CA"}, {"Vault"}, {"SelfSigned"}, {"Venafi"}},
	reflect.TypeFor[cmacme.ACMEIssuer]():                        {{"CABundle"}, {"SkipTLSVerify"}},
	reflect.TypeFor[cmacme.ACMEChallengeSolver]():               {{"HTTP01"}, {"DNS01"}},
	reflect.TypeFor[cmacme.ACMEChallengeSolverHTTP01]():         {{"Ingress"}, {"GatewayHTTPRoute"}},
	reflect.TypeFor[cmacme.ACMEChallengeSolverHTTP01Ingress]():  {{"IngressClassName"}, {"Class"}, {"Name"}},
	reflect.TypeFor[cmacme.ACMEChallengeSolverDNS01]():          {{"Akamai"}, {"CloudDNS"}, {"Cloudflare"}, {"Route53"}, {"AzureDNS"}, {"DigitalOcean"}, {"AcmeDNS"}, {"RFC2136"}, {"Webhook"}},
	reflect.TypeFor[cmacme.ACMEIssuerDNS01ProviderCloudflare](): {{"APIKey"}, {"APIToken"}},
	reflect.TypeFor[cmacme.ACMEIssuerDNS01ProviderRoute53]():    {{"AccessKeyID"}, {"SecretAccessKeyID"}},
	reflect.TypeFor[cmacme.ACMEIssuerDNS01ProviderAzureDNS]():   {{"ClientID", "ClientSecret", "TenantID"}, {"ManagedIdentity"}},
	reflect.TypeFor[cmacme.AzureManagedIdentity]():              {{"ClientID", "TenantID"}, {"ResourceID"}},
	reflect.TypeFor[cm.VaultIssuer]():                           {{"CABundle"}, {"CABundleSecretRef"}},
	reflect.TypeFor[cm.VaultAuth]():                             {{"TokenSecretRef"}, {"AppRole"}, {"ClientCertificate"}, {"Kubernetes"}, {"AWS"}},
	reflect.TypeFor[cm.VaultKubernetesAuth]():                   {{"SecretRef"}, {"ServiceAccountRef"}},
	reflect.TypeFor[cm.VenafiIssuer]():                          {{"TPP"}, {"Cloud"}, {"NGTS"}},
	reflect.TypeFor[cm.VenafiTPP]():                             {{"CABundle"}, {"CABundleSecretRef"}},
	reflect.TypeFor[cm.CertificateSpec]():                       {{"LiteralSubject", "RenewBefore"}, {"Subject", "CommonName", "RenewBeforePercentage"}},
}

// refused are fields that are read, to say what to write instead.
var refused = map[reflect.Type]string{
	reflect.TypeFor[cm.JKSKeystore]():    "Password",
	reflect.TypeFor[cm.PKCS12Keystore](): "Password",
}

// words are texts of a form of their own, by field; others may be any word.
var words = map[string]string{
	"Server": "https://acme.example.com/directory", "Email": "ops@example.com", "EmailAddresses": "ops@example.com",
	"IPAddresses": "192.0.2.1", "OID": "1.2.3", "Cron": "0 3 * * 6", "Timezone": "Europe/Berlin",
	"APIVersion": v1alpha1.APIVersion, "TSIGAlgorithm": "HMACSHA512", "Nameserver": "ns.example.com:53",
}

// numbers are those with bounds, by field.
var numbers = map[string]int64{"RenewBeforePercentage": 33, "Size": 4096}

func (p *populator) fill(v reflect.Value, field string) {
	p.count++
	switch x := v.Addr().Interface().(type) {
	case *metav1.Duration:
		x.Duration = time.Duration(p.count) * time.Hour
		return
	case *resource.Quantity:
		*x = resource.MustParse(fmt.Sprintf("%dMi", p.count))
		return
	case *apiext.JSON:
		x.Raw = fmt.Appendf(nil, `{"list":[1,"a",true,null,{"n":%d}]}`, p.count)
		return
	case *intstr.IntOrString:
		*x = intstr.FromInt32(int32(p.count))
		return
	case *[]byte:
		*x = authority()
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		p.fill(v.Elem(), field)
	case reflect.Struct:
		p.fillStruct(v)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		p.fill(v.Index(0), field)
		p.fill(v.Index(1), field)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{"one", "two"} {
			value := reflect.New(v.Type().Elem()).Elem()
			p.fill(value, field)
			v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), value)
		}
	case reflect.String:
		v.SetString(p.word(v.Type(), field))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, bounded := numbers[field]
		if !bounded {
			n = int64(p.count)
		}
		v.SetInt(n)
	default:
		panic("a field of kind " + v.Kind().String() + " in cert-manager's types: teach it to the decoder, and to this test")
	}
}

func (p *populator) word(t reflect.Type, field string) string {
	if allowed := schema.Format.Words[t]; allowed != nil {
		p.turnOf(t)
		return allowed[p.count%len(allowed)]
	}
	if word := words[field]; word != "" {
		return word
	}
	return fmt.Sprintf("x%d", p.count)
}

func (p *populator) turnOf(t reflect.Type) int {
	if p.turn == nil {
		return 0
	}
	p.turn[t]++
	return p.turn[t] - 1
}

func (p *populator) fillStruct(v reflect.Value) {
	left := map[string]bool{}
	if p.turn != nil {
		left[refused[v.Type()]] = true
	}
	if groups := alternatives[v.Type()]; groups != nil && p.turn != nil {
		for _, group := range groups {
			for _, name := range group {
				left[name] = true
			}
		}
		for _, name := range groups[p.turnOf(v.Type())%len(groups)] {
			delete(left, name)
		}
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && !left[f.Name] && !p.leaves(v.Type(), f) {
			p.into(v.Field(i), f)
		}
	}
	if p.turn != nil {
		agree(v.Addr().Interface())
	}
}

// into fills a field; an inlined struct is not a level.
func (p *populator) into(v reflect.Value, f reflect.StructField) {
	inlined := f.Anonymous && tagName(f) == ""
	if !inlined {
		p.depth++
		defer func() { p.depth-- }()
	}
	p.fill(v, f.Name)
}

func (p *populator) leaves(t reflect.Type, f reflect.StructField) bool {
	return p.lean && p.depth > 0 && tagName(f) != "" && !schema.Format.FieldsOf(t).ByName[tagName(f)].Required
}

func tagName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// agree mends what fields by themselves do not know of each other.
func agree(v any) {
	switch v := v.(type) {
	case *cm.CertificatePrivateKey:
		v.Algorithm = cm.RSAKeyAlgorithm
	case *cm.CertificateSpec:
		v.SignatureAlgorithm = cm.SHA512WithRSA
		v.AdditionalOutputFormats = []cm.CertificateAdditionalOutputFormat{{Type: "DER"}, {Type: "CombinedPEM"}}
		if v.RenewBefore != nil {
			v.Duration = &metav1.Duration{Duration: v.RenewBefore.Duration + time.Hour}
		}
	case *cm.CertificateRenewal:
		v.Policy = cm.CertificateRenewalPolicyRenewBefore
	}
}

// authority is a CA certificate in PEM.
var authority = sync.OnceValue(func() []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1<<32, 0), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
})
