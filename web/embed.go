// Package web holds the built browser client and serves it.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
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

// worker is the service worker, which keeps the files of one build.
const worker = "sw.js"

const assets = "assets/"

// versioned matches the address of an asset of one build: the build and the asset's name.
var versioned = regexp.MustCompile(`^assets/([0-9a-f]{16})/(.+)$`)

// client is the files of one build by name.
type client struct {
	files map[string]file
	build string // names the build, in the addresses of its assets: 16 hex digits
}

// file is one file of the client, ready to be sent.
type file struct {
	contentType string
	etag        string
	plain       []byte
	zipped      []byte // nil when not smaller
}

// Handler serves the client: its page at / and /b/{id}, its assets below /assets/{build}/, where
// the page has them from; browsers keep those and don't ask again. Below /assets/ and for
// any other build they are there too, but clients ask each time and are answered 304 by ETag.
// Anything else is a 404 in JSON.
func Handler() (http.Handler, error) {
	c, err := load()
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (c *client) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" || page.MatchString(r.URL.Path) {
		name = "index.html"
	}
	if _, ok := c.files[boardPage]; ok && page.MatchString(r.URL.Path) {
		name = boardPage
	}
	caching := "no-cache"
	if asset := versioned.FindStringSubmatch(name); asset != nil {
		name = assets + asset[2]
		// A page of another build must not keep ours under its address.
		if asset[1] == c.build {
			caching = "public, max-age=31536000, immutable"
		}
	}
	f, ok := c.files[name]
	if !ok {
		notFound(w)
		return
	}
	w.Header().Set("Cache-Control", caching)
	f.serve(w, r)
}

func load() (*client, error) {
	contents := map[string][]byte{}
	sum := sha256.New()
	err := fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		contents[strings.TrimPrefix(name, "dist/")] = b
		fmt.Fprintf(sum, "%s %d\n%s", name, len(b), b)
		return nil
	})
	if err != nil {
		return nil, err
	}
	c := &client{map[string]file{}, hex.EncodeToString(sum.Sum(nil)[:8])}
	for name, b := range contents {
		if namesAssets(name) {
			b = bytes.ReplaceAll(b, []byte(`"/`+assets), []byte(`"/`+assets+c.build+`/`))
		}
		c.files[name] = newFile(name, b)
	}
	return c, nil
}

// namesAssets tells whether a file names assets by their addresses from the root; those in assets name
// each other relative to their own.
func namesAssets(name string) bool {
	return path.Ext(name) == ".html" || name == worker
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
