package draw

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/easelhq/easel/whiteboard"
)

// BenchmarkRender makes pictures of a board as people draw them: mostly ink, then boxes
// with labels, arrows between them and notes.
func BenchmarkRender(b *testing.B) {
	for _, n := range []int{2_000, 10_000, 50_000} {
		records := drawing(n)
		b.Run("records/shapes="+strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if New(records).Len() != n {
					b.Fatal("some shapes can't be seen")
				}
			}
		})
		board := New(records)
		for name, write := range map[string]func(*Board, io.Writer) error{
			"svg": func(board *Board, w io.Writer) error { return board.SVG(b.Context(), w, Options{Scale: 0.3}) },
			"png": func(board *Board, w io.Writer) error { return board.PNG(b.Context(), w, Options{Scale: 0.3}) },
		} {
			b.Run(name+"/shapes="+strconv.Itoa(n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					check(b, write(board, io.Discard))
				}
			})
		}
	}
}

// drawing is a board of n shapes.
func drawing(n int) []whiteboard.Record {
	r := rand.New(rand.NewPCG(1, 2))
	side := 100 * float64(intSqrt(n))
	records := make([]whiteboard.Record, n)
	for i := range records {
		x, y := r.Float64()*side, r.Float64()*side
		head := fmt.Sprintf(`"at":[%.1f,%.1f],"z":"a%06d"`, x, y, i)
		var p string
		switch i % 10 {
		case 0:
			p = fmt.Sprintf(`{"kind":"rect",%s,"size":[120,80],"fill":"yellow","text":"box %d"}`, head, i)
		case 1:
			p = fmt.Sprintf(`{"kind":"arrow",%s,"size":[90,40],"endhead":"arrow","startbind":{"to":"r%d","at":[0.5,0.5],"inside":false}}`, head, i-1)
		case 2:
			p = fmt.Sprintf(`{"kind":"note",%s,"size":[120,120],"text":"a note of some words"}`, head)
		default:
			p = fmt.Sprintf(`{"kind":"draw",%s,"width":3,"p0":%q}`, head, scribble(r).Encode(whiteboard.Point{}))
		}
		records[i] = whiteboard.Record{ID: whiteboard.RecordID("r" + strconv.Itoa(i)), Props: mustPatch(p)}
	}
	return records
}

func intSqrt(n int) int {
	i := 1
	for i*i < n {
		i++
	}
	return i
}

func scribble(r *rand.Rand) whiteboard.Chunk {
	var c whiteboard.Chunk
	var p whiteboard.Point
	for range 60 {
		c.Points = append(c.Points, p)
		p.X += int32(r.IntN(60) - 15)
		p.Y += int32(r.IntN(60) - 30)
	}
	return c
}
