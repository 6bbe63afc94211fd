package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	_ "image/gif"  // formats that are accepted
	_ "image/jpeg" //
	_ "image/png"  //
	"io"
	"net/http"
	"time"

	_ "golang.org/x/image/webp" //

	"github.com/easelhq/easel/whiteboard"
)

const (
	// maxImageBytes is the largest image, in bytes.
	maxImageBytes = 10 << 20
	// maxImageSide is the longest side of an image, in pixels.
	maxImageSide = 16384
)

// imageAnswer describes a stored image.
type imageAnswer struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func (a *App) uploadBackground(w http.ResponseWriter, r *http.Request) error {
	if _, err := a.permitEditor(r, queryBoard(r)); err != nil {
		return err
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxImageBytes))
	if err != nil {
		return err
	}
	answer, err := inspect(data)
	if err != nil {
		return err
	}
	if err := a.Store.PutAsset(r.Context(), whiteboard.Asset{Hash: answer.ID, Type: answer.Type, Data: data}); err != nil {
		return err
	}
	a.answer(w, r, http.StatusCreated, answer)
	return nil
}

// inspect looks at the content of an image, whatever it is called.
func inspect(data []byte) (imageAnswer, error) {
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil:
		return imageAnswer{}, refuse(http.StatusUnsupportedMediaType, "not_an_image", "the body is no PNG, JPEG, WebP or GIF image (%d bytes)", len(data))
	case c.Width < 1 || c.Height < 1 || c.Width > maxImageSide || c.Height > maxImageSide:
		return imageAnswer{}, refuse(http.StatusBadRequest, "invalid", "the image has %d × %d pixels; the limit is %d on each side", c.Width, c.Height, maxImageSide)
	}
	sum := sha256.Sum256(data)
	return imageAnswer{ID: hex.EncodeToString(sum[:]), Type: "image/" + format, Width: c.Width, Height: c.Height}, nil
}

func (a *App) showBackground(w http.ResponseWriter, r *http.Request) error {
	asset, err := a.Store.Asset(r.Context(), r.PathValue("hash"))
	if errors.Is(err, whiteboard.ErrNotFound) {
		return refuse(http.StatusNotFound, "not_found", "there is no such image")
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", asset.Type)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+asset.Hash+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(asset.Data))
	return nil
}
