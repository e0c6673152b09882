package overlay_test

import (
	"fmt"
	"regexp"

	"k8s.io/apimachinery/pkg/util/validation"
)

// virtualServer is the part of NGINX Ingress Controller's VirtualServer
// (k8s.nginx.org/v1, controller 5.5) that is generated, written from its field
// documentation: the controller's module cannot be imported.
type virtualServer struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Spec       struct {
		IngressClassName string `json:"ingressClassName"`
		Host             string `json:"host"`
		TLS              struct {
			Secret   string `json:"secret"`
			Redirect *struct {
				Enable  bool   `json:"enable"`
				Code    int    `json:"code"`
				BasedOn string `json:"basedOn"`
			} `json:"redirect"`
			CertManager *struct {
				ClusterIssuer string `json:"cluster-issuer"`
				Issuer        string `json:"issuer"`
				IssuerKind    string `json:"issuer-kind"`
				IssuerGroup   string `json:"issuer-group"`
				CommonName    string `json:"common-name"`
				Duration      string `json:"duration"`
				RenewBefore   string `json:"renew-before"`
				Usages        string `json:"usages"`
				IssueTempCert bool   `json:"issue-temp-cert"`
			} `json:"cert-manager"`
		} `json:"tls"`
		Upstreams []upstream     `json:"upstreams"`
		Routes    []virtualRoute `json:"routes"`
	} `json:"spec"`
}

type upstream struct {
	Name    string `json:"name"`
	Service string `json:"service"`
	Port    uint16 `json:"port"`
}

type virtualRoute struct {
	Path   string `json:"path"`
	Route  string `json:"route"`
	Action *struct {
		Pass string `json:"pass"`
	} `json:"action"`
}

// virtualServerRoute is the part of a VirtualServerRoute that is generated.
type virtualServerRoute struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Spec       struct {
		IngressClassName string         `json:"ingressClassName"`
		Host             string         `json:"host"`
		Upstreams        []upstream     `json:"upstreams"`
		Subroutes        []virtualRoute `json:"subroutes"`
	} `json:"spec"`
}

var dnsLabel = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`) // RFC 1035, as the controller wants upstreams

// problems are the rules of the controller's validation for these fields.
func (v *virtualServer) problems() []string {
	var found []string
	bad := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if v.Spec.Host == "" {
		bad("spec.host is required")
	}
	if cm := v.Spec.TLS.CertManager; cm != nil {
		if (cm.ClusterIssuer == "") == (cm.Issuer == "") {
			bad("exactly one of issuer and cluster-issuer")
		}
		if cm.ClusterIssuer != "" && (cm.IssuerKind != "" || cm.IssuerGroup != "") {
			bad("issuer-kind and issuer-group are forbidden with cluster-issuer")
		}
		if v.Spec.TLS.Secret == "" {
			bad("cert-manager needs tls.secret")
		}
	}
	return append(found, routeProblems(v.Spec.Upstreams, v.Spec.Routes)...)
}

func (v *virtualServerRoute) problems() []string {
	found := routeProblems(v.Spec.Upstreams, v.Spec.Subroutes)
	if v.Spec.Host == "" {
		found = append(found, "spec.host is required")
	}
	for _, r := range v.Spec.Subroutes {
		if r.Route != "" {
			found = append(found, "a subroute may not hand on to another")
		}
	}
	return found
}

func routeProblems(ups []upstream, routes []virtualRoute) []string {
	var found []string
	bad := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	upstreams := map[string]bool{}
	for _, u := range ups {
		if upstreams[u.Name] || !dnsLabel.MatchString(u.Name) || u.Service == "" || u.Port == 0 {
			bad("upstream %+v", u)
		}
		upstreams[u.Name] = true
	}
	paths := map[string]bool{}
	for _, r := range routes {
		switch {
		case paths[r.Path], (r.Action == nil) == (r.Route == ""), r.Action != nil && !upstreams[r.Action.Pass],
			r.Route != "" && len(validation.IsQualifiedName(r.Route)) > 0:
			bad("route %+v", r)
		}
		paths[r.Path] = true
	}
	return found
}
