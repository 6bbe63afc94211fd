package whiteboard

import (
	"bytes"
	"maps"
)

// StampOf returns the stamp of the record's property; empty when it was never written.
func (r Record) StampOf(name string) Stamp {
	if s, ok := r.PV[name]; ok {
		return s
	}
	if _, ok := r.Props[name]; ok {
		return r.V
	}
	return ""
}

// Merge returns r after op, and whether that made a difference. The zero Record stands
// for one that does not exist. A property takes the op's value when the op's stamp is
// greater than the property's; so merging is commutative, associative and idempotent as
// long as no two ops share a stamp.
//
// R is not changed: its maps are copied when needed, and values are copied out of the
// op, so the result keeps neither alive.
func Merge(r Record, op Op) (Record, bool) {
	base := r
	if base.V == "" {
		base = Record{ID: op.Record, V: op.Stamp}
	}
	next, changed := r, false
	for name, value := range op.Patch {
		if op.Stamp <= base.StampOf(name) {
			continue
		}
		if !changed {
			next, changed = base.clone(len(op.Patch)), true
		}
		next.Props[name] = bytes.Clone(value)
		if op.Stamp == base.V {
			delete(next.PV, name)
		} else {
			next.PV[name] = op.Stamp
		}
	}
	if changed && len(next.PV) == 0 {
		next.PV = nil
	}
	return next, changed
}

// clone returns r with maps of its own, with room for more properties.
func (r Record) clone(more int) Record {
	props := make(Patch, len(r.Props)+more)
	maps.Copy(props, r.Props)
	pv := make(map[string]Stamp, len(r.PV))
	maps.Copy(pv, r.PV)
	return Record{ID: r.ID, V: r.V, PV: pv, Props: props}
}
