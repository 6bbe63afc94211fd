package main

import (
	"context"
	"runtime"
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
	// ballastBytes is how much heap is set aside. It is never touched, so it takes no memory, but
	// the collector counts it as live, and lets as much again be allocated before it starts: else
	// it would run dozens of times a second where there is little alive and much to do.
	ballastBytes = 16 << 20
	// ballastShare is the most of the memory limit, where the operator has set one, that may be
	// ballast.
	ballastShare = 16
)

// ballast is empty when the heap must not grow over so small a limit.
func ballast(limit int64) []byte {
	if limit/ballastShare < ballastBytes {
		return nil
	}
	return make([]byte, ballastBytes)
}

// keepMemory has the heap collected less often while there is much to do, and returns what a rush
// has left behind, of connections that opened, say, to the system, when it is over. The runtime
// would keep a share of it.
func keepMemory(ctx context.Context) {
	b := ballast(debug.SetMemoryLimit(-1))
	defer runtime.KeepAlive(b)
	tick := time.NewTicker(memoryInterval)
	defer tick.Stop()
	last := readMemory(len(b))
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := readMemory(len(b))
		if now.wasteful(last) {
			debug.FreeOSMemory()
			now = readMemory(len(b))
		}
		last = now
	}
}

// memory is what the heap takes, in bytes, without the ballast.
type memory struct {
	allocated uint64 // since the start
	live      uint64 // when it was last looked
	objects   uint64 // live or not
	free      uint64 // and not given back
}

func readMemory(ballast int) memory {
	s := []metrics.Sample{
		{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(s)
	without := func(v metrics.Value) uint64 { return max(v.Uint64(), uint64(ballast)) - uint64(ballast) }
	return memory{without(s[0].Value), without(s[1].Value), without(s[2].Value), s[3].Value.Uint64()}
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
