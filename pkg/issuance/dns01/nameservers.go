package dns01

import (
	"slices"
	"strings"
)

// hostMarks lists DNS providers by the domains of their name servers. A missing match proves nothing:
// name servers may have vanity names.
var hostMarks = []marks{
	{"Akamai", []string{".akam.net."}},
	{"Alibaba Cloud", []string{".alidns.com.", ".hichina.com."}},
	{"Azure DNS", []string{".azure-dns."}},
	{"Bunny", []string{".bunny.net."}},
	{"Cloudflare", []string{".ns.cloudflare.com.", ".foundationdns."}},
	{"deSEC", []string{".desec.io.", ".desec.org."}},
	{"DigitalOcean", []string{".digitalocean.com."}},
	{"DNSimple", []string{".dnsimple.com.", ".dnsimple-edge."}},
	{"DNS Made Easy", []string{".dnsmadeeasy.com."}},
	{"Gandi", []string{".gandi.net."}},
	{"GoDaddy", []string{".domaincontrol.com."}},
	{"Google Cloud DNS", []string{".googledomains.com."}},
	{"Hetzner", []string{".ns.hetzner.com.", ".ns.hetzner.de.", ".second-ns."}},
	{"Hurricane Electric", []string{".he.net."}},
	{"Infomaniak", []string{".infomaniak.ch.", ".infomaniak.com."}},
	{"IONOS", []string{".ui-dns."}},
	{"Linode", []string{".linode.com."}},
	{"Namecheap", []string{".registrar-servers.com."}},
	{"netcup", []string{".netcup.net."}},
	{"NS1", []string{".nsone.net."}},
	{"OVH", []string{".ovh.net.", ".ovh.ca.", ".anycast.me."}},
	{"Porkbun", []string{".porkbun.com."}},
	{"Route 53", []string{".awsdns-"}},
	{"Scaleway", []string{".scw.cloud."}},
	{"Tencent Cloud", []string{".dnspod.net."}},
	{"TransIP", []string{".transip.net.", ".transip.nl.", ".transip.eu."}},
	{"Vultr", []string{".vultr.com."}},
}

// marks are strings in the names of a DNS provider's servers.
type marks struct {
	host string // its usual name
	in   []string
}

// knownByLego maps lego's provider names to those providers.
var knownByLego = map[string]string{
	"alidns": "Alibaba Cloud", "bunny": "Bunny", "cloudflare": "Cloudflare", "desec": "deSEC", "digitalocean": "DigitalOcean",
	"dnsimple": "DNSimple", "dnsmadeeasy": "DNS Made Easy", "dnspod": "Tencent Cloud", "gandi": "Gandi", "gandiv5": "Gandi",
	"godaddy": "GoDaddy", "hetzner": "Hetzner", "hurricane": "Hurricane Electric", "infomaniak": "Infomaniak", "ionos": "IONOS",
	"linode": "Linode", "namecheap": "Namecheap", "netcup": "netcup", "ns1": "NS1", "ovh": "OVH", "porkbun": "Porkbun",
	"scaleway": "Scaleway", "tencentcloud": "Tencent Cloud", "transip": "TransIP", "vultr": "Vultr",
}

// owner returns the provider that all servers belong to, "" if there is none.
func owner(servers []server) string {
	for _, w := range hostMarks {
		if len(servers) > 0 && !slices.ContainsFunc(servers, func(s server) bool { return !marked(s, w.in) }) {
			return w.host
		}
	}
	return ""
}

func marked(s server, marks []string) bool {
	return slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains("."+s.name+".", mark) })
}
