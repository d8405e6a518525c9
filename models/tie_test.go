package models_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestTwoTiesAtOnce lets both accounts of many people enter each other's codes, and
// WeChat tell their union id, at the same moment: each is one person then, who holds
// what was held, and has one vote.
func TestTwoTiesAtOnce(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		const people = 8
		var all [people]faces
		var kept [people]int64
		var wg sync.WaitGroup
		start := make(chan struct{})
		for p := range people {
			f := faces{s, fmt.Sprint("at once ", p)}
			all[p] = f
			mini, chat := f.mini(t), f.chat(t)
			kept[p] = min(mini.PersonID, chat.PersonID)
			if p%2 == 0 {
				f.lives(t, chat)
				kept[p] = chat.PersonID
			}
			told := must[*models.TieCode](t)(s.MakeTie(t.Context(), mini))
			shown := must[*models.TieCode](t)(s.MakeTie(t.Context(), chat))
			wg.Go(func() { <-start; enter(t, s, chat, told.Code) })
			wg.Go(func() { <-start; enter(t, s, mini, shown.Code) })
			wg.Go(func() { <-start; f.heard(t) })
		}
		close(start)
		wg.Wait()
		for p, f := range all {
			if chat, mini := f.chat(t).PersonID, f.mini(t).PersonID; chat != kept[p] || mini != kept[p] {
				t.Errorf("%s: the chat acts as %d, the mini-program as %d, want %d", f.name, chat, mini, kept[p])
			}
			if n := f.told(t, kept[p], "notice.account_joined"); n != 1 {
				t.Errorf("%s was told %d times", f.name, n)
			}
		}
	})
}

// enter enters a code where another may have done what it asks for.
func enter(t *testing.T, s *forumtest.Stage, who models.Actor, code string) {
	t.Helper()
	_, err := s.UseTie(t.Context(), who, code)
	if r, ok := rules.AsRefusal(err); err != nil && (!ok || !slices.Contains([]string{"tie.own", "tie.wrong", "account.two"}, r.Code)) {
		t.Errorf("%v", err)
	}
}

// TestTie tells a code in one place and enters it in the other.
func TestTie(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		f := faces{s, "tied"}
		mini, chat := f.mini(t), f.chat(t)
		f.lives(t, mini)
		must[models.None](t)(s.Introduce(ctx, mini, "王大力(示例)", ""))
		old := must[*models.TieCode](t)(s.MakeTie(ctx, mini))
		code := must[*models.TieCode](t)(s.MakeTie(ctx, mini))
		refused(t, "tie.own")(s.UseTie(ctx, mini, code.Code))
		refused(t, "tie.wrong")(s.UseTie(ctx, chat, old.Code))
		joined := must[*models.Joined](t)(s.UseTie(ctx, chat, code.Code[:4]+" "+code.Code[4:]))
		if !strings.HasPrefix(joined.Name, "王*") || strings.Contains(joined.Name, "力") {
			t.Errorf("it is told as %q", joined.Name)
		}
		if got := f.chat(t).PersonID; got != mini.PersonID {
			t.Errorf("the chat acts as %d, want %d", got, mini.PersonID)
		}
		must[*models.Joined](t)(s.UseTie(ctx, f.chat(t), code.Code)) // asked once more
		refused(t, "tie.wrong")(s.UseTie(ctx, faces{s, "finder"}.chat(t), code.Code))
		late := must[*models.TieCode](t)(s.MakeTie(ctx, mini))
		s.Clock.Pass(models.TieFor)
		refused(t, "tie.wrong")(s.UseTie(ctx, faces{s, "late"}.chat(t), late.Code))
	})
}

// TestTieOnce lets many strangers enter one code at the same moment: one is let in.
func TestTieOnce(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		f := faces{s, "told too loud"}
		owner := f.mini(t)
		f.lives(t, owner)
		code := must[*models.TieCode](t)(s.MakeTie(t.Context(), owner))
		var wg sync.WaitGroup
		var in atomic.Int64
		start := make(chan struct{})
		for i := range 8 {
			who := faces{s, fmt.Sprint("stranger ", i)}.chat(t)
			wg.Go(func() {
				<-start
				if _, err := s.UseTie(t.Context(), who, code.Code); err == nil {
					in.Add(1)
				}
			})
		}
		close(start)
		wg.Wait()
		if in.Load() != 1 {
			t.Errorf("%d were let in by one code", in.Load())
		}
	})
}

// TestGuessedTies lets somebody guess: beyond so many an hour even the right code is
// no good, however many come at once.
func TestGuessedTies(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		code := must[*models.TieCode](t)(s.MakeTie(ctx, faces{s, "owner"}.mini(t)))
		guesser := faces{s, "guesser"}.chat(t)
		var wg sync.WaitGroup
		var wrong [4 * models.TieTries]bool
		for i := range wrong {
			wg.Go(func() {
				_, err := s.UseTie(ctx, guesser, fmt.Sprintf("%08d", i))
				r, _ := rules.AsRefusal(err)
				wrong[i] = r != nil && r.Code == "tie.wrong"
			})
		}
		wg.Wait()
		compared := 0
		for _, was := range wrong {
			if was {
				compared++
			}
		}
		if compared != models.TieTries {
			t.Errorf("%d guesses were compared, want %d", compared, models.TieTries)
		}
		refused(t, "tie.tries")(s.UseTie(ctx, guesser, code.Code))
		s.Clock.Pass(time.Hour + time.Minute)
		refused(t, "tie.wrong")(s.UseTie(ctx, guesser, code.Code)) // too late
		code = must[*models.TieCode](t)(s.MakeTie(ctx, faces{s, "owner"}.mini(t)))
		must[*models.Joined](t)(s.UseTie(ctx, guesser, code.Code))
	})
}

// TestTieOfStaff lets no code from a telephone give an account to somebody in office;
// one from the console does.
func TestTieOfStaff(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	ctx := t.Context()
	desk, leader := s.City.Secretary(huaiying), someone(s, 0)
	leader.Door = models.DoorMini
	code := must[*models.TieCode](t)(s.MakeTie(ctx, leader))
	chat := faces{s, "of staff"}.chat(t)
	refused(t, "account.staff")(s.UseTie(ctx, chat, code.Code))
	told := must[*models.TieCode](t)(s.MakeTie(ctx, chat))
	refused(t, "account.staff")(s.UseTie(ctx, leader, told.Code))
	code = must[*models.TieCode](t)(s.MakeTie(ctx, desk))
	must[*models.Joined](t)(s.UseTie(ctx, chat, code.Code))
	if got := (faces{s, "of staff"}).chat(t); got.PersonID != desk.PersonID {
		t.Errorf("the chat acts as %d, want the secretary %d", got.PersonID, desk.PersonID)
	}
	other := faces{s, "another of staff"}.chat(t)
	must[*models.Joined](t)(s.UseTie(ctx, desk, must[*models.TieCode](t)(s.MakeTie(ctx, other)).Code))
}
