package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// The annotations of an Ingress that take its challenges elsewhere than the
// solver says.
var challengeOverrides = []string{
	plan.EditInPlaceAnnotation, plan.OverrideIngress,
	"acme.cert-manager.io/http01-ingress-class", "acme.cert-manager.io/http01-ingress-ingressclassname",
	"acme.cert-manager.io/http01-override-ingress-class", "acme.cert-manager.io/http01-override-ingress-ingressclassname",
}

// route judges whether the answer to an HTTP-01 challenge is where the name
// leads, as far as the object that asks says so.
func (j *judge) route(a *asked, name string, solver *spec.HTTP01) {
	o := j.objects[a.by]
	j.redirected(a, o)
	if slices.ContainsFunc(challengeOverrides, func(key string) bool { return o.Annotations()[key] != "" }) {
		return
	}
	byGateway := solver.GatewayHTTPRoute != nil
	field := j.nameField(a, name)
	switch kind := a.by.Kind; {
	case (kind == "Ingress" || kind == "VirtualServer") && byGateway:
		j.say("C301", a.by, field, "is served by %s %s, and %s answers through a Gateway", article(kind), kind, a.issuer.id)
	case kind == "Gateway" && !byGateway:
		j.say("C301", a.by, field, "is served by a Gateway, and %s answers through an Ingress", a.issuer.id)
	case kind == "Ingress" || kind == "VirtualServer":
		if has, answers := classOf(o), solverClass(solver); has != "" && answers != "" && has != answers {
			j.say("C301", a.by, field, "is on class %s, and %s answers on class %s", has, a.issuer.id, answers)
		}
	}
}

func article(word string) string {
	if strings.ContainsRune("AEIOU", rune(word[0])) {
		return "an"
	}
	return "a"
}

func classOf(o manifest.Object) string {
	class, _ := o.Map("spec")["ingressClassName"].(string)
	return cmp.Or(class, o.Annotations()["kubernetes.io/ingress.class"])
}

// solverClass is the class that a solver answers on, "" where it is none in
// particular.
func solverClass(solver *spec.HTTP01) string {
	switch i := solver.Ingress; {
	case i == nil || i.Name != "":
		return ""
	case i.IngressClassName != nil:
		return *i.IngressClassName
	case i.Class != nil:
		return *i.Class
	}
	return ""
}

// redirected tells of a VirtualServer that sends challenges to https before
// there is a certificate.
func (j *judge) redirected(a *asked, o manifest.Object) {
	if a.by.Kind == "VirtualServer" && !a.Temporary && redirects(o) {
		j.say("C307", a.by, "spec.tls.redirect", "is on, and without issue-temp-cert there is no certificate to redirect to")
	}
	if a.by.Kind != "Certificate" || a.Temporary {
		return
	}
	for _, server := range j.servers[secretKey{a.Namespace, a.Certificate.SecretName}] {
		if redirects(server) {
			j.say("C307", a.by, "metadata.annotations", "asks for the Secret of %s, which redirects, and without %s there is no certificate to redirect to", server.ID(), plan.TemporaryAnnotation)
		}
	}
}

func redirects(server manifest.Object) bool {
	on, _ := server.Map("spec", "tls", "redirect")["enable"].(bool)
	return on
}

// ingress judges the TLS of an Ingress that asks for certificates.
func (j *judge) ingress(o manifest.Object) {
	entries := manifest.Maps(o.Map("spec")["tls"])
	var covered []string
	for _, e := range entries {
		covered = append(covered, manifest.Texts(e["hosts"])...)
	}
	for i, rule := range manifest.Maps(o.Map("spec")["rules"]) {
		host, _ := rule["host"].(string)
		isCovered := slices.ContainsFunc(covered, func(name string) bool { return spec.Covers(name, host) })
		if host != "" && len(covered) > 0 && !isCovered {
			j.say("C303", o.ID(), fmt.Sprintf("spec.rules[%d].host", i), "%q is in no entry of spec.tls", host)
		}
	}
	if !manifest.NamesIssuer(o) {
		return
	}
	if len(entries) == 0 && o.Annotations()[plan.MergeableAnnotation] != "minion" {
		j.say("C302", o.ID(), "spec", "is annotated with an issuer, and has no spec.tls")
	}
	first := map[string]int{}
	for i, e := range entries {
		secret, _ := e["secretName"].(string)
		field := fmt.Sprintf("spec.tls[%d]", i)
		switch before, twice := first[secret]; {
		case secret == "":
			j.say("C302", o.ID(), field, "has no secretName")
		case len(manifest.Texts(e["hosts"])) == 0:
			j.say("C302", o.ID(), field, "has no hosts")
		case twice:
			j.say("C304", o.ID(), field+".secretName", "is %q, as in spec.tls[%d]", secret, before)
		default:
			first[secret] = i
		}
	}
}

// gateway judges the listeners of a Gateway that asks for certificates.
func (j *judge) gateway(o manifest.Object) {
	if !manifest.NamesIssuer(o) {
		return
	}
	ignored := strings.Split(strings.ReplaceAll(o.Annotations()["cert-manager.io/ignore-tls-listeners"], " ", ""), ",")
	for i, l := range manifest.Maps(o.Map("spec")["listeners"]) {
		name, _ := l["name"].(string)
		if (l["protocol"] == "HTTPS" || l["protocol"] == "TLS") && !slices.Contains(ignored, name) {
			if why := passedOver(o, l); why != "" {
				j.say("C305", o.ID(), fmt.Sprintf("spec.listeners[%d]", i), "%s", why)
			}
		}
	}
}

// passedOver says why cert-manager issues nothing for a listener, "" if it does
// or nobody wants it to.
func passedOver(o manifest.Object, l map[string]any) string {
	tls, _ := l["tls"].(map[string]any)
	host, _ := l["hostname"].(string)
	switch mode := tls["mode"]; {
	case mode == "Passthrough":
		return ""
	case host == "":
		return "has no hostname"
	case mode != "Terminate":
		return "does not write out mode: Terminate, which is the default and yet asked for"
	case len(manifest.LocalSecrets(tls["certificateRefs"], o.Namespace())) == 0:
		return "refers to no Secret of namespace " + cmp.Or(o.Namespace(), "default") + " alone"
	}
	return ""
}
