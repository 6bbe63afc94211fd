package service_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// client is what the examples work with. A connection string comes from the portal of Azure,
// or from easel pubsub.
func client() (*service.Client, error) {
	return service.New("Endpoint=https://wps.example.net;AccessKey=primary-key-0123456789-abcdefghij;Version=1.0;", "board", nil)
}

func ExampleFilterf() {
	name := "O'Neil"
	fmt.Println(service.Filterf("userId ne %s and length(groups) lt %s", name, 3))
	fmt.Println(service.Filterf("userId in %s", []string{"ann", "bob"}))
	// Output:
	// userId ne 'O''Neil' and length(groups) lt 3
	// userId in ('ann','bob')
}

func ExampleClient_ClientToken() {
	c, err := client()
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := c.ClientToken(service.TokenOptions{
		UserID:   "ann",
		Roles:    []string{"webpubsub.sendToGroup.room-7", "webpubsub.joinLeaveGroup.room-7"},
		Groups:   []webpubsub.GroupName{"room-7"},
		Lifetime: 10 * time.Minute,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.BaseURL)
	fmt.Println(strings.HasPrefix(t.URL, t.BaseURL+"?access_token=ey"))
	// Output:
	// wss://wps.example.net/client/hubs/board
	// true
}

func ExampleClient_SendToAll_filter() {
	c, err := client()
	if err != nil {
		fmt.Println(err)
		return
	}
	everyoneElse := &service.SendOptions{Filter: service.Filterf("userId ne %s", "ann"), TTL: time.Minute}
	if err := c.SendToAll(context.Background(), service.Text("ann is here"), everyoneElse); err != nil {
		fmt.Println(err)
	}
}

func ExampleClient_AddConnectionsToGroups() {
	c, err := client()
	if err != nil {
		fmt.Println(err)
		return
	}
	guests := service.Filterf("startswith(userId,%s) and not (%s in groups)", "guest-", "lobby")
	if err := c.AddConnectionsToGroups(context.Background(), []webpubsub.GroupName{"lobby"}, guests); err != nil {
		fmt.Println(err)
	}
}

func ExampleClient_GroupMembers() {
	c, err := client()
	if err != nil {
		fmt.Println(err)
		return
	}
	for m, err := range c.GroupMembers(context.Background(), "room-7", nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(m.ConnectionID, m.UserID)
	}
}

func ExampleClient_HasPermission() {
	c, err := client()
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	if err := c.Grant(ctx, webpubsub.SendToGroup, "c1", "room-7"); webpubsub.CodeOf(err) == webpubsub.NotFound {
		fmt.Println("the connection is gone")
	}
	may, err := c.HasPermission(ctx, webpubsub.SendToGroup, "c1", "room-7")
	fmt.Println(may, err)
}

func ExampleClient_CloseGroup() {
	c, err := client()
	if err != nil {
		fmt.Println(err)
		return
	}
	stay := []webpubsub.ConnectionID{"c1"}
	if err := c.CloseGroup(context.Background(), "room-7", &service.CloseOptions{Excluded: stay, Reason: "room closed"}); err != nil {
		fmt.Println(err)
	}
}

func ExampleOptions_reverseProxy() {
	_, err := service.New("Endpoint=https://wps.example.net;AccessKey=…;", "board", &service.Options{
		ReverseProxyEndpoint: "https://gate.example.net/pubsub",
	})
	fmt.Println(err)
	// Output: <nil>
}
