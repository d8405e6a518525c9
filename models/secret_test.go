package models_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/models/secret"
)

// hidden is a secret poll with those who take part in it.
type hidden struct {
	*forumtest.Stage
	t       *testing.T
	id      int64
	session int64
	keepers []models.Actor // desk, watch, neighbour
	shares  []string
	people  []models.Actor
	view    *models.PollView
}

// hide opens a secret poll for n people and the residents of the sample, with a
// crowd of 5. Nobody has fetched a share yet.
func hide(t *testing.T, s *forumtest.Stage, n int, d rules.Disclosure) *hidden {
	t.Helper()
	ctx := t.Context()
	h := &hidden{Stage: s, t: t, people: crowd(t, s, models.CapacityResident, n)}
	watch := must[*models.Credentials](t)(s.CreateStaff(ctx, models.Operator, models.NewStaff{Name: "督导(示例)", Login: "watch-secret", Role: rules.Supervisor, OrgID: s.Org(huaiying)}))
	h.keepers = []models.Actor{s.City.Secretary(huaiying), {PersonID: watch.PersonID, Door: models.DoorConsole}, h.people[0]}
	topic, session := meeting(t, s, "CONSULT")
	h.session = session
	for _, p := range h.people {
		must[*models.Presence](t)(s.ConfirmPresence(ctx, h.keepers[0], session, models.Helped{PersonID: p.PersonID, Consent: "当面认得"}))
	}
	h.view = must[*models.PollView](t)(s.OpenPoll(ctx, h.keepers[0], h.ask(topic, d)))
	h.id = h.view.ID
	return h
}

func (h *hidden) ask(topic int64, d rules.Disclosure) models.NewPoll {
	n := models.NewPoll{SessionID: h.session, TopicID: topic, Question: "清吗?", Secret: &models.NewSecrecy{Disclosure: d, Crowd: 5}}
	for _, k := range h.keepers {
		n.Secret.Holders = append(n.Secret.Holders, k.PersonID)
	}
	return n
}

// keep lets all holders fetch their shares.
func (h *hidden) keep() {
	h.t.Helper()
	for _, k := range h.keepers {
		s := must[*models.KeyShare](h.t)(h.ShareOf(h.t.Context(), k, h.id))
		h.shares = append(h.shares, s.Share)
		must[models.None](h.t)(h.KeepShare(h.t.Context(), k, h.id, strings.ToLower(s.Share)))
	}
}

// token lets somebody have a token, as a phone does.
func (h *hidden) token(who models.Actor) secret.Ballot {
	h.t.Helper()
	tokens := must[*secret.Tokens](h.t)(secret.ReadTokens(h.view.Secret.Secrecy.Tokens))
	wish := must[*secret.Wish](h.t)(tokens.Wish([]byte(fmt.Sprintf("%032d", who.PersonID))))
	signed := must[*models.Signed](h.t)(h.SignToken(h.t.Context(), who, h.id, "", wish.Blinded))
	return secret.Ballot{Token: wish.Token, Signature: must[string](h.t)(wish.Take(signed.Signed))}
}

// say seals a choice for the next turn of a ballot.
func (h *hidden) say(b secret.Ballot, turn int, choice string) secret.Ballot {
	h.t.Helper()
	b.Turn = turn
	b.Sealed = must[string](h.t)(secret.SealChoice(h.view.Secret.Key, h.view.Hash, b.Token, turn, secret.Opened{Tracker: secret.Tracker(), Choice: choice}))
	return b
}

func (h *hidden) drop(b secret.Ballot) *models.SecretReceipt {
	h.t.Helper()
	return must[*models.SecretReceipt](h.t)(h.CastSecret(context.WithoutCancel(h.t.Context()), h.id, b))
}

func (h *hidden) now() *models.PollView {
	h.t.Helper()
	return must[*models.PollView](h.t)(h.Poll(h.t.Context(), h.people[1], h.id))
}

// TestSecretPoll plays a secret poll through: shares, tokens, ballots that are
// changed, two shares that open it, and a board that anybody can count again.
func TestSecretPoll(t *testing.T) {
	for _, d := range []rules.Disclosure{rules.DiscloseKey, rules.DiscloseList} {
		t.Run(string(d), func(t *testing.T) {
			forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
				h := hide(t, s, 17, d)
				h.keep()
				var last *models.SecretReceipt
				for i, p := range h.people {
					token := h.token(p)
					last = h.drop(h.say(token, 0, []string{"yes", "no"}[i%2]))
					if i < 3 {
						last = h.drop(h.say(token, 1, "yes"))
					}
					if i == 16 {
						h.drop(h.say(token, 1, "Yes!")) // what no page would send
					}
				}
				if v := h.now(); v.Cast != 10 || v.Secret.Tokens != 17 || len(v.Secret.Had) != 1 || v.Verdict != nil {
					t.Errorf("while it is open: %d cast, %+v", v.Cast, v.Secret)
				}
				seal(t, s)
				closed := must[*models.PollView](t)(s.ClosePoll(t.Context(), h.keepers[0], h.id))
				if closed.State != rules.PollCounting || closed.Cast != 17 || closed.Verdict != nil {
					t.Fatalf("closed it is %s with %d cast, %+v", closed.State, closed.Cast, closed.Verdict)
				}
				refused(t, "session.poll")(s.CloseSession(t.Context(), h.keepers[0], h.session))
				seal(t, s)
				if f := must[*models.Found](t)(s.FindReceipt(t.Context(), models.Actor{}, h.id, last.Receipt)); len(f.In) != 1 {
					t.Errorf("the board has the last ballot %d times", len(f.In))
				}
				must[*models.PollView](t)(s.EnterShare(t.Context(), h.keepers[0], h.id, h.shares[0], ""))
				opened := must[*models.PollView](t)(s.EnterShare(t.Context(), h.keepers[2], h.id, h.shares[2], ""))
				c := opened.Verdict.Count
				if opened.State != rules.PollClosed || c.Cast != 17 || c.Yes != 9 || c.No != 7 || c.Attended < 17 {
					t.Errorf("opened it is %s, counted %+v", opened.State, c)
				}
				seal(t, s)
				if r := must[*models.Recount](t)(s.RecountPoll(t.Context(), h.keepers[0], h.id)); len(r.Faults) > 0 || r.Units != 17 {
					t.Errorf("counted again: %+v", r)
				}
			})
		})
	}
}

// TestSecretRefusals: whatever is not as it should be is refused by name, and
// nothing has changed.
func TestSecretRefusals(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		h := hide(t, s, 12, rules.DiscloseKey)
		desk, watch, neighbour, other := h.keepers[0], h.keepers[1], h.keepers[2], h.people[5]
		refused(t, "poll.running")(s.OpenPoll(ctx, desk, h.ask(h.view.TopicID, rules.DiscloseKey)))
		b := h.say(h.token(other), 0, "yes")
		refused(t, "secret.shares")(s.CastSecret(ctx, h.id, b))
		refused(t, "share.none")(s.ShareOf(ctx, other, h.id))
		refused(t, "share.none")(s.KeepShare(ctx, other, h.id, "2222"))
		refused(t, "share.wrong")(s.KeepShare(ctx, desk, h.id, "2222"))
		mine, theirs := must[*models.KeyShare](t)(s.ShareOf(ctx, desk, h.id)), must[*models.KeyShare](t)(s.ShareOf(ctx, watch, h.id))
		refused(t, "share.wrong")(s.KeepShare(ctx, desk, h.id, theirs.Share))
		refused(t, "secret.sealed")(s.EnterShare(ctx, desk, h.id, mine.Share, ""))
		refused(t, "secret.sealed")(s.VoidPoll(ctx, models.Operator, h.id, "钥匙丢了"))
		h.keep()
		refused(t, "share.taken")(s.ShareOf(ctx, desk, h.id))

		refused(t, "secret.page")(s.CastBallot(ctx, other, h.id, "", rules.Yes))
		tokens := must[*secret.Tokens](t)(secret.ReadTokens(h.view.Secret.Secrecy.Tokens))
		second := must[*secret.Wish](t)(tokens.Wish([]byte(strings.Repeat("z", 32))))
		refused(t, "secret.token_given")(s.SignToken(ctx, other, h.id, "", second.Blinded))
		refused(t, "secret.blinded")(s.SignToken(ctx, h.people[6], h.id, "", "AAAA"))
		refused(t, "secret.blinded")(s.SignToken(ctx, h.people[6], h.id, "", strings.Repeat("/", secret.BlindedLetters)))
		refused(t, "poll.roll")(s.SignToken(ctx, desk, h.id, "", second.Blinded))
		refused(t, "poll.roll")(s.SignToken(ctx, h.people[6], h.id, "p424242", second.Blinded))
		refused(t, "login.needed")(s.SignToken(ctx, models.Actor{}, h.id, "", second.Blinded))

		for name, tt := range map[string]struct {
			change func(*secret.Ballot)
			want   string
		}{
			"a token of one's own":    {func(b *secret.Ballot) { b.Token = second.Token }, "secret.token"},
			"another signature":       {func(b *secret.Ballot) { b.Signature = "AAAA" + b.Signature[4:] }, "secret.token"},
			"nothing sealed":          {func(b *secret.Ballot) { b.Sealed = "" }, "secret.token"},
			"a turn left out":         {func(b *secret.Ballot) { b.Turn = 1 }, "secret.turn"},
			"a turn before the first": {func(b *secret.Ballot) { b.Turn = -1 }, "secret.turn"},
		} {
			wrong := b
			tt.change(&wrong)
			t.Run(name, func(t *testing.T) { refused(t, tt.want)(s.CastSecret(ctx, h.id, wrong)) })
		}
		first := h.drop(b)
		if again := h.drop(b); *again != *first {
			t.Error("a retry has another receipt")
		}
		if there := must[*models.SecretReceipt](t)(forumtest.Bare(t, s.DSN, s.Clock).CastSecret(ctx, h.id, b)); *there != *first {
			t.Error("a retry on another instance has another receipt")
		}
		refused(t, "secret.rival")(s.CastSecret(ctx, h.id, h.say(b, 0, "no")))
		for _, p := range h.people[6:] {
			h.drop(h.say(h.token(p), 0, "no"))
		}
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, h.id))
		if again := h.drop(b); *again != *first {
			t.Error("a retry after the close has another receipt")
		}
		refused(t, "poll.closed")(s.CastSecret(ctx, h.id, h.say(b, 1, "no")))
		refused(t, "poll.closed")(s.SignToken(ctx, h.people[1], h.id, "", second.Blinded))
		refused(t, "poll.closed")(s.ClosePoll(ctx, desk, h.id))

		refused(t, "share.wrong")(s.EnterShare(ctx, desk, h.id, "", ""))
		refused(t, "share.none")(s.EnterShare(ctx, other, h.id, h.shares[2], ""))
		refused(t, "text.empty")(s.EnterShare(ctx, desk, h.id, h.shares[2], "")) // an envelope, without a word why
		must[*models.PollView](t)(s.EnterShare(ctx, neighbour, h.id, h.shares[2], ""))
		refused(t, "share.same")(s.EnterShare(ctx, neighbour, h.id, h.shares[2], ""))
		refused(t, "share.entered")(s.EnterShare(ctx, desk, h.id, h.shares[2], "他出门了"))
		if v := h.now(); v.State != rules.PollCounting || v.Secret.Entered != 1 || v.Verdict != nil {
			t.Errorf("with one share it is %s, %+v", v.State, v.Secret)
		}
		refused(t, "deed.forbidden")(s.VoidPoll(ctx, desk, h.id, "钥匙丢了"))
		opened := must[*models.PollView](t)(s.EnterShare(ctx, desk, h.id, h.shares[1], "督导的信封,当众拆的"))
		if c := opened.Verdict.Count; c.Cast != 7 || c.Yes != 1 || c.No != 6 {
			t.Errorf("counted %+v", c)
		}
		refused(t, "secret.sealed")(s.EnterShare(ctx, watch, h.id, h.shares[1], ""))
	})
}

// TestSecretVoid: with fewer voters than the crowd that they were promised, and
// without shares, no ballot is ever opened; the matter may then be put again.
func TestSecretVoid(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		h := hide(t, s, 12, rules.DiscloseKey)
		h.keep()
		for _, p := range h.people[:4] {
			h.drop(h.say(h.token(p), 0, "yes"))
		}
		few := must[*models.PollView](t)(s.ClosePoll(ctx, h.keepers[0], h.id))
		if few.State != rules.PollClosed || few.Verdict.Result != rules.ResultVoid || few.Verdict.Reason != "verdict.void_few" || few.Verdict.Count.Cast != 4 {
			t.Errorf("with four ballots: %s, %+v", few.State, few.Verdict)
		}
		refused(t, "secret.sealed")(s.EnterShare(ctx, h.keepers[0], h.id, h.shares[0], ""))
		for name, tt := range map[string]struct {
			change func(*models.NewPoll)
			want   string
		}{
			"named by law":          {func(n *models.NewPoll) { n.Pack, n.Stakeholders = "STAKE", units(h.people) }, "poll.secret"},
			"no such disclosure":    {func(n *models.NewPoll) { n.Secret.Disclosure = "none" }, "secret.disclosure"},
			"a crowd of four":       {func(n *models.NewPoll) { n.Secret.Crowd = 4 }, "secret.crowd"},
			"a crowd of all":        {func(n *models.NewPoll) { n.Secret.Crowd = 13 }, "secret.few"},
			"two of one side":       {func(n *models.NewPoll) { n.Secret.Holders[0] = h.people[2].PersonID }, "secret.keepers"},
			"one holder twice":      {func(n *models.NewPoll) { n.Secret.Holders[1] = n.Secret.Holders[0] }, "secret.keepers"},
			"two holders":           {func(n *models.NewPoll) { n.Secret.Holders = n.Secret.Holders[:2] }, "secret.keepers"},
			"a holder of nowhere":   {func(n *models.NewPoll) { n.Secret.Holders[2] = 424242 }, "secret.keepers"},
			"a holder of elsewhere": {func(n *models.NewPoll) { n.Secret.Holders[0] = s.City.Secretary(wangta).PersonID }, "secret.keepers"},
		} {
			n := h.ask(few.TopicID, rules.DiscloseKey)
			tt.change(&n)
			t.Run(name, func(t *testing.T) { refused(t, tt.want)(s.OpenPoll(ctx, h.keepers[0], n)) })
		}
		again := must[*models.PollView](t)(s.OpenPoll(ctx, h.keepers[0], h.ask(few.TopicID, rules.DiscloseList)))
		h.id, h.view, h.shares = again.ID, again, nil
		h.keep()
		for _, p := range h.people {
			h.drop(h.say(h.token(p), 0, "yes"))
		}
		must[*models.PollView](t)(s.ClosePoll(ctx, h.keepers[0], h.id))
		must[*models.PollView](t)(s.EnterShare(ctx, h.keepers[0], h.id, h.shares[0], ""))
		lost := must[*models.PollView](t)(s.VoidPoll(ctx, models.Operator, h.id, "两位都丢了"))
		if lost.State != rules.PollClosed || lost.Verdict.Reason != "verdict.void_lost" || lost.Verdict.Count.Yes != 0 {
			t.Errorf("without shares: %s, %+v", lost.State, lost.Verdict)
		}
		seal(t, s)
	})
}

// TestSecretCrowd lets many vote at once on two instances while the poll is
// closed. What has a receipt is counted, and no batch is smaller than the crowd.
func TestSecretCrowd(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		h := hide(t, s, 40, rules.DiscloseKey)
		h.keep()
		there := forumtest.Bare(t, s.DSN, s.Clock)
		ballots := make([]secret.Ballot, len(h.people))
		for i, p := range h.people {
			ballots[i] = h.say(h.token(p), 0, "yes")
		}
		var wait sync.WaitGroup
		var mu sync.Mutex
		taken := 0
		for i, b := range ballots {
			wait.Go(func() {
				f := []*models.Forum{s.Forum, there}[i%2]
				if _, err := f.CastSecret(t.Context(), h.id, b); err == nil {
					mu.Lock()
					defer mu.Unlock()
					taken++
				} else if r, ok := rules.AsRefusal(err); !ok || r.Code != "poll.closed" {
					t.Error(err)
				}
			})
			if i == 30 {
				wait.Go(func() { must[*models.PollView](t)(s.ClosePoll(t.Context(), h.keepers[0], h.id)) })
			}
		}
		wait.Wait()
		if taken < 5 {
			t.Skipf("the close was faster than %d ballots", taken)
		}
		must[*models.PollView](t)(s.EnterShare(t.Context(), h.keepers[0], h.id, h.shares[0], ""))
		opened := must[*models.PollView](t)(s.EnterShare(t.Context(), h.keepers[1], h.id, h.shares[1], ""))
		if c := opened.Verdict.Count; c.Cast != int64(taken) || c.Yes != int64(taken) {
			t.Errorf("%d were taken, counted %+v", taken, c)
		}
		for _, row := range table(t, s, "SELECT size FROM batches WHERE size < 5") {
			t.Errorf("a batch has %s ballots", row[0])
		}
	})
}

// TestSecretDump plays the adversary who has the database and knows in which order
// people had their tokens and voted: within a batch they link no better than by
// chance, since neither order, name nor time of a row tells.
func TestSecretDump(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		h := hide(t, s, 40, rules.DiscloseKey)
		h.keep()
		var order []string // of the tokens, as their voters came
		for i, p := range h.people {
			b := h.say(h.token(p), 0, []string{"yes", "no"}[i%2])
			h.drop(b)
			order = append(order, secret.Name(b.Token))
			s.Clock.Pass(time.Minute)
		}
		stored := table(t, s, "SELECT name FROM secret_ballots ORDER BY batch, place")
		if len(stored) != 35 {
			t.Fatalf("%d ballots are in the record, 5 wait", len(stored))
		}
		right := 0
		for i, row := range stored {
			if order[i] == row[0] {
				right++
			}
		}
		if right > 8 { // by chance about one in five of a batch, and fewer, since who waits is drawn by lot
			t.Errorf("the order of rows names %d of %d voters", right, len(stored))
		}
		for _, place := range []string{"audits", "onces", "secret_tokens", "notices", "secrets"} {
			for _, row := range table(t, s, "SELECT * FROM "+place) {
				for _, name := range order {
					if strings.Contains(strings.Join(row, " "), name) {
						t.Fatalf("%s names the ballot %s", place, name)
					}
				}
			}
		}
		if at := table(t, s, "SELECT DISTINCT at FROM audits WHERE deed = 'ballot.secret'"); len(at) != 7 {
			t.Errorf("there are %d times for 7 batches", len(at))
		}
	})
}

// table reads what a query finds behind the forum's back.
func table(t *testing.T, s *forumtest.Stage, query string) (out [][]string) {
	t.Helper()
	driver, dsn := "sqlite", s.DSN
	if rest, ok := strings.CutPrefix(s.DSN, "mysql://"); ok {
		driver, dsn = "mysql", rest
	}
	db := must[*sql.DB](t)(sql.Open(driver, dsn))
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names := must[[]string](t)(rows.Columns())
	for rows.Next() {
		cells, into := make([]sql.RawBytes, len(names)), make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(names))
		for i, c := range cells {
			row[i] = string(c)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func units(people []models.Actor) []string {
	out := make([]string, len(people))
	for i, p := range people {
		out[i] = fmt.Sprintf("p%d", p.PersonID)
	}
	return out
}
