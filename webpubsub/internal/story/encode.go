package story

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// A story's entries are kept as bytes, for there are as many stories as connections, and what
// they say is mostly the same. An entry is
//
//	length of what follows · length of the facts · facts · moments
//
// Equal facts are equal bytes. Facts are a set of fields and then these; moments are what
// equal entries may differ in: when it happened, how often, how long it took, and the time it
// speaks of.

// texts are the fields of facts that are text, in order of their bits: the usual ones first.
func texts(f *Facts) [textFields]*string {
	return [...]*string{&f.Kind, &f.By, &f.Found, &f.Group, &f.Detail, &f.Cause, &f.Event, &f.Role, &f.Permission, &f.URL, &f.Expected}
}

// numbers are the other ones, after the texts.
func numbers(f *Facts) [3]*int { return [...]*int{&f.Status, &f.Attempts, &f.Code} }

const textFields = 11

// words are texts that are written as their number. Their order is not kept anywhere.
var words = []string{
	KindToken, KindAnonymous, KindRefused, KindRoles, KindRoleIgnored, KindGroups, KindSubprotocol, KindAccepted, KindHandler,
	KindAttempt, KindWorks, KindUnhandled, KindJoined, KindLeft, KindGranted, KindRevoked, KindForbidden, KindDuplicate,
	KindFrame, KindUnreached, KindSocketLost, KindRecovered, KindNoRecovery, KindClosing, KindEnded, KindREST, KindKey,
	ByHandler, ByClient, ByApplication, ByService, "primary", "secondary", GroupEmpty, Forbidden,
	webpubsub.JoinLeaveGroup.String(), webpubsub.SendToGroup.String(), "connect", "connected", "disconnected",
	"json.webpubsub.azure.v1", "json.reliable.webpubsub.azure.v1", "protobuf.webpubsub.azure.v1", "protobuf.reliable.webpubsub.azure.v1",
}

var wordNumbers = func() map[string]uint64 {
	m := map[string]uint64{}
	for i, w := range words {
		m[w] = uint64(i)
	}
	return m
}()

// How a text is written: its length follows, or a number.
const (
	inline = iota
	word
	kept // in Recorder.texts
	ways
)

// fewBytes is the longest text that is not worth to be looked up.
const fewBytes = 20

// appendFacts writes f. Long texts are kept by the recorder once for all stories; each time
// that they are written counts, until release.
func (r *Recorder) appendFacts(b []byte, f *Facts) []byte {
	set := 0
	for i, s := range texts(f) {
		if *s != "" {
			set |= 1 << i
		}
	}
	for i, n := range numbers(f) {
		if *n != 0 {
			set |= 1 << (textFields + i)
		}
	}
	b = binary.AppendUvarint(b, uint64(set))
	for _, s := range texts(f) {
		if *s != "" {
			b = r.appendText(b, *s)
		}
	}
	for _, n := range numbers(f) {
		if *n != 0 {
			b = binary.AppendVarint(b, int64(*n))
		}
	}
	return b
}

func (r *Recorder) appendText(b []byte, s string) []byte {
	if n, ok := wordNumbers[s]; ok {
		return binary.AppendUvarint(b, n*ways+word)
	}
	if len(s) > fewBytes {
		return binary.AppendUvarint(b, uint64(r.texts.keep(s))*ways+kept)
	}
	b = binary.AppendUvarint(b, uint64(len(s))*ways+inline)
	return append(b, s...)
}

// scan reads bytes that appendFacts and its like have written.
type scan struct{ b []byte }

func (s *scan) uint() uint64 {
	n, size := binary.Uvarint(s.b)
	s.b = s.b[size:]
	return n
}

func (s *scan) int() int64 {
	n, size := binary.Varint(s.b)
	s.b = s.b[size:]
	return n
}

func (s *scan) bytes() []byte {
	n := s.uint()
	b := s.b[:n]
	s.b = s.b[n:]
	return b
}

// text returns a text, and the number by which it is kept; 0 when it is not.
func (s *scan) text(t *sharedTexts) (text string, number uint32) {
	n := s.uint()
	switch n, way := n/ways, n%ways; way {
	case word:
		return words[n], 0
	case kept:
		return t.list[n].text, uint32(n)
	default:
		text = string(s.b[:n])
		s.b = s.b[n:]
		return text, 0
	}
}

func (r *Recorder) facts(b []byte) (f Facts) {
	s := scan{b}
	set := s.uint()
	for i, text := range texts(&f) {
		if set&(1<<i) != 0 {
			*text, _ = s.text(&r.texts)
		}
	}
	for i, n := range numbers(&f) {
		if set&(1<<(textFields+i)) != 0 {
			*n = int(s.int())
		}
	}
	return f
}

// release gives up the texts of facts that are forgotten.
func (r *Recorder) release(facts []byte) {
	s := scan{facts}
	set := s.uint()
	for i := range textFields {
		if set&(1<<i) == 0 {
			continue
		}
		if _, number := s.text(&r.texts); number != 0 {
			r.texts.release(number)
		}
	}
}

// moments are when an entry happened.
type moments struct {
	at, last int64 // microseconds after the story began, and after at
	count    uint64
	took     time.Duration
	speaksOf time.Time
}

// append writes what mostly is the only moment alone.
func (m moments) append(b []byte) []byte {
	b = binary.AppendVarint(b, m.at)
	if m.count == 1 && m.took == 0 && m.speaksOf.IsZero() {
		return b
	}
	b = binary.AppendUvarint(b, m.count)
	b = binary.AppendVarint(b, m.last)
	b = binary.AppendVarint(b, int64(m.took))
	if m.speaksOf.IsZero() {
		return b
	}
	b = binary.AppendVarint(b, m.speaksOf.Unix())
	return binary.AppendUvarint(b, uint64(m.speaksOf.Nanosecond()))
}

func readMoments(b []byte) (m moments) {
	s := scan{b}
	if m.at, m.count = s.int(), 1; len(s.b) == 0 {
		return m
	}
	m.count, m.last, m.took = s.uint(), s.int(), time.Duration(s.int())
	if len(s.b) > 0 {
		seconds := s.int()
		m.speaksOf = time.Unix(seconds, int64(s.uint())).UTC()
	}
	return m
}

// entries are those of one story.
type entries []byte

// each calls visit with every entry, until it returns false.
func (e entries) each(visit func(from, to int, facts, moments []byte) bool) {
	s := scan{e}
	for len(s.b) > 0 {
		from := len(e) - len(s.b)
		one := scan{s.bytes()}
		facts := one.bytes()
		if !visit(from, len(e)-len(s.b), facts, one.b) {
			return
		}
	}
}

// find returns where the entry with the same facts is.
func (e entries) find(facts []byte) (from, to int, m moments, found bool) {
	e.each(func(i, j int, known, when []byte) bool {
		if found = bytes.Equal(known, facts); found {
			from, to, m = i, j, readMoments(when)
		}
		return !found
	})
	return from, to, m, found
}

// leastRoom is what most stories take, in bytes.
const leastRoom = 80

// replace puts an entry in the place of a part. Room is made in small steps, for most stories
// end soon.
func (e entries) replace(from, to int, facts []byte, m moments) entries {
	var buf [2 * maxText]byte
	one := binary.AppendUvarint(buf[:0], uint64(len(facts)))
	one = append(one, facts...)
	one = m.append(one)
	var head [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(head[:], uint64(len(one)))
	need := len(e) - (to - from) + size + len(one)
	if need > cap(e) {
		e = append(make(entries, 0, max(leastRoom, (need+15)&^15)), e...)
	}
	tail := len(e) - to
	e = slices.Grow(e, 0)[:need]
	copy(e[need-tail:], e[to:to+tail:cap(e)])
	copy(e[from:], head[:size])
	copy(e[from+size:], one)
	return e
}

// sharedTexts are those that more than one story may have. The zero value is empty.
type sharedTexts struct {
	numbers map[string]uint32
	list    []sharedText // by number; the first is none
	free    []uint32     // numbers without text
	bytes   int
}

type sharedText struct {
	text string
	uses int
}

// sharedTextSize is what a text takes besides its bytes: its place, and its share of a map.
const sharedTextSize = 72

func (t *sharedTexts) keep(s string) uint32 {
	if n, known := t.numbers[s]; known {
		t.list[n].uses++
		return n
	}
	if t.numbers == nil {
		t.numbers, t.list = map[string]uint32{}, make([]sharedText, 1)
	}
	s = strings.Clone(s) // it may be a part of something large
	var n uint32
	if last := len(t.free) - 1; last >= 0 {
		n, t.free = t.free[last], t.free[:last]
	} else {
		n = uint32(len(t.list))
		t.list = append(t.list, sharedText{})
	}
	t.list[n] = sharedText{s, 1}
	t.numbers[s] = n
	t.bytes += len(s) + sharedTextSize
	return n
}

func (t *sharedTexts) release(n uint32) {
	e := &t.list[n]
	if e.uses--; e.uses > 0 {
		return
	}
	delete(t.numbers, e.text)
	t.bytes -= len(e.text) + sharedTextSize
	*e = sharedText{}
	t.free = append(t.free, n)
}
