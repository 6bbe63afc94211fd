// Command notify sends a line of text to clients of a Web PubSub hub from a server, and
// shows how a filter chooses among them. It works with Easel and with Azure.
//
//	export WebPubSubConnectionString='Endpoint=http://localhost:8080;AccessKey=…;Version=1.0;'
//	go run ./examples/notify -hub chat -to lobby -except ann 'The doors are open.'
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("notify", flag.ContinueOnError)
	hub := flags.String("hub", "chat", "hub")
	group := flags.String("to", "lobby", "group that gets the text")
	except := flags.String("except", "", "user who does not")
	if err := flags.Parse(args); err != nil {
		return err
	}
	c, err := service.New(getenv("WebPubSubConnectionString"), *hub, nil)
	if err != nil {
		return fmt.Errorf("WebPubSubConnectionString: %w", err)
	}
	return notify(ctx, c, webpubsub.GroupName(*group), *except, strings.Join(flags.Args(), " "), out)
}

// notify puts everybody who is in no group into g, lists its members and sends them a text.
func notify(ctx context.Context, c *service.Client, g webpubsub.GroupName, except, text string, out io.Writer) error {
	if err := c.AddConnectionsToGroups(ctx, []webpubsub.GroupName{g}, service.Filterf("length(groups) eq %s", 0)); err != nil {
		return err
	}
	for m, err := range c.GroupMembers(ctx, g, nil) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s is in %s\n", m.UserID, g)
	}
	return c.SendToGroup(ctx, g, service.Text(text), &service.SendOptions{Filter: service.Filterf("userId ne %s", except)})
}
