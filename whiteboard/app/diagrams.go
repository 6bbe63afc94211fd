package app

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"sync"

	"github.com/easelhq/easel/whiteboard"
)

const (
	// keptDiagramFrom is the size, gzipped, from which a board's content is kept as it was
	// sent; less is made anew in no time.
	keptDiagramFrom = 16 << 10
	// maxKeptDiagrams bounds what is kept of all boards, in bytes.
	maxKeptDiagrams = 32 << 20
)

// diagrams keeps the compressed content of large boards: when many open one, or someone opens
// one that rests, writing and compressing it is done once. Safe for concurrent use.
type diagrams struct {
	mu    sync.Mutex
	kept  map[whiteboard.BoardID]*keptDiagram // guarded by mu
	bytes int                                 // guarded by mu; of all kept
	turn  uint64                              // guarded by mu; counts uses
}

// keptDiagram is a board's content after the entry seq, gzipped.
type keptDiagram struct {
	seq    uint64
	zipped []byte
	used   uint64
}

// send answers with the board's content.
func (d *diagrams) send(w http.ResponseWriter, r *http.Request, id whiteboard.BoardID, s whiteboard.Snapshot) {
	if !acceptsGzip(r) {
		sendPieces(w, r, bottomFirst(s).Pieces(pieceBytes))
		return
	}
	h := w.Header()
	isJSON(h)
	h.Add("Vary", "Accept-Encoding")
	h.Set("Content-Encoding", "gzip")
	if zipped := d.find(id, s.Seq); zipped != nil {
		w.Write(zipped) // the caller may be gone
		return
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(io.MultiWriter(w, &b), gzip.BestSpeed) // the level is valid
	for piece := range bottomFirst(s).Pieces(pieceBytes) {
		if _, err := z.Write(piece); err != nil {
			return // the caller is gone
		}
	}
	if z.Close() == nil && b.Len() >= keptDiagramFrom {
		d.keep(id, s.Seq, b.Bytes())
	}
}

// bottomFirst returns the snapshot with its records by their order keys, those without one first: so
// who reads it as it comes paints most of it as it will be, and has little to sort.
func bottomFirst(s whiteboard.Snapshot) whiteboard.Snapshot {
	type placed struct {
		z []byte // JSON, whose quotes sort before what may be in a key
		i int
	}
	order := make([]placed, len(s.Records))
	for i, r := range s.Records {
		order[i] = placed{r.Props["z"], i}
	}
	slices.SortFunc(order, func(a, b placed) int { return cmp.Or(bytes.Compare(a.z, b.z), a.i-b.i) })
	records := make([]whiteboard.Record, len(order))
	for i, p := range order {
		records[i] = s.Records[p.i]
	}
	return whiteboard.Snapshot{Seq: s.Seq, Records: records}
}

// find returns what is kept of a board after the entry seq; nil when that is nothing.
func (d *diagrams) find(id whiteboard.BoardID, seq uint64) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := d.kept[id]
	if k == nil || k.seq != seq {
		return nil
	}
	d.turn++
	k.used = d.turn
	return k.zipped
}

// keep takes the place of what was kept of the board; what was not asked for the longest goes
// when there is too much.
func (d *diagrams) keep(id whiteboard.BoardID, seq uint64, zipped []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drop(id)
	if len(zipped) > maxKeptDiagrams {
		return
	}
	for d.bytes+len(zipped) > maxKeptDiagrams {
		d.drop(d.oldest())
	}
	if d.kept == nil {
		d.kept = map[whiteboard.BoardID]*keptDiagram{}
	}
	d.turn++
	d.kept[id] = &keptDiagram{seq, zipped, d.turn}
	d.bytes += len(zipped)
}

// oldest returns the board that was not asked for the longest. Called with mu held.
func (d *diagrams) oldest() whiteboard.BoardID {
	var oldest whiteboard.BoardID
	least := d.turn + 1
	for id, k := range d.kept {
		if k.used < least {
			oldest, least = id, k.used
		}
	}
	return oldest
}

// drop forgets a board. Called with mu held.
func (d *diagrams) drop(id whiteboard.BoardID) {
	if k := d.kept[id]; k != nil {
		d.bytes -= len(k.zipped)
		delete(d.kept, id)
	}
}
