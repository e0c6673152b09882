package lab

import "strconv"

// Listens is the main address of a part.
func (s *State) Listens(part string) string {
	if part == Pebble {
		return s.Addr(portACME)
	}
	return s.Addr(part) // the others' ports bear their names
}

// The other addresses and ports of the parts.
func (s *State) EtcdPeer() string   { return s.Addr(portPeer) }
func (s *State) Management() string { return s.Addr(portManagement) }
func (s *State) DNSAPI() string     { return s.Addr(portDNSAPI) }
func (s *State) HTTP01Port() int    { return s.Ports[portHTTP01] }
func (s *State) TLSALPNPort() int   { return s.Ports[portTLSALPN] }

// APIServerFlags are those that suffice, and what the user added.
func (s *State) APIServerFlags() []string {
	key := s.Path("pki", "sa.key")
	flags := []string{
		"--etcd-servers=http://" + s.Addr(portEtcd),
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(s.Ports[portAPIServer]),
		"--service-cluster-ip-range=10.96.0.0/16",
		"--cert-dir=" + s.Path("pki"),
		"--tls-cert-file=" + s.Path("pki", "server.pem"),
		"--tls-private-key-file=" + s.Path("pki", "server.key"),
		"--service-account-key-file=" + key,
		"--service-account-signing-key-file=" + key,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--token-auth-file=" + s.Path("tokens.csv"),
		"--authorization-mode=RBAC",
		"--endpoint-reconciler-type=none",
	}
	if s.RuntimeConfig != "" {
		flags = append(flags, "--runtime-config="+s.RuntimeConfig)
	}
	if s.FeatureGates != "" {
		flags = append(flags, "--feature-gates="+s.FeatureGates)
	}
	return flags
}
