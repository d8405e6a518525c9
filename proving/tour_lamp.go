package proving

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
)

// lamp is a street lamp that is out: ordered directly, done, not solved at first.
func (t *tour) lamp() {
	t.chapter("lamp")
	l := &lampStory{tour: t, raiser: t.neighbour(wangta, 1)}
	l.raise()
	l.order()
	l.reopen()
	l.confirm()
}

type lampStory struct {
	*tour
	raiser *person
	topic  topic
	job    order
}

func (l *lampStory) secretary() *person { return l.officer("wangta") }

func (l *lampStory) raise() {
	l.step("lamp.raised")
	l.refused(l.raiser, http.StatusUnprocessableEntity, "text.empty", at("topics"), set{"text": " "})
	r := do[raised](l.tour, l.raiser, at("topics"), set{"text": l.words("lamp.text"), "place": l.words("lamp.place")})
	same(l.tour, "the number to call", r.Call, "")
	l.topic = r.Topic
	l.photo()
	l.round()
	l.tell("name", l.raiser.name, "receipt", l.topic.Receipt)
}

// photo adds a photo to the matter, as the app uploads one.
func (l *lampStory) photo() {
	picture := image.NewRGBA(image.Rect(0, 0, 64, 48))
	picture.Set(32, 8, color.RGBA{R: 200, G: 180, B: 40, A: 255})
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "lamp.jpg")
	l.ok(err)
	l.ok(jpeg.Encode(part, picture, nil))
	l.ok(form.Close())
	req, err := http.NewRequestWithContext(l.ctx, http.MethodPost, l.URL+at("topics", l.topic.ID, "photos"), &body)
	l.ok(err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+l.fresh(l.raiser).token)
	req.Header.Set("Idempotency-Key", newKey())
	res, err := l.nobody.door.web.Do(req)
	l.ok(err)
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	l.ok(err)
	l.holds("a photo is taken", res.StatusCode < http.StatusMultipleChoices, brief(answer))
	same(l.tour, "photos", len(see[[]struct{}](l.tour, l.raiser, at("topics", l.topic.ID, "photos"))), 1)
}

// order gives the department an order without a meeting.
func (l *lampStory) order() {
	l.step("lamp.ordered")
	got := do[topic](l.tour, l.secretary(), at("topics", l.topic.ID, "order"), set{
		"org_id": l.Orgs[urban], "what": l.words("lamp.what"), "promised_at": l.Now().Add(3 * day),
	})
	same(l.tour, "state", got.State, "implementing")
	same(l.tour, "holder", got.HolderID, l.Orgs[urban])
	orders := see[[]order](l.tour, l.nobody, at("topics", l.topic.ID, "orders"))
	same(l.tour, "orders", len(orders), 1)
	l.job = orders[0]
	l.round()
	l.notified(l.officer("urban"), "notice.order_issued")
	l.tell("name", l.secretary().name, "what", l.job.What)

	l.step("lamp.done")
	l.work("lamp.report")
	l.state(l.topic.ID, "completed")
	l.tell("name", l.officer("urban").name, "report", l.words("lamp.report"))
}

// work signs the order and reports it done.
func (l *lampStory) work(report string) {
	signed := do[order](l.tour, l.officer("urban"), at("orders", l.job.ID, "sign"), nil)
	same(l.tour, "state", signed.State, "signed")
	l.pass(day)
	done := do[order](l.tour, l.officer("urban"), at("orders", l.job.ID, "finish"), set{"report": l.words(report)})
	same(l.tour, "state", done.State, "done")
}

// reopen: the raiser says that it is not solved.
func (l *lampStory) reopen() {
	l.step("lamp.unsolved")
	l.follow(l.raiser)
	l.chat(l.raiser, l.words("said.unsolved"))
	reply := l.chat(l.raiser, l.words("lamp.why"))
	v := l.state(l.topic.ID, "implementing")
	same(l.tour, "reopened", v.Reopened, 1)
	l.holds("the bot tells what follows", reply != "", reply)
	orders := see[[]order](l.tour, l.nobody, at("topics", l.topic.ID, "orders"))
	l.holds("the order has started again", len(orders) == 1 && orders[0].State == "issued", orders)
	l.round()
	l.arrived(l.raiser, "notice.topic_reopen")
	l.tell("name", l.raiser.name, "reason", l.words("lamp.why"))
}

func (l *lampStory) confirm() {
	l.step("lamp.solved")
	l.work("lamp.report_again")
	l.state(l.topic.ID, "completed")
	got := do[topic](l.tour, l.raiser, at("topics", l.topic.ID, "confirmation"), set{"solved": true})
	same(l.tour, "state", got.State, "confirmed")
	l.tell("name", l.raiser.name, "report", l.words("lamp.report_again"))

	l.step("lamp.archived")
	do[record](l.tour, l.secretary(), at("topics", l.topic.ID, "archive"), set{"words": l.words("lamp.lesson")})
	v := l.state(l.topic.ID, "archived")
	hops := see[[]hop](l.tour, l.nobody, at("topics", l.topic.ID, "timeline"))
	same(l.tour, "turns", len(hops), 8)
	l.tell("words", l.words("lamp.lesson"), "receipt", v.Receipt)
}

// refusal is a matter that is not for deliberation: sent away with a reason,
// appealed against once, and taken up again by the street's ruling.
func (t *tour) refusal() {
	t.chapter("refusal")
	p := t.neighbour(huaiying, 6)
	t.step("refusal.redirected")
	r := do[raised](t, p, at("topics"), set{"text": t.words("refusal.text")})
	id := r.Topic.ID
	t.follow(p)
	t.chat(p, t.words("said.progress"))
	t.round()
	t.refused(t.officer("huaiying"), http.StatusUnprocessableEntity, "reason.unknown", at("topics", id, "redirect"), set{"reason": "N99"})
	got := do[topic](t, t.officer("huaiying"), at("topics", id, "redirect"), set{"reason": "N4"})
	same(t, "state", got.State, "redirected")
	same(t, "reason", got.NCode, "N4")
	t.round()
	sentence := t.arrived(p, "notice.topic_redirect")
	t.hidden(t.nobody, http.StatusNotFound, "topic.unknown", at("topics", id))
	t.tell("name", p.name, "notice", sentence, "receipt", r.Topic.Receipt)

	t.step("refusal.appealed")
	t.refused(t.neighbour(huaiying, 2), http.StatusNotFound, "topic.unknown", at("topics", id, "appeal"), set{"reason": t.words("refusal.reason")})
	do[appeal](t, p, at("topics", id, "appeal"), set{"reason": t.words("refusal.reason")})
	t.conflict(p, "appeal.twice", at("topics", id, "appeal"), set{"reason": t.words("refusal.reason")})
	t.round()
	t.notified(t.officer("street"), "notice.appealed")
	ruling := set{"upheld": true, "answer": t.words("refusal.ruling")}
	t.refused(t.officer("huaiying"), http.StatusForbidden, "deed.forbidden", at("topics", id, "appeal", "rule"), ruling)
	same(t, "upheld", do[appeal](t, t.officer("street"), at("topics", id, "appeal", "rule"), ruling).Upheld, true)
	t.conflict(t.officer("street"), "appeal.decided", at("topics", id, "appeal", "rule"), ruling)
	t.round()
	t.tell("name", t.officer("street").name, "notice", t.arrived(p, "notice.appeal_upheld"))

	t.step("refusal.once")
	same(t, "state", see[topic](t, p, at("topics", id)).State, "triage")
	do[topic](t, t.officer("huaiying"), at("topics", id, "redirect"), set{"reason": "N4"})
	t.conflict(p, "appeal.twice", at("topics", id, "appeal"), set{"reason": t.words("refusal.reason")})
	t.tell()
}
