package engine

// timers are a heap of members by when they are due.
type timers struct{ heap []*member }

// next is when the first is due; 0 is never.
func (t *timers) next() int64 {
	if len(t.heap) == 0 {
		return 0
	}
	return t.heap[0].due
}

// due takes out the first that is due; nil when none is.
func (t *timers) due(now int64) *member {
	if len(t.heap) == 0 || t.heap[0].due > now {
		return nil
	}
	m := t.heap[0]
	t.remove(m)
	return m
}

// set sets m's timer, or sets it anew.
func (t *timers) set(m *member, at int64) {
	if m.place == 0 {
		t.heap = append(t.heap, m)
		m.place = int32(len(t.heap))
	}
	m.due = at
	t.fix(int(m.place) - 1)
}

func (t *timers) remove(m *member) {
	if m.place == 0 {
		return
	}
	i, last := int(m.place)-1, len(t.heap)-1
	t.put(i, t.heap[last])
	t.heap[last] = nil
	t.heap = t.heap[:last]
	m.place = 0
	if i < last {
		t.fix(i)
	}
}

func (t *timers) put(i int, m *member) {
	t.heap[i] = m
	m.place = int32(i + 1)
}

// fix moves the one at i to where it belongs.
func (t *timers) fix(i int) {
	m := t.heap[i]
	for i > 0 && m.due < t.heap[(i-1)/4].due {
		t.put(i, t.heap[(i-1)/4])
		i = (i - 1) / 4
	}
	for {
		least := i
		due := m.due
		for child := 4*i + 1; child <= 4*i+4 && child < len(t.heap); child++ {
			if at := t.heap[child].due; at < due {
				least, due = child, at
			}
		}
		if least == i {
			break
		}
		t.put(i, t.heap[least])
		i = least
	}
	t.put(i, m)
}
