package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/easelhq/easel/internal/bench"
)

const (
	// startLimit bounds how long a server may take until it says where it is, runLimit how
	// long a workload may take.
	startLimit = 10 * time.Second
	runLimit   = 4 * time.Minute
)

// measure starts a server, runs a row on it, and stops it. What goes wrong is in the result.
func (o options) measure(ctx context.Context, r row, s server) measurement {
	m := measurement{Row: r.name, Server: s.name}
	result, err := o.run(ctx, r, s)
	if err != nil {
		m.Error = err.Error()
	}
	m.Result = result
	return m
}

func (o options) run(ctx context.Context, r row, s server) (*bench.Result, error) {
	p, err := o.start(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.name, err)
	}
	defer p.stop()
	if len(r.args) == 0 {
		return &bench.Result{Workload: "start", Server: s.name, Unit: "starts", Count: 1, Seconds: p.took.Seconds()}, nil
	}
	args := append([]string{"bench"}, r.args...)
	args = append(args, "--json", "--pid", strconv.Itoa(p.command.Process.Pid), "--duration", cmp.Or(r.duration, o.duration).String(), "--warmup", o.warmup.String())
	switch {
	case s.name == "whiteboard":
		args = append(args, "--data", p.data)
	case s.speaks == "easel":
		args = append(args, "--connection-string", p.where)
	default:
		args = append(args, "--server", s.speaks, "--url", p.where, "--secret", s.secret)
	}
	ctx, cancel := context.WithTimeout(ctx, runLimit)
	defer cancel()
	client := pinned(ctx, o.clientCPU, append([]string{o.bin + "/easel"}, args...))
	var out, errs bytes.Buffer
	client.Stdout, client.Stderr = &out, &errs
	if err := client.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, lastLine(errs.String()))
	}
	result := &bench.Result{}
	return result, json.Unmarshal(out.Bytes(), result)
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// running is a server that has said where it is.
type running struct {
	command *exec.Cmd
	where   string // URL or connection string
	took    time.Duration
	data    string // folder to remove, if any
}

func (o options) start(ctx context.Context, s server) (p *running, err error) {
	p = &running{}
	args := s.command(o.bin)
	if s.name == "easel" || s.name == "whiteboard" {
		if p.data, err = os.MkdirTemp("", "easel-bench-"); err != nil {
			return nil, err
		}
		args = append(args, "--data", p.data)
		if o.easel != "" {
			args[0] = o.easel
		}
	}
	defer func() {
		if err != nil {
			p.stop()
		}
	}()
	p.command = pinned(ctx, o.serverCPU, args)
	p.command.Stderr = os.Stderr
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		in := bufio.NewScanner(out)
		for in.Scan() {
			if where := address(in.Text()); where != "" {
				lines <- where
				break
			}
		}
		io.Copy(io.Discard, out)
	}()
	select {
	case where, ok := <-lines:
		if !ok {
			return nil, errors.New("it ended without saying where it is")
		}
		p.where, p.took = where, time.Since(began)
		return p, nil
	case <-time.After(startLimit):
		return nil, fmt.Errorf("it has not said where it is within %v", startLimit)
	}
}

// address is the URL or connection string in a line of a server's output.
func address(line string) string {
	if i := strings.Index(line, "Endpoint="); i >= 0 {
		return line[i:]
	}
	if strings.HasPrefix(line, "ws://") || strings.HasPrefix(line, "Easel is ready:") {
		return line
	}
	return ""
}

func (p *running) stop() {
	if p.command != nil && p.command.Process != nil {
		p.command.Process.Kill()
		p.command.Wait() // it was killed
	}
	if p.data != "" {
		os.RemoveAll(p.data)
	}
}

// pinned is a command on one core.
func pinned(ctx context.Context, cpu string, args []string) *exec.Cmd {
	if cpu != "" {
		args = append([]string{"taskset", "-c", cpu}, args...)
	}
	return exec.CommandContext(ctx, args[0], args[1:]...)
}
