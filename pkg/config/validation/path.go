package validation

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// gatewayPath is what the Gateway API's CRD wants of an HTTPRoute's path.
var gatewayPath = regexp.MustCompile(`^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$`)

const maxGatewayPath = 1024

// pathRule says what is wrong with a path, "" if nothing is: the rules that the
// API server has for an Ingress (pkg/apis/networking/validation) and the CRD
// for an HTTPRoute, for every kind, and ours about what would break NGINX's
// configuration. How a controller reads an ImplementationSpecific path is its
// own affair.
func pathRule(as v1alpha1.RouteKind, r v1alpha1.Route) string {
	escaped := strings.ToLower(r.Path)
	switch {
	case r.Path == "":
		return "" // a problem of its own
	case !strings.HasPrefix(r.Path, "/"):
		return "must start with /"
	case strings.ContainsAny(r.Path, " \t\r\n{};\"'\\"):
		return "may have no space, quote, brace, semicolon or backslash"
	case !isASCII(r.Path):
		return "is not ASCII"
	case strings.Contains(r.Path, "#"):
		return "has a #, which no browser sends"
	case r.PathType == v1alpha1.ImplementationSpecific:
		return ""
	case strings.Contains(r.Path, "//"):
		return "may not have // in it"
	case hasSegment(r.Path, ".") || hasSegment(r.Path, ".."):
		return "may not have . or .. between slashes"
	case strings.Contains(escaped, "%2f") || strings.Contains(escaped, "%5c"):
		return "may not have a slash or backslash escaped as %2F or %5C"
	case as == v1alpha1.HTTPRoute && !gatewayPath.MatchString(r.Path):
		return "has a character that the Gateway API does not allow; escape it, as in %20"
	case as == v1alpha1.HTTPRoute && len(r.Path) > maxGatewayPath:
		return "is longer than 1024 characters"
	}
	return ""
}

func hasSegment(path, segment string) bool {
	return strings.Contains(path+"/", "/"+segment+"/")
}

// nginxPathRule says what NGINX Ingress Controller has against a path of an
// Ingress beyond that (internal/k8s/validation.go, validatePath): it reads
// every path as a regular expression, and keeps some folders to itself.
func nginxPathRule(r v1alpha1.Route) string {
	switch {
	case strings.HasPrefix(r.Path, "//") || hasSegment(r.Path, ".."):
		return "may neither start with // nor have .. between slashes on NGINX Ingress Controller"
	case strings.HasPrefix(r.Path, "/etc/") || strings.HasPrefix(r.Path+"/", "/root/") || strings.HasPrefix(r.Path+"/", "/var/"):
		return "is below /etc, /root or /var, which NGINX Ingress Controller refuses"
	case !isRegexp(r.Path):
		return "is no regular expression, as which NGINX Ingress Controller reads every path"
	}
	return ""
}

// isRegexp leaves to the controller what Go's syntax lacks, such as (?=.
func isRegexp(path string) bool {
	if !strings.ContainsAny(path, "()[]*+?|^$") || strings.Contains(path, "(?") {
		return true
	}
	_, err := syntax.Parse(path, syntax.Perl)
	return err == nil
}

// shortened keeps a path from filling the screen.
func shortened(path string) string {
	if len(path) > 100 {
		return path[:100] + "…"
	}
	return path
}
