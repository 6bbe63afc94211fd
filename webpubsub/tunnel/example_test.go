package tunnel_test

import (
	"context"
	"log"
	"os"

	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/tunnel"
)

// An app server behind a firewall: it listens to nothing, answers the events of hub chat,
// whose handler is set up as tunnel:///eventhandler/{event}, and sends through the tunnel.
func Example() {
	connectionString := os.Getenv("WebPubSubConnectionString")
	to, err := token.ParseConnectionString(connectionString)
	if err != nil {
		log.Fatal(err)
	}
	var chat *service.Client
	events, err := eventhandler.New(eventhandler.Options{
		Hub:        "chat",
		AccessKeys: []string{to.AccessKey},
		Connected: func(ctx context.Context, e *eventhandler.ConnectedEvent) {
			if err := chat.SendToAll(ctx, service.Text(string(e.UserID)+" is here"), nil); err != nil {
				log.Print(err)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	t, err := tunnel.New(connectionString, "chat", events, nil)
	if err != nil {
		log.Fatal(err)
	}
	if chat, err = service.New(connectionString, "chat", &service.Options{Transport: t}); err != nil {
		log.Fatal(err)
	}
	log.Fatal(t.Run(context.Background()))
}
