package handlers_test

import (
	"fmt"
	"net/http"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestPictureToJudge: WeChat fetches a picture by its name as long as it has to
// judge it, and nobody fetches it afterwards; the desk decides with a reason.
func TestPictureToJudge(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	me, desk := d.resident(t, s.City.Sample.Residents[1].Name), s.City.Secretary(huaiying)
	id := must[models.Raised](t, d, "POST", "/api/v1/topics", me, map[string]any{"text": "灯坏了"}).Topic.ID
	body, kind := snapshot(t, 7)
	if got := d.ask("POST", fmt.Sprintf("/api/v1/topics/%d/photos", id), me, body, "Content-Type", kind); got.status != http.StatusOK {
		t.Fatal(got)
	}
	photos, err := s.Photos(t.Context(), desk, id)
	check(t, err)
	fetch := func(file string) int { return d.ask("GET", "/api/v1/pictures/"+file, "", nil).status }
	if got := fetch(photos[0].File); got != http.StatusOK {
		t.Errorf("to be judged: %d", got)
	}
	for _, other := range []string{"none.jpg", "..%2f..%2fkey", "%00", photos[0].File + "x"} {
		if got := fetch(other); got < 400 || got >= 500 {
			t.Errorf("%s: %d", other, got)
		}
	}
	waiting, err := s.Screenings(t.Context(), desk, s.Org(huaiying), true, 0, models.MaxPageSize)
	check(t, err)
	one := waiting.Items[len(waiting.Items)-1]
	token := d.login(t, s.City.Staff["huaiying"])
	path := fmt.Sprintf("/api/v1/screenings/%d/decide", one.ID)
	for _, tt := range []struct {
		body   any
		status int
		code   string
	}{
		{map[string]any{"public": false}, http.StatusUnprocessableEntity, "text.empty"},
		{map[string]any{"reason": "好"}, http.StatusUnprocessableEntity, "request.invalid"},
		{map[string]any{"public": "maybe"}, http.StatusUnprocessableEntity, "request.invalid"},
		{map[string]any{"public": false, "reason": "拍到了人脸"}, http.StatusOK, ""},
		{map[string]any{"public": true}, http.StatusConflict, "screening.decided"},
	} {
		if got := d.ask("POST", path, token, tt.body); got.status != tt.status || tt.code != "" && got.code() != tt.code {
			t.Errorf("%v: %s, want %d %s", tt.body, got, tt.status, tt.code)
		}
	}
	if one.Noun != rules.ScreenedPhoto || fetch(photos[0].File) != http.StatusNotFound {
		t.Errorf("the picture of %+v is fetched after it was decided", one)
	}
	if got := d.ask("POST", path, me, map[string]any{"public": true}); got.code() != "deed.forbidden" {
		t.Errorf("by a resident: %s", got)
	}
}
