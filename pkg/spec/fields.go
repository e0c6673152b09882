package spec

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// field is one key of a struct as YAML sees it.
type field struct {
	index    []int
	typ      reflect.Type
	doc      string
	required bool
}

// fields are the keys of a struct, those of inlined structs among them.
type fields struct {
	byName   map[string]field
	names    []string // sorted
	required []string // those of names that are
}

var fieldCache sync.Map // reflect.Type to *fields: types do not change

func fieldsOf(t reflect.Type) *fields {
	if cached, ok := fieldCache.Load(t); ok {
		return cached.(*fields)
	}
	fs := &fields{byName: map[string]field{}}
	collect(t, nil, fs.byName)
	for name := range fs.byName {
		fs.names = append(fs.names, name)
	}
	slices.Sort(fs.names)
	for _, name := range fs.names {
		if fs.byName[name].required {
			fs.required = append(fs.required, name)
		}
	}
	fieldCache.Store(t, fs)
	return fs
}

// collect goes through a struct first and its inlined structs after, so that
// an outer field hides an inner one of the same name, even to take it away ("-").
func collect(t reflect.Type, index []int, into map[string]field) {
	hidden := map[string]bool{}
	var inlined []reflect.StructField
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			inlined = append(inlined, f)
		case name == "-":
			hidden[strings.ToLower(f.Name[:1])+f.Name[1:]] = true
		case f.IsExported() && name != "":
			if _, outer := into[name]; !outer {
				into[name] = field{
					index:    append(slices.Clone(index), i),
					typ:      f.Type,
					doc:      f.Tag.Get("doc"),
					required: mustBeGiven(t, f, strings.Contains(options, "omitempty")),
				}
			}
		}
	}
	for _, f := range inlined {
		collect(f.Type, append(slices.Clone(index), f.Index...), into)
	}
	for name := range hidden {
		delete(into, name)
	}
}

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
