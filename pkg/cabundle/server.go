package cabundle

import "regexp"

var hostPort = regexp.MustCompile(`^(\[[0-9A-Fa-f:.%]+\]|[^\s/\\:]+):\d{1,5}$`)

// IsServer reports whether a source is the HOST:PORT of a TLS server.
func IsServer(source string) bool { return hostPort.MatchString(source) }
