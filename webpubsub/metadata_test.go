package webpubsub_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

func TestMetadata_Check_namesTheLimit(t *testing.T) {
	full := webpubsub.Metadata{}
	for _, c := range "abcdefghi" {
		full[string(c)] = strings.Repeat("x", 1000)
	}
	for _, test := range []struct {
		name  string
		m     webpubsub.Metadata
		wants string // part of the error; empty is none
	}{
		{"none", nil, ""},
		{"usual", webpubsub.Metadata{"trace": "a1", "Other-Key": ""}, ""},
		{"empty key", webpubsub.Metadata{"": "x"}, "not a token"},
		{"key with a colon", webpubsub.Metadata{"a:b": "x"}, "not a token"},
		{"long key", webpubsub.Metadata{strings.Repeat("k", 257): "x"}, "257 bytes; the limit is 256"},
		{"long value", webpubsub.Metadata{"k": strings.Repeat("v", 1025)}, "1025 bytes; the limit is 1024"},
		{"value with a line break", webpubsub.Metadata{"k": "a\nb"}, "not printable"},
		{"value that is not ASCII", webpubsub.Metadata{"k": "é"}, "not printable"},
		{"too much", full, "9009 bytes; the limit is 8192"},
	} {
		err := test.m.Check()
		if (err == nil) != (test.wants == "") || err != nil && !strings.Contains(err.Error(), test.wants) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.wants)
		}
	}
}

func TestMetadataFromHeader_lowersKeys_andTakesTheLastPart(t *testing.T) {
	h := http.Header{}
	h.Add("x-webpubsub-metadata-Trace", "a")
	h.Add("X-WebPubSub-Metadata-trace", "b, c")
	h.Add("Content-Type", "text/plain")
	got, err := webpubsub.MetadataFromHeader(h)
	if err != nil || !maps.Equal(got, webpubsub.Metadata{"trace": "c"}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := webpubsub.MetadataFromHeader(http.Header{"Content-Type": {"a"}}); got != nil || err != nil {
		t.Errorf("without metadata: got %v, %v", got, err)
	}
}
