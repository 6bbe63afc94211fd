package upstream

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

func TestConsent_answers(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		allowed []string
		good    bool
	}{
		"star":              {200, []string{"*"}, true},
		"host":              {204, []string{"wps.example.net"}, true},
		"host, other case":  {200, []string{"WPS.Example.Net"}, true},
		"host and port":     {200, []string{"wps.example.net:8443"}, true},
		"second line":       {200, []string{"a.example.net", "wps.example.net"}, true},
		"other port":        {200, []string{"wps.example.net:9"}, false},
		"comma in one line": {200, []string{"a.example.net, wps.example.net"}, false},
		"comma with star":   {200, []string{"*, wps.example.net"}, false},
		"other host":        {200, []string{"a.example.net"}, false},
		"none":              {200, nil, false},
		"not 2xx":           {302, []string{"*"}, false},
		"refused":           {401, []string{"*"}, false},
		"not allowed":       {405, []string{"*"}, false},
	} {
		app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Webhook-Allowed-Origin"] = c.allowed
			if r.Method == http.MethodOptions {
				w.WriteHeader(c.status)
			} else if !c.good {
				t.Errorf("%s: %s sent without consent", name, r.Method)
			}
		})
		d := newDispatcher(t, board(everything), transport{app})
		_, err := d.Connect(t.Context(), ann, ConnectRequest{})
		if e, refused := errors.AsType[*StatusError](err); refused == c.good || refused && e.Status != 500 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConsent_optionsUnknown_asksByGet(t *testing.T) {
	for name, allowed := range map[string]string{"good": "*", "refused": "a.example.net"} {
		app := &recorder{next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("WebHook-Allowed-Origin", allowed)
			if r.Method == http.MethodOptions {
				w.WriteHeader(http.StatusNotFound)
			}
		})}
		d := newDispatcher(t, board(everything), transport{app})
		_, err := d.Connect(t.Context(), ann, ConnectRequest{})
		methods := ""
		for _, r := range app.all() {
			methods += r.method + " "
		}
		if want := map[string]string{"good": "OPTIONS GET POST ", "refused": "OPTIONS GET "}[name]; methods != want || (err == nil) != (name == "good") {
			t.Errorf("%s: %s, error %v", name, methods, err)
		}
	}
}

func TestConsent_refused_saysWhichURLWithoutItsSecret(t *testing.T) {
	d := newDispatcher(t, board(everything), transport{http.NotFoundHandler()})
	_, err := d.Connect(t.Context(), ann, ConnectRequest{})
	if err == nil || !strings.Contains(err.Error(), "abuse protection for 'http://app.example.net/ev/board/validate' failed: 404") || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
}

// moody answers validation requests with what it is told, slowly.
type moody struct {
	asked  atomic.Int32
	refuse atomic.Bool
	delay  time.Duration
}

func (m *moody) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodOptions {
		return
	}
	m.asked.Add(1)
	pause(r.Context(), m.delay)
	if m.refuse.Load() {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	w.Header().Set("WebHook-Allowed-Origin", "*")
}

func (m *moody) check(t *testing.T, d *Dispatcher, what string, good bool, asked int32) {
	t.Helper()
	_, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil)
	synctest.Wait()
	if (err == nil) != good || m.asked.Load() != asked {
		t.Errorf("%s: error %v, asked %d times; want good %v, %d times", what, err, m.asked.Load(), good, asked)
	}
}

func TestConsent_manyFirstEvents_shareOneQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &moody{delay: 2 * time.Second}
		d := newDispatcher(t, board(everything), transport{app})
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		start := time.Now()
		all.Wait()
		if app.asked.Load() != 1 || time.Since(start) != 2*time.Second {
			t.Errorf("asked %d times in %v", app.asked.Load(), time.Since(start))
		}
	})
}

func TestConsent_old_staysInForceWhileRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &moody{}
		d := newDispatcher(t, board(everything), transport{app})
		app.check(t, d, "first", true, 1)
		pause(t.Context(), consentFresh-1)
		app.check(t, d, "fresh", true, 1)
		app.delay = 3 * time.Second
		app.refuse.Store(true)
		pause(t.Context(), 1)
		start := time.Now()
		app.check(t, d, "renewed in the background", true, 2)
		app.check(t, d, "while renewed", true, 2)
		if took := time.Since(start); took != 0 {
			t.Errorf("events waited %v for the renewal", took)
		}
		pause(t.Context(), 3*time.Second)
		synctest.Wait()
		app.check(t, d, "refused", false, 2)
	})
}

func TestConsent_refusal_isAskedAgainAfterGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &moody{}
		app.refuse.Store(true)
		d := newDispatcher(t, board(everything), transport{app})
		app.check(t, d, "first", false, 1)
		asked := int32(1)
		for _, seconds := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
			pause(t.Context(), seconds*time.Second-1)
			app.check(t, d, "before the pause is over", false, asked)
			pause(t.Context(), 1)
			asked++
			app.check(t, d, "after the pause", false, asked)
		}
		app.refuse.Store(false)
		pause(t.Context(), time.Minute)
		app.check(t, d, "agreed again", true, asked+1)
	})
}

func TestConsent_handlerDown_isAskedWithRetriesWithinTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &statuses{list: []int{503}, start: time.Now()}
		d := newDispatcher(t, board(everything), transport{http.HandlerFunc(app.serve)})
		if _, err := d.Connect(t.Context(), ann, ConnectRequest{}); err == nil {
			t.Error("connected although the handler is down")
		}
		if took := time.Since(app.start); len(app.at) != 4 || took != 9*time.Second {
			t.Errorf("%d requests in %v", len(app.at), took)
		}
	})
}

func TestValidate_wrongHandlers_saysWhyInOneLine(t *testing.T) {
	for name, c := range map[string]struct {
		template string
		app      http.Handler
		says     string // empty is agreed
	}{
		"good":    {"http://app.example.net/{event}", consenting(nil), ""},
		"no URL":  {"http://{hub}/", consenting(nil), "not an absolute http or https URL"},
		"missing": {"http://app.example.net/{event}", http.NotFoundHandler(), "failed: 404"},
		"silent":  {"http://app.example.net/{event}", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), "missing allowed origins"},
	} {
		d := newDispatcher(t, board(), transport{c.app})
		err := d.Validate(t.Context(), "board", webpubsub.EventHandler{URLTemplate: c.template})
		if c.says == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if m := webpubsub.MessageOf(err); !strings.Contains(m, c.says) || strings.Contains(m, "\n") {
			t.Errorf("%s: %q does not say %q in one line", name, m, c.says)
		}
	}
}

func TestValidate_handlerDown_failsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDispatcher(t, board(), failing(func(*http.Request) error { return errors.New("connection refused") }))
		start := time.Now()
		err := d.Validate(t.Context(), "board", everything)
		if webpubsub.CodeOf(err) != webpubsub.Unavailable || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestValidate_agreed_endsARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &moody{}
		app.refuse.Store(true)
		d := newDispatcher(t, board(everything), transport{app})
		app.check(t, d, "first", false, 1)
		app.refuse.Store(false)
		if err := d.Validate(t.Context(), "board", everything); err != nil {
			t.Fatal(err)
		}
		app.check(t, d, "agreed", true, 2)
	})
}
