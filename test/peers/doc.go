// Package peers holds servers to compare Easel with: other people's real-time servers, and
// WebSocket libraries with a naive broadcast on top. It is a module of its own, so that Easel
// depends on none of them.
//
// Each command listens on a free port of 127.0.0.1, prints its WebSocket URL as the only line
// on standard output, and serves until it is told to stop. With -secret it asks for tokens, if
// its protocol has them. The libraries speak the tiny protocol that easel bench calls ws:
//
//	server: hello
//	client: join GROUP          server: joined GROUP
//	client: pub GROUP BODY      server, to the other members: BODY
//
// Compare, in folder compare, runs them and Easel in turns and prints the comparison.
package peers

import (
	"fmt"
	"log"
	"net"
)

// Listen listens on a free port and says where.
func Listen(path string) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ws://%s%s\n", l.Addr(), path)
	return l
}
