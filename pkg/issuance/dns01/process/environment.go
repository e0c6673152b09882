package process

import (
	"slices"
	"strings"
)

// passed are the variables of this process that a provider's process gets: proxies, trusted
// CAs, and the temporary directory. PATH is not passed: a provider must not run programs of
// this machine.
var passed = []string{
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR",
	"TMPDIR", "TMP", "TEMP",
}

// noHome is a home directory without credentials. Some providers fail if HOME is not set.
const noHome = "HOME=/nonexistent"

// environment filters an environment, in the form of os.Environ, for a provider's process. The
// provider's own variables are sent on its standard input.
func environment(all []string) []string {
	found := []string{noHome}
	for _, pair := range all {
		if name, _, _ := strings.Cut(pair, "="); slices.Contains(passed, name) {
			found = append(found, pair)
		}
	}
	return found
}
