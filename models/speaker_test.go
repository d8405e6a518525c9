package models_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// inside is an open session with a topic, and its desk.
func inside(t *testing.T, s *forumtest.Stage) (desk models.Actor, topic, session int64) {
	t.Helper()
	topic, session = meeting(t, s, "CONSULT")
	return s.City.Secretary(huaiying), topic, session
}

// come checks the n-th resident in.
func come(t *testing.T, s *forumtest.Stage, session int64, n int) models.Actor {
	t.Helper()
	code := must[*models.SiteCode](t)(s.SessionCode(t.Context(), s.City.Secretary(huaiying), session))
	must[*models.Presence](t)(s.CheckIn(t.Context(), someone(s, n), session, 0, code.Code))
	return someone(s, n)
}

func floorOf(t *testing.T, s *forumtest.Stage, who models.Actor, session int64) *models.FloorView {
	t.Helper()
	return must[*models.FloorView](t)(s.Speakers(t.Context(), who, session))
}

func queued(v *models.FloorView) []int64 {
	var ids []int64
	for _, of := range v.Topics {
		for _, s := range of.Queue {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// TestFloor takes hands through the queue: who has not spoken first, for and
// against by turns, twice at most, and what is counted of it.
func TestFloor(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, topic, session := inside(t, s)
		refused(t, "speaker.absent")(s.AskFloor(ctx, someone(s, 1), session, topic, rules.StanceFor))
		a, b := come(t, s, session, 1), come(t, s, session, 2)
		refused(t, "speaker.stance")(s.AskFloor(ctx, a, session, topic, "maybe"))
		refused(t, "topic.unknown")(s.AskFloor(ctx, a, session, topic+424242, rules.StanceFor))
		ask := func(who models.Actor, stance rules.Stance) int64 {
			t.Helper()
			return must[*models.Speaker](t)(s.AskFloor(ctx, who, session, topic, stance)).ID
		}
		first := ask(a, rules.StanceFor)
		refused(t, "speaker.waits")(s.AskFloor(ctx, a, session, topic, rules.StanceAgainst))
		walkIn := must[*models.Presence](t)(s.ConfirmPresence(ctx, desk, session, models.Helped{Name: "孙婆婆(示例)", Consent: "本人到场"})).PersonID
		refused(t, "speaker.absent")(s.NoteSpeaker(ctx, desk, session, models.NewSpeaker{TopicID: topic, Name: "没来的人", Stance: rules.StanceFor}))
		hers := must[*models.Speaker](t)(s.NoteSpeaker(ctx, desk, session, models.NewSpeaker{TopicID: topic, Name: "孙婆婆(示例)", Stance: rules.StanceFor}))
		if hers.Part != rules.PartVisitor {
			t.Errorf("she is a %s", hers.Part)
		}
		refused(t, "speaker.waits")(s.NoteSpeaker(ctx, desk, session, models.NewSpeaker{TopicID: topic, PersonID: walkIn, Stance: rules.StanceFor}))
		against := ask(b, rules.StanceAgainst)
		if got, want := queued(floorOf(t, s, a, session)), []int64{first, against, hers.ID}; !slices.Equal(got, want) {
			t.Errorf("the queue is %v, want %v", got, want)
		}
		refused(t, "speaker.seconds")(s.GiveFloor(ctx, desk, first, models.Floor{Seconds: 29}))
		if got := must[*models.Speaker](t)(s.GiveFloor(ctx, desk, first, models.Floor{})); got.Seconds != 120 {
			t.Errorf("given for %d seconds", got.Seconds)
		}
		s.Clock.Pass(90 * time.Second)
		refused(t, "speaker.floor")(s.GiveFloor(ctx, desk, against, models.Floor{}))
		must[*models.Speaker](t)(s.GiveFloor(ctx, desk, against, models.Floor{Seconds: 60, InsteadOf: first}))
		v := floorOf(t, s, b, session)
		if v.Floor == nil || v.Floor.ID != against || !v.Floor.Mine || v.Floor.Name != "" || !v.Floor.Until.Equal(s.Clock.Now().Add(time.Minute)) {
			t.Errorf("the floor has %+v", v.Floor)
		}
		s.Clock.Pass(30 * time.Second)
		must[*models.Speaker](t)(s.EndFloor(ctx, desk, against))
		refused(t, "speaker.over")(s.EndFloor(ctx, desk, against))
		refused(t, "speaker.over")(s.LeaveFloor(ctx, b, against))
		second := ask(a, rules.StanceFor)
		if got, want := queued(floorOf(t, s, a, session)), []int64{hers.ID, second}; !slices.Equal(got, want) {
			t.Errorf("the queue is %v, want %v", got, want)
		}
		must[*models.Speaker](t)(s.GiveFloor(ctx, desk, second, models.Floor{}))
		must[*models.Speaker](t)(s.LeaveFloor(ctx, a, second)) // gives it back
		third := ask(a, rules.StanceOther)
		refused(t, "speaker.times")(s.GiveFloor(ctx, desk, third, models.Floor{}))
		must[*models.Speaker](t)(s.GiveFloor(ctx, desk, third, models.Floor{Again: true}))
		refused(t, "speaker.unknown")(s.LeaveFloor(ctx, b, hers.ID)) // is not theirs
		must[*models.Speaker](t)(s.LeaveFloor(ctx, desk, hers.ID))
		balance := floorOf(t, s, desk, session).Topics[0].Balance
		if got, want := balance.Stances[rules.StanceFor], (models.Turns{Times: 2, Seconds: 90}); got != want {
			t.Errorf("for: %+v, want %+v", got, want)
		}
		if got, want := balance.Parts[rules.PartResident], (models.Turns{Times: 3, Seconds: 120}); got != want {
			t.Errorf("residents: %+v, want %+v", got, want)
		}
		if v := floorOf(t, s, desk, session); v.Floor == nil || v.Floor.Name == "" || v.Floor.Times != 2 {
			t.Errorf("the host sees %+v", v.Floor)
		}
	})
}

// TestFloorOfManyChairs lets two chairs give the floor at the same moment, to two
// people: one has it, and the other chair is told.
func TestFloorOfManyChairs(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, topic, session := inside(t, s)
		var hands []int64
		for n := 1; n <= 3; n++ {
			hands = append(hands, must[*models.Speaker](t)(s.AskFloor(ctx, come(t, s, session, n), session, topic, rules.StanceFor)).ID)
		}
		must[*models.Speaker](t)(s.GiveFloor(ctx, desk, hands[0], models.Floor{}))
		errs := together(ctx, func(ctx context.Context, i int) error {
			_, err := s.GiveFloor(ctx, desk, hands[1+i], models.Floor{InsteadOf: hands[0]})
			return err
		})
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("the chairs were told %v", errs)
		}
		for _, err := range errs {
			if err != nil {
				refused(t, "speaker.floor")(nil, err)
			}
		}
		v := floorOf(t, s, desk, session)
		if v.Floor == nil || len(queued(v)) != 1 || v.Topics[0].Balance.Stances[rules.StanceFor].Times != 1 {
			t.Errorf("after both: %+v", v)
		}
		// One person with two telephones waits once.
		other := come(t, s, session, 4)
		errs = together(ctx, func(ctx context.Context, i int) error {
			_, err := s.AskFloor(ctx, other, session, topic, rules.Stances[i])
			return err
		})
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("two hands of one person: %v", errs)
		}
		// A retry gets the same answer, and gives nothing twice.
		last := queued(floorOf(t, s, desk, session))[0]
		chair := desk
		chair.Key, chair.Digest = "give", "d"
		one := must[*models.Speaker](t)(s.GiveFloor(ctx, chair, last, models.Floor{InsteadOf: v.Floor.ID}))
		s.Clock.Pass(time.Second)
		if two := must[*models.Speaker](t)(s.GiveFloor(ctx, chair, last, models.Floor{InsteadOf: v.Floor.ID})); !two.GivenAt.Equal(*one.GivenAt) {
			t.Errorf("given at %v, and again at %v", one.GivenAt, two.GivenAt)
		}
	})
}

// together does two things at the same moment.
func together(ctx context.Context, do func(ctx context.Context, i int) error) [2]error {
	var errs [2]error
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() { errs[i] = do(ctx, i) })
	}
	wait.Wait()
	return errs
}

// TestFloorWhenItEnds closes and adjourns sessions under the speakers: nobody waits
// or speaks any more, and a forgotten turn counts with the time that was given.
func TestFloorWhenItEnds(t *testing.T) {
	for _, how := range []string{"closed", "adjourned"} {
		t.Run(how, func(t *testing.T) {
			forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
				ctx := t.Context()
				desk, topic, session := inside(t, s)
				a, b := come(t, s, session, 1), come(t, s, session, 2)
				speaks := must[*models.Speaker](t)(s.AskFloor(ctx, a, session, topic, rules.StanceFor)).ID
				waits := must[*models.Speaker](t)(s.AskFloor(ctx, b, session, topic, rules.StanceFor)).ID
				must[*models.Speaker](t)(s.GiveFloor(ctx, desk, speaks, models.Floor{Seconds: 60}))
				s.Clock.Pass(time.Hour)
				if how == "closed" {
					must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, session, topic, rules.TopicNoConsensus, "两边都不让"))
					must[*models.Session](t)(s.CloseSession(ctx, desk, session))
				} else {
					must[*models.Session](t)(s.AdjournSession(ctx, desk, session, "天黑了"))
				}
				refused(t, "session.state")(s.GiveFloor(ctx, desk, waits, models.Floor{}))
				refused(t, "session.state")(s.EndFloor(ctx, desk, speaks))
				refused(t, "session.state")(s.LeaveFloor(ctx, b, waits))
				refused(t, "session.state")(s.AskFloor(ctx, a, session, topic, rules.StanceFor))
				v := floorOf(t, s, desk, session)
				if v.Floor != nil || len(queued(v)) != 0 {
					t.Errorf("still there: %+v", v)
				}
				if got, want := v.Topics[0].Balance.Stances[rules.StanceFor], (models.Turns{Times: 1, Seconds: 60}); got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
			})
		})
	}
}

// TestFloorWhileItCloses gives the floor and closes at the same moment: whichever
// comes first, nobody has the floor of a session that is over.
func TestFloorWhileItCloses(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, topic, session := inside(t, s)
		hand := must[*models.Speaker](t)(s.AskFloor(ctx, come(t, s, session, 1), session, topic, rules.StanceFor)).ID
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, session, topic, rules.TopicNoConsensus, "两边都不让"))
		errs := together(ctx, func(ctx context.Context, i int) error {
			if i == 0 {
				_, err := s.CloseSession(ctx, desk, session)
				return err
			}
			_, err := s.GiveFloor(ctx, desk, hand, models.Floor{})
			return err
		})
		if errs[0] != nil {
			t.Errorf("closing: %v", errs[0])
		}
		if errs[1] != nil {
			refused(t, "session.state")(nil, errs[1])
		}
		if v := floorOf(t, s, desk, session); v.Floor != nil || len(queued(v)) != 0 {
			t.Errorf("still there: %+v", v)
		}
	})
}
