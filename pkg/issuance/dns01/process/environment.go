package process

import (
	"slices"
	"strings"
)

// passed are the variables of this process that a provider's process gets: how
// to reach a server, which CAs to trust, and where temporary files go. PATH is
// not among them: a provider must find no program of this machine.
var passed = []string{
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR",
	"TMPDIR", "TMP", "TEMP",
}

// noHome is where a provider finds no identity of this machine. Some fail where
// HOME is not set.
const noHome = "HOME=/nonexistent"

// environment selects from an environment, in the form of os.Environ, what a
// provider's process starts with. The provider's own variables follow on its
// standard input.
func environment(all []string) []string {
	found := []string{noHome}
	for _, pair := range all {
		if name, _, _ := strings.Cut(pair, "="); slices.Contains(passed, name) {
			found = append(found, pair)
		}
	}
	return found
}
