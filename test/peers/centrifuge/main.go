// Command centrifuge is a server made of the library that Centrifugo is made of.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"

	"github.com/centrifugal/centrifuge"
	"github.com/golang-jwt/jwt/v5"

	"github.com/easelhq/easel/test/peers"
)

func main() {
	secret := flag.String("secret", "", "key that clients' tokens are signed with")
	flag.Parse()
	node, err := centrifuge.New(centrifuge.Config{
		// A publisher that keeps messages in flight to 10 000 members needs a little room.
		ClientQueueMaxSize: 16 << 20,
	})
	if err != nil {
		log.Fatal(err)
	}
	var handler peers.Handler
	node.OnConnecting(func(_ context.Context, e centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		user, err := userOf(e.Token, *secret)
		if err != nil {
			return centrifuge.ConnectReply{}, centrifuge.DisconnectInvalidToken
		}
		return centrifuge.ConnectReply{Credentials: &centrifuge.Credentials{UserID: user}}, nil
	})
	node.OnConnect(func(c *centrifuge.Client) {
		c.OnSubscribe(func(_ centrifuge.SubscribeEvent, done centrifuge.SubscribeCallback) {
			done(centrifuge.SubscribeReply{}, nil)
		})
		c.OnPublish(func(_ centrifuge.PublishEvent, done centrifuge.PublishCallback) { done(centrifuge.PublishReply{}, nil) })
		// One after the other, as Centrifugo's proxy does it.
		c.OnRPC(func(e centrifuge.RPCEvent, done centrifuge.RPCCallback) {
			data, err := handler.Answer(e.Data)
			done(centrifuge.RPCReply{Data: data}, err)
		})
	})
	if err := node.Run(); err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc(peers.HandlerRoute, handler.Set(*secret))
	mux.HandleFunc(peers.PublishRoute, peers.Publish(*secret, func(group string, body []byte) error {
		_, err := node.Publish(group, body)
		return err
	}))
	mux.Handle("/connection/websocket", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{}))
	log.Fatal(http.Serve(peers.Listen("/connection/websocket"), mux))
}

func userOf(token, secret string) (string, error) {
	if secret == "" {
		return "anyone", nil
	}
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return []byte(secret), nil }, jwt.WithValidMethods([]string{"HS256"}))
	if err != nil {
		return "", err
	}
	return parsed.Claims.GetSubject()
}
