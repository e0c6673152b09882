package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// The annotations of an Ingress by which its challenges are answered on a class
// other than the solver's.
var classOverrides = []string{"acme.cert-manager.io/http01-ingress-class", "acme.cert-manager.io/http01-ingress-ingressclassname"}

// route checks whether the answer to an HTTP-01 challenge is where the name
// leads, as far as the object that asks says so.
func (l *linter) route(r *request, name string, solver *v1alpha1.HTTP01) {
	annotations := r.object.Annotations()
	if annotations[plan.EditInPlaceAnnotation] == "true" || annotations[plan.OverrideIngress] != "" {
		return
	}
	answers := solverClass(solver)
	for _, key := range classOverrides {
		answers = cmp.Or(annotations[key], answers)
	}
	byGateway := solver.GatewayHTTPRoute != nil
	tell := func(format string, args ...any) { l.report("C301", r.by, r.nameField(name), format, args...) }
	switch kind := r.by.Kind; {
	case (kind == "Ingress" || kind == "VirtualServer") && byGateway:
		tell("is served by %s %s, and %s answers through a Gateway", article(kind), kind, r.issuer.id)
	case kind == "Gateway" && !byGateway:
		tell("is served by a Gateway, and %s answers through an Ingress", r.issuer.id)
	case kind == "Certificate" && byGateway && len(solver.GatewayHTTPRoute.ParentRefs) == 0 && r.Gateway == "":
		tell("is to be proved through a Gateway, and neither the solver of %s (parentRefs) nor %s says which", r.issuer.id, plan.ParentRefName)
	case kind == "Ingress" || kind == "VirtualServer":
		if has := classOf(r.object); has != "" && answers != "" && has != answers {
			tell("is on class %s, and %s answers on class %s", has, r.issuer.id, answers)
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
func solverClass(solver *v1alpha1.HTTP01) string {
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

// redirected reports a host of NGINX Ingress Controller that sends challenges
// to https before there is a certificate.
func (l *linter) redirected(r *request) {
	if r.Temporary {
		return
	}
	switch annotations := r.object.Annotations(); {
	case r.by.Kind == "VirtualServer" && redirects(r.object):
		l.report("C307", r.by, "spec.tls.redirect", "is on, and without issue-temp-cert there is no certificate to redirect to")
	case r.by.Kind == "Ingress" && annotations[plan.MergeableAnnotation] == "master" && !isOff(annotations["nginx.org/ssl-redirect"]):
		l.report("C307", r.by, "metadata.annotations", "redirects, as nginx.org/ssl-redirect is on unless it says false, and an Ingress cannot ask for a temporary certificate")
	case r.by.Kind == "Certificate":
		for _, server := range l.servers[secretKey{r.Namespace, r.Certificate.SecretName}] {
			if redirects(server) {
				l.report("C307", r.by, "metadata.annotations", "asks for the Secret of %s, which redirects, and without %s there is no certificate to redirect to", server.ID(), plan.TemporaryAnnotation)
			}
		}
	}
}

// isOff reports whether an annotation says no, as NGINX Ingress Controller reads
// it.
func isOff(value string) bool {
	on, err := strconv.ParseBool(value)
	return err == nil && !on
}

func redirects(server manifest.Object) bool {
	on, _ := server.Map("spec", "tls", "redirect")["enable"].(bool)
	return on
}

// ingress checks the TLS of an Ingress that asks for certificates.
func (l *linter) ingress(o manifest.Object) {
	if !manifest.NamesIssuer(o) {
		return
	}
	entries := manifest.Maps(o.Map("spec")["tls"])
	if len(entries) == 0 && o.Annotations()[plan.MergeableAnnotation] != "minion" {
		l.report("C302", o.ID(), "spec", "is annotated with an issuer, and has no spec.tls")
	}
	first := map[string]int{}
	for i, e := range entries {
		secret, _ := e["secretName"].(string)
		field := fmt.Sprintf("spec.tls[%d]", i)
		before, twice := first[secret]
		switch {
		case secret == "":
			l.report("C302", o.ID(), field, "has no secretName")
		case twice:
			l.report("C304", o.ID(), field+".secretName", "is %q, as in spec.tls[%d]", secret, before)
		case len(manifest.Texts(e["hosts"])) == 0:
			l.report("C302", o.ID(), field, "has no hosts")
		}
		if !twice && secret != "" {
			first[secret] = i
		}
	}
	l.uncovered(o, entries)
}

// uncovered reports hosts that no entry of spec.tls has. One without hosts is
// for all.
func (l *linter) uncovered(o manifest.Object, entries []map[string]any) {
	covered := map[string]bool{}
	for _, e := range entries {
		hosts := manifest.Texts(e["hosts"])
		if len(hosts) == 0 {
			return
		}
		for _, host := range hosts {
			covered[host] = true
		}
	}
	for i, rule := range manifest.Maps(o.Map("spec")["rules"]) {
		host, _ := rule["host"].(string)
		_, parent, _ := strings.Cut(host, ".")
		wildcard := "*." + parent
		isCovered := covered[host] || covered[wildcard] && v1alpha1.Covers(wildcard, host)
		if host != "" && len(covered) > 0 && !isCovered {
			l.report("C303", o.ID(), fmt.Sprintf("spec.rules[%d].host", i), "%q is in no entry of spec.tls", host)
		}
	}
}

// gateway checks the listeners of a Gateway that asks for certificates.
func (l *linter) gateway(o manifest.Object) {
	if !manifest.NamesIssuer(o) {
		return
	}
	ignored := strings.Split(strings.ReplaceAll(o.Annotations()["cert-manager.io/ignore-tls-listeners"], " ", ""), ",")
	for i, listener := range manifest.Maps(o.Map("spec")["listeners"]) {
		name, _ := listener["name"].(string)
		if (listener["protocol"] == "HTTPS" || listener["protocol"] == "TLS") && !slices.Contains(ignored, name) {
			if why := skipReason(o, listener); why != "" {
				l.report("C305", o.ID(), fmt.Sprintf("spec.listeners[%d]", i), "%s", why)
			}
		}
	}
}

// skipReason says why cert-manager issues nothing for a listener, "" if it does
// or nobody wants it to.
func skipReason(o manifest.Object, l map[string]any) string {
	tls, _ := l["tls"].(map[string]any)
	host, _ := l["hostname"].(string)
	switch mode := tls["mode"]; {
	case mode == "Passthrough":
		return ""
	case host == "":
		return "has no hostname"
	case hasVariable(mode):
		return ""
	case mode != "Terminate":
		return "does not write out mode: Terminate, which is the default and yet asked for"
	case len(manifest.LocalSecrets(tls["certificateRefs"], o.Namespace())) == 0:
		return "refers to no Secret of namespace " + cmp.Or(o.Namespace(), "default") + " alone"
	}
	return ""
}
