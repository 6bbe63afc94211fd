package main

import (
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/listener"
	"github.com/easelhq/easel/webpubsub/listener/natssink"
)

// sinks are the endpoints of event listeners that easel has besides HTTP.
var sinks = map[string]listener.Factory{webpubsub.ListenerNATS: natssink.Open}
