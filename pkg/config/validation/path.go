package validation

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// gatewayPath is the pattern of the Gateway API's CRD for an HTTPRoute's path.
var gatewayPath = regexp.MustCompile(`^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$`)

const maxGatewayPath = 1024

// pathRule returns the rule that a path breaks, "" if it is valid. The rules
// are those of the API server for an Ingress (pkg/apis/networking/validation)
// and of the CRD for an HTTPRoute, for every kind, and those that keep NGINX's
// configuration intact. ImplementationSpecific paths are left to the
// controller.
func pathRule(as v1alpha1.RouteKind, r v1alpha1.Route) string {
	escaped := strings.ToLower(r.Path)
	switch {
	case r.Path == "":
		return "" // reported elsewhere
	case !strings.HasPrefix(r.Path, "/"):
		return "must start with /"
	case strings.ContainsAny(r.Path, " \t\r\n{};\"'\\"):
		return "must not have a space, quote, brace, semicolon or backslash"
	case !isASCII(r.Path):
		return "is not ASCII"
	case strings.Contains(r.Path, "#"):
		return "has a #, which browsers do not send"
	case r.PathType == v1alpha1.ImplementationSpecific:
		return ""
	case strings.Contains(r.Path, "//"):
		return "must not contain //"
	case hasSegment(r.Path, ".") || hasSegment(r.Path, ".."):
		return "must not have . or .. as a segment"
	case strings.Contains(escaped, "%2f") || strings.Contains(escaped, "%5c"):
		return "must not have %2F or %5C, an escaped slash or backslash"
	case as == v1alpha1.HTTPRoute && !gatewayPath.MatchString(r.Path):
		return "has a character that the Gateway API does not allow; escape it, for example as %20"
	case as == v1alpha1.HTTPRoute && len(r.Path) > maxGatewayPath:
		return "is longer than 1024 characters"
	}
	return ""
}

func hasSegment(path, segment string) bool {
	return strings.Contains(path+"/", "/"+segment+"/")
}

// nginxPathRule returns the further rule of NGINX Ingress Controller that a
// path of an Ingress breaks (internal/k8s/validation.go, validatePath): it
// reads every path as a regular expression, and reserves some folders.
func nginxPathRule(r v1alpha1.Route) string {
	switch {
	case strings.HasPrefix(r.Path, "//") || hasSegment(r.Path, ".."):
		return "must not start with // or have .. as a segment on NGINX Ingress Controller"
	case strings.HasPrefix(r.Path, "/etc/") || strings.HasPrefix(r.Path+"/", "/root/") || strings.HasPrefix(r.Path+"/", "/var/"):
		return "is below /etc, /root or /var, which NGINX Ingress Controller rejects"
	case !isRegexp(r.Path):
		return "is not a valid regular expression, and NGINX Ingress Controller reads every path as one"
	}
	return ""
}

// isRegexp leaves syntax that Go lacks, such as (?=, to the controller.
func isRegexp(path string) bool {
	if !strings.ContainsAny(path, "()[]*+?|^$") || strings.Contains(path, "(?") {
		return true
	}
	_, err := syntax.Parse(path, syntax.Perl)
	return err == nil
}

// shortened truncates a long path.
func shortened(path string) string {
	if len(path) > 100 {
		return path[:100] + "…"
	}
	return path
}
