package whiteboard

import (
	"cmp"
	"fmt"
	"slices"
)

// Digest tells whether two replicas hold the same registers: 16 hex digits. It covers
// record ids, property names and stamps, not values, whose spelling may differ between
// languages. Source: docs/board-protocol.md §2, Digest.
type Digest string

func digestOf(sum uint64) Digest { return Digest(fmt.Sprintf("%016x", sum)) }

// DigestOf returns the digest of records, in whatever order.
func DigestOf(records ...Record) Digest {
	var sum uint64
	for _, r := range records {
		sum ^= r.hash()
	}
	return digestOf(sum)
}

// hash returns the record's two FNV-1a hashes side by side.
func (r Record) hash() uint64 {
	type register struct {
		stamp Stamp
		name  string
	}
	registers := make([]register, 0, 16)
	for name := range r.Props {
		registers = append(registers, register{r.StampOf(name), name})
	}
	slices.SortFunc(registers, func(a, b register) int {
		return cmp.Or(cmp.Compare(a.stamp, b.stamp), cmp.Compare(a.name, b.name))
	})
	h := newTwin()
	h.add(string(r.ID))
	last := Stamp("")
	for _, reg := range registers {
		if reg.stamp == last {
			h.add(",")
		} else {
			h.add("\n")
			h.add(string(reg.stamp))
			h.add(":")
			last = reg.stamp
		}
		h.add(reg.name)
	}
	return uint64(h.a)<<32 | uint64(h.b)
}

// twin is two 32-bit FNV-1a hashes with different starts.
type twin struct{ a, b uint32 }

func newTwin() twin { return twin{a: 0x811c9dc5, b: 0x050c5d1f} }

func (t *twin) add(s string) {
	const prime = 16777619
	for i := range len(s) {
		t.a = (t.a ^ uint32(s[i])) * prime
		t.b = (t.b ^ uint32(s[i])) * prime
	}
}
