package token

import (
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

func TestParseConnectionString(t *testing.T) {
	for s, want := range map[string]ConnectionString{
		"Endpoint=https://wps.example.net;AccessKey=k;Version=1.0;":           {"https://wps.example.net", "k"},
		"Endpoint=https://wps.example.net;AccessKey=k;Version=1.0":            {"https://wps.example.net", "k"},
		"accesskey=k;VERSION=1.0;endpoint=https://wps.example.net/":           {"https://wps.example.net", "k"},
		"Endpoint=http://localhost;AccessKey=k;Port=8080;Version=1.0;":        {"http://localhost:8080", "k"},
		"Endpoint=http://localhost:1;AccessKey=k;Port=8080":                   {"http://localhost:8080", "k"},
		"Endpoint=http://localhost:8080;AccessKey=a+/b==;Version=1.0;":        {"http://localhost:8080", "a+/b=="},
		" Endpoint = http://[::1]:8080 ; AccessKey = k ; ":                    {"http://[::1]:8080", "k"},
		"Endpoint=http://[::1];AccessKey=k;Port=8080":                         {"http://[::1]:8080", "k"},
		"Endpoint=https://wps.example.net/base/;AccessKey=k;Extra=x;":         {"https://wps.example.net/base", "k"},
		"Endpoint=https://wps.example.net;AccessKey=k;Port=443;Version=1.0;;": {"https://wps.example.net:443", "k"},
	} {
		got, err := ParseConnectionString(s)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", s, got, err, want)
		}
	}
}

func TestParseConnectionString_wrong_saysWhatAndHidesTheKey(t *testing.T) {
	for s, says := range map[string]string{
		"":                                       "no AccessKey",
		"Endpoint=https://h":                     "no AccessKey",
		"Endpoint=https://h;AccessKey=":          "no AccessKey",
		"AccessKey=secret":                       "no Endpoint",
		"Endpoint=h;AccessKey=secret":            "not an http",
		"Endpoint=wss://h;AccessKey=secret":      "not an http",
		"Endpoint=https://;AccessKey=secret":     "not an http",
		"Endpoint=https://h?x=1;AccessKey=s":     "more than",
		"Endpoint=https://u:p@h;AccessKey=s":     "more than",
		"Endpoint=https://h;AccessKey=s;Port=xy": "makes no URL",
		"secret":                                 "without =",
		"AccessKey=secret;accesskey=secret":      "twice",
	} {
		_, err := ParseConnectionString(s)
		if webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%q: %v, want BadRequest", s, err)
		} else if !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %q; should say %q", s, err, says)
		}
	}
}

func FuzzParseConnectionString(f *testing.F) {
	f.Add("Endpoint=https://wps.example.net;AccessKey=k;Version=1.0;")
	f.Add("endpoint=http://localhost;port=8080;accesskey=a==")
	f.Add(";;=;Endpoint=")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseConnectionString(s)
		if err != nil {
			return
		}
		again, err := ParseConnectionString(c.String())
		if err != nil || again != c {
			t.Errorf("%q gives %+v, which reads back as %+v, %v", s, c, again, err)
		}
	})
}
