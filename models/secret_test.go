package models_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/models/secret"
)

// TestSecretPoll plays a secret poll through: shares, tokens, ballots that are
// changed, two shares that open it, and a board that anybody can count again.
func TestSecretPoll(t *testing.T) {
	for _, d := range []rules.Disclosure{rules.DiscloseKey, rules.DiscloseList} {
		t.Run(string(d), func(t *testing.T) {
			forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
				h := forumtest.NewSecretPoll(t, s, 17, d)
				if mine := must[[]models.PollView](t)(s.MyPolls(t.Context(), h.Keepers[1])); len(mine) != 1 || mine[0].Secret.Share != models.ShareHere {
					t.Errorf("who is to fetch a share sees %+v", mine)
				}
				h.Keep()
				if mine := must[[]models.PollView](t)(s.MyPolls(t.Context(), h.Keepers[1])); len(mine) != 0 {
					t.Errorf("who has fetched it sees %+v", mine)
				}
				var last *models.SecretReceipt
				for i, p := range h.People {
					token := h.Token(p)
					last = h.Drop(h.Say(token, 0, []rules.Choice{rules.Yes, rules.No}[i%2]))
					if i < 3 {
						last = h.Drop(h.Say(token, 1, "yes"))
					}
					if i == 16 {
						h.Drop(h.Say(token, 1, "Yes!")) // what no page would send
					}
				}
				if v := seen(t, h); v.Cast != 10 || v.Secret.Tokens != 17 || len(v.Secret.Had) != 1 || v.Verdict != nil {
					t.Errorf("while it is open: %d cast, %+v", v.Cast, v.Secret)
				}
				seal(t, s)
				closed := must[*models.PollView](t)(s.ClosePoll(t.Context(), h.Keepers[0], h.View.ID))
				if closed.State != rules.PollCounting || closed.Cast != 17 || closed.Verdict != nil {
					t.Fatalf("closed it is %s with %d cast, %+v", closed.State, closed.Cast, closed.Verdict)
				}
				refused(t, "session.poll")(s.CloseSession(t.Context(), h.Keepers[0], h.Session))
				seal(t, s)
				if f := must[*models.Found](t)(s.FindReceipt(t.Context(), models.Actor{}, h.View.ID, last.Receipt)); len(f.In) != 1 {
					t.Errorf("the board has the last ballot %d times", len(f.In))
				}
				waits := func(k models.Actor) int { return len(must[[]models.PollView](t)(s.MyPolls(t.Context(), k))) }
				if waits(h.Keepers[0]) != 1 || waits(h.People[1]) != 0 {
					t.Error("a poll that waits for its shares is not told to its keepers alone")
				}
				must[*models.PollView](t)(s.EnterShare(t.Context(), h.Keepers[0], h.View.ID, h.Shares[0], ""))
				if waits(h.Keepers[0]) != 0 || waits(h.Keepers[1]) != 1 {
					t.Error("a share that was given back is asked for")
				}
				opened := must[*models.PollView](t)(s.EnterShare(t.Context(), h.Keepers[2], h.View.ID, h.Shares[2], ""))
				c := opened.Verdict.Count
				if opened.State != rules.PollClosed || c.Cast != 17 || c.Yes != 9 || c.No != 7 || c.Attended < 17 {
					t.Errorf("opened it is %s, counted %+v", opened.State, c)
				}
				seal(t, s)
				if r := must[*models.Recount](t)(s.RecountPoll(t.Context(), h.Keepers[0], h.View.ID)); len(r.Faults) > 0 || r.Units != 17 {
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
		h := forumtest.NewSecretPoll(t, s, 12, rules.DiscloseKey)
		desk, watch, neighbour, other := h.Keepers[0], h.Keepers[1], h.Keepers[2], h.People[5]
		refused(t, "poll.running")(s.OpenPoll(ctx, desk, h.Ask(h.View.TopicID, rules.DiscloseKey)))
		b := h.Say(h.Token(other), 0, "yes")
		refused(t, "secret.shares")(s.CastSecret(ctx, h.View.ID, b))
		refused(t, "share.none")(s.ShareOf(ctx, other, h.View.ID))
		refused(t, "share.none")(s.KeepShare(ctx, other, h.View.ID, "2222"))
		refused(t, "share.wrong")(s.KeepShare(ctx, desk, h.View.ID, "2222"))
		mine, theirs := must[*models.KeyShare](t)(s.ShareOf(ctx, desk, h.View.ID)), must[*models.KeyShare](t)(s.ShareOf(ctx, watch, h.View.ID))
		refused(t, "share.wrong")(s.KeepShare(ctx, desk, h.View.ID, theirs.Share))
		refused(t, "secret.sealed")(s.EnterShare(ctx, desk, h.View.ID, mine.Share, ""))
		refused(t, "secret.sealed")(s.VoidPoll(ctx, models.Operator, h.View.ID, "钥匙丢了"))
		h.Keep()
		refused(t, "share.taken")(s.ShareOf(ctx, desk, h.View.ID))

		unit := seen(t, h).Units[0]
		refused(t, "secret.page")(s.CastBallot(ctx, other, h.View.ID, "", rules.Yes))
		refused(t, "secret.page")(s.IssuePaperCodes(ctx, desk, h.View.ID, []string{unit}))
		refused(t, "secret.page")(s.RegisterSheet(ctx, desk, h.View.ID, "1", unit))
		refused(t, "secret.page")(s.AssistBallot(ctx, desk, h.View.ID, models.NewAssist{Unit: unit, PersonID: h.People[1].PersonID, Choice: "yes", Consent: "当面说的"}))
		refused(t, "secret.page")(s.NameProxy(ctx, desk, h.View.ID, models.NewProxy{Unit: unit, PrincipalID: h.People[1].PersonID, AgentID: other.PersonID, Consent: "委托书"}))
		tokens := must[*secret.Tokens](t)(secret.ReadTokens(h.View.Secret.Secrecy.Tokens))
		second := must[*secret.Wish](t)(tokens.Wish([]byte(strings.Repeat("z", 32))))
		refused(t, "secret.token_given")(s.SignToken(ctx, other, h.View.ID, "", second.Blinded))
		refused(t, "secret.blinded")(s.SignToken(ctx, h.People[6], h.View.ID, "", "AAAA"))
		refused(t, "secret.blinded")(s.SignToken(ctx, h.People[6], h.View.ID, "", strings.Repeat("/", secret.BlindedLetters)))
		refused(t, "poll.roll")(s.SignToken(ctx, desk, h.View.ID, "", second.Blinded))
		refused(t, "poll.roll")(s.SignToken(ctx, h.People[6], h.View.ID, "p424242", second.Blinded))
		refused(t, "login.needed")(s.SignToken(ctx, models.Actor{}, h.View.ID, "", second.Blinded))

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
			t.Run(name, func(t *testing.T) { refused(t, tt.want)(s.CastSecret(ctx, h.View.ID, wrong)) })
		}
		first := h.Drop(b)
		if again := h.Drop(b); *again != *first {
			t.Error("a retry has another receipt")
		}
		if there := must[*models.SecretReceipt](t)(forumtest.Bare(t, s.DSN, s.Clock).CastSecret(ctx, h.View.ID, b)); *there != *first {
			t.Error("a retry on another instance has another receipt")
		}
		refused(t, "secret.rival")(s.CastSecret(ctx, h.View.ID, h.Say(b, 0, "no")))
		for _, p := range h.People[6:] {
			h.Drop(h.Say(h.Token(p), 0, "no"))
		}
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, h.View.ID))
		if again := h.Drop(b); *again != *first {
			t.Error("a retry after the close has another receipt")
		}
		refused(t, "poll.closed")(s.CastSecret(ctx, h.View.ID, h.Say(b, 1, "no")))
		refused(t, "poll.closed")(s.SignToken(ctx, h.People[1], h.View.ID, "", second.Blinded))
		refused(t, "poll.closed")(s.ClosePoll(ctx, desk, h.View.ID))

		refused(t, "share.wrong")(s.EnterShare(ctx, desk, h.View.ID, "", ""))
		refused(t, "share.none")(s.EnterShare(ctx, other, h.View.ID, h.Shares[2], ""))
		refused(t, "text.empty")(s.EnterShare(ctx, desk, h.View.ID, h.Shares[2], "")) // an envelope, without a word why
		must[*models.PollView](t)(s.EnterShare(ctx, neighbour, h.View.ID, h.Shares[2], ""))
		refused(t, "share.same")(s.EnterShare(ctx, neighbour, h.View.ID, h.Shares[2], ""))
		refused(t, "share.entered")(s.EnterShare(ctx, desk, h.View.ID, h.Shares[2], "他出门了"))
		if v := seen(t, h); v.State != rules.PollCounting || v.Secret.Entered != 1 || v.Verdict != nil {
			t.Errorf("with one share it is %s, %+v", v.State, v.Secret)
		}
		refused(t, "deed.forbidden")(s.VoidPoll(ctx, desk, h.View.ID, "钥匙丢了"))
		opened := must[*models.PollView](t)(s.EnterShare(ctx, desk, h.View.ID, h.Shares[1], "督导的信封,当众拆的"))
		if c := opened.Verdict.Count; c.Cast != 7 || c.Yes != 1 || c.No != 6 {
			t.Errorf("counted %+v", c)
		}
		refused(t, "secret.sealed")(s.EnterShare(ctx, watch, h.View.ID, h.Shares[1], ""))
	})
}

// TestSecretVoid: with fewer voters than the crowd that they were promised, and
// without shares, no ballot is ever opened; the matter may then be put again.
func TestSecretVoid(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		h := forumtest.NewSecretPoll(t, s, 12, rules.DiscloseKey)
		h.Keep()
		for _, p := range h.People[:4] {
			h.Drop(h.Say(h.Token(p), 0, "yes"))
		}
		few := must[*models.PollView](t)(s.ClosePoll(ctx, h.Keepers[0], h.View.ID))
		if few.State != rules.PollClosed || few.Verdict.Result != rules.ResultVoid || few.Verdict.Reason != "verdict.void_few" || few.Verdict.Count.Cast != 4 {
			t.Errorf("with four ballots: %s, %+v", few.State, few.Verdict)
		}
		refused(t, "secret.sealed")(s.EnterShare(ctx, h.Keepers[0], h.View.ID, h.Shares[0], ""))
		for name, tt := range map[string]struct {
			change func(*models.NewPoll)
			want   string
		}{
			"named by law":          {func(n *models.NewPoll) { n.Pack, n.Stakeholders = "STAKE", units(h.People) }, "poll.secret"},
			"no such disclosure":    {func(n *models.NewPoll) { n.Secret.Disclosure = "none" }, "secret.disclosure"},
			"a crowd of four":       {func(n *models.NewPoll) { n.Secret.Crowd = 4 }, "secret.crowd"},
			"a crowd of all":        {func(n *models.NewPoll) { n.Secret.Crowd = 13 }, "secret.few"},
			"two of one side":       {func(n *models.NewPoll) { n.Secret.Holders[0] = h.People[2].PersonID }, "secret.keepers"},
			"one holder twice":      {func(n *models.NewPoll) { n.Secret.Holders[1] = n.Secret.Holders[0] }, "secret.keepers"},
			"two holders":           {func(n *models.NewPoll) { n.Secret.Holders = n.Secret.Holders[:2] }, "secret.keepers"},
			"a holder of nowhere":   {func(n *models.NewPoll) { n.Secret.Holders[2] = 424242 }, "secret.keepers"},
			"a holder of elsewhere": {func(n *models.NewPoll) { n.Secret.Holders[0] = s.City.Secretary(wangta).PersonID }, "secret.keepers"},
		} {
			n := h.Ask(few.TopicID, rules.DiscloseKey)
			tt.change(&n)
			t.Run(name, func(t *testing.T) { refused(t, tt.want)(s.OpenPoll(ctx, h.Keepers[0], n)) })
		}
		h.Open(h.Ask(few.TopicID, rules.DiscloseList))
		h.Keep()
		for _, p := range h.People {
			h.Drop(h.Say(h.Token(p), 0, "yes"))
		}
		must[*models.PollView](t)(s.ClosePoll(ctx, h.Keepers[0], h.View.ID))
		must[*models.PollView](t)(s.EnterShare(ctx, h.Keepers[0], h.View.ID, h.Shares[0], ""))
		lost := must[*models.PollView](t)(s.VoidPoll(ctx, models.Operator, h.View.ID, "两位都丢了"))
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
		h := forumtest.NewSecretPoll(t, s, 40, rules.DiscloseKey)
		h.Keep()
		there := forumtest.Bare(t, s.DSN, s.Clock)
		ballots := make([]secret.Ballot, len(h.People))
		for i, p := range h.People {
			ballots[i] = h.Say(h.Token(p), 0, rules.Yes)
		}
		const before = 8 // so that there is a crowd however soon the close comes
		for _, b := range ballots[:before] {
			h.Drop(b)
		}
		var wait sync.WaitGroup
		var taken atomic.Int64
		for i, b := range ballots[before:] {
			wait.Go(func() {
				f := []*models.Forum{s.Forum, there}[i%2]
				if _, err := f.CastSecret(t.Context(), h.View.ID, b); err == nil {
					taken.Add(1)
				} else if r, ok := rules.AsRefusal(err); !ok || r.Code != "poll.closed" {
					t.Error(err)
				}
			})
			if i == 20 {
				wait.Go(func() {
					if _, err := s.ClosePoll(t.Context(), h.Keepers[0], h.View.ID); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wait.Wait()
		want := before + taken.Load()
		must[*models.PollView](t)(s.EnterShare(t.Context(), h.Keepers[0], h.View.ID, h.Shares[0], ""))
		opened := must[*models.PollView](t)(s.EnterShare(t.Context(), h.Keepers[1], h.View.ID, h.Shares[1], ""))
		if c := opened.Verdict.Count; c.Cast != want || c.Yes != want {
			t.Errorf("%d were taken, counted %+v", want, c)
		}
		for _, row := range table(t, s, "SELECT size FROM batches WHERE size < 5") {
			t.Errorf("a batch has %s ballots", row[0])
		}
	})
}

// TestSecretDump plays the adversary (R14) who has a copy of the database and
// knows in which order people had their tokens and voted, each at once. Whatever
// the copy can be sorted by, they link ballots no better than by chance. The
// mutant writes ballots as they come, in the order of the roll mark; there the
// same adversary links them all.
func TestSecretDump(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		h := forumtest.NewSecretPoll(t, s, 60, rules.DiscloseKey)
		h.Keep()
		execute(t, s, "CREATE TABLE mutant (id INTEGER PRIMARY KEY, name VARCHAR(64) NOT NULL)")
		var order []string // of the ballots, as their voters came
		for i, p := range h.People {
			b := h.Say(h.Token(p), 0, []rules.Choice{rules.Yes, rules.No}[i%2])
			h.Drop(b)
			order = append(order, secret.Name(b.Token))
			execute(t, s, fmt.Sprintf("INSERT INTO mutant VALUES (%d, '%s')", i, secret.Name(b.Token)))
			s.Clock.Pass(time.Minute)
		}
		for _, by := range []string{"batch, place", "name", "token", "signature", "sealed", "batch, name", "batch, sealed"} {
			stored := table(t, s, "SELECT name FROM secret_ballots ORDER BY "+by)
			if len(stored) != 55 {
				t.Fatalf("%d ballots are in the record, 5 wait", len(stored))
			}
			if n := linked(order, stored); n > byChance {
				t.Errorf("sorted by %s the copy names %d of %d voters", by, n, len(stored))
			}
			if n := inOrder(order, batches(t, s, by)); n < pairs/2-fiveSigma || n > pairs/2+fiveSigma {
				t.Errorf("sorted by %s %d of %d pairs of a batch stand as they came", by, n, pairs)
			}
		}
		foreseen := 0
		for _, row := range table(t, s, "SELECT b.name, (SELECT COUNT(*) FROM batches e WHERE e.id < b.batch) FROM secret_ballots b") {
			if strconv.Itoa(slices.Index(order, row[0])/5) == row[1] {
				foreseen++
			}
		}
		if foreseen > 40 { // about 15 by lot, with a standard deviation of four; 55 first come, first go
			t.Errorf("the batch of %d of 55 voters is the one after they came", foreseen)
		}
		mutant := table(t, s, "SELECT name, 1 FROM mutant ORDER BY id")
		if n, of := linked(order, mutant), inOrder(order, mutant); n != len(order) || of != 60*59/2 {
			t.Errorf("the adversary finds only %d of %d, and %d pairs, in the mutant", n, len(order), of)
		}
		for _, place := range []string{"audits", "onces", "secret_tokens", "notices", "secrets", "acts", "seats", "presences"} {
			for _, row := range table(t, s, "SELECT * FROM "+place) {
				for _, name := range order {
					if strings.Contains(strings.Join(row, " "), name) {
						t.Fatalf("%s names the ballot %s", place, name)
					}
				}
			}
		}
		if at := table(t, s, "SELECT DISTINCT at FROM audits WHERE deed = 'ballot.secret'"); len(at) != 11 {
			t.Errorf("there are %d times for 11 batches", len(at))
		}
	})
}

// byChance is the most that an adversary gets right who knows nothing but the
// batches. A random order of a batch leaves one of it in place on average, with a
// variance of one: of eleven batches 11, and three times the square root of 11.
const byChance = 21

// What an adversary can tell of pairs of a batch: eleven batches of five have 110,
// of which chance puts half in the order in which they came. The variance is
// n(n-1)(2n+5)/72 for a batch of n (Kendall), 45.8 for all.
const (
	pairs     = 110
	fiveSigma = 34
)

// batches are the names of the ballots in the record with their batches, each batch
// sorted.
func batches(t *testing.T, s *forumtest.Stage, by string) [][]string {
	t.Helper()
	return table(t, s, "SELECT name, batch FROM secret_ballots ORDER BY batch, "+strings.TrimPrefix(by, "batch, "))
}

// inOrder is how many pairs of one batch stand in the order in which their voters
// came.
func inOrder(order []string, rows [][]string) int {
	n := 0
	for i, later := range rows {
		for _, earlier := range rows[:i] {
			if earlier[1] == later[1] && slices.Index(order, earlier[0]) < slices.Index(order, later[0]) {
				n++
			}
		}
	}
	return n
}

// linked is how many voters the adversary names rightly, who takes the n-th row
// for the ballot of the n-th voter.
func linked(order []string, stored [][]string) int {
	n := 0
	for i, row := range stored {
		if order[i] == row[0] {
			n++
		}
	}
	return n
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

// seen is how a poll looks to one who may vote.
func seen(t *testing.T, h *forumtest.SecretPoll) *models.PollView {
	t.Helper()
	return must[*models.PollView](t)(h.Poll(t.Context(), h.People[1], h.View.ID))
}
