package draw

import (
	"bytes"
	"context"
	"errors"
	"hash/adler32"
	"image/png"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"testing"
)

func TestJoinedSums_areThoseOfBothTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	data := make([]byte, 300_000)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	for _, cut := range []int{0, 1, 65520, 65521, 65522, 200_000, len(data)} {
		got := joinedSums(adler32.Checksum(data[:cut]), adler32.Checksum(data[cut:]), len(data)-cut)
		if want := adler32.Checksum(data); got != want {
			t.Errorf("cut after %d bytes: %#x, want %#x", cut, got, want)
		}
	}
}

// TestPNG_inBands_hasNoSeams: the rows are the same whoever paints them.
func TestPNG_inBands_hasNoSeams(t *testing.T) {
	b := New(drawing(300))
	for _, transparent := range []bool{false, true} {
		v, err := b.view(Options{Scale: 0.4, Transparent: transparent})
		check(t, err)
		whole := painter{view: v, canvas: newCanvas(v.width, v.height), images: &imageCache{}}
		check(t, whole.band(t.Context(), b, 0, v.height))
		var want bytes.Buffer
		one := newPNG(&want, v.width, v.height, transparent)
		check(t, one.add(newRowZip(v.width, transparent).pack(0, v.height, whole.canvas.row)))
		check(t, one.finish())
		var got bytes.Buffer
		check(t, b.PNG(t.Context(), &got, Options{Scale: 0.4, Transparent: transparent}))
		if v.height < 4*minRows {
			t.Fatalf("the picture has only %d rows", v.height)
		}
		gotPicture, err := png.Decode(&got)
		check(t, err)
		wantPicture, err := png.Decode(&want)
		check(t, err)
		for y := range v.height {
			for x := range v.width {
				if gotPicture.At(x, y) != wantPicture.At(x, y) {
					t.Fatalf("transparent %v: pixel %d, %d is %v, want %v", transparent, x, y, gotPicture.At(x, y), wantPicture.At(x, y))
				}
			}
		}
	}
}

func TestInParts_areWrittenInOrder_allOfThem(t *testing.T) {
	for _, c := range []struct{ count, size, cores, want int }{{1, 64, 4, 1}, {100, 10, 1, 10}, {101, 10, 3, 11}, {7, 1, 4, 7}, {0, 5, 2, 0}} {
		var ends []int
		err := inParts(t.Context(), c.count, c.size, c.cores, func(context.Context) func(first, last int) (int, error) {
			return func(_, last int) (int, error) { return last, nil }
		}, func(last int) error {
			ends = append(ends, last)
			return nil
		})
		check(t, err)
		for i, last := range ends {
			if last != min((i+1)*c.size, c.count) {
				t.Errorf("%+v: parts end at %v", c, ends)
			}
		}
		if len(ends) != c.want {
			t.Errorf("%+v: %d parts", c, len(ends))
		}
	}
}

func TestInParts_firstError_endsAll(t *testing.T) {
	broken := errors.New("broken")
	var begun atomic.Int32
	work := func(part func(first int) error) func(context.Context) func(first, last int) (int, error) {
		return func(context.Context) func(first, last int) (int, error) {
			return func(first, _ int) (int, error) { begun.Add(1); return 0, part(first) }
		}
	}
	third := func(first int) error {
		if first == 2 {
			return broken
		}
		return nil
	}
	if err := inParts(t.Context(), 1000, 1, 2, work(third), func(int) error { return nil }); !errors.Is(err, broken) {
		t.Errorf("a part that fails: %v", err)
	}
	none := func(int) error { return nil }
	if err := inParts(t.Context(), 1000, 1, 2, work(none), func(int) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("writing fails: %v", err)
	}
	if n := begun.Load(); n > 20 {
		t.Errorf("%d parts were made after an error", n)
	}
	defer func() {
		if p := recover(); p != "oh" {
			t.Errorf("panicked with %v", p)
		}
	}()
	inParts(t.Context(), 10, 1, 2, work(func(int) error { panic("oh") }), func(int) error { return nil })
}

// BenchmarkPNG_small is what most pictures are: a screen.
func BenchmarkPNG_small(b *testing.B) {
	board := New(drawing(100))
	b.ReportAllocs()
	for b.Loop() {
		check(b, board.PNG(b.Context(), io.Discard, Options{}))
	}
}
