package photos_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"yishi/photos"
)

// objects answers as an S3 store does for one bucket: put, get, delete.
type objects struct {
	mu   sync.Mutex
	all  map[string][]byte
	down bool
}

func (o *objects) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	name, ok := strings.CutPrefix(r.URL.Path, "/yishi/")
	switch {
	case o.down:
		refuse(w, http.StatusForbidden, "AccessDenied")
	case !ok, !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=reader/"):
		refuse(w, http.StatusForbidden, "AccessDenied")
	case r.Method == http.MethodPut:
		body, err := unchunk(r)
		if err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		o.all[name] = body
		w.Header().Set("ETag", `"0123456789abcdef0123456789abcdef"`)
	case r.Method == http.MethodDelete:
		delete(o.all, name)
		w.WriteHeader(http.StatusNoContent)
	case o.all[name] == nil:
		refuse(w, http.StatusNotFound, "NoSuchKey")
	default:
		w.Header().Set("ETag", `"0123456789abcdef0123456789abcdef"`)
		w.Header().Set("Last-Modified", "Tue, 01 Sep 2026 00:00:00 GMT")
		_, _ = w.Write(o.all[name])
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
}

// unchunk takes a body apart that was signed in chunks: a length in hex and a
// signature, the bytes, and so on until a length of 0.
func unchunk(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	var out bytes.Buffer
	in := bufio.NewReader(r.Body)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		length, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(length, 16, 64)
		if err != nil || n == 0 {
			return out.Bytes(), err
		}
		if _, err := io.CopyN(&out, in, n); err != nil {
			return nil, err
		}
		if _, err := in.ReadString('\n'); err != nil {
			return nil, err
		}
	}
}

func TestAPhotoIsKeptInABucket(t *testing.T) {
	store := &objects{all: map[string][]byte{}}
	server := httptest.NewServer(store)
	defer server.Close()
	s, err := photos.Open(photos.Config{
		S3:       photos.S3{Endpoint: server.URL, Bucket: "yishi", Region: "cn-east", AccessKey: "reader", SecretKey: "canary-key"},
		MaxBytes: 1 << 20, MaxPixels: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	p, kept := keep(t, s, withEXIF(jpegOf(t, picture(64, 32)), 6))
	if p.Width != 32 || !bytes.Equal(store.all[p.File], kept) || !bytes.HasPrefix(kept, []byte{0xff, 0xd8}) {
		t.Errorf("%+v: %d bytes kept, %d in the bucket", p, len(kept), len(store.all[p.File]))
	}
	for range 2 {
		if err := s.Delete(t.Context(), p.File); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Read(t.Context(), p.File); code(t, err) != "photo.unknown" {
		t.Error(err)
	}
	store.down = true
	_, err = s.Keep(t.Context(), bytes.NewReader(jpegOf(t, picture(8, 8))))
	if err == nil || strings.Contains(err.Error(), "canary-key") {
		t.Errorf("a store that refuses is a fault that names no secret, got %v", err)
	}
}

func TestAStoreThatCannotBeIsToldAtTheStart(t *testing.T) {
	for name, cfg := range map[string]photos.Config{
		"an endpoint without scheme": {S3: photos.S3{Endpoint: "s3.example", Bucket: "b"}},
		"an endpoint without host":   {S3: photos.S3{Endpoint: "https://", Bucket: "b"}},
		"no folder":                  {},
	} {
		if _, err := photos.Open(cfg); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
}
