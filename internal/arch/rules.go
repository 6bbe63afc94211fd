package arch

// Rules is the direction of imports as data. A package is named as the go command names
// it from the module's root: "./webpubsub" is that package, "./webpubsub/..." its whole
// tree. Anything without "./" is an import path outside the module.
var Rules = []Rule{
	{
		Packages:   []string{"./webpubsub", "./webpubsub/internal/wire", "./webpubsub/internal/connection", "./webpubsub/internal/filter", "./webpubsub/internal/websocket", "./whiteboard", "./whiteboard/outlines"},
		Imports:    []string{"net", "net/http", "os", "database/sql", "log", "log/slog", ThirdParty},
		Allows:     []string{protowire}, // pure functions on bytes
		Goroutines: true,
		Clock:      true,
		Because:    "pure code is tested in microseconds and read without context",
	},
	{
		Packages:   []string{"./whiteboard/draw"},
		Imports:    []string{"net", "net/http", "os", "database/sql", "log", "log/slog", ThirdParty},
		Allows:     []string{"golang.org/x/image/..."}, // outlines of fonts, WebP
		Goroutines: true,
		Clock:      true,
		Because:    "a picture depends on the board and nothing else",
	},
	{
		Packages: []string{"./..."},
		Except:   []string{"./whiteboard/fonts"},
		Imports:  []string{"github.com/go-text/..."},
		Because:  "what shapes text is large, and pictures can do without it",
	},
	{
		Packages: []string{"./webpubsub/..."},
		Imports:  []string{"./whiteboard/...", "./storage/...", "./web/..."},
		Because:  "the service serves other applications too",
	},
	{
		Packages: []string{"./whiteboard/..."},
		Imports:  []string{"./webpubsub/server/...", "./webpubsub/cluster/..."},
		Because:  "the web app must run against any Web PubSub service",
	},
	{
		Packages: []string{"./webpubsub/internal/engine"},
		Imports:  []string{"net/http", "log/slog", ThirdParty, "./webpubsub", "./webpubsub/server/...", "./webpubsub/internal/wire", "./webpubsub/internal/connection"},
		Because:  "what moves bytes does not know what they mean",
	},
	{
		Packages: []string{"./webpubsub/client/...", "./webpubsub/service/...", "./webpubsub/eventhandler/...", "./webpubsub/tunnel/...", "./webpubsub/listener/..."},
		Imports:  []string{"./webpubsub/server/..."},
		Because:  "an SDK must not carry the server",
	},
	{
		Packages: []string{"./internal/bench"},
		Imports:  []string{"./webpubsub/server/...", "./whiteboard/...", "./storage/...", "./web/...", ThirdParty},
		Because:  "what is measured is known by its public protocol alone, and the measuring stays small",
	},
	{
		Packages: []string{"./..."},
		Except:   []string{"./cmd/...", Testing},
		Imports:  []string{"./storage/sqlite/...", "./storage/postgres/...", "./webpubsub/cluster/natsbus/...", "./webpubsub/listener/natssink/...", "./webpubsub/metrics/..."},
		Because:  "importers pay only for the drivers they choose",
	},
	{
		Packages: []string{"./..."},
		Except:   []string{"./storage/sqlite/...", "./storage/postgres/...", "./webpubsub/cluster/natsbus/..."},
		Imports:  []string{"modernc.org/sqlite/..."},
		Because:  "a driver is known to its adapter alone",
	},
	{
		Packages: []string{"./..."},
		Except:   []string{"./webpubsub/cluster/natsbus/...", "./webpubsub/listener/natssink/..."},
		Imports:  []string{"github.com/nats-io/..."},
		Because:  "a driver is known to its adapters alone",
	},
	{
		Packages: []string{"./..."},
		Except:   []string{"./webpubsub/metrics"},
		Imports:  []string{"github.com/prometheus/..."},
		Because:  "the service counts by itself; who embeds it chooses how to tell",
	},
	{
		Packages: []string{"./..."},
		Except:   []string{"./internal/certificate"},
		Imports:  []string{"golang.org/x/crypto/..."},
		Because:  "certificates come from one place, and nothing else needs more cryptography than the standard library",
	},
	{
		Packages: []string{"./..."},
		Except:   []string{"./webpubsub/client", "./webpubsub/tunnel", "./cmd/...", Testing},
		Imports:  []string{"github.com/coder/websocket/..."},
		Because:  "the WebSocket library can be replaced only while few files know it",
	},
	{
		Packages: []string{"./..."},
		Except:   []string{"./webpubsub/internal/wire", Testing},
		Imports:  []string{"google.golang.org/protobuf/..."},
		Because:  "protobuf is written by hand, in one package, to encode a message once for all its receivers",
	},
	{
		Packages: []string{"./..."},
		Except:   []string{Testing},
		Imports:  []string{"testing/...", Testing},
		Because:  "the product does not carry its tests",
	},
}

const protowire = "google.golang.org/protobuf/encoding/protowire"
