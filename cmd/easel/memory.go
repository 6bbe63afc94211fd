package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// memoryInterval is how often to look whether memory can be given back.
	memoryInterval = 2 * time.Second
	// quietBytes is how much may be allocated in that time for it to count as quiet.
	quietBytes = 256 << 10
	// wasteShare is how much of what is in use has to be waste for that to be worth it.
	wasteShare = 8
)

// giveMemoryBack returns what a rush has left behind, of connections that opened, say, to the
// system, when it is over. The runtime would keep a share of it.
func giveMemoryBack(ctx context.Context) {
	tick := time.NewTicker(memoryInterval)
	defer tick.Stop()
	last := readMemory()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := readMemory()
		if now.wasteful(last) {
			debug.FreeOSMemory()
			now = readMemory()
		}
		last = now
	}
}

// memory is what the heap takes, in bytes.
type memory struct {
	allocated uint64 // since the start
	live      uint64 // when it was last looked
	objects   uint64 // live or not
	free      uint64 // and not given back
}

func readMemory() memory {
	s := []metrics.Sample{
		{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(s)
	return memory{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64(), s[3].Value.Uint64()}
}

// wasteful reports whether there is something to give back, and nobody needs it soon.
func (m memory) wasteful(before memory) bool {
	quiet := m.allocated-before.allocated <= quietBytes
	waste := m.free
	if m.objects > m.live {
		waste += m.objects - m.live
	}
	return quiet && waste > m.objects/wasteShare
}
