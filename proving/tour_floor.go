package proving

import (
	"encoding/json"
	"io"
	"net/http"
)

// screenSight is what a screen in the room shows, as far as the tour looks.
type screenSight struct {
	State string `json:"state"`
	Title string `json:"title"`
	Code  *struct {
		Code string `json:"code"`
	} `json:"code"`
	Speaker *struct {
		Stance string `json:"stance"`
		Part   string `json:"part"`
	} `json:"speaker"`
	Polls []struct {
		ID     int64  `json:"id"`
		Reason string `json:"reason"`
	} `json:"polls"`
}

// pair has the screen in the room ask for a code, and the secretary enter it.
func (w *wayStory) pair() {
	w.step("ways.screen")
	screen := do[struct{ Token, Code string }](w.tour, w.nobody, at("screens"), nil)
	same(w.tour, "a screen before it is paired", w.looks(screen.Token).State, "waiting")
	w.refused(w.secretary(), http.StatusUnprocessableEntity, "screen.wrong", at("sessions", w.meeting.ID, "screens"), set{"code": "000000"})
	do[struct{ ID int64 }](w.tour, w.secretary(), at("sessions", w.meeting.ID, "screens"), set{"code": screen.Code})
	w.refused(w.secretary(), http.StatusUnprocessableEntity, "screen.wrong", at("sessions", w.meeting.ID, "screens"), set{"code": screen.Code})
	w.screen = screen.Token
	w.tell("code", screen.Code, "title", w.looks(w.screen).Title)
}

// looks reads what a screen shows.
func (t *tour) looks(token string) screenSight {
	req, err := http.NewRequestWithContext(t.ctx, http.MethodGet, t.URL+at("screens", "me"), http.NoBody)
	t.ok(err)
	req.Header.Set("X-Screen", token)
	res, err := t.nobody.door.web.Do(req)
	t.ok(err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	t.ok(err)
	t.holds("the screen is answered", res.StatusCode == http.StatusOK, brief(body))
	var sight screenSight
	t.ok(json.Unmarshal(body, &sight))
	return sight
}

// speak lets both ask for the floor, each in their way; the secretary gives it to one
// after the other, and writes down what was said.
func (w *wayStory) speak(v topic) {
	w.step("ways.speak")
	speakers := at("sessions", w.meeting.ID, "speakers")
	mine := do[struct{ ID int64 }](w.tour, w.tapper, speakers, set{"topic_id": v.ID, "stance": "against"})
	w.conflict(w.tapper, "speaker.waits", speakers, set{"topic_id": v.ID, "stance": "for"})
	w.chat(w.talker, w.words("said.speak"))
	type given struct{ ID int64 }
	do[given](w.tour, w.secretary(), at("speakers", mine.ID, "give"), set{})
	sight := w.looks(w.screen)
	w.holds("the screen tells for what somebody speaks, and no name", sight.Speaker != nil && sight.Speaker.Stance == "against", sight)
	do[given](w.tour, w.secretary(), at("speakers", mine.ID, "end"), nil)
	text := do[struct{ Version int }](w.tour, w.secretary(), at("sessions", w.meeting.ID, "topics", v.ID, "minutes"), set{"version": 0, "words": w.words("ways.minutes")})
	w.conflict(w.secretary(), "minutes.newer", at("sessions", w.meeting.ID, "topics", v.ID, "minutes"), set{"version": 0, "words": "?"})
	w.tell("tapper", w.tapper.name, "talker", w.talker.name, "n", text.Version)
}

// minutes reads the minutes that closing has sealed.
func (w *wayStory) minutes() {
	w.step("ways.sealed")
	type sealed struct{ Hash string }
	m := see[struct{ Sealed *sealed }](w.tour, w.tapper, at("sessions", w.meeting.ID, "minutes"))
	w.holds("who was there reads the sealed minutes", m.Sealed != nil && len(m.Sealed.Hash) == 64, m)
	w.hidden(w.nobody, http.StatusUnauthorized, "login.needed", at("sessions", w.meeting.ID, "minutes"))
	w.conflict(w.secretary(), "session.state", at("sessions", w.meeting.ID, "topics", w.told.ID, "minutes"), set{"version": 1, "words": w.words("ways.minutes")})
	w.tell("hash", m.Sealed.Hash[:8])
}
