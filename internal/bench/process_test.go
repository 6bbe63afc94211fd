package bench

import (
	"os"
	"runtime"
	"testing"
	"time"
)

func TestParseStat_findsTimesAndMemoryBehindAnyName(t *testing.T) {
	stat := "123 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 150 50 13 14 15 16 17 18 19 20 300 22"
	u, err := parseStat([]byte(stat), 4096)
	if err != nil || u.CPU != 2*time.Second || u.Resident != 300*4096 {
		t.Errorf("%+v, %v", u, err)
	}
	for _, bad := range []string{"", "123", "123 (a) S 1", "1 (a) S 1 2 3 4 5 6 7 8 9 10 x y 13 14 15 16 17 18 19 20 300"} {
		if u, err := parseStat([]byte(bad), 4096); err == nil {
			t.Errorf("%q is read as %+v", bad, u)
		}
	}
}

func TestParseStolen_readsTheFirstLine(t *testing.T) {
	for stat, want := range map[string]time.Duration{
		"cpu  10 20 30 40 50 60 70 150 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n": 1500 * time.Millisecond,
		"cpu  10 20 30 40\n":                0,
		"cpu0 1 2 3 4 5 6 7 8 9 10\n":       0,
		"cpu  10 20 30 40 50 60 70 x 0 0\n": 0,
		"":                                  0,
	} {
		if got := parseStolen([]byte(stat)); got != want {
			t.Errorf("%q: %v, want %v", stat, got, want)
		}
	}
}

func TestUsage_ofThisProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	u, err := process{os.Getpid()}.usage()
	if err != nil || u.Resident < 1<<20 {
		t.Errorf("%+v, %v", u, err)
	}
	if u, err := (process{}).usage(); err != nil || u != (Usage{}) {
		t.Errorf("no process uses %+v, %v", u, err)
	}
}
