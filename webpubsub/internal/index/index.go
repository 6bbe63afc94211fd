// Package index finds things by their keys. It takes a third of the memory of a map, for the
// things themselves are linked into chains.
package index

import (
	"iter"
	"math/bits"
)

// Index has things of type T by their keys. Keys are unique. It is made with [New], and not safe
// for concurrent use.
//
// Chains are cut in two one at a time, as things are added (linear hashing), so that no addition
// takes much longer than others do.
type Index[K comparable, T any] struct {
	// Fixed.
	key  func(*T) K
	hash func(K) uint64
	next func(*T) **T

	heads []*T // of chains
	count int
}

// New returns an Index of things whose key never changes while they are in it. Next returns the
// field that links a thing to another one; it is the Index's own. Whoever chooses keys must not
// know what their hash is.
func New[K comparable, T any](key func(*T) K, hash func(K) uint64, next func(*T) **T) *Index[K, T] {
	return &Index[K, T]{key: key, hash: hash, next: next, heads: make([]*T, 1)}
}

// Len is how many things there are.
func (x *Index[K, T]) Len() int { return x.count }

// chain is the one in which a key belongs: by as many bits of its hash as there are chains for,
// or by one less when that chain has not been cut off yet.
func (x *Index[K, T]) chain(k K) **T {
	h := x.hash(k)
	size := uint64(len(x.heads))
	mask := uint64(1)<<bits.Len64(size-1) - 1
	if h &= mask; h >= size {
		h &= mask >> 1
	}
	return &x.heads[h]
}

// place is where the thing with a key is linked, or nil at the end of its chain.
func (x *Index[K, T]) place(k K) **T {
	at := x.chain(k)
	for *at != nil && x.key(*at) != k {
		at = x.next(*at)
	}
	return at
}

// Get returns the thing with a key; nil when there is none.
func (x *Index[K, T]) Get(k K) *T { return *x.place(k) }

// Put adds t, in the place of what had its key.
func (x *Index[K, T]) Put(t *T) {
	at := x.place(x.key(t))
	if before := *at; before != nil {
		*x.next(t), *at = *x.next(before), t
		*x.next(before) = nil
		return
	}
	*x.next(t), *at = nil, t
	if x.count++; x.count > len(x.heads) {
		x.cut()
	}
}

// cut takes out of the next chain in turn what belongs to a new one, the last.
func (x *Index[K, T]) cut() {
	size := len(x.heads)
	from := size &^ (1 << (bits.Len(uint(size)) - 1))
	all := x.heads[from]
	x.heads[from] = nil
	x.heads = append(x.heads, nil)
	for all != nil {
		t := all
		all = *x.next(t)
		at := x.chain(x.key(t))
		*x.next(t), *at = *at, t
	}
}

// Delete takes out the thing with a key, if there is one.
func (x *Index[K, T]) Delete(k K) {
	at := x.place(k)
	if t := *at; t != nil {
		*at, *x.next(t) = *x.next(t), nil
		x.count--
	}
}

// All returns an iterator over all things, in no order. The Index must not be changed meanwhile.
func (x *Index[K, T]) All() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, t := range x.heads {
			for ; t != nil; t = *x.next(t) {
				if !yield(t) {
					return
				}
			}
		}
	}
}
