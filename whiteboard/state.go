package whiteboard

// BoardState is a board's records, merged op by op. Not safe for concurrent use. Records
// handed in and out are shared and must not be changed; a later merge replaces them.
type BoardState struct {
	records map[RecordID]*held
}

// held is a record and, once computed, its hash.
type held struct {
	Record
	hash   uint64
	hashed bool
}

// NewBoardState returns a state of the given records.
func NewBoardState(records []Record) *BoardState {
	s := &BoardState{records: make(map[RecordID]*held, len(records))}
	for _, r := range records {
		s.Put(r)
	}
	return s
}

// Len returns how many records there are, deleted ones included.
func (s *BoardState) Len() int { return len(s.records) }

// Record returns a record; the zero Record when there is none.
func (s *BoardState) Record(id RecordID) Record {
	if h := s.records[id]; h != nil {
		return h.Record
	}
	return Record{}
}

// Records returns all records, deleted ones included, in no particular order.
func (s *BoardState) Records() []Record {
	all := make([]Record, 0, len(s.records))
	for _, h := range s.records {
		all = append(all, h.Record)
	}
	return all
}

// Put adds or replaces a record.
func (s *BoardState) Put(r Record) {
	if h := s.records[r.ID]; h != nil {
		*h = held{Record: r}
		return
	}
	s.records[r.ID] = &held{Record: r}
}

// Apply merges ops and returns the ids of the records that changed, each once, in the
// order of their first change.
func (s *BoardState) Apply(ops ...Op) []RecordID {
	var changed []RecordID
	seen := map[RecordID]bool{}
	for _, op := range ops {
		r, ok := Merge(s.Record(op.Record), op)
		if !ok {
			continue
		}
		s.Put(r)
		if !seen[r.ID] {
			seen[r.ID] = true
			changed = append(changed, r.ID)
		}
	}
	return changed
}

// Digest returns the digest of all records. Hashes of unchanged records are kept, so a
// second call costs little.
func (s *BoardState) Digest() Digest {
	var sum uint64
	for _, h := range s.records {
		if !h.hashed {
			h.hash, h.hashed = h.Record.hash(), true
		}
		sum ^= h.hash
	}
	return digestOf(sum)
}
