package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"yishi/configs/locale"
	"yishi/handlers"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/photos"
)

const (
	huaiying  = "YD-YS-TX-HY"
	wangta    = "YD-YS-TX-WT"
	tengxiang = "YD-YS-TX"
	urban     = "YD-YS-urban"
)

var text = func() locale.Catalog {
	c, err := locale.Load("zh-CN")
	if err != nil {
		panic(err)
	}
	return c
}()

func TestMain(m *testing.M) {
	handlers.Speak(text)
	os.Exit(m.Run())
}

// door is the HTTP door of a stage.
type door struct {
	*forumtest.Stage
	api     *handlers.API
	handler http.Handler
	keys    atomic.Int64
	folder  string          // of the photos
	spent   map[string]bool // codes of WeChat's button, each of which works once
}

func newDoor(t *testing.T, s *forumtest.Stage) *door {
	t.Helper()
	d := &door{Stage: s, folder: t.TempDir(), spent: map[string]bool{}}
	shelf, err := photos.Open(photos.Config{Folder: d.folder, MaxBytes: 1 << 20, MaxPixels: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	d.api, d.handler, err = handlers.New(handlers.Options{
		Forum: s.Forum, Text: text, Photos: shelf, Clock: s.Clock.Now,
		PublicURL: "https://yishi.example", BodyBytes: 1 << 16, PhotoSize: 1 << 20,
		Identify: func(_ context.Context, code string) (models.Identity, error) {
			if code == "stale" {
				return models.Identity{}, rules.Refuse(rules.Unauthenticated, "login.code")
			}
			return forumtest.Identify(code), nil
		},
		Web: &handlers.Web{
			Authorize: func(back, state string) (string, error) {
				return "https://wechat.example/?" + url.Values{"back": {back}, "state": {state}}.Encode(), nil
			},
			Identify: func(_ context.Context, code string) (models.Identity, error) {
				if code == "snapshot" {
					return models.Identity{}, rules.Refuse(rules.Forbidden, "web.snapshot")
				}
				return forumtest.Identify(code), nil
			},
			Sign: func(_ context.Context, page string) (handlers.PageSignature, error) {
				return handlers.PageSignature{Signature: "of " + page}, nil
			},
		},
		Phone: func(_ context.Context, code string) (string, error) {
			if d.spent[code] {
				return "", rules.Refuse(rules.Unauthenticated, "phone.code")
			}
			d.spent[code] = true
			return "13900000000", nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// said is an answer of the door.
type said struct {
	status int
	header http.Header
	body   []byte
}

func (s said) code() string {
	var p struct{ Code string }
	_ = json.Unmarshal(s.body, &p)
	return p.Code
}

func (s said) String() string { return fmt.Sprintf("%d %s", s.status, s.body) }

// ask sends a request; a body that is not raw is sent as JSON.
func (d *door) ask(method, path, token string, body any, headers ...string) said {
	var in io.Reader
	if raw, ok := body.(string); ok {
		in = strings.NewReader(raw)
	} else if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		in = bytes.NewReader(b)
	}
	r := httptest.NewRequest(method, path, in)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", fmt.Sprintf("k%d", d.keys.Add(1)))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return said{w.Code, w.Header(), w.Body.Bytes()}
}

// must sends a request that has to succeed and reads the answer.
func must[T any](t *testing.T, d *door, method, path, token string, body any) T {
	t.Helper()
	var out T
	s := d.ask(method, path, token, body)
	if s.status >= 300 {
		t.Fatalf("%s %s: %s", method, path, s)
	}
	if len(s.body) > 0 {
		if err := json.Unmarshal(s.body, &out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, s.body)
		}
	}
	return out
}

// resident logs somebody of the sample in.
func (d *door) resident(t *testing.T, name string) string {
	t.Helper()
	return must[models.Pass](t, d, "POST", "/api/v1/logins/mini", "", map[string]string{"code": name}).Token
}

// staff logs a member of staff in.
func (d *door) staff(t *testing.T, login string) string {
	t.Helper()
	c := d.City.Staff[login]
	return d.login(t, c)
}

func (d *door) login(t *testing.T, c models.Credentials) string {
	t.Helper()
	code, err := totp.GenerateCode(c.Secret, d.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	d.Clock.Pass(31 * time.Second) // a code works once
	pass := must[models.Pass](t, d, "POST", "/api/v1/logins/staff", "", map[string]string{"login": c.Login, "password": c.Password, "code": code})
	if !pass.Renew {
		return pass.Token
	}
	fresh := c.Password + "-mine"
	renewed := must[models.Pass](t, d, "POST", "/api/v1/me/password", pass.Token, map[string]string{"old": c.Password, "fresh": fresh})
	c.Password = fresh
	for login, known := range d.City.Staff {
		if known.PersonID == c.PersonID {
			d.City.Staff[login] = c
		}
	}
	return renewed.Token
}
