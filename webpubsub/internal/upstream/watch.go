package upstream

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

// watch follows one event to its handler and tells the story of it: to the connection, and
// when it fails to the hub and, once, to the log.
type watch struct {
	d       *Dispatcher
	handler webpubsub.EventHandler
	facts   story.Facts
	story   *story.Log
	hub     webpubsub.HubName
	label   string // of the event
	start   time.Time
}

func (d *Dispatcher) watch(h webpubsub.EventHandler, e event) *watch {
	w := &watch{d: d, handler: h, story: e.source.Story, hub: e.source.Hub, label: e.label(), start: time.Now()}
	w.facts = story.Facts{Kind: story.KindHandler, Event: e.name, URL: w.url(e.name)}
	return w
}

// url is where an event goes, without what may be secret; empty when the template is no URL.
func (w *watch) url(event string) string {
	return w.d.targets.resolve(w.handler.URLTemplate, w.hub, event).plain
}

// attempted is told of each attempt. It may be called on nil.
func (w *watch) attempted(r response, err error, again bool) {
	if w == nil {
		return
	}
	w.facts.Attempts++
	w.facts.Status = r.status
	if again {
		f := w.facts
		f.Kind, f.Attempts = story.KindAttempt, 0
		f = explained(f, outcomeOf(r, err))
		w.story.Add(f)
		w.d.stories.Hub(w.hub).Add(f)
	}
}

// outcomeOf is an attempt's failure.
func outcomeOf(r response, err error) error {
	if err != nil {
		return err
	}
	return &answerError{status: r.status}
}

// done tells how the event ended.
func (w *watch) done(err error) {
	f := w.facts
	f.Took = time.Since(w.start)
	w.d.observe(w.hub, w.label, f.Took, err)
	switch {
	case err == nil:
		w.story.Add(f)
		if w.d.problems.Any() && w.d.problems.Works(w.hub, w.url("")) {
			w.d.stories.Hub(w.hub).Add(story.Facts{Kind: story.KindWorks, URL: f.URL})
		}
	case errors.Is(err, errClosed):
	case errors.Is(err, context.Canceled): // whoever waited has left
		f.Detail = "given up, for the client left"
		w.story.Add(f)
	default:
		f = explained(f, err)
		w.story.Add(f)
		w.d.tellHub(w.hub, w.url(""), f)
	}
}

// explained adds to what is known of a call why it failed.
func explained(f story.Facts, err error) story.Facts {
	if known, ok := errors.AsType[*story.Failure](err); ok {
		f.Cause, f.Found, f.Expected, f.Detail = known.Cause, known.Found, known.Expected, known.Detail
		f.URL, f.Status = cmp.Or(known.URL, f.URL), cmp.Or(known.Status, f.Status)
		return f
	}
	refused, answered := errors.AsType[*answerError](err)
	switch {
	case answered:
		f.Status, f.Cause = refused.status, story.StatusCause(refused.status)
	case f.URL == "":
		f.Cause, f.Detail = story.HandlerURL, webpubsub.MessageOf(err)
	case errors.Is(err, errTooLarge):
		f.Cause, f.Detail = story.HandlerAnswer, err.Error()
	case webpubsub.CodeOf(err) == webpubsub.BadRequest:
		f.Cause, f.Detail = story.HandlerAnswer, webpubsub.MessageOf(err)
	default:
		f.Cause, f.Detail = story.TransportCause(err), reason(err)
	}
	return f
}

// reason is the innermost error's text: that of the network, without URLs.
func reason(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// unusable tells of a handler's answer that cannot be used.
func (d *Dispatcher) unusable(s Source, h webpubsub.EventHandler, name string, err error) {
	w := d.watch(h, event{source: s, name: name})
	f := w.facts
	f.Status, f.Cause, f.Detail = http.StatusOK, story.HandlerAnswer, err.Error()
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, kind := errors.AsType[*json.UnmarshalTypeError](err)
	switch chosen, ok := errors.AsType[*story.Failure](err); {
	case ok:
		f.Cause = chosen.Cause
	case syntax, kind:
		f.Cause = story.HandlerAnswerJSON
	case webpubsub.CodeOf(err) == webpubsub.UnsupportedMediaType:
		f.Cause, f.Detail = story.HandlerAnswerType, webpubsub.MessageOf(err)
	}
	w.story.Add(f)
	d.tellHub(w.hub, w.url(""), f)
}

// tellHub tells a hub's story of a handler's failure, and the log if it is new. The handler
// is known by the URL of its template.
func (d *Dispatcher) tellHub(hub webpubsub.HubName, handler string, f story.Facts) {
	d.stories.Hub(hub).Add(f)
	if !d.problems.Bites(hub, handler, f.Cause) {
		return
	}
	for _, a := range story.Explanation(hub, d.settings.Settings().Hubs[hub], f) {
		d.log.Warn("event handler fails", "hub", hub, "event", f.Event, "cause", a.Cause, "remedy", a.Remedy, "more", fmt.Sprintf("easel why --hub %s", hub))
	}
}

// unasked explains a question for consent that did not reach the handler.
func unasked(validation *url.URL, err error) error {
	return &story.Failure{Facts: story.Facts{Cause: story.TransportCause(err), URL: plain(validation), Detail: reason(err)}, Err: err}
}

// noConsent explains an answer that is no consent.
func (d *Dispatcher) noConsent(validation *url.URL, r response, err error) error {
	allowed := r.header.Values("WebHook-Allowed-Origin")
	return &story.Failure{Err: err, Facts: story.Facts{
		Cause: story.ConsentCause(r.status, allowed, d.origin.host), URL: plain(validation), Status: r.status,
		Found: strings.Join(allowed, " "), Expected: d.origin.host,
	}}
}
