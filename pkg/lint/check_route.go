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

// The annotations of an Ingress that replace the solver's class.
var classOverrides = []string{"acme.cert-manager.io/http01-ingress-class", "acme.cert-manager.io/http01-ingress-ingressclassname"}

// route checks whether the solver answers an HTTP-01 challenge on the class or
// Gateway of the route.
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
	report := func(format string, args ...any) { l.report("C301", r.by, r.nameField(name), format, args...) }
	switch kind := r.by.Kind; {
	case (kind == "Ingress" || kind == "VirtualServer") && byGateway:
		report("is served by %s %s, but %s answers challenges through a Gateway", article(kind), kind, r.issuer.id)
	case kind == "Gateway" && !byGateway:
		report("is served by a Gateway, but %s answers challenges through an Ingress", r.issuer.id)
	case kind == "Certificate" && byGateway && len(solver.GatewayHTTPRoute.ParentRefs) == 0 && r.Gateway == "":
		report("is validated through a Gateway, but neither the solver of %s (parentRefs) nor %s names one", r.issuer.id, plan.ParentRefName)
	case kind == "Ingress" || kind == "VirtualServer":
		if has := classOf(r.object); has != "" && answers != "" && has != answers {
			report("is on class %s, but %s answers challenges on class %s", has, r.issuer.id, answers)
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

// solverClass returns the class of a solver, or "".
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

// redirected reports a host of NGINX Ingress Controller that redirects challenges
// to https before it has a certificate.
func (l *linter) redirected(r *request) {
	if r.Temporary {
		return
	}
	switch annotations := r.object.Annotations(); {
	case r.by.Kind == "VirtualServer" && redirects(r.object):
		l.report("C307", r.by, "spec.tls.redirect", "is enabled, but without issue-temp-cert there is no certificate to redirect to")
	case r.by.Kind == "Ingress" && annotations[plan.MergeableAnnotation] == "master" && !isOff(annotations["nginx.org/ssl-redirect"]):
		l.report("C307", r.by, "metadata.annotations", "redirect, because nginx.org/ssl-redirect defaults to true, and an Ingress cannot request a temporary certificate")
	case r.by.Kind == "Certificate":
		for _, server := range l.servers[secretKey{r.Namespace, r.Certificate.SecretName}] {
			if redirects(server) {
				l.report("C307", r.by, "metadata.annotations", "request the Secret of %s, which redirects; without %s there is no certificate to redirect to", server.ID(), plan.TemporaryAnnotation)
			}
		}
	}
}

// isOff reports whether NGINX Ingress Controller reads an annotation as false.
func isOff(value string) bool {
	on, err := strconv.ParseBool(value)
	return err == nil && !on
}

func redirects(server manifest.Object) bool {
	on, _ := server.Map("spec", "tls", "redirect")["enable"].(bool)
	return on
}

// ingress checks spec.tls of an Ingress that requests certificates.
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

// uncovered reports hosts in no entry of spec.tls. An entry without hosts covers
// all.
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

// gateway checks the listeners of a Gateway that requests certificates.
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

// skipReason returns why cert-manager skips a listener, or "" if it issues or the
// listener passes TLS through.
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
		return "has no explicit mode: Terminate, which cert-manager requires although it is the default"
	case len(manifest.LocalSecrets(tls["certificateRefs"], o.Namespace())) == 0:
		return "must refer to Secrets in namespace " + cmp.Or(o.Namespace(), "default") + " only"
	}
	return ""
}
