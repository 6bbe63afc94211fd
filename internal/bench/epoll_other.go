//go:build !linux

package bench

import "net/netip"

// newEpoll returns nil: there is no epoll here.
func newEpoll(netip.AddrPort) (network, error) { return nil, nil }
