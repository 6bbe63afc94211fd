package index_test

import (
	"hash/maphash"
	"math/rand/v2"
	"testing"

	"github.com/easelhq/easel/webpubsub/internal/index"
)

type thing struct {
	key  int
	next *thing
}

func things(hash func(int) uint64) *index.Index[int, thing] {
	return index.New(func(t *thing) int { return t.key }, hash, func(t *thing) **thing { return &t.next })
}

// Whatever is done, the index has what a map has.
func TestIndex_isLikeAMap(t *testing.T) {
	random := maphash.MakeSeed()
	for name, hash := range map[string]func(int) uint64{
		"random": func(k int) uint64 { return maphash.Comparable(random, k) },
		"dense":  func(k int) uint64 { return uint64(k) },
		"equal":  func(int) uint64 { return 7 },
	} {
		t.Run(name, func(t *testing.T) {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			r := rand.New(rand.NewPCG(seed, 0))
			x, m := things(hash), map[int]*thing{}
			for range 4000 {
				switch k := r.IntN(700); r.IntN(5) {
				case 0, 1, 2:
					t := &thing{key: k}
					x.Put(t)
					m[k] = t
				case 3:
					x.Delete(k)
					delete(m, k)
				default:
					if x.Get(k) != m[k] {
						t.Fatalf("%d is %p, want %p", k, x.Get(k), m[k])
					}
				}
			}
			if x.Len() != len(m) {
				t.Errorf("%d things, want %d", x.Len(), len(m))
			}
			for one := range x.All() {
				if m[one.key] != one {
					t.Errorf("%d is not in the map, or another one", one.key)
				}
				delete(m, one.key)
			}
			if len(m) > 0 {
				t.Errorf("%d things are missing", len(m))
			}
		})
	}
}

func TestIndex_iterationEnds(t *testing.T) {
	x := things(func(k int) uint64 { return uint64(k) })
	x.Put(&thing{key: 1})
	x.Put(&thing{key: 2})
	n := 0
	for range x.All() {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d turns", n)
	}
}

func BenchmarkIndex(b *testing.B) {
	seed := maphash.MakeSeed()
	x := things(func(k int) uint64 { return maphash.Comparable(seed, k) })
	const n = 20_000
	for k := range n {
		x.Put(&thing{key: k})
	}
	b.ReportAllocs()
	for k := 0; b.Loop(); k++ {
		if x.Get(k*7919%n) == nil {
			b.Fatal("gone")
		}
	}
}
