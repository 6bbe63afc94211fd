// Command client is a small chat in the terminal: what one types goes to a group, what
// others say is printed. Run it in two terminals, against easel or Azure:
//
//	client -connection-string 'Endpoint=http://localhost:8080;AccessKey=…;' -user ann
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/client"
	"github.com/easelhq/easel/webpubsub/service"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("client", flag.ContinueOnError)
	connectionString := flags.String("connection-string", os.Getenv("WEB_PUBSUB_CONNECTION_STRING"), "of the service, with an access key")
	hub := flags.String("hub", "chat", "to meet in")
	user := flags.String("user", "somebody", "name to be known by")
	room := flags.String("group", "lobby", "to talk in")
	if err := flags.Parse(args); err != nil {
		return err
	}
	url, err := tokens(*connectionString, *hub, *user)
	if err != nil {
		return err
	}
	c, err := client.New(url, &client.Options{
		OnConnected:    func(c client.Connection) { fmt.Fprintf(out, "* connected as %s\n", c.UserID) },
		OnDisconnected: func(_ client.Connection, err error) { fmt.Fprintf(out, "* disconnected: %v\n", err) },
	})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Start(ctx); err != nil {
		return err
	}
	group := webpubsub.GroupName(*room)
	if err := c.JoinGroup(ctx, group); err != nil {
		return err
	}
	hearing := make(chan struct{})
	go func() {
		defer close(hearing)
		hear(ctx, c, out)
	}()
	if err := talk(ctx, c, group, in); err != nil {
		return err
	}
	err = leave(ctx, c)
	<-hearing
	return err
}

// tokens makes a fresh token for each connection. An app whose users are strangers does this
// on its server, and hands out the URL.
func tokens(connectionString, hub, user string) (client.URLSource, error) {
	s, err := service.New(connectionString, hub, nil)
	if err != nil {
		return nil, err
	}
	return func(context.Context) (string, error) {
		t, err := s.ClientToken(service.TokenOptions{
			UserID: webpubsub.UserID(user),
			Roles:  []string{"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"},
		})
		return t.URL, err
	}, nil
}

// talk publishes lines until there are no more.
func talk(ctx context.Context, c *client.Client, g webpubsub.GroupName, in io.Reader) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := c.SendToGroup(ctx, g, client.Text(lines.Text()), &client.SendOptions{NoEcho: true}); err != nil {
			return err
		}
	}
	return lines.Err()
}

// hear prints what others say until the client is closed.
func hear(ctx context.Context, c *client.Client, out io.Writer) {
	for {
		m, err := c.Receive(ctx)
		if err != nil {
			return
		}
		fmt.Fprintf(out, "%s: %s\n", m.FromUserID, m.Data.Bytes)
	}
}

// leave waits a little for what is under way.
func leave(ctx context.Context, c *client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return c.Shutdown(ctx)
}
