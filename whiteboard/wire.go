package whiteboard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// DecodeBatch reads a batch as a client sends it and checks its form and size: valid
// UTF-8 JSON of at most [MaxBatchBytes], 1 to [MaxBatchOps] ops, well-formed ids and
// stamps. Patches are checked by [Validate]. Raw is not retained; the caller bounds it.
//
// On an error the batch holds what could be read, so that an answer can name its n.
// Errors: a [Refusal] with CodeInvalid or CodeTooLarge.
func DecodeBatch(raw []byte) (Batch, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil || !utf8.Valid(raw) {
		return Batch{}, Refusef(CodeInvalid, "batch is not valid UTF-8 JSON")
	}
	b, ops, err := decodeBatchHead(compact.Bytes())
	if len(raw) > MaxBatchBytes {
		err = Refusef(CodeTooLarge, "batch has %d bytes; the limit is %d", len(raw), MaxBatchBytes)
	}
	if err != nil {
		return b, err
	}
	b.Ops, err = DecodeOps(ops, b.Actor)
	return b, err
}

// decodeBatchHead reads actor and number, and returns the ops raw.
func decodeBatchHead(raw []byte) (b Batch, ops json.RawMessage, err error) {
	fail := eachMember(raw, func(key string, value json.RawMessage) error {
		switch key {
		case "c":
			s, _ := stringValue(value)
			b.Actor = ActorID(s)
		case "n":
			if n, err := strconv.ParseUint(string(value), 10, 53); err == nil {
				b.N = n
			}
		case "ops":
			ops = value
		}
		return nil
	})
	switch {
	case fail != nil:
		err = Refusef(CodeInvalid, "batch is not a JSON object")
	case b.N == 0:
		err = Refusef(CodeInvalid, "n is missing or invalid: a whole number from 1 to %d", uint64(1)<<53-1)
	case !b.Actor.Valid():
		err = Refusef(CodeInvalid, "c %q is invalid: an actor has 8 to 20 characters of [0-9A-Za-z]", clip(b.Actor))
	case ops == nil:
		err = Refusef(CodeInvalid, "ops is missing")
	}
	return b, ops, err
}

// DecodeOps reads an array of ops of actor a as it is on the wire. Raw must be valid
// JSON; the patches share its memory. Errors: a [Refusal] with CodeInvalid or CodeTooLarge.
func DecodeOps(raw []byte, a ActorID) ([]Op, error) {
	var ops []Op
	err := eachElement(raw, func(value json.RawMessage) error {
		if len(ops) == MaxBatchOps {
			return Refusef(CodeTooLarge, "batch has more than %d ops", MaxBatchOps)
		}
		op, err := decodeOp(value, a)
		if err != nil {
			return fmt.Errorf("op %d: %w", len(ops), err)
		}
		ops = append(ops, op)
		return nil
	})
	switch {
	case errors.Is(err, errMalformed):
		return nil, Refusef(CodeInvalid, "ops is not an array of [time, record, patch]")
	case err != nil:
		return nil, flatten(err)
	case len(ops) == 0:
		return nil, Refusef(CodeInvalid, "batch has no ops")
	}
	return ops, nil
}

// flatten returns err's refusal with the whole of err's context in its message.
func flatten(err error) error {
	r, ok := errors.AsType[*Refusal](err)
	if !ok || r == err {
		return err
	}
	prefix, _ := strings.CutSuffix(err.Error(), r.Error())
	return &Refusal{Code: r.Code, Message: prefix + r.Message}
}

func decodeOp(raw []byte, a ActorID) (Op, error) {
	var parts [3]json.RawMessage
	n := 0
	err := eachElement(raw, func(value json.RawMessage) error {
		if n < len(parts) {
			parts[n] = value
		}
		n++
		return nil
	})
	if err != nil || n != len(parts) {
		return Op{}, Refusef(CodeInvalid, "it is not [time, record, patch]")
	}
	t, _ := stringValue(parts[0])
	id, _ := stringValue(parts[1])
	stamp, err := ParseStamp(t + string(a))
	if err != nil || len(t) != timeDigits {
		return Op{}, Refusef(CodeInvalid, "time %s is invalid: 12 characters of [0-9a-z]", clip(parts[0]))
	}
	if !RecordID(id).Valid() {
		return Op{}, Refusef(CodeInvalid, "record %s is invalid: 1 to 32 characters of [0-9A-Za-z_-]", clip(parts[1]))
	}
	patch, err := ParsePatch(parts[2])
	if err != nil || len(patch) == 0 {
		return Op{}, Refusef(CodeInvalid, "patch %s is invalid: an object with at least one property", clip(parts[2]))
	}
	return Op{Stamp: stamp, Record: RecordID(id), Patch: patch}, nil
}

// ParsePatch splits a JSON object into properties, which share raw's memory. Raw must be
// valid JSON.
func ParsePatch(raw []byte) (Patch, error) {
	p := make(Patch, 8)
	err := eachMember(raw, func(key string, value json.RawMessage) error {
		p[key] = value
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("parse patch: %w", err)
	}
	return p, nil
}

// Append appends the patch as a JSON object, names ascending.
func (p Patch) Append(dst []byte) []byte {
	var room [usualNames]string
	dst = append(dst, '{')
	for i, name := range sortedNames(room[:0], p) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':')
		dst = append(dst, p[name]...)
	}
	return append(dst, '}')
}

// usualNames is for how many names sortedNames is usually given room.
const usualNames = 32

// sortedNames appends the keys of m, ascending. It allocates only when names has no room.
func sortedNames[V any](names []string, m map[string]V) []string {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// AppendOps appends ops as they are on the wire: an array of [time, record, patch].
func AppendOps(dst []byte, ops []Op) []byte {
	dst = append(dst, '[')
	for i, op := range ops {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(append(dst, '['), op.Stamp.Time()), ',')
		dst = append(appendString(dst, string(op.Record)), ',')
		dst = append(op.Patch.Append(dst), ']')
	}
	return append(dst, ']')
}

// Append appends the batch's wire form: {"c","n","ops"}.
func (b Batch) Append(dst []byte) []byte {
	dst = append(dst, '{')
	return append(b.appendMembers(dst), '}')
}

func (b Batch) appendMembers(dst []byte) []byte {
	dst = appendString(append(dst, `"c":`...), string(b.Actor))
	dst = strconv.AppendUint(append(dst, `,"n":`...), b.N, 10)
	return AppendOps(append(dst, `,"ops":`...), b.Ops)
}

// Append appends the entry's wire form: {"q","u","t","c","n","ops"}.
func (e Entry) Append(dst []byte) []byte {
	dst = strconv.AppendUint(append(dst, `{"q":`...), e.Seq, 10)
	dst = appendString(append(dst, `,"u":`...), string(e.User))
	dst = strconv.AppendInt(append(dst, `,"t":`...), e.At.UnixMilli(), 10)
	return append(e.appendMembers(append(dst, ',')), '}')
}

// Append appends the record's wire form: {"id","v","pv"?,"p"}.
func (r Record) Append(dst []byte) []byte {
	dst = appendString(append(dst, `{"id":`...), string(r.ID))
	dst = appendString(append(dst, `,"v":`...), string(r.V))
	if len(r.PV) > 0 {
		dst = AppendStamps(append(dst, `,"pv":`...), r.PV)
	}
	return append(r.Props.Append(append(dst, `,"p":`...)), '}')
}

// AppendStamps appends stamps by property name as a JSON object, names ascending.
func AppendStamps(dst []byte, stamps map[string]Stamp) []byte {
	var room [usualNames]string
	dst = append(dst, '{')
	for i, name := range sortedNames(room[:0], stamps) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':')
		dst = appendString(dst, string(stamps[name]))
	}
	return append(dst, '}')
}

// ParseStamps is the inverse of [AppendStamps]. Raw must be valid JSON.
func ParseStamps(raw []byte) (map[string]Stamp, error) {
	m := map[string]Stamp{}
	err := eachMember(raw, func(key string, value json.RawMessage) error {
		s, ok := stringValue(value)
		if !ok {
			return errMalformed
		}
		m[key] = Stamp(s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("parse stamps: %w", err)
	}
	return m, nil
}

// Append appends the snapshot's wire form: {"seq","records"}. It is several times faster
// than json.Marshal, which checks and compacts what Append has written.
func (s Snapshot) Append(dst []byte) []byte {
	for piece := range s.Pieces(0) {
		dst = append(dst, piece...)
	}
	return dst
}

// Pieces yields the snapshot's wire form in pieces of at least size bytes, except the last, so
// that the first of a large board can be sent before the last is made. Every record begins a
// line, so that those of the lines that have come can be read before the rest. A piece is valid
// until the next one is asked for.
func (s Snapshot) Pieces(size int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		b := strconv.AppendUint([]byte(`{"seq":`), s.Seq, 10)
		b = append(b, `,"records":[`...)
		for i, r := range s.Records {
			if len(b) >= size {
				if !yield(b) {
					return
				}
				b = b[:0]
			}
			if i > 0 {
				b = append(b, ',')
			}
			b = r.Append(append(b, '\n'))
		}
		yield(append(b, `]}`...))
	}
}

// MarshalJSON returns the op as [time, record, patch].
func (op Op) MarshalJSON() ([]byte, error) {
	b := AppendOps(nil, []Op{op})
	return b[1 : len(b)-1], nil
}

// MarshalJSON returns the wire form; see [Patch.Append].
func (p Patch) MarshalJSON() ([]byte, error) { return p.Append(nil), nil }

// MarshalJSON returns the wire form; see [Batch.Append].
func (b Batch) MarshalJSON() ([]byte, error) { return b.Append(nil), nil }

// MarshalJSON returns the wire form; see [Entry.Append].
func (e Entry) MarshalJSON() ([]byte, error) { return e.Append(nil), nil }

// MarshalJSON returns the wire form; see [Record.Append].
func (r Record) MarshalJSON() ([]byte, error) { return r.Append(nil), nil }

// MarshalJSON returns the wire form; see [Snapshot.Append].
func (s Snapshot) MarshalJSON() ([]byte, error) { return s.Append(nil), nil }

// UnmarshalJSON splits the object into properties.
func (p *Patch) UnmarshalJSON(raw []byte) (err error) {
	*p, err = ParsePatch(bytes.Clone(raw))
	return err
}

// UnmarshalJSON reads the wire form; see [DecodeBatch].
func (b *Batch) UnmarshalJSON(raw []byte) (err error) {
	*b, err = DecodeBatch(raw)
	return err
}

// UnmarshalJSON reads the wire form.
func (e *Entry) UnmarshalJSON(raw []byte) error {
	var head struct {
		Seq  uint64 `json:"q"`
		User UserID `json:"u"`
		At   int64  `json:"t"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return err
	}
	b, ops, err := decodeBatchHead(bytes.Clone(raw))
	if err != nil {
		return err
	}
	if b.Ops, err = DecodeOps(ops, b.Actor); err != nil {
		return err
	}
	*e = Entry{Seq: head.Seq, User: head.User, At: time.UnixMilli(head.At), Batch: b}
	return nil
}
