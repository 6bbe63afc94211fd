package story

// Causes of a refused handshake, besides those of its token.
const (
	NotWebSocket    = "notWebSocket"
	HubName         = "hubName"
	SimpleMode      = "simpleMode" // webpubsub_mode or its parameters
	ShuttingDown    = "shuttingDown"
	UpgradeFailed   = "upgradeFailed"
	GroupName       = "groupName" // of the token or the connect handler
	ConnectRefused  = "connectRefused"
	TooManyClients  = "tooManyClients"
	InternalFailure = "internalFailure"
)

// Causes of trouble in an open connection.
const (
	SubprotocolUnknown = "subprotocolUnknown" // only names we don't know were offered
	SimpleSendsFrames  = "simpleSendsFrames"
	EventUnhandled     = "eventUnhandled"
	Forbidden          = "forbidden"
	AckRepeated        = "ackRepeated"
	FrameMalformed     = "frameMalformed"
	FrameType          = "frameType" // text where binary is due, or the reverse
	FrameTooLarge      = "frameTooLarge"
	FrameBroken        = "frameBroken" // WebSocket framing
	GroupEmpty         = "groupEmpty"
	SlowClient         = "slowClient"
	SlowAcks           = "slowAcks" // of a reliable client
	RawForbidden       = "rawForbidden"
	SimpleEventFailed  = "simpleEventFailed"
	Application        = "application" // closed the connection
	Lost               = "lost"        // the socket, and with it the connection
	WindowOver         = "windowOver"
	NoSuchConnection   = "noSuchConnection" // to recover
	RecoveryToken      = "recoveryToken"
	NotReliable        = "notReliable"
)

// Causes of REST requests without effect.
const (
	RESTNoConnection = "restNoConnection"
	RESTNotYetOpen   = "restNotYetOpen"
	RESTNoUser       = "restNoUser"
	RESTGroupEmpty   = "restGroupEmpty"
)

// closing names why the service closed, by the code and, for 1008, the beginning of the reason.
// 1007 has no cause of its own: the refused frame tells it.
var closing = map[int]string{
	1000: Application,
	1001: ShuttingDown,
	1002: FrameBroken,
	1003: FrameType,
	1009: FrameTooLarge,
	1011: SimpleEventFailed,
}
