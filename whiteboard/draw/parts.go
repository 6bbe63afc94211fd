package draw

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// part is a part of a whole: what is from first on, last excluded.
type part[T any] struct {
	first, last int
	made        T
	err         error
	done        chan struct{} // closed once it is made, or err is there
}

// maxCores is how many cores make a picture at most.
const maxCores = 4

// inParts makes a whole of so many things in parts of some size, on some cores at once, and
// hands them to write from the first to the last. start begins a core's work and returns
// what makes a part; its context ends with the first error. At most two parts a core are
// ahead of write.
//
// It returns the first error, and only after all that it started has ended. A panic of one
// that makes parts is its own.
func inParts[T any](ctx context.Context, count, size, cores int, start func(context.Context) func(first, last int) (T, error), write func(T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cores = min(cores, (count+size-1)/size)
	ahead, tasks := make(chan *part[T], cores), make(chan *part[T])
	var all sync.WaitGroup
	all.Go(func() {
		defer close(ahead)
		defer close(tasks)
		for first := 0; first < count; first += size {
			p := &part[T]{first: first, last: min(first+size, count), done: make(chan struct{})}
			ahead <- p
			tasks <- p
		}
	})
	for range cores {
		all.Go(func() {
			work := start(ctx)
			for p := range tasks {
				if p.make(ctx, work); p.err != nil {
					cancel(p.err)
				}
				close(p.done)
			}
		})
	}
	for p := range ahead {
		<-p.done
		if ctx.Err() == nil {
			if err := write(p.made); err != nil {
				cancel(err)
			}
		}
	}
	all.Wait()
	if c, ok := errors.AsType[crash](context.Cause(ctx)); ok {
		panic(c.value)
	}
	return context.Cause(ctx)
}

func (p *part[T]) make(ctx context.Context, work func(first, last int) (T, error)) {
	defer func() {
		if panicked := recover(); panicked != nil {
			p.err = crash{panicked}
		}
	}()
	if p.err = ctx.Err(); p.err == nil {
		p.made, p.err = work(p.first, p.last)
	}
}

// crash is a panic on its way to whom it concerns.
type crash struct{ value any }

func (c crash) Error() string { return fmt.Sprint(c.value) }
