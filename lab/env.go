package lab

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// KeyName is the name of the TSIG key, and of the external account key.
const KeyName = "lab"

// BlockedDomain is one that Pebble issues no certificate for, nor for a name
// below it.
const BlockedDomain = "blocked.example"

// Env is what a client must know, one KEY=VALUE per line, for a shell.
func (s *State) Env() string {
	var b strings.Builder
	for _, pair := range [][2]string{
		{"LAB_DIR", s.Dir},
		{"KUBECONFIG", s.Path("kubeconfig")},
		{"KUBE_SERVER", "https://" + s.Addr(portAPIServer)},
		{"ACME_DIRECTORY", "https://" + s.Addr(portACME) + "/dir"},
		{"ACME_CA", s.CA()},
		{"ACME_MANAGEMENT", "https://" + s.Addr(portManagement)},
		{"ACME_ROOTS", "https://" + s.Addr(portManagement) + "/roots/0"},
		{"ACME_EAB_KID", KeyName},
		{"ACME_EAB_HMAC", s.EAB},
		{"HTTP01_PORT", fmt.Sprint(s.Ports[portHTTP01])},
		{"TLSALPN_PORT", fmt.Sprint(s.Ports[portTLSALPN])},
		{"DNS_ADDR", s.Addr(portDNS)},
		{"DNS_API", "http://" + s.Addr(portDNSAPI)},
		{"TSIG_NAME", KeyName},
		{"TSIG_ALGORITHM", "hmac-sha256"},
		{"TSIG_SECRET", s.TSIG},
	} {
		fmt.Fprintf(&b, "%s=%s\n", pair[0], quote(pair[1]))
	}
	return b.String()
}

// quote makes one word of a value for a shell.
func quote(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t\"'$`\\&;|<>()*?[#~", r) }) {
		return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
	}
	return value
}

func (s *State) kubeconfig(ca []byte) string {
	return fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: lab
contexts:
- name: lab
  context: {cluster: lab, user: admin}
clusters:
- name: lab
  cluster:
    server: https://%s
    certificate-authority-data: %s
users:
- name: admin
  user:
    token: %s
`, s.Addr(portAPIServer), base64.StdEncoding.EncodeToString(ca), s.Token)
}
