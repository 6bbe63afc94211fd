package story

// place is the list that a story is in.
type place uint8

const (
	unlisted place = iota // forgotten, or without entries yet
	quiet
	troubled
	places
)

// list is stories in the order of their latest entries. They are linked by their own fields,
// which are the list's.
type list struct {
	newest, oldest *Log
	count          int
}

func (t *list) add(l *Log) {
	l.older = t.newest
	if t.newest != nil {
		t.newest.newer = l
	} else {
		t.oldest = l
	}
	t.newest = l
	t.count++
}

func (t *list) remove(l *Log) {
	if l.newer != nil {
		l.newer.older = l.older
	} else {
		t.newest = l.older
	}
	if l.older != nil {
		l.older.newer = l.newer
	} else {
		t.oldest = l.newer
	}
	l.newer, l.older = nil, nil
	t.count--
}
