package dns01

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// address completes host, host:port, [IPv6] or [IPv6]:port, as cert-manager
// takes them, and a bare IPv6 address too.
func address(s string) (string, error) {
	bare := s
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		bare = s[1 : len(s)-1]
	}
	if ip, err := netip.ParseAddr(bare); err == nil {
		return net.JoinHostPort(ip.String(), "53"), nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil && !strings.Contains(s, ":") {
		host, port, err = s, "53", nil
	}
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" {
		return "", fmt.Errorf("%q is neither host nor host:port (IPv6 in brackets)", s)
	}
	return net.JoinHostPort(host, port), nil
}

// resolvers completes the addresses of recursive servers.
func resolvers(given []string) ([]string, error) {
	if len(given) == 0 {
		config, err := dns.ClientConfigFromFile("/etc/resolv.conf")
		if os.IsNotExist(err) {
			return nil, fmt.Errorf("resolvers: none given, and this machine has no /etc/resolv.conf")
		}
		if err != nil {
			return nil, fmt.Errorf("resolvers: %w", err)
		}
		given = config.Servers
	}
	var found []string
	for _, s := range given {
		a, err := address(s)
		if err != nil {
			return nil, fmt.Errorf("resolvers: %w", err)
		}
		found = append(found, a)
	}
	return found, nil
}
