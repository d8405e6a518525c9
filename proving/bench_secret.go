package proving

import (
	"context"
	"fmt"
	"io"

	"yishi/models/secret"
)

// How many vote in the bench of secret polls, in which crowds, and how many at once.
const (
	benchSecret, benchSecretQuick = 1000, 200
	benchCrowd                    = 50
	benchSecretAtOnce             = 64
)

// BenchSecret measures a secret poll: how fast tokens are signed, how fast ballots
// are taken by the route without login, and how long opening all of them takes.
// What the voters' phones reckon is reckoned before and between.
func BenchSecret(ctx context.Context, out io.Writer, s *Server, o BenchOptions) error {
	t, err := newTour(ctx, io.Discard, s)
	if err != nil {
		return err
	}
	b := &secretBench{bench: bench{tour: t, clock: o.Clock, rounds: 3}, voters: benchSecret, seen: figures{}}
	if o.Quick {
		b.rounds, b.voters = 1, benchSecretQuick
	}
	b.about = fmt.Sprintf("%d secret voters in crowds of %d, %d at once", b.voters, benchCrowd, benchSecretAtOnce)
	if err := t.play(b.run); err != nil {
		return err
	}
	for _, r := range []Result{{Name: "token", Unit: "/s"}, {Name: "ballot", Unit: "/s"}, {Name: "close", Unit: "ms"}, {Name: "open", Unit: "ms"}} {
		b.results = append(b.results, b.seen.most(r))
	}
	if err := b.report(out, o.JSON); err != nil {
		return err
	}
	return missed(b.results, o.Strict)
}

type secretBench struct {
	bench
	voters int
	seen   figures
}

func (b *secretBench) run() {
	b.step("bench secret")
	b.hall = b.fill(b.voters)
	for range b.rounds {
		b.round()
	}
}

func (b *secretBench) round() {
	h := b.hall
	s := &secretStory{tour: b.tour, watch: b.officer("huaiying-watch"), people: []*person{h.voters[0], b.neighbour(huaiying, 1), h.voters[1]}}
	s.poll = do[poll](b.tour, h.host, at("polls"), set{
		"session_id": h.session, "topic_id": h.topic, "question": b.words("bins.put"), "secret": s.keptBy("key", benchCrowd, s.keepers()...),
	})
	s.keep()
	sealed := b.tokens(s)
	b.seen.note("ballot", b.rate(func(i int) error {
		return b.nobody.door.post(b.ctx, s.at("secret"), sealed[i], nil)
	}))
	b.seen.note("close", b.took(func() error { return b.fresh(h.host).post(b.ctx, s.at("close"), nil, nil) }))
	do[poll](b.tour, s.people[1], s.at("opening"), set{"share": s.shares[2]})
	var opened poll
	b.seen.note("open", b.took(func() error {
		return b.fresh(s.watch).post(b.ctx, s.at("opening"), set{"share": s.shares[1]}, &opened)
	}))
	b.holds("there is a verdict", opened.Verdict != nil, opened)
	same(b.tour, "ballots opened", opened.Verdict.Count.Cast, int64(b.voters))
}

// rate is how many times a second something is done for each voter.
func (b *secretBench) rate(fn func(i int) error) float64 {
	return float64(b.voters) * 1000 / b.took(func() error { return each(b.voters, benchSecretAtOnce, fn) })
}

// tokens lets everybody have a token, and seal a ballot with it.
func (b *secretBench) tokens(s *secretStory) []token {
	tokens, err := secret.ReadTokens(s.poll.Secret.Tokens)
	b.ok(err)
	wishes, signed := make([]*secret.Wish, b.voters), make([]struct{ Signed string }, b.voters)
	for i := range wishes {
		wishes[i], err = tokens.Wish(fmt.Appendf(nil, "%032d", i))
		b.ok(err)
	}
	b.seen.note("token", b.rate(func(i int) error {
		return b.hall.voters[i].door.post(b.ctx, s.at("token"), set{"blinded": wishes[i].Blinded}, &signed[i])
	}))
	sealed := make([]token, b.voters)
	for i, w := range wishes {
		signature, err := w.Take(signed[i].Signed)
		b.ok(err)
		sealed[i] = s.sealed(token{Token: w.Token, Signature: signature}, 0, choiceOf(i), secret.Tracker())
	}
	return sealed
}
