package schema

import (
	"reflect"
	"slices"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// optional are fields that have no omitempty in cert-manager's types, but are
// optional in its CRDs.
var optional = map[reflect.Type]string{
	reflect.TypeFor[cmacme.ACMEIssuerDNS01ProviderRoute53]():              "SecretAccessKey",
	reflect.TypeFor[cmacme.ACMEChallengeSolverHTTP01IngressPodTemplate](): "",
	reflect.TypeFor[cmacme.ACMEChallengeSolverHTTP01IngressTemplate]():    "",
}

// needed are fields that have omitempty in cert-manager's types, but are
// required by its CRDs or its webhook.
var needed = map[reflect.Type][]string{
	reflect.TypeFor[cm.CertificateRenewal]():        {"Policy"},
	reflect.TypeFor[cm.CertificateRenewalWindows](): {"Cron", "WindowDuration"},
}

// mustBeGiven reports whether a field is required: those without omitempty are,
// with the exceptions above.
func mustBeGiven(t reflect.Type, f reflect.StructField, omitEmpty bool) bool {
	if slices.Contains(needed[t], f.Name) {
		return true
	}
	if omitEmpty {
		return false
	}
	if name, listed := optional[t]; listed && (name == "" || name == f.Name) {
		return false
	}
	return true
}
