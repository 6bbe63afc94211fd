// Package web holds the built browser client and serves it.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// page matches the paths of boards, which the client's own router serves.
var page = regexp.MustCompile(`^/b/[0-9A-Za-z]+$`)

// boardPage is the page that names what a board needs, so that browsers fetch it at once.
const boardPage = "board.html"

// file is one file of the client, ready to be sent.
type file struct {
	contentType string
	etag        string
	plain       []byte
	zipped      []byte // nil when not smaller
}

// Handler serves the client: its page at / and /b/{id}, its files below /assets/. File names
// are stable, so clients ask each time and are answered 304 by ETag. Anything else is a
// 404 in JSON.
func Handler() (http.Handler, error) {
	files, err := load()
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" || page.MatchString(r.URL.Path) {
			name = "index.html"
		}
		if _, ok := files[boardPage]; ok && page.MatchString(r.URL.Path) {
			name = boardPage
		}
		f, ok := files[name]
		if !ok {
			notFound(w)
			return
		}
		f.serve(w, r)
	}), nil
}

func load() (map[string]file, error) {
	files := map[string]file{}
	return files, fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		files[strings.TrimPrefix(name, "dist/")] = newFile(name, b)
		return nil
	})
}

func newFile(name string, b []byte) file {
	sum := sha256.Sum256(b)
	f := file{contentType: contentType(name), etag: `"` + hex.EncodeToString(sum[:8]) + `"`, plain: b}
	var z bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // the level is valid
	zw.Write(b)                                            // into memory
	zw.Close()
	if z.Len() < len(b) {
		f.zipped = z.Bytes()
	}
	return f
}

// contentType does not ask the system, whose answers differ.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", f.etag)
	h.Add("Vary", "Accept-Encoding")
	body := f.plain
	if f.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func notFound(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	w.Write([]byte(`{"error":{"code":"not_found","message":"there is nothing here"}}`))
}
