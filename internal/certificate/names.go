package certificate

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
)

// names are what a server's certificate is for.
type names struct {
	dns []string // lower case; may begin with *.
	ips []net.IP
}

// loopback is what every authority may vouch for, whole networks included.
var loopback = struct {
	dns      string
	networks []*net.IPNet
	names    names
}{
	dns:      "localhost",
	networks: []*net.IPNet{network("127.0.0.0/8"), network("::1/128")},
	names:    names{dns: []string{"localhost"}, ips: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}},
}

func network(cidr string) *net.IPNet {
	_, n, err := net.ParseCIDR(cidr)
	if err != nil { // a constant
		panic(err)
	}
	return n
}

var hostName = regexp.MustCompile(`^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// isName accepts a host name in lower case; *. may stand before it.
func isName(s string) bool { return len(s) <= 253 && hostName.MatchString(s) }

// parseNames reads hosts and adds those of the loopback.
func parseNames(hosts []string) (names, error) {
	n := names{dns: slices.Clone(loopback.names.dns), ips: slices.Clone(loopback.names.ips)}
	for _, h := range hosts {
		host := strings.ToLower(strings.TrimSuffix(strings.Trim(h, "[]"), "."))
		ip := net.ParseIP(host)
		switch {
		case ip != nil:
			if !slices.ContainsFunc(n.ips, ip.Equal) {
				n.ips = append(n.ips, ip)
			}
		case isName(host):
			if !slices.Contains(n.dns, host) {
				n.dns = append(n.dns, host)
			}
		default:
			return n, fmt.Errorf("%q is neither a host name nor an IP address", h)
		}
	}
	return n, nil
}

// permittedBy reports whether the constraints of an authority cover all of n.
func (n names) permittedBy(ca *x509.Certificate) bool {
	for _, name := range n.dns {
		if !slices.ContainsFunc(ca.PermittedDNSDomains, func(domain string) bool { return within(name, domain) }) {
			return false
		}
	}
	for _, ip := range n.ips {
		if !slices.ContainsFunc(ca.PermittedIPRanges, func(r *net.IPNet) bool { return r.Contains(ip) }) {
			return false
		}
	}
	return true
}

// within reports whether a name is a domain or below it.
func within(name, domain string) bool {
	name = strings.TrimPrefix(name, "*.")
	return name == domain || strings.HasSuffix(name, "."+domain)
}

// constrain limits an authority to the loopback, to n, and to what the authority before
// it, if any, was limited to.
func (n names) constrain(template, before *x509.Certificate) {
	domains, ranges := []string{loopback.dns}, slices.Clone(loopback.networks)
	if before != nil {
		domains = append(domains, before.PermittedDNSDomains...)
		ranges = append(ranges, before.PermittedIPRanges...)
	}
	for _, name := range n.dns {
		domains = append(domains, strings.TrimPrefix(name, "*."))
	}
	for _, ip := range n.ips {
		ranges = append(ranges, single(ip))
	}
	slices.Sort(domains)
	template.PermittedDNSDomains = slices.Compact(domains)
	for _, r := range ranges {
		if !slices.ContainsFunc(template.PermittedIPRanges, func(have *net.IPNet) bool { return covers(have, r) }) {
			template.PermittedIPRanges = append(template.PermittedIPRanges, r)
		}
	}
}

// single is the network of one address.
func single(ip net.IP) *net.IPNet {
	if v4 := ip.To4(); v4 != nil {
		ip = v4
	}
	return &net.IPNet{IP: ip, Mask: bytes.Repeat([]byte{0xff}, len(ip))}
}

func covers(outer, inner *net.IPNet) bool {
	a, _ := outer.Mask.Size()
	b, _ := inner.Mask.Size()
	return len(outer.Mask) == len(inner.Mask) && a <= b && outer.Contains(inner.IP)
}
