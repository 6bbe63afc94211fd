package whiteboard

// The kinds of records that comments are made of: the place, and what is said there.
const (
	kindThread  = "thread"
	kindComment = "comment"
)

// Talk counts the threads of a board and the comments of each, deleted ones left out. The
// zero Talk counts nothing yet. Not safe for concurrent use.
type Talk struct {
	threads  int
	comments map[RecordID]int
}

// Replace counts a record as it is after a change; the zero Record when there was or is none.
// It reports whether that makes a difference.
func (t *Talk) Replace(before, after Record) bool {
	was, is := speaks(before), speaks(after)
	if was == is {
		return false
	}
	t.add(was, -1)
	t.add(is, 1)
	return true
}

// Admit checks whether the board may have more in addition to what t counts.
// Errors: a [Refusal] with CodeQuota that names the limit.
func (t *Talk) Admit(more *Talk) error {
	if n := t.threads + more.threads; more.threads > 0 && n > MaxThreads {
		return Refusef(CodeQuota, "the board would have %d threads of comments; the limit is %d", n, MaxThreads)
	}
	for thread, added := range more.comments {
		if n := t.comments[thread] + added; added > 0 && n > MaxComments {
			return Refusef(CodeQuota, "thread %s would have %d comments; the limit is %d", thread, n, MaxComments)
		}
	}
	return nil
}

// spoken is what a record counts as: nothing, a thread, or a comment of a thread.
type spoken struct {
	isThread  bool
	isComment bool
	of        RecordID
}

func speaks(r Record) spoken {
	kind := r.Props.kind()
	if kind != kindThread && kind != kindComment || string(r.Props["deleted"]) == "true" {
		return spoken{}
	}
	if kind == kindThread {
		return spoken{isThread: true}
	}
	thread, _ := stringValue(r.Props["thread"])
	return spoken{isComment: true, of: RecordID(thread)}
}

func (t *Talk) add(s spoken, n int) {
	switch {
	case s.isThread:
		t.threads += n
	case s.isComment:
		if t.comments == nil {
			t.comments = map[RecordID]int{}
		}
		if t.comments[s.of] += n; t.comments[s.of] == 0 {
			delete(t.comments, s.of)
		}
	}
}
