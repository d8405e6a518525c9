package proving

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"time"

	"yishi/configs/data"
	"yishi/configs/locale"
)

// Clock tells the real time, for measuring.
type Clock func() time.Time

// Tour plays the product's story through its doors and tells it as it goes. It
// stops at the first step that does not go as it should. messages names a file
// of real messages to be brought in afterwards, "" for none.
func Tour(ctx context.Context, out io.Writer, s *Server, messages string, clock Clock) error {
	t, err := newTour(ctx, out, s)
	if err != nil {
		return err
	}
	began := clock()
	if err := t.play(func() { t.story(messages) }); err != nil {
		return err
	}
	took := clock().Sub(began).Seconds()
	return t.line("\n", "tour.end", "n", t.checked, "seconds", fmt.Sprintf("%.1f", took))
}

func newTour(ctx context.Context, out io.Writer, s *Server) (*tour, error) {
	text, err := locale.Load("zh-CN")
	if err != nil {
		return nil, err
	}
	sample, err := data.LoadSample()
	if err != nil {
		return nil, err
	}
	return &tour{
		ctx: ctx, out: out, text: text, Server: s, sample: sample,
		nobody: &person{door: client{web: newWeb(), url: s.URL}}, people: map[string]*person{},
	}, nil
}

// tour is a story under way. Its first failure ends it.
type tour struct {
	*Server
	ctx     context.Context
	out     io.Writer
	text    locale.Catalog
	sample  data.Sample
	nobody  *person
	people  map[string]*person
	at      string // the step under way
	checked int
	err     error
}

// story is what is told, in its order.
func (t *tour) story(messages string) {
	t.open()
	t.emergency()
	t.bins()
	t.lamp()
	t.ways()
	t.street()
	t.paper()
	t.secret()
	t.petition()
	t.refusal()
	t.owners()
	if messages != "" {
		t.messages(messages)
	}
}

// play runs a part of the story until its end or its first failure.
func (t *tour) play(part func()) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		part()
	}()
	<-done
	return t.err
}

// fail ends the story, as a failed test ends.
func (t *tour) fail(err error) {
	t.err = fmt.Errorf("step %s: %w", t.at, err)
	runtime.Goexit()
}

// ok ends the story if there is an error, and counts a check otherwise.
func (t *tour) ok(err error) {
	if err != nil {
		t.fail(err)
	}
	t.checked++
}

// step begins a step; its name is the code of its sentence.
func (t *tour) step(name string) { t.at = name }

// chapter begins a chapter with its heading.
func (t *tour) chapter(name string) {
	t.step(name)
	if err := t.line("\n", "tour."+name); err != nil {
		t.fail(err)
	}
}

// tell tells the step that has just been taken.
func (t *tour) tell(params ...any) {
	if err := t.line("  · ", "tour."+t.at, params...); err != nil {
		t.fail(err)
	}
}

func (t *tour) line(before, code string, params ...any) error {
	if t.text[code] == "" {
		return fmt.Errorf("there is no sentence %q", code)
	}
	_, err := fmt.Fprintf(t.out, "%s%s\n", before, t.text.Say(code, named(params)))
	return err
}

// words returns what somebody of the story says or writes.
func (t *tour) words(code string, params ...any) string {
	if t.text["tour."+code] == "" {
		t.fail(fmt.Errorf("there is no sentence %q", "tour."+code))
	}
	return t.text.Say("tour."+code, named(params))
}

// named makes a map of alternating names and values.
func named(params []any) map[string]any {
	m := make(map[string]any, len(params)/2)
	for i := 0; i+1 < len(params); i += 2 {
		m[fmt.Sprint(params[i])] = params[i+1]
	}
	return m
}

// see reads something.
func see[T any](t *tour, p *person, path string) T {
	var out T
	t.ok(t.fresh(p).get(t.ctx, path, &out))
	return out
}

// do writes something.
func do[T any](t *tour, p *person, path string, in any) T {
	var out T
	t.ok(t.fresh(p).post(t.ctx, path, in, &out))
	return out
}

// same checks one thing of an answer.
func same[T comparable](t *tour, what string, got, want T) {
	if got != want {
		t.fail(fmt.Errorf("%s is %v, not %v", what, got, want))
	}
	t.checked++
}

// holds checks that something is so.
func (t *tour) holds(what string, so bool, answer any) {
	if !so {
		t.fail(fmt.Errorf("%s: the answer is %v", what, answer))
	}
	t.checked++
}

// refused writes something that must be refused with this status and code.
func (t *tour) refused(p *person, status int, code, path string, in any) {
	t.isProblem(t.fresh(p).post(t.ctx, path, in, nil), status, code)
}

// hidden reads something that must be refused.
func (t *tour) hidden(p *person, status int, code, path string) {
	t.isProblem(t.fresh(p).get(t.ctx, path, nil), status, code)
}

func (t *tour) isProblem(err error, status int, code string) {
	problem, ok := errors.AsType[*Problem](err)
	switch {
	case err == nil:
		t.fail(fmt.Errorf("was done, but must be refused with %d %s", status, code))
	case !ok:
		t.fail(err)
	case problem.Status != status || problem.Code != code:
		t.fail(fmt.Errorf("must be refused with %d %s: %w", status, code, err))
	case t.text[code] == "" || problem.Title == code:
		t.fail(fmt.Errorf("is refused without a sentence: %w", err))
	}
	t.checked++
}

// conflict is the usual refusal: not in this state.
func (t *tour) conflict(p *person, code, path string, in any) {
	t.refused(p, http.StatusConflict, code, path, in)
}

// pass lets time pass.
func (t *tour) pass(d time.Duration) { t.ok(t.Pass(t.ctx, d)) }

// round lets the clock door deal with what was just done.
func (t *tour) round() { t.pass(time.Minute) }

// state checks where a topic stands, as nobody in particular sees it.
func (t *tour) state(id int64, want string) topic {
	v := see[topic](t, t.nobody, at("topics", id))
	same(t, "state", v.State, want)
	return v
}

// notified checks that the latest notices of somebody hold one with this code,
// and returns it.
func (t *tour) notified(p *person, code string) notice {
	all := see[page[notice]](t, p, at("me", "notices")+"?size=100")
	for _, n := range all.Items {
		if n.Code == code {
			t.holds("a notice has a sentence", n.Sentence != "" && n.Sentence != code, n.Sentence)
			return n
		}
	}
	t.fail(fmt.Errorf("no notice %s among %d", code, len(all.Items)))
	return notice{}
}

// arrived checks that a notice is on the phone of somebody, in the same words: at
// night not before eight in the morning.
func (t *tour) arrived(p *person, code string) string {
	n := t.notified(p, code)
	t.morning()
	t.heard(p, n.Sentence)
	return n.Sentence
}

// morning waits for the end of the night, in which nobody is disturbed.
func (t *tour) morning() {
	now := t.Now().In(time.FixedZone("CST", 8*3600))
	for now.Hour() >= 21 || now.Hour() < 8 {
		t.pass(time.Hour)
		now = now.Add(time.Hour)
	}
}

// heard checks that a message with these words is on the phone of somebody.
func (t *tour) heard(p *person, words string) {
	sent := t.Fake.Sent(p.resident)
	for _, d := range sent {
		if strings.Contains(d.Text, words) {
			t.checked++
			return
		}
	}
	t.fail(fmt.Errorf("%q has not arrived on the phone, on which there are %d messages", words, len(sent)))
}
