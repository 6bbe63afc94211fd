package app

import (
	"net/http"
	"strings"

	"github.com/easelhq/easel/whiteboard"
)

// handler is a route; an error is answered by fail.
type handler func(w http.ResponseWriter, r *http.Request) error

// newRoutes lists every route. Source: docs/board-protocol.md §5.
func (a *App) newRoutes() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h handler) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				a.fail(w, r, err)
			}
		})
	}
	handle("POST /boards", a.createBoard)
	handle("GET /boards/{id}", a.showBoardAs) // also {id}.svg and {id}.png
	handle("POST /boards/{id}/links/{role}", a.replaceLink)
	handle("GET /boards/{id}/ops", a.listOps)
	handle("GET /boards/{id}/people", a.listPeople)
	handle("GET /negotiate", a.negotiate)
	handle("GET /diagram", a.diagram)
	handle("POST /background/upload", a.uploadBackground)
	handle("GET /background/{hash}", a.showBackground)
	mux.HandleFunc("/eventhandler", a.serveEvents)
	mux.HandleFunc("/eventhandler/", a.serveEvents)
	mux.HandleFunc("/", a.serveStatic)
	return mux
}

// showBoardAs tells pictures of a board from the board by the end of the path.
func (a *App) showBoardAs(w http.ResponseWriter, r *http.Request) error {
	id, format, _ := strings.Cut(r.PathValue("id"), ".")
	switch format {
	case "":
		return a.showBoard(w, r)
	case "svg":
		return a.showPicture(w, r, whiteboard.BoardID(id), svgFormat)
	case "png":
		return a.showPicture(w, r, whiteboard.BoardID(id), pngFormat)
	}
	return refuse(http.StatusNotFound, "not_found", "a board has no picture of the kind %.40q: svg or png", format)
}

// serveStatic serves the browser client, and says so when something else was asked for.
func (a *App) serveStatic(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		a.fail(w, r, refuse(http.StatusMethodNotAllowed, "method_not_allowed", "%s is not possible here", r.Method))
		return
	}
	a.Static.ServeHTTP(w, r)
}
