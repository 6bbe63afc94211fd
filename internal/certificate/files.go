package certificate

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"
)

// Files is a certificate with its chain, and its key, in PEM files that someone else
// keeps up to date. Safe for concurrent use.
type Files struct {
	paths []string // certificate, key
	log   *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate // guarded by mu
	seen    []stamp          // guarded by mu; what the files were when last read
}

// stamp changes when a file does.
type stamp struct {
	modified time.Time
	size     int64
}

// OpenFiles reads a certificate and its key. They are read again when they have changed;
// while that fails the former ones stay in use, and log is told.
func OpenFiles(certificate, key string, log *slog.Logger) (*Files, error) {
	f := &Files{paths: []string{certificate, key}, log: log}
	var err error
	if f.seen, err = f.stamps(); err != nil {
		return nil, err
	}
	if f.current, err = f.read(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *Files) read() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(f.paths[0], f.paths[1])
	if err != nil {
		return nil, fmt.Errorf("certificate %s with key %s: %w", f.paths[0], f.paths[1], err)
	}
	return &pair, nil
}

func (f *Files) stamps() ([]stamp, error) {
	var all []stamp
	for _, path := range f.paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		all = append(all, stamp{info.ModTime(), info.Size()})
	}
	return all, nil
}

// GetCertificate returns what the files hold, for any client.
func (f *Files) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, err := f.stamps()
	if err == nil && slices.Equal(now, f.seen) {
		return f.current, nil
	}
	f.seen = now
	if err == nil {
		var next *tls.Certificate
		if next, err = f.read(); err == nil {
			f.current = next
		}
	}
	if err != nil {
		f.log.Warn("the former certificate stays in use", "err", err)
	}
	return f.current, nil
}

// Names are the host names of the certificate; it may be for none.
func (f *Files) Names() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current.Leaf.DNSNames
}
