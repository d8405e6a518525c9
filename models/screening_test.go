package models_test

import (
	"slices"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// screening is the newest of a thing.
func screening(t *testing.T, s *forumtest.Stage, n rules.Screened, thing int64) models.Screening {
	t.Helper()
	rows := must[models.Page[models.Screening]](t)(s.Screenings(t.Context(), s.City.Secretary(huaiying), s.Org(huaiying), true, 0, models.MaxPageSize)).Items
	slices.Reverse(rows)
	i := slices.IndexFunc(rows, func(r models.Screening) bool { return r.Noun == n && r.ThingID == thing })
	if i < 0 {
		t.Fatalf("no %s %d was screened", n, thing)
	}
	return rows[i]
}

// pass lets something stand in public.
func pass(t *testing.T, s *forumtest.Stage, n rules.Screened, thing int64) {
	t.Helper()
	must[*models.Screening](t)(s.DecideScreening(t.Context(), s.City.Secretary(huaiying), screening(t, s, n, thing).ID, true, ""))
}

// waiting is what waits for people at our community.
func waiting(t *testing.T, s *forumtest.Stage) []models.Screening {
	t.Helper()
	return must[models.Page[models.Screening]](t)(s.Screenings(t.Context(), s.City.Secretary(huaiying), s.Org(huaiying), false, 0, 100)).Items
}

const threat = "再不修电梯我就砍 死 你们"

// TestTopicIsHeld: words against which something speaks are not accepted until
// people have decided, with a reason that is kept; other words are read anew.
func TestTopicIsHeld(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, me, friend := t.Context(), s.City.Secretary(huaiying), someone(s, 1), someone(s, 2)
		accept := func(id int64) (*models.Topic, error) {
			return s.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.02", Pack: "CONSULT"})
		}
		calm := raised(t, s, me, "他妈的电梯又坏了,这帮混蛋物业")
		must[*models.Topic](t)(accept(calm))
		if got := screening(t, s, rules.ScreenedTopic, calm); got.State != rules.ScreeningPassed || got.DecidedAt == nil || len(got.Findings) != 2 {
			t.Errorf("anger that the desk has read is %+v", got)
		}

		plain := raised(t, s, me, "楼上张三偷水")
		if got := screening(t, s, rules.ScreenedTopic, plain); got.Findings == nil || len(got.Findings) != 0 {
			t.Errorf("where nothing was found it is told as %#v", got.Findings)
		}
		must[*models.Screening](t)(s.DecideScreening(ctx, desk, screening(t, s, rules.ScreenedTopic, plain).ID, false, "不要点名"))
		refused(t, "topic.held")(accept(plain))

		id := raised(t, s, me, threat)
		held := waiting(t, s)
		if len(held) != 1 || held[0].ThingID != id || held[0].Findings[0].Category != rules.WordThreat {
			t.Fatalf("held are %+v", held)
		}
		refused(t, "topic.held")(accept(id))
		refused(t, "topic.held")(s.OrderTopic(ctx, desk, id, s.Org(huaiying), "修", s.Clock.Now().AddDate(0, 0, 5)))
		refused(t, "topic.unknown")(s.Topic(ctx, friend, id))
		refused(t, "text.empty")(s.DecideScreening(ctx, desk, held[0].ID, true, " "))
		refused(t, "text.empty")(s.DecideScreening(ctx, desk, held[0].ID, false, ""))
		must[*models.Screening](t)(s.DecideScreening(ctx, desk, held[0].ID, false, "请不要威胁人"))
		refused(t, "screening.decided")(s.DecideScreening(ctx, desk, held[0].ID, true, "算了"))
		refused(t, "topic.held")(accept(id))
		if told(t, s, me, "notice.screening_refused") != 2 {
			t.Error("the writer is not told why")
		}

		must[*models.Topic](t)(s.EditTopic(ctx, me, id, "", "再不修电梯,弄死你全家我说真的", ""))
		refused(t, "screening.reworded")(s.DecideScreening(ctx, desk, held[0].ID, true, "算了"))
		again := waiting(t, s)
		if len(again) != 1 || again[0].ID == held[0].ID {
			t.Fatalf("other words are %+v", again)
		}
		refused(t, "topic.held")(accept(id))
		must[*models.Screening](t)(s.DecideScreening(ctx, desk, again[0].ID, true, "是转述别人的话"))
		must[*models.Topic](t)(accept(id))
		must[*models.TopicView](t)(s.Topic(ctx, friend, id))
		if kept := screening(t, s, rules.ScreenedTopic, id); kept.Reason != "是转述别人的话" || kept.State != rules.ScreeningPassed {
			t.Errorf("kept is %+v", kept)
		}
		watch := s.City.Officer(rules.Supervisor, huaiying)
		all := must[models.Page[models.Screening]](t)(s.Screenings(ctx, watch, s.Org(huaiying), true, 0, 100)).Items
		if len(all) != 4 || all[2].Reason != "请不要威胁人" {
			t.Errorf("the supervisor sees %+v", all)
		}
		refused(t, "deed.forbidden")(s.DecideScreening(ctx, watch, all[1].ID, true, "好"))
		refused(t, "screening.unknown")(s.DecideScreening(ctx, s.City.Secretary(wangta), all[1].ID, true, "好"))
		refused(t, "screening.unknown")(s.DecideScreening(ctx, desk, 424242, true, "好"))
	})
}

// TestPetitionIsHeld: nobody but its starter and the desk knows of a petition that
// was not let stand; the desk may let it stand, and only the street may not.
func TestPetitionIsHeld(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, street := t.Context(), s.City.Secretary(huaiying), s.City.Officer(rules.Street, tengxiang)
		delegates := crowd(t, s, models.CapacityRepresentative, 3) // one of whom is a fifth
		start := func(who models.Actor) *models.PetitionView {
			return must[*models.PetitionView](t)(s.StartPetition(ctx, who, models.NewPetition{OrgID: s.Org(huaiying), Kind: rules.PetitionAssembly, Purpose: "换一个书记"}))
		}
		delegates[0].Door, delegates[1].Door = models.DoorChat, models.DoorChat
		s.Clock.Pass(3 * time.Hour) // since they were in the app
		p := start(delegates[0])
		if !p.Held || p.State != rules.PetitionOpen || len(waiting(t, s)) != 1 || told(t, s, delegates[0], "notice.screening_held") != 1 || told(t, s, desk, "notice.screening_asked") != 1 {
			t.Errorf("raised by chat it is %+v", p)
		}
		for _, who := range []models.Actor{{}, delegates[1]} {
			refused(t, "petition.unknown")(s.Petition(ctx, who, p.ID))
			if all := must[[]models.PetitionView](t)(s.Petitions(ctx, who, s.Org(huaiying))); len(all) != 0 {
				t.Errorf("others read %+v", all)
			}
		}
		refused(t, "petition.unknown")(s.SignPetition(ctx, delegates[1], p.ID))
		for _, who := range []models.Actor{delegates[0], desk, street} {
			if all := must[[]models.PetitionView](t)(s.Petitions(ctx, who, s.Org(huaiying))); len(all) != 1 {
				t.Errorf("who is concerned reads %+v", all)
			}
		}
		s.Clock.Pass(100 * 24 * time.Hour)
		if n := must[int](t)(s.EndPetitions(ctx, 10)); n != 0 {
			t.Error("what nobody could sign has lapsed")
		}
		id := screening(t, s, rules.ScreenedPetition, p.ID).ID
		refused(t, "screening.above")(s.DecideScreening(ctx, desk, id, false, "不合适"))
		if n := must[int](t)(s.LapseClocks(ctx, 10)); n != 1 || told(t, s, street, "notice.screening_overdue") != 1 || must[int](t)(s.LapseClocks(ctx, 10)) != 0 {
			t.Errorf("%d clocks have run out, and the street is told %d times", n, told(t, s, street, "notice.screening_overdue"))
		}
		pass(t, s, rules.ScreenedPetition, p.ID)
		v := must[*models.PetitionView](t)(s.Petition(ctx, models.Actor{}, p.ID))
		if v.State != rules.PetitionMet || v.Held || !v.EndsAt.Equal(s.Clock.Now().AddDate(0, 0, 90)) || told(t, s, delegates[0], "notice.petition_stands") != 1 {
			t.Errorf("let stand it is %+v", v)
		}

		bad := start(delegates[1])
		must[*models.Screening](t)(s.DecideScreening(ctx, street, screening(t, s, rules.ScreenedPetition, bad.ID).ID, false, "点名骂人"))
		if v := must[*models.PetitionView](t)(s.Petition(ctx, delegates[1], bad.ID)); v.State != rules.PetitionRemoved || v.Words != "点名骂人" || told(t, s, delegates[1], "notice.petition_removed") != 1 {
			t.Errorf("kept from the public it is %+v", v)
		}
		refused(t, "petition.unknown")(s.Petition(ctx, models.Actor{}, bad.ID))
	})
}

// TestPhotoIsHeld: a resident's picture is public once it was let stand, the
// desk's at once.
func TestPhotoIsHeld(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, me, friend := t.Context(), s.City.Secretary(huaiying), someone(s, 1), someone(s, 2)
		id := raised(t, s, me, "灯坏了")
		mine := must[*models.Photo](t)(s.AddPhoto(ctx, me, models.Photo{TopicID: id, File: "aa.jpg", Width: 1, Height: 1}))
		must[*models.Topic](t)(s.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.02", Pack: "CONSULT"}))
		theirs := must[*models.Photo](t)(s.AddPhoto(ctx, desk, models.Photo{TopicID: id, File: "bb.jpg", Width: 1, Height: 1}))
		seen := func(who models.Actor, want ...int64) {
			t.Helper()
			var got []int64
			for _, p := range must[[]models.Photo](t)(s.Photos(ctx, who, id)) {
				got = append(got, p.ID)
			}
			if n := must[*models.TopicView](t)(s.Topic(ctx, who, id)).Photos; !slices.Equal(got, want) || n != int64(len(want)) {
				t.Errorf("%d sees %v of %d, want %v", who.PersonID, got, n, want)
			}
		}
		seen(friend, theirs.ID)
		seen(models.Actor{}, theirs.ID)
		seen(me, mine.ID, theirs.ID)
		seen(desk, mine.ID, theirs.ID)
		pass(t, s, rules.ScreenedPhoto, mine.ID)
		seen(friend, mine.ID, theirs.ID)
	})
}

// TestRemarkIsHeld: the desk cannot keep from the public what its supervisor says.
func TestRemarkIsHeld(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, street, watch := t.Context(), s.City.Secretary(huaiying), s.City.Officer(rules.Street, tengxiang), s.City.Officer(rules.Supervisor, huaiying)
		id := planned(t, s, 0, accepted(t, s, "垃圾桶挪一挪", "CONSULT"))
		must[*models.Session](t)(s.OpenSession(ctx, desk, id))
		r := must[*models.Remark](t)(s.RemarkSession(ctx, watch, id, "没有按程序开"))
		read := func(who models.Actor) int {
			return len(must[*models.SessionView](t)(s.Session(ctx, who, id)).Remarks)
		}
		if read(models.Actor{}) != 0 || read(someone(s, 1)) != 0 || read(watch) != 1 || read(desk) != 1 {
			t.Error("a remark that was not let stand is read by others, or not by its own")
		}
		one := screening(t, s, rules.ScreenedRemark, r.ID)
		refused(t, "screening.above")(s.DecideScreening(ctx, desk, one.ID, false, "不实"))
		must[*models.Screening](t)(s.DecideScreening(ctx, street, one.ID, false, "写了别人的电话"))
		if read(models.Actor{}) != 0 || told(t, s, watch, "notice.screening_refused") != 1 {
			t.Error("a refused remark is public, or its writer does not know why")
		}
		pass(t, s, rules.ScreenedRemark, must[*models.Remark](t)(s.RemarkSession(ctx, watch, id, "第二次按程序了")).ID)
		if read(models.Actor{}) != 1 {
			t.Error("a remark that was let stand is not public")
		}
	})
}

// TestWeChatJudges: only a pass makes something public. Everything else, and
// silence, is for people.
func TestWeChatJudges(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, other := t.Context(), forumtest.Bare(t, s.DSN, s.Clock)
		id := raised(t, s, someone(s, 1), "灯坏了")
		claim := func(f *models.Forum) []models.Specimen {
			return must[[]models.Specimen](t)(f.ClaimScreenings(ctx, 10))
		}
		state := func(n rules.Screened, thing int64) rules.ScreeningState { return screening(t, s, n, thing).State }
		words := claim(s.Forum)
		if len(words) != 1 || words[0].Words == "" || len(words[0].Accounts) == 0 || len(claim(other)) != 0 {
			t.Fatalf("to be judged: %+v", words)
		}
		must[models.None](t)(s.SettleScreening(ctx, words[0].ID, models.VerdictPass, ""))
		refused(t, "screening.decided")(other.SettleScreening(ctx, words[0].ID, "risky", ""))
		if got := state(rules.ScreenedTopic, id); got != rules.ScreeningClear {
			t.Errorf("passed it is %s", got)
		}
		for i, tt := range []struct {
			verdict, late string
			want          rules.ScreeningState
		}{
			{models.VerdictPass, "", rules.ScreeningClear},
			{"review", "", rules.ScreeningHeld},
			{"risky", "", rules.ScreeningHeld},
			{"none", "", rules.ScreeningHeld},
			{"", "", rules.ScreeningHeld},
			{"", "risky", rules.ScreeningHeld},
			{"", models.VerdictPass, rules.ScreeningHeld},
		} {
			trace := string(rune('a' + i))
			photo := must[*models.Photo](t)(s.AddPhoto(ctx, someone(s, 1), models.Photo{TopicID: id, File: trace + ".jpg", Width: 1, Height: 1}))
			got := claim(s.Forum)
			if len(got) != 1 || got[0].File != trace+".jpg" {
				t.Fatalf("to be judged: %+v", got)
			}
			must[models.None](t)(s.SettleScreening(ctx, got[0].ID, "", trace))
			s.Clock.Pass(models.PictureFor - time.Second)
			if len(claim(other)) != 0 || must[int](t)(other.HoldScreenings(ctx, 10)) != 0 || state(rules.ScreenedPhoto, photo.ID) != rules.ScreeningWaiting {
				t.Fatal("it did not wait for the push")
			}
			if tt.verdict != "" {
				must[models.None](t)(other.JudgePicture(ctx, trace, tt.verdict))
			}
			s.Clock.Pass(time.Second)
			must[int](t)(s.HoldScreenings(ctx, 10))
			if tt.late != "" {
				must[models.None](t)(other.JudgePicture(ctx, trace, tt.late))
			}
			if got := screening(t, s, rules.ScreenedPhoto, photo.ID); got.State != tt.want || got.Verdict != tt.verdict+tt.late {
				t.Errorf("%+v: %+v", tt, got)
			}
		}
		refused(t, "screening.unknown")(s.JudgePicture(ctx, "nowhere", models.VerdictPass))
		refused(t, "screening.unknown")(s.JudgePicture(ctx, "", models.VerdictPass))
		refused(t, "screening.unknown")(s.SettleScreening(ctx, 424242, "", ""))

		lost := raised(t, s, someone(s, 1), "门坏了")
		claim(s.Forum)
		s.Clock.Pass(models.AskFor)
		if len(claim(other)) != 1 {
			t.Error("what an instance claimed and lost is asked again by no other")
		}
		s.Clock.Pass(models.FreshFor)
		if n := must[int](t)(s.HoldScreenings(ctx, 10)); n != 1 || state(rules.ScreenedTopic, lost) != rules.ScreeningHeld {
			t.Errorf("%d that nobody could ask about were left to people", n)
		}
	})
}
