package schema

import (
	"reflect"
	"slices"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// optional are fields that cert-manager's types write without omitempty though
// its CRDs do not require them.
var optional = map[reflect.Type]string{
	reflect.TypeFor[cmacme.ACMEIssuerDNS01ProviderRoute53]():              "SecretAccessKey",
	reflect.TypeFor[cmacme.ACMEChallengeSolverHTTP01IngressPodTemplate](): "",
	reflect.TypeFor[cmacme.ACMEChallengeSolverHTTP01IngressTemplate]():    "",
}

// needed are fields that cert-manager's types write with omitempty though its
// CRDs or its webhook require them.
var needed = map[reflect.Type][]string{
	reflect.TypeFor[cm.CertificateRenewal]():        {"Policy"},
	reflect.TypeFor[cm.CertificateRenewalWindows](): {"Cron", "WindowDuration"},
}

// mustBeGiven tells which fields are required: those without omitempty, but
// for the exceptions above.
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
