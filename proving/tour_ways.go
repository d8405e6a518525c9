package proving

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// way is the only way in which somebody takes part, where there is only one.
type way string

const (
	byChat way = "chat" // the official account's chat
	byApp  way = "app"  // the mini-program
)

// takes ends the story where somebody goes another way than their own.
func (t *tour) takes(p *person, by way) {
	if p.only != "" && p.only != by {
		t.fail(fmt.Errorf("%s takes part by %s alone, and came by %s", p.name, p.only, by))
	}
}

// ways is one session of two neighbours: one who does nothing but write to the
// official account, and one who does nothing but tap in the mini-program. Both
// raise, check in, vote and confirm.
func (t *tour) ways() {
	t.chapter("ways")
	w := &wayStory{tour: t, talker: t.neighbour(wangta, 2), tapper: t.neighbour(wangta, 3)}
	w.talker.only, w.tapper.only = byChat, byApp
	w.raise()
	w.meet()
	w.pair()
	w.vote()
	w.settle()
	w.minutes()
	w.confirm()
	w.talker.only, w.tapper.only = "", ""
}

type wayStory struct {
	*tour
	talker, tapper *person
	told, tapped   topic // the matter of each
	meeting        meeting
	screen         string // the token of the one in the room
}

func (w *wayStory) secretary() *person { return w.officer("wangta") }

// What a reply tells: the number of a matter, in groups, and the receipt of a ballot.
var (
	numberTold  = regexp.MustCompile(`\d{3} \d{3} \d{3}`)
	receiptTold = regexp.MustCompile(`\b[A-Z0-9]{8}\b`)
)

func (w *wayStory) raise() {
	w.step("ways.told")
	w.follow(w.talker)
	w.chat(w.talker, w.words("ways.told.text"))
	reply := w.chat(w.talker, w.words("said.confirm"))
	number := digits(numberTold.FindString(reply))
	w.tell("name", w.talker.name, "receipt", number)

	w.step("ways.tapped")
	r := do[raised](w.tour, w.tapper, at("topics"), set{"text": w.words("ways.tapped.text")})
	w.tapped = r.Topic
	sheet := w.consent(w.tapper, "raise")
	w.round()
	for _, v := range see[page[topic]](w.tour, w.secretary(), at("queue")+query("org", w.Orgs[wangta], "state", "triage")).Items {
		if v.Receipt == number {
			w.told = v
		}
	}
	w.holds("what was told lies on the desk", w.told.ID != 0, number)
	for _, v := range []topic{w.told, w.tapped} {
		do[topic](w.tour, w.secretary(), at("topics", v.ID, "accept"), set{"item": "3.01", "pack": "CONSULT"})
	}
	w.round()
	w.morning()
	w.heard(w.talker, w.text.Say("notice.topic_accept", set{"title": w.told.Title}))
	w.tell("name", w.tapper.name, "receipt", w.tapped.Receipt, "n", sheet)
}

// consent answers the sheet that a tap in the mini-program brings up, and returns
// how much it asked for.
func (t *tour) consent(p *person, tap string) int {
	sheet := see[[]struct{ Code, Template string }](t, p, at("me", "consents")+query("tap", tap))
	t.holds("the sheet asks for no more than WeChat shows", len(sheet) > 0 && len(sheet) <= 3, sheet)
	for _, a := range sheet {
		t.ok(t.Fake.Consent(p.resident, t.Mini, a.Template, true))
	}
	return len(sheet)
}

// meet plans one session for both matters; each of the two checks in.
func (w *wayStory) meet() {
	w.step("ways.checkin")
	in := set{
		"org_id": w.Orgs[wangta], "point_id": w.Points["wt-hall"], "starts_at": w.Now().Add(7 * day), "due": 2,
		"topics": []int64{w.told.ID, w.tapped.ID},
	}
	w.meeting = do[meeting](w.tour, w.secretary(), at("sessions"), in)
	do[meeting](w.tour, w.secretary(), at("sessions", w.meeting.ID, "announce"), set{})
	w.pass(w.meeting.StartsAt.Sub(w.Now()) - 10*time.Minute)
	w.checkIn(w.tapper, w.secretary(), w.meeting.ID)
	w.checkInByChat(w.talker, w.secretary(), w.meeting.ID, "wt-hall")
	w.tell("tapper", w.tapper.name, "talker", w.talker.name)
}

// vote puts both matters; each of the two answers both questions.
func (w *wayStory) vote() {
	do[meeting](w.tour, w.secretary(), at("sessions", w.meeting.ID, "open"), nil)
	w.speak(w.told)
	w.step("ways.vote")
	var receipts []string
	for i, v := range []topic{w.told, w.tapped} {
		p := do[poll](w.tour, w.secretary(), at("polls"), set{"session_id": w.meeting.ID, "topic_id": v.ID, "question": w.words("ways.put")})
		b := do[ballot](w.tour, w.tapper, at("polls", p.ID, "ballots"), set{"choice": "yes"})
		if i == 0 {
			w.consent(w.tapper, "vote")
		}
		w.chat(w.talker, w.words("said.vote"))
		reply := w.chat(w.talker, w.words("said.yes"))
		p = do[poll](w.tour, w.secretary(), at("polls", p.ID, "close"), nil)
		same(w.tour, "count", p.Verdict.Count, count{Due: 2, Attended: 2, Cast: 2, Yes: 2})
		told := receiptTold.FindString(reply)
		found := see[map[string]any](w.tour, w.nobody, at("polls", p.ID, "receipts", told))
		w.holds("the receipt from the chat is on the board", len(found) > 0, reply)
		receipts = append(receipts, b.Receipt, told)
	}
	w.holds("the screen tells why the question passed", w.looks(w.screen).Polls[0].Reason != "", receipts)
	w.tell("receipts", strings.Join(receipts, " "))
}

// settle agrees on both and has both done.
func (w *wayStory) settle() {
	w.step("ways.done")
	for _, v := range []topic{w.told, w.tapped} {
		of := at("sessions", w.meeting.ID, "topics", v.ID)
		do[outcome](w.tour, w.secretary(), of+"/outcome", set{"result": "agreed", "words": w.words("ways.result")})
		do[order](w.tour, w.secretary(), of+"/commitments", set{"org_id": w.Orgs[urban], "what": w.words("ways.what"), "promised_at": w.Now().Add(10 * day)})
	}
	do[meeting](w.tour, w.secretary(), at("sessions", w.meeting.ID, "close"), nil)
	for _, v := range []topic{w.told, w.tapped} {
		do[board](w.tour, w.secretary(), at("topics", v.ID, "publication"), set{"words": w.words("ways.result")})
		for _, o := range see[[]order](w.tour, w.nobody, at("topics", v.ID, "orders")) {
			do[order](w.tour, w.officer("urban"), at("orders", o.ID, "sign"), nil)
			do[order](w.tour, w.officer("urban"), at("orders", o.ID, "finish"), set{"report": w.words("ways.report")})
		}
	}
	w.pass(17 * day)
	w.state(w.told.ID, "completed")
	w.state(w.tapped.ID, "completed")
	w.tell("report", w.words("ways.report"))
}

// confirm has each of the two say whether it is solved.
func (w *wayStory) confirm() {
	w.step("ways.confirmed")
	w.chat(w.talker, w.words("said.solved"))
	asked := see[[]topic](w.tour, w.tapper, at("me", "confirmations"))
	w.holds("who tapped is asked", has(asked, w.tapped.ID), asked)
	do[topic](w.tour, w.tapper, at("topics", w.tapped.ID, "confirmation"), set{"solved": true})
	w.state(w.told.ID, "confirmed")
	w.state(w.tapped.ID, "confirmed")
	came := 0
	for _, d := range w.Fake.Sent(w.tapper.resident) {
		w.holds("who follows nothing hears by the mini-program alone", d.AppID == w.Mini, d)
		came++
	}
	w.holds("what was allowed came", came > 0, came)
	w.tell("talker", w.talker.name, "tapper", w.tapper.name, "n", came)
}
