//go:build !slim

package lego

import (
	_ "embed" // variables.txt
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// table lists the providers and their variables, one line each: names, a colon, variables. A
// test generates it from lego's files.
//
//go:embed variables.txt
var table string

// description is one line of the table.
type description struct{ variables []string }

// lookup finds a provider in the table.
func lookup(name string) (description, bool) {
	for line := range strings.Lines(table) {
		names, variables, _ := strings.Cut(line, ":")
		if slices.Contains(strings.Fields(names), name) {
			return description{strings.Fields(variables)}, true
		}
	}
	return description{}, false
}

// instead has the reason, or the solver to use, for providers that cannot be used by name.
var instead = map[string]string{
	"manual":   "it is interactive",
	"exec":     "it would run programs named in the Secret",
	"acme-dns": "it would register accounts: use the solver acmeDNS",
	"acmedns":  "it would register accounts: use the solver acmeDNS",
	"azure":    "use the solver azureDNS",
	"azuredns": "use the solver azureDNS",
	"edgedns":  "use the solver akamai",
	"fastdns":  "use the solver akamai",
	"gcloud":   "use the solver cloudDNS",
	"route53":  "use the solver route53",
}

// files are the variables that name a file.
var files = []string{
	"DNSUPDATE_TSIG_FILE", "HYPERONE_PASSPORT_LOCATION", "INFOBLOX_CA_CERTIFICATE",
	"OCI_PRIVATE_KEY_PATH", "TF_VAR_private_key_path", "TRANSIP_PRIVATE_KEY_PATH",
}

// refused are documented variables that would make a provider use the credentials or files of
// the machine instead of the issuer's.
var refused = []string{
	"ALICLOUD_RAM_ROLE", "ALIESA_RAM_ROLE", "AWS_SHARED_CREDENTIALS_FILE",
	"DNSUPDATE_TSIG_GSS_KEYTAB_FILE", "OCI_AUTH_TYPE", "OCI_CONFIG_FILE", "OCI_PROFILE",
}

// needed are variables without which a provider would use the credentials of the machine.
var needed = map[string][]string{
	"hyperone":  {"HYPERONE_PASSPORT_LOCATION"},
	"lightsail": {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"},
}

// check returns all problems of a name and its variables.
func check(name string, variables map[string][]byte) error {
	known, there := lookup(name)
	if !there {
		return fmt.Errorf("unknown DNS provider %q: https://go-acme.github.io/lego/dns/ lists lego's providers", name)
	}
	if why, not := instead[name]; not {
		return fmt.Errorf("DNS provider %q cannot be used by name: %s", name, why)
	}
	var problems []error
	for _, v := range slices.Sorted(maps.Keys(variables)) {
		if slices.Contains(refused, v) {
			problems = append(problems, fmt.Errorf("DNS provider %q: variable %s: not allowed, it would use the credentials or files of this machine", name, v))
		} else if !slices.Contains(known.variables, v) {
			problems = append(problems, fmt.Errorf("DNS provider %q: unknown variable %s: use %s", name, v, strings.Join(known.taken(), ", ")))
		}
	}
	for _, v := range needed[name] {
		if len(variables[v]) == 0 {
			problems = append(problems, fmt.Errorf("DNS provider %q: variable %s: required", name, v))
		}
	}
	return errors.Join(problems...)
}

// taken are the allowed variables.
func (d description) taken() []string {
	return slices.DeleteFunc(slices.Clone(d.variables), func(v string) bool { return slices.Contains(refused, v) })
}
