package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"yishi/handlers"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestScreenAtTheDoor pairs a screen and lets it ask again and again: by its header
// alone, and told in a word that nothing has changed.
func TestScreenAtTheDoor(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	f := furnish(t, s, huaiying)
	desk := d.staff(t, loginOf(s, rules.Secretary, huaiying))
	session := fmt.Sprintf("/api/v1/sessions/%d", f.nouns["sessions"])
	asked := must[models.NewScreen](t, d, "POST", "/api/v1/screens", "", nil)
	me := func(headers ...string) said { return d.ask("GET", "/api/v1/screens/me", "", nil, headers...) }
	sees := func() (v models.ScreenView) {
		t.Helper()
		check(t, json.Unmarshal(me("X-Screen", asked.Token).body, &v))
		return v
	}
	if got := d.ask("GET", "/api/v1/screens/me?token="+asked.Token, "", nil); got.status != http.StatusUnauthorized || got.code() != "screen.gone" {
		t.Errorf("with its token in the address: %s", got)
	}
	if got := d.ask("GET", "/api/v1/screens/me", asked.Token, nil); got.status != http.StatusUnauthorized {
		t.Errorf("as somebody who is logged in: %s", got)
	}
	if got := me("X-Screen", asked.Token); !strings.Contains(string(got.body), `"state":"waiting"`) || strings.Contains(string(got.body), asked.Token) {
		t.Errorf("before it is paired: %s", got)
	}
	must[models.Screen](t, d, "POST", session+"/screens", desk, map[string]string{"code": asked.Code})
	first := me("X-Screen", asked.Token)
	tag := first.header.Get("ETag")
	if again := me("X-Screen", asked.Token, "If-None-Match", tag); first.status != http.StatusOK || tag == "" || again.status != http.StatusNotModified || len(again.body) != 0 {
		t.Errorf("the same again: %s, then %d with %d bytes", first, again.status, len(again.body))
	}
	d.Clock.Pass(rules.CodeSlot)
	if got := me("X-Screen", asked.Token, "If-None-Match", tag); got.status != http.StatusOK || got.String() == first.String() {
		t.Errorf("with the next code on it: %s", got)
	}
	if got := me("X-Screen", asked.Token).String(); !strings.Contains(got, "1方都同意才算签成。") {
		t.Errorf("while the poll is open its rule is not told: %s", got)
	}
	if code := sees().Code; code == nil || code.Link != "https://yishi.example/app/?scene="+url.QueryEscape(code.Scene) {
		t.Errorf("the QR code holds %+v", code)
	}
	closing := fmt.Sprintf("/api/v1/polls/%d/close", f.nouns["polls"])
	must[models.PollView](t, d, "POST", closing, desk, nil)
	if _, err := s.SealBoard(t.Context(), f.nouns["polls"]); err != nil {
		t.Fatal(err)
	}
	qr := fmt.Sprintf("/api/v1/polls/%d/checkpoint.svg", f.nouns["polls"])
	got := me("X-Screen", asked.Token)
	v := sees()
	if p := v.Polls[0]; p.Checkpoint != qr || p.Verdict == nil || p.Reason == "" || p.Reason == p.Verdict.Reason {
		t.Errorf("after the poll: %s", got)
	}
	if pic := d.ask("GET", qr, "", nil); pic.status != http.StatusOK {
		t.Errorf("its QR code: %s", pic)
	}
	if got := d.ask("POST", "/api/v1/screens/me/leave", "", nil, "X-Screen", asked.Token, "Idempotency-Key", ""); got.status >= 300 {
		t.Errorf("it leaves: %s", got)
	}
	if got := me("X-Screen", asked.Token); got.code() != "screen.gone" {
		t.Errorf("after it has left: %s", got)
	}
	asks := 0
	for range handlers.RedeemsPerMinute {
		if got := d.ask("POST", "/api/v1/screens", "", nil); got.status == http.StatusTooManyRequests {
			return
		}
		asks++
	}
	t.Errorf("one address asked for %d screens at once", asks)
}
