package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// tick is the unit of CPU time in /proc/<pid>/stat. Source: proc_pid_stat(5); USER_HZ is 100
// on all systems that Go runs on.
const tick = 10 * time.Millisecond

// Usage is what a process has used and holds.
type Usage struct {
	CPU      time.Duration // of user and kernel, since its start
	Resident int64         // bytes
}

// process reads what a process on this machine uses; the zero value reads nothing.
type process struct{ pid int }

// usage is zero for no process.
func (p process) usage() (u Usage, err error) {
	if p.pid == 0 {
		return u, nil
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		return u, fmt.Errorf("CPU time and memory of process %d: %w", p.pid, err)
	}
	if u, err = parseStat(stat, os.Getpagesize()); err != nil {
		return u, fmt.Errorf("/proc/%d/stat: %w", p.pid, err)
	}
	return u, nil
}

// ownTime is the CPU time of this process, 0 where there is no /proc.
func ownTime() time.Duration {
	u, err := process{os.Getpid()}.usage()
	if err != nil {
		return 0
	}
	return u.CPU
}

// stolenTime is for how long the processors of this machine, a virtual one, have been somebody
// else's; 0 where nobody knows.
func stolenTime() time.Duration {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	return parseStolen(stat)
}

// parseStolen reads the eighth figure of the first line. Source: proc_stat(5).
func parseStolen(stat []byte) time.Duration {
	line, _, _ := bytes.Cut(stat, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return 0
	}
	n, err := strconv.ParseInt(string(fields[8]), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(n) * tick
}

// parseStat reads fields 14, 15 and 24, utime, stime and rss. The second field, the program's
// name in parentheses, may hold anything.
func parseStat(stat []byte, pageSize int) (u Usage, err error) {
	const utime, stime, rss = 14 - 3, 15 - 3, 24 - 3
	i := bytes.LastIndexByte(stat, ')')
	fields := bytes.Fields(stat[i+1:])
	if i < 0 || len(fields) <= rss {
		return u, errors.New("does not look as it should")
	}
	var n [3]int64
	for k, field := range []int{utime, stime, rss} {
		if n[k], err = strconv.ParseInt(string(fields[field]), 10, 64); err != nil {
			return u, err
		}
	}
	return Usage{CPU: time.Duration(n[0]+n[1]) * tick, Resident: n[2] * int64(pageSize)}, nil
}
