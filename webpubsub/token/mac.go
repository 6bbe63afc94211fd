package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// macs are HMACs of keys in use. To begin one anew takes a fraction of what it takes to make
// it, for which each key's state is kept.
var macs struct {
	mu    sync.RWMutex
	pools map[string]*sync.Pool // guarded by mu; of *mac, by key
}

// maxKeys is of how many keys states are kept. A service has two; more are there when keys are
// replaced, or in tests.
const maxKeys = 16

// mac is an HMAC, and room for what goes in.
type mac struct {
	hash  hash.Hash
	input []byte
}

func poolOf(key string) *sync.Pool {
	macs.mu.RLock()
	p := macs.pools[key]
	macs.mu.RUnlock()
	if p != nil {
		return p
	}
	macs.mu.Lock()
	defer macs.mu.Unlock()
	if macs.pools == nil || len(macs.pools) >= maxKeys {
		macs.pools = map[string]*sync.Pool{}
	}
	p = &sync.Pool{New: func() any { return &mac{hash: hmac.New(sha256.New, []byte(key))} }}
	macs.pools[key] = p
	return p
}

// sum appends the HMAC-SHA256 of a text.
func sum(dst []byte, key, text string) []byte {
	p := poolOf(key)
	m := p.Get().(*mac)
	defer p.Put(m)
	m.hash.Reset()
	m.input = append(m.input[:0], text...)
	m.hash.Write(m.input)
	return m.hash.Sum(dst)
}
