package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/client"
)

func Example() {
	ctx := context.Background()
	// The URL comes from one's own server, which knows who may do what.
	negotiate := func(ctx context.Context) (string, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://app.example.net/negotiate", nil)
		if err != nil {
			return "", err
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		url, err := io.ReadAll(res.Body)
		return string(url), err
	}
	c, err := client.New(negotiate, &client.Options{
		OnConnected: func(c client.Connection) { log.Printf("connected as %s", c.UserID) },
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := c.Start(ctx); err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.JoinGroup(ctx, "room-7"); err != nil {
		log.Fatal(err)
	}
	if err := c.SendToGroup(ctx, "room-7", client.Text("hello"), &client.SendOptions{NoEcho: true}); err != nil {
		log.Fatal(err)
	}
	for {
		m, err := c.Receive(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", m.FromUserID, m.Data.Bytes)
	}
}

func ExampleClient_Invoke() {
	c, ctx := exampleClient()
	answer, err := c.Invoke(ctx, "price", client.JSON([]byte(`{"item":"tea"}`)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", answer.Bytes)
}

func ExampleClient_OpenStream() {
	c, ctx := exampleClient()
	w, err := c.OpenStream(ctx, "room-7", nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, word := range []string{"One", " word", " after", " another."} {
		if err := w.Write(ctx, client.Text(word)); err != nil { // waits while too much is under way
			log.Fatal(err)
		}
	}
	if err := w.Close(ctx); err != nil {
		log.Fatal(err)
	}
}

func ExampleClient_AcceptStream() {
	c, ctx := exampleClient() // with Options.AcceptStreams
	r, err := c.AcceptStream(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for {
		part, err := r.Receive(ctx)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		os.Stdout.Write(part.Bytes)
	}
}

func ExampleClient_SendToGroup_errors() {
	c, ctx := exampleClient()
	err := c.SendToGroup(ctx, "room-7", client.Text("hello"), nil)
	switch webpubsub.CodeOf(err) {
	case webpubsub.Forbidden:
		log.Print("ask for the role webpubsub.sendToGroup")
	case webpubsub.Unavailable:
		log.Print("no connection, and the retries are used up")
	}
}

func exampleClient() (*client.Client, context.Context) {
	c, err := client.New(client.URL(os.Getenv("CLIENT_URL")), nil)
	if err != nil {
		log.Fatal(err)
	}
	return c, context.Background()
}
