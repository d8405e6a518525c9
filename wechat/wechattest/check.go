package wechattest

import (
	"crypto/rand"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"yishi/wechat"
)

// visitLife is how long after a visit WeChat judges what a resident writes.
const visitLife = 2 * time.Hour

// media is a picture that waits for its verdict.
type media struct {
	app          *app
	openID       string
	trace, where string
	lost         bool
}

// Flag gives a word a verdict: texts with it, and pictures with it in their
// bytes or their URL, get that one. The worst word counts.
func (f *Fake) Flag(word string, v wechat.Verdict) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.words[word] = v
}

// LoseVerdicts keeps the verdicts of the next n pictures from being pushed.
func (f *Fake) LoseVerdicts(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lose += n
}

// Visit opens a mini-program, as [Fake.LoginCode] spent at it does too.
func (f *Fake) Visit(r *Resident, appID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r.visits[appID] = f.now()
}

// suggest is the verdict of a text and its label; the caller holds the lock.
func (f *Fake) suggest(texts ...string) (wechat.Verdict, int) {
	verdict, label := wechat.VerdictPass, 100
	for word, v := range f.words {
		for _, text := range texts {
			if strings.Contains(text, word) && verdict != wechat.VerdictRisky {
				verdict, label = v, 20003
			}
		}
	}
	return verdict, label
}

// author finds who wrote what is to be checked, or refuses.
func (f *Fake) author(in *input) any {
	scene, _ := in.body.Scene.(float64)
	switch {
	case in.body.Version != 2:
		return refusal(40097)
	case scene < 1 || scene > 4:
		return refusal(40129)
	}
	for _, r := range f.residents {
		if r.OpenID(in.app.ID) != in.body.OpenID {
			continue
		}
		if at, ok := r.visits[in.app.ID]; !ok || f.now().Sub(at) > visitLife {
			return refusal(61010)
		}
		return nil
	}
	return refusal(40003)
}

func (f *Fake) checkText(in *input) any {
	if no := f.author(in); no != nil {
		return no
	}
	if n := utf8.RuneCountInString(in.body.Content); n == 0 || n > 2500 {
		return refusal(45002)
	}
	verdict, label := f.suggest(in.body.Content)
	return map[string]any{
		"errcode": 0, "errmsg": "ok", "trace_id": rand.Text(),
		"result": map[string]any{"suggest": verdict, "label": label},
		"detail": []any{map[string]any{
			"strategy": "content_model", "errcode": 0, "suggest": verdict, "label": label, "prob": 90,
		}},
	}
}

func (f *Fake) checkMedia(in *input) any {
	if no := f.author(in); no != nil {
		return no
	}
	u, err := url.Parse(in.body.MediaURL)
	if err != nil || u.Host == "" || in.body.MediaType != 2 {
		return refusal(40097)
	}
	m := media{app: in.app, openID: in.body.OpenID, trace: rand.Text(), where: u.String(), lost: f.lose > 0}
	if m.lost {
		f.lose--
	}
	f.media = append(f.media, m)
	return map[string]any{"errcode": 0, "errmsg": "ok", "trace_id": m.trace}
}
