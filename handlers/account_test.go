package handlers_test

import (
	"net/http"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestJoinAtTheDoor tells a code in the chat and enters it in the mini-program, and
// joins a second telephone by its number.
func TestJoinAtTheDoor(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	chat, err := s.RecognizeChat(t.Context(), models.Identity{AppID: "official", OpenID: "o"})
	check(t, err)
	_, err = s.BindCapacity(t.Context(), chat, s.Org(huaiying), models.CapacityResident, "")
	check(t, err)
	code, err := s.MakeTie(t.Context(), chat)
	check(t, err)
	token := d.resident(t, "somebody")
	if got := d.ask("POST", "/api/v1/me/ties/use", token, map[string]any{"code": "00000000"}); got.status != http.StatusUnprocessableEntity || got.code() != "tie.wrong" {
		t.Errorf("a wrong code: %s", got)
	}
	if joined := must[models.Joined](t, d, "POST", "/api/v1/me/ties/use", token, map[string]any{"code": code.Code}); !joined.Again {
		t.Errorf("not told to log in again: %+v", joined)
	}
	if got := d.ask("GET", "/api/v1/me", token, nil); got.status != http.StatusUnauthorized {
		t.Errorf("the old login still holds: %s", got)
	}
	token = d.resident(t, "somebody")
	if me := must[models.Me](t, d, "GET", "/api/v1/me", token, nil); me.Person.ID != chat.PersonID {
		t.Errorf("acts as %d, want %d", me.Person.ID, chat.PersonID)
	}
	if told := must[models.TieCode](t, d, "POST", "/api/v1/me/ties", token, nil); len(told.Code) != rules.TieDigits {
		t.Errorf("told %+v", told)
	}
	must[models.None](t, d, "POST", "/api/v1/me", token, map[string]any{"phone_code": "first"})
	second := d.resident(t, "second telephone")
	must[models.None](t, d, "POST", "/api/v1/me", second, map[string]any{"phone_code": "second"})
	if !must[models.Me](t, d, "GET", "/api/v1/me", second, nil).Twin {
		t.Error("the other record is not told of")
	}
	must[models.Joined](t, d, "POST", "/api/v1/me/twin", second, nil)
	if me := must[models.Me](t, d, "GET", "/api/v1/me", d.resident(t, "second telephone"), nil); me.Person.ID != chat.PersonID {
		t.Errorf("the second telephone acts as %d, want %d", me.Person.ID, chat.PersonID)
	}
}
