package models_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// atHome lets somebody live in the n-th home of our community, which has 60.
func atHome(t *testing.T, s *forumtest.Stage, name string, n int) models.Actor {
	t.Helper()
	desk := s.City.Secretary(huaiying)
	homes := must[models.Page[models.HouseholdView]](t)(s.Households(t.Context(), desk, s.Org(huaiying), 0, 60)).Items
	who := models.Actor{PersonID: must[*models.Pass](t)(s.LoginMini(t.Context(), forumtest.Identify(name))).PersonID, Door: models.DoorMini}
	c := must[*models.Capacity](t)(s.BindCapacity(t.Context(), who, s.Org(huaiying), models.CapacityTenant, homes[n].Number))
	must[*models.Capacity](t)(s.ConfirmCapacity(t.Context(), desk, c.ID, true))
	return who
}

// petition starts one of households, of which six are enough, and lets five sign.
func petition(t *testing.T, s *forumtest.Stage) (people []models.Actor, p *models.PetitionView) {
	t.Helper()
	for i := range 6 {
		people = append(people, atHome(t, s, fmt.Sprint("home ", i), 40+i))
	}
	p = must[*models.PetitionView](t)(s.StartPetition(t.Context(), people[0], models.NewPetition{Kind: rules.PetitionHouseholds, Purpose: "门禁要不要换"}))
	pass(t, s, rules.ScreenedPetition, p.ID)
	for _, who := range people[1:5] {
		p = must[*models.PetitionView](t)(s.SignPetition(t.Context(), who, p.ID))
	}
	return people, p
}

// TestPetition asks for a residents' meeting: a household signs once, whoever of
// it does, and may take it back until it is met; then the desk owes the meeting,
// and the meeting its answer.
func TestPetition(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		people, p := petition(t, s)
		if p.Count != (rules.PetitionCount{Signers: 5, Due: 60, Need: 6}) || p.State != rules.PetitionOpen {
			t.Fatalf("five of sixty homes: %+v", p)
		}
		refused(t, "petition.one")(s.StartPetition(ctx, people[0], models.NewPetition{Kind: rules.PetitionAdults, Purpose: "再来一个"}))
		refused(t, "petition.signed")(s.SignPetition(ctx, people[1], p.ID))
		refused(t, "petition.signed")(s.SignPetition(ctx, atHome(t, s, "housemate", 41), p.ID))
		homeless := crowd(t, s, models.CapacityRider, 1)[0]
		refused(t, "petition.unit")(s.SignPetition(ctx, homeless, p.ID))
		refused(t, "petition.unsigned")(s.UnsignPetition(ctx, homeless, p.ID))
		if v := must[*models.PetitionView](t)(s.UnsignPetition(ctx, people[4], p.ID)); v.Count.Signers != 4 || v.Signed {
			t.Errorf("with one less it is %+v", v)
		}
		refused(t, "petition.unsigned")(s.UnsignPetition(ctx, people[4], p.ID))
		must[*models.PetitionView](t)(s.SignPetition(ctx, people[4], p.ID))
		refused(t, "petition.state")(s.ConvenePetition(ctx, desk, p.ID, 1))
		refused(t, "petition.state")(s.AnswerPetition(ctx, desk, p.ID, "好"))

		met := must[*models.PetitionView](t)(s.SignPetition(ctx, people[5], p.ID))
		if met.State != rules.PetitionMet || !met.Count.Met || met.Count.Signers != 6 || met.DueAt == nil || met.DueAt.Sub(s.Clock.Now()) != 30*24*time.Hour {
			t.Fatalf("with six it is %+v", met)
		}
		for _, who := range people {
			if told(t, s, who, "notice.petition_met") != 1 {
				t.Error("not everybody who signed is told that it is met")
			}
		}
		if told(t, s, desk, "notice.petition_owed") != 1 || told(t, s, homeless, "notice.petition_met") != 0 {
			t.Error("not those are told whom it concerns")
		}
		refused(t, "petition.met")(s.UnsignPetition(ctx, people[5], p.ID))
		refused(t, "petition.met")(s.SignPetition(ctx, atHome(t, s, "late", 50), p.ID))
		must[*models.PetitionView](t)(s.StartPetition(ctx, people[0], models.NewPetition{Kind: rules.PetitionAdults, Purpose: "再来一个"})) // the first is open no more
		owed := func() []models.PetitionView { return must[*models.Desk](t)(s.Desk(ctx, desk, s.Org(huaiying))).Owed }
		if o := owed(); len(o) != 1 || o[0].ID != p.ID || o[0].Count.Signers != 6 {
			t.Errorf("the desk owes %+v", o)
		}
		answered(t, s, p.ID, people[0], owed)
	})
}

// answered convenes the meeting, calls it off, convenes another and lets it answer.
func answered(t *testing.T, s *forumtest.Stage, id int64, starter models.Actor, owed func() []models.PetitionView) {
	t.Helper()
	ctx, desk := t.Context(), s.City.Secretary(huaiying)
	topic := accepted(t, s, "门禁要不要换", "CONSULT")
	session := planned(t, s, 5*24*time.Hour, topic)
	refused(t, "session.unknown")(s.ConvenePetition(ctx, desk, id, 424242))
	refused(t, "session.state")(s.ConvenePetition(ctx, desk, id, session))
	must[*models.Session](t)(s.AnnounceSession(ctx, desk, session, ""))
	must[*models.PetitionView](t)(s.ConvenePetition(ctx, desk, id, session))
	if told(t, s, starter, "notice.petition_convened") != 1 || len(owed()) != 0 {
		t.Error("a meeting that was convened is not told, or is still owed")
	}
	refused(t, "petition.meeting")(s.AnswerPetition(ctx, desk, id, "换"))
	must[*models.Session](t)(s.CancelSession(ctx, desk, session, "下雨"))
	if len(owed()) != 1 {
		t.Error("after the meeting was called off none is owed")
	}
	session = planned(t, s, 5*24*time.Hour, topic)
	must[*models.Session](t)(s.AnnounceSession(ctx, desk, session, ""))
	must[*models.PetitionView](t)(s.ConvenePetition(ctx, desk, id, session))
	s.Clock.Pass(5 * 24 * time.Hour)
	must[*models.Session](t)(s.OpenSession(ctx, desk, session))
	refused(t, "text.empty")(s.AnswerPetition(ctx, desk, id, " "))
	over := must[*models.PetitionView](t)(s.AnswerPetition(ctx, desk, id, "下个月换"))
	if over.State != rules.PetitionAnswered || over.Words != "下个月换" || told(t, s, starter, "notice.petition_answered") != 1 {
		t.Errorf("answered it is %+v", over)
	}
	refused(t, "petition.state")(s.AnswerPetition(ctx, desk, id, "再答一次"))
	refused(t, "petition.state")(s.ConvenePetition(ctx, desk, id, session))
}

// TestPetitionKinds: who signs and of how many they are a part is what the kind
// says, and what the polls' registers say.
func TestPetitionKinds(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		neighbour := someone(s, 1)
		refused(t, "petition.nobody")(s.StartPetition(ctx, neighbour, models.NewPetition{Kind: rules.PetitionAssembly, Purpose: "门禁要不要换"}))
		delegates := crowd(t, s, models.CapacityRepresentative, 5)
		start := func(who models.Actor, k rules.PetitionKind) (*models.PetitionView, error) {
			p, err := s.StartPetition(ctx, who, models.NewPetition{OrgID: s.Org(huaiying), Kind: k, Purpose: "门禁要不要换"})
			if err != nil {
				return nil, err
			}
			pass(t, s, rules.ScreenedPetition, p.ID)
			return s.Petition(ctx, who, p.ID)
		}
		if v := must[*models.PetitionView](t)(start(delegates[0], rules.PetitionAssembly)); v.State != rules.PetitionMet || v.Count != (rules.PetitionCount{Signers: 1, Due: 5, Need: 1, Met: true}) {
			t.Errorf("a fifth of the delegates: %+v", v)
		}
		third := must[*models.PetitionView](t)(start(neighbour, rules.PetitionRepresentatives)) // may ask, and may not sign
		if third.Count != (rules.PetitionCount{Due: 5, Need: 2}) || !third.Mine || third.Signed {
			t.Errorf("a neighbour's petition of delegates: %+v", third)
		}
		refused(t, "petition.unit")(s.SignPetition(ctx, neighbour, third.ID))
		must[*models.PetitionView](t)(s.SignPetition(ctx, delegates[1], third.ID))
		refused(t, "petition.unsigned")(s.UnsignPetition(ctx, neighbour, third.ID)) // others stand behind it
		if v := must[*models.PetitionView](t)(s.SignPetition(ctx, delegates[2], third.ID)); v.State != rules.PetitionMet {
			t.Errorf("a third of the delegates: %+v", v)
		}
		adults := must[*models.PetitionView](t)(start(delegates[3], rules.PetitionAdults))
		var due int64
		for _, r := range s.City.Sample.Residents {
			if r.Org == huaiying {
				due++
			}
		}
		if due += 5; adults.Count.Due != due || adults.Count.Signers != 1 {
			t.Errorf("a petition of adults: %+v, want %d due", adults.Count, due)
		}
		if v := must[*models.PetitionView](t)(s.UnsignPetition(ctx, delegates[3], adults.ID)); v.State != rules.PetitionWithdrawn {
			t.Errorf("behind whom nobody stands it is %+v", v)
		}
		refused(t, "petition.over")(s.SignPetition(ctx, neighbour, adults.ID))
		must[*models.PetitionView](t)(start(delegates[3], rules.PetitionAdults))
		refused(t, "petition.kind")(start(delegates[4], "shops"))
		refused(t, "org.unknown")(s.StartPetition(ctx, delegates[4], models.NewPetition{OrgID: s.Org(wangta), Kind: rules.PetitionAdults, Purpose: "别人家的事"}))
		refused(t, "petition.register")(s.StartPetition(ctx, delegates[4], models.NewPetition{OrgID: s.Org(tengxiang), Kind: rules.PetitionAdults, Purpose: "整条街的事"}))
		refused(t, "text.long")(s.StartPetition(ctx, delegates[4], models.NewPetition{Kind: rules.PetitionAdults, Purpose: strings.Repeat("长", rules.MaxTitle+1)}))
		refused(t, "petition.unknown")(s.SignPetition(ctx, delegates[4], 424242))
		if all := must[[]models.PetitionView](t)(s.Petitions(ctx, models.Actor{}, s.Org(huaiying))); len(all) != 4 || all[0].Kind != rules.PetitionAdults || all[3].State != rules.PetitionMet {
			t.Errorf("the petitions are %+v", all)
		}
	})
}

// TestPetitionTime: what too few sign in time lapses, once; what is owed and not
// convened in time is told, once; and what the register has grown small enough
// for at the end is met.
func TestPetitionTime(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, other := t.Context(), s.City.Secretary(huaiying), forumtest.Bare(t, s.DSN, s.Clock)
		people, p := petition(t, s)
		delegates := crowd(t, s, models.CapacityRepresentative, 6)
		small := must[*models.PetitionView](t)(s.StartPetition(ctx, delegates[0], models.NewPetition{Kind: rules.PetitionRepresentatives, Purpose: "选一次物业"}))
		pass(t, s, rules.ScreenedPetition, small.ID)
		walk := func(want int) {
			t.Helper()
			if n := must[int](t)(s.EndPetitions(ctx, 10)) + must[int](t)(other.EndPetitions(ctx, 10)); n != want {
				t.Errorf("%d petitions end, want %d", n, want)
			}
		}
		for _, d := range delegates[3:] {
			for _, c := range must[*models.Me](t)(s.Me(ctx, d)).Capacities {
				must[models.None](t)(s.EndCapacity(ctx, d, c.ID))
			}
		}
		if v := must[*models.PetitionView](t)(s.Petition(ctx, models.Actor{}, small.ID)); v.Count.Due != 3 || v.State != rules.PetitionOpen {
			t.Errorf("with three delegates left it is %+v", v)
		}
		home := must[*models.Me](t)(s.Me(ctx, people[4])).Capacities[0].ID
		must[models.None](t)(s.EndCapacity(ctx, people[4], home)) // who moved out speaks for no home
		if v := must[*models.PetitionView](t)(s.Petition(ctx, people[4], p.ID)); v.Count.Signers != 4 || v.Count.Due != 60 {
			t.Errorf("with one who moved out it is %+v", v)
		}
		next := atHome(t, s, "next", 44) // moves in there
		if v := must[*models.PetitionView](t)(s.SignPetition(ctx, next, p.ID)); v.Count.Signers != 5 {
			t.Errorf("with who moved in it is %+v", v)
		}
		s.Clock.Set(p.EndsAt.Add(-time.Second))
		walk(0)
		s.Clock.Set(p.EndsAt)
		refused(t, "petition.over")(s.SignPetition(ctx, people[5], p.ID))
		walk(2)
		walk(0)
		if v := must[*models.PetitionView](t)(s.Petition(ctx, people[0], p.ID)); v.State != rules.PetitionLapsed || v.Count.Signers != 5 || v.Count.Due != 60 || told(t, s, people[3], "notice.petition_lapsed") != 1 {
			t.Errorf("lapsed it is %+v", v)
		}
		v := must[*models.PetitionView](t)(s.Petition(ctx, people[0], small.ID))
		if v.State != rules.PetitionMet || v.Count.Need != 1 {
			t.Fatalf("of three delegates one is a third: %+v", v)
		}
		lapsed := func() int {
			return must[int](t)(s.LapseClocks(ctx, 10)) + must[int](t)(other.LapseClocks(ctx, 10))
		}
		s.Clock.Set(v.DueAt.Add(-time.Second))
		if n := lapsed(); n != 0 {
			t.Errorf("%d clocks have run out before their time", n)
		}
		s.Clock.Set(*v.DueAt)
		if n := lapsed(); n != 1 || lapsed() != 0 {
			t.Errorf("%d clocks have run out", n)
		}
		street := s.City.Officer(rules.Street, tengxiang)
		if told(t, s, desk, "notice.petition_overdue") != 1 || told(t, s, street, "notice.petition_overdue") != 1 || told(t, s, delegates[0], "notice.petition_late") != 1 {
			t.Error("not everybody is told that the meeting is overdue")
		}
	})
}

// TestPetitionNames: everybody sees numbers, the secretary names; and what the
// street takes down is read no more, with the reason told to who signed.
func TestPetitionNames(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, street := t.Context(), s.City.Secretary(huaiying), s.City.Officer(rules.Street, tengxiang)
		people, p := petition(t, s)
		signers := must[[]models.Signer](t)(s.PetitionSigners(ctx, desk, p.ID))
		if len(signers) != 5 || signers[0].PersonID != people[0].PersonID {
			t.Errorf("who signed: %+v", signers)
		}
		for _, who := range []models.Actor{people[0], street} {
			refused(t, "deed.forbidden")(s.PetitionSigners(ctx, who, p.ID))
		}
		refused(t, "petition.unknown")(s.PetitionSigners(ctx, s.City.Secretary(wangta), p.ID))
		shown := must[*models.PetitionView](t)(s.Petition(ctx, models.Actor{}, p.ID))
		body, err := json.Marshal(shown)
		if err != nil || strings.Contains(string(body), "person") || strings.Contains(string(body), "starter") || shown.Mine || shown.Signed {
			t.Errorf("everybody sees %s, %v", body, err)
		}
		refused(t, "deed.forbidden")(s.RemovePetition(ctx, desk, p.ID, "不实"))
		refused(t, "text.empty")(s.RemovePetition(ctx, street, p.ID, ""))
		gone := must[*models.PetitionView](t)(s.RemovePetition(ctx, street, p.ID, "不实"))
		if gone.State != rules.PetitionRemoved || gone.Purpose != "" || gone.Words != "不实" || told(t, s, people[3], "notice.petition_removed") != 1 {
			t.Errorf("taken down it is %+v", gone)
		}
		refused(t, "petition.over")(s.RemovePetition(ctx, street, p.ID, "不实"))
	})
}

// TestPetitionRace lets everybody sign at once, through two instances: each counts
// once and it is met once.
func TestPetitionRace(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		desk := s.City.Secretary(huaiying)
		forums := []*models.Forum{s.Forum, forumtest.Bare(t, s.DSN, s.Clock)}
		starter := atHome(t, s, "starter", 30)
		p := must[*models.PetitionView](t)(s.StartPetition(t.Context(), starter, models.NewPetition{Kind: rules.PetitionHouseholds, Purpose: "门禁要不要换"}))
		pass(t, s, rules.ScreenedPetition, p.ID)
		var people []models.Actor
		for i := range 8 {
			people = append(people, atHome(t, s, fmt.Sprint("home ", i), 40+i/2)) // two of each home
		}
		for _, i := range []int{50, 51} {
			people = append(people, atHome(t, s, fmt.Sprint("home ", i), i))
		}
		var wg sync.WaitGroup
		errs := make([]error, len(people))
		for i, who := range people {
			wg.Go(func() { _, errs[i] = forums[i%2].SignPetition(t.Context(), who, p.ID) })
		}
		wg.Wait()
		for i, err := range errs {
			if r, ok := rules.AsRefusal(err); err != nil && (!ok || r.Code != "petition.signed" && r.Code != "petition.met") {
				t.Errorf("the %dth signature: %v", i, err)
			}
		}
		v := must[*models.PetitionView](t)(s.Petition(t.Context(), models.Actor{}, p.ID))
		if v.State != rules.PetitionMet || v.Count.Signers != 6 || told(t, s, desk, "notice.petition_owed") != 1 {
			t.Errorf("after all came at once it is %+v", v)
		}
		if n := len(must[[]models.Signer](t)(s.PetitionSigners(t.Context(), desk, p.ID))); n != 6 {
			t.Errorf("%d have signed", n)
		}
	})
}
