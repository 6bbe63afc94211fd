package app

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/draw"
)

const (
	// picturesAtOnce is how many pictures are made at a time, so that boards stay quick.
	picturesAtOnce = 2
	// picturesWaiting is how many more requests wait for their turn or are being answered;
	// more are turned away.
	picturesWaiting = 16
	// pictureTime bounds the making of one picture.
	pictureTime = 30 * time.Second
	// sendTime bounds the sending of one picture, which is in memory meanwhile.
	sendTime = 60 * time.Second
	// maxPictureBytes is the largest picture, in bytes; so much is kept of those made last, too.
	maxPictureBytes = 64 << 20
	// defaultPadding is how much room is left around the shapes, in world units.
	defaultPadding = 16
)

// pictureFormat is a way to write a board.
type pictureFormat struct {
	contentType string
	isText      bool
	write       func(*draw.Board, context.Context, *boundedBuffer, draw.Options) error
}

var (
	svgFormat = pictureFormat{"image/svg+xml", true, func(b *draw.Board, ctx context.Context, w *boundedBuffer, o draw.Options) error {
		return b.SVG(ctx, w, o)
	}}
	pngFormat = pictureFormat{"image/png", false, func(b *draw.Board, ctx context.Context, w *boundedBuffer, o draw.Options) error {
		return b.PNG(ctx, w, o)
	}}
)

func (a *App) showPicture(w http.ResponseWriter, r *http.Request, id whiteboard.BoardID, f pictureFormat) error {
	b, _, err := a.permit(r, id)
	if err != nil {
		return err
	}
	o, err := pictureOptions(r.URL.Query())
	if err != nil {
		return err
	}
	seq, err := a.rooms.Seq(r.Context(), b.ID)
	if err != nil {
		return err
	}
	h := w.Header()
	if r.Header.Get("If-None-Match") == pictureTag(seq) {
		describePicture(h, seq)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	name := pictureName(b.ID, f, o)
	picture, ok := a.made.get(name, seq)
	if !ok {
		line, err := a.pictures.enter(r.Context())
		if err == nil {
			defer line.leave()
			picture, seq, err = a.picture(r.Context(), line, name, b.ID, f, o)
		}
		switch {
		case err != nil && r.Context().Err() != nil: // nobody waits for the answer
			return refuse(http.StatusServiceUnavailable, "unavailable", "the request ended before the picture was made")
		case err != nil:
			return err
		}
	}
	describePicture(h, seq)
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Security-Policy", "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox")
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sendTime)) // where that can be set
	if f.isText {
		sendText(w, r, http.StatusOK, picture)
		return nil
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(picture))
	return nil
}

// pictureTag is the same while the board is.
func pictureTag(seq uint64) string { return fmt.Sprintf(`"%d-%d"`, draw.Version, seq) }

func describePicture(h http.Header, seq uint64) {
	h.Set("ETag", pictureTag(seq))
	h.Set("Cache-Control", "private, no-cache")
	h.Add("Vary", "Authorization")
}

// pictureName is the same for requests that want the same of a board.
func pictureName(id whiteboard.BoardID, f pictureFormat, o draw.Options) string {
	return fmt.Sprintf("%s %s %v %v %v %v %q", id, f.contentType, o.Scale, o.Padding, o.Transparent, o.Theme, o.Frame)
}

// picture makes a picture, unless somebody has made it meanwhile, and tells which position
// it shows.
func (a *App) picture(ctx context.Context, line *place, name string, id whiteboard.BoardID, f pictureFormat, o draw.Options) ([]byte, uint64, error) {
	defer line.done()
	ctx, cancel := context.WithTimeoutCause(ctx, pictureTime, refuse(http.StatusServiceUnavailable, "unavailable", "the picture took longer than %v; lower the scale", pictureTime))
	defer cancel()
	s, err := a.rooms.Snapshot(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	if made, ok := a.made.get(name, s.Seq); ok {
		return made, s.Seq, nil
	}
	o.Fonts = a.Fonts
	o.Asset = func(hash string) (whiteboard.Asset, error) { return a.Store.Asset(ctx, hash) }
	var out boundedBuffer
	if err := f.write(draw.New(s.Records), ctx, &out, o); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, 0, err
	}
	a.made.put(name, s.Seq, out.Bytes())
	return out.Bytes(), s.Seq, nil
}

// boundedBuffer takes maxPictureBytes and no more.
type boundedBuffer struct{ bytes.Buffer }

func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxPictureBytes {
		return 0, whiteboard.Refusef(whiteboard.CodeTooLarge, "the picture is larger than the limit of %d bytes", maxPictureBytes)
	}
	return b.Buffer.Write(p)
}

// queue lets a few in at once and a few more wait.
type queue struct {
	places chan struct{} // taken by those inside
	line   chan struct{} // taken by all that have not left
}

// place is one's place in a queue. Its methods are for one goroutine.
type place struct {
	q        *queue
	isInside bool
}

func newQueue(inside, others int) *queue {
	return &queue{make(chan struct{}, inside), make(chan struct{}, inside+others)}
}

// enter waits until it is let in. Errors: a refusal when there are too many, or ctx's.
func (q *queue) enter(ctx context.Context) (*place, error) {
	select {
	case q.line <- struct{}{}:
	default:
		return nil, refuse(http.StatusServiceUnavailable, "unavailable", "%d pictures are being made, sent or waited for; try again", cap(q.line))
	}
	select {
	case q.places <- struct{}{}:
		return &place{q, true}, nil
	case <-ctx.Done():
		<-q.line
		return nil, ctx.Err()
	}
}

// done lets the next one in.
func (p *place) done() {
	if p.isInside {
		p.isInside = false
		<-p.q.places
	}
}

// leave gives the place up.
func (p *place) leave() {
	p.done()
	<-p.q.line
}

// album keeps the pictures that were made last, each as of its board's position. Safe for
// concurrent use.
type album struct {
	most int // bytes

	mu    sync.Mutex
	bytes int                  // guarded by mu
	known map[string]albumPage // guarded by mu
	order []string             // guarded by mu; names, the one not asked for longest first
}

type albumPage struct {
	seq     uint64
	picture []byte
}

// get returns a picture of a board at a position; it must not be changed.
func (a *album) get(name string, seq uint64) ([]byte, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	page, ok := a.known[name]
	if !ok || page.seq != seq {
		return nil, false
	}
	a.order = append(without(a.order, name), name)
	return page.picture, true
}

// put keeps a picture in the place of an earlier one; those not asked for longest make room.
func (a *album) put(name string, seq uint64, picture []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop(name)
	if a.known == nil {
		a.known = map[string]albumPage{}
	}
	for len(a.order) > 0 && a.bytes+len(picture) > a.most {
		a.drop(a.order[0])
	}
	a.known[name] = albumPage{seq, picture}
	a.order = append(a.order, name)
	a.bytes += len(picture)
}

func (a *album) drop(name string) {
	if page, ok := a.known[name]; ok {
		a.bytes -= len(page.picture)
		delete(a.known, name)
		a.order = without(a.order, name)
	}
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(names, func(n string) bool { return n == name })
}

// pictureOptions reads the query; draw checks the numbers' limits.
func pictureOptions(q url.Values) (draw.Options, error) {
	o := draw.Options{Scale: 1, Padding: defaultPadding, Frame: whiteboard.RecordID(q.Get("frame"))}
	for name, to := range map[string]*float64{"scale": &o.Scale, "padding": &o.Padding} {
		if s := q.Get(name); s != "" {
			v, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return o, refuse(http.StatusBadRequest, "invalid", "%s is %.40q; a number is expected", name, s)
			}
			*to = v
		}
	}
	switch s := q.Get("background"); s {
	case "", "true":
	case "false":
		o.Transparent = true
	default:
		return o, refuse(http.StatusBadRequest, "invalid", "background is %.40q; allowed: true, false", s)
	}
	switch s := q.Get("theme"); s {
	case "", "light":
	case "dark":
		o.Theme = draw.Dark
	default:
		return o, refuse(http.StatusBadRequest, "invalid", "theme is %.40q; allowed: light, dark", s)
	}
	return o, nil
}
