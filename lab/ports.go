package lab

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// The ports of a lab. Nothing of it listens on the last two: they are where
// Pebble looks for the answer to a challenge.
const (
	portEtcd       = "etcd"
	portPeer       = "etcd-peer"
	portAPIServer  = "kube-apiserver"
	portACME       = "acme"
	portManagement = "acme-management"
	portDNS        = "dns"
	portDNSAPI     = "dns-api"
	portControl    = "control"
	portHTTP01     = "http-01"
	portTLSALPN    = "tls-alpn-01"
)

func portNames() []string {
	return []string{portEtcd, portPeer, portAPIServer, portACME, portManagement, portDNS, portDNSAPI, portControl, portHTTP01, portTLSALPN}
}

// choosePorts keeps the ports that are still free and picks others for the
// rest, below those that the system hands out by itself or Kubernetes gives to
// node ports.
func (s *State) choosePorts() error {
	used := map[int]bool{}
	for _, name := range portNames() {
		port := s.Ports[name]
		for try := 0; port == 0 || used[port] || !free(port); try++ {
			if try == 1000 {
				return errors.New("no free port between 20000 and 29999")
			}
			port = 20000 + rand.IntN(10000)
		}
		used[port] = true
		s.Ports[name] = port
	}
	return nil
}

// free tells whether a port can be listened on, by TCP and UDP.
func free(port int) bool {
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	stream, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	defer stream.Close()
	packets, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	defer packets.Close()
	return true
}
