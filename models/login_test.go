package models_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

func totpOf(t *testing.T, s *forumtest.Stage, secret string) string {
	t.Helper()
	s.Clock.Pass(30 * time.Second) // a code works once
	return must[string](t)(totp.GenerateCode(secret, s.Clock.Now()))
}

// TestStaffLogin is the way in of staff: password and code, each code once,
// locked after failures, shut out at once when they leave.
func TestStaffLogin(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		c := s.City.Staff["huaiying"]
		code := totpOf(t, s, c.Secret)
		pass := must[*models.Pass](t)(s.LoginStaff(ctx, "HUAIYING", c.Password, code))
		if !pass.Renew {
			t.Error("a password that was handed over need not be changed")
		}
		refused(t, "login.wrong")(s.LoginStaff(ctx, c.Login, c.Password, code))
		who := must[models.Actor](t)(s.Recognize(ctx, pass.Token))
		if who.PersonID != c.PersonID || who.Door != models.DoorConsole {
			t.Errorf("the token stands for %+v", who)
		}
		refused(t, "password.old")(s.RenewPassword(ctx, who, "not it", "Another-way-in-9"))
		refused(t, "password.length")(s.RenewPassword(ctx, who, c.Password, "Short-1"))
		renewed := must[*models.Pass](t)(s.RenewPassword(ctx, who, c.Password, "Another-way-in-9"))
		refused(t, "login.expired")(s.Recognize(ctx, pass.Token))
		if who := must[models.Actor](t)(s.Recognize(ctx, renewed.Token)); who.PersonID != c.PersonID || who.Renew {
			t.Errorf("once it is changed the login stands for %+v", who)
		}
		for range rules.LoginTries - 1 { // the code used twice was the first
			refused(t, "login.wrong")(s.LoginStaff(ctx, c.Login, c.Password, totpOf(t, s, c.Secret)))
		}
		refused(t, "login.locked")(s.LoginStaff(ctx, c.Login, "Another-way-in-9", totpOf(t, s, c.Secret)))
		s.Clock.Pass(rules.LoginLock)
		pass = must[*models.Pass](t)(s.LoginStaff(ctx, c.Login, "Another-way-in-9", totpOf(t, s, c.Secret)))
		if pass.Renew {
			t.Error("the changed password must be changed again")
		}
		must[models.None](t)(s.LeaveStaff(ctx, s.City.Officer(rules.Street, tengxiang), c.PersonID))
		refused(t, "login.expired")(s.Recognize(ctx, pass.Token))
		refused(t, "login.wrong")(s.LoginStaff(ctx, c.Login, "Another-way-in-9", totpOf(t, s, c.Secret)))
		refused(t, "deed.forbidden")(s.Queue(ctx, models.Actor{PersonID: c.PersonID, Door: models.DoorConsole}, models.Wanted{OrgID: s.Org(huaiying)}))
	})
}

// TestResetByTwo gives new credentials only when a second person agrees.
func TestResetByTwo(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		c := s.City.Staff["huaiying"]
		street, district := s.City.Officer(rules.Street, tengxiang), s.City.Officer(rules.District, "YD-YS")
		shown := func(who models.Actor) models.OfficeView { // to whoever is to approve
			t.Helper()
			for _, o := range must[[]models.OfficeView](t)(s.Offices(ctx, who, s.Org(huaiying))) {
				if o.PersonID == c.PersonID {
					return o
				}
			}
			t.Fatal("the secretary is not among the officers")
			return models.OfficeView{}
		}
		refused(t, "reset.unknown")(s.ApproveReset(ctx, district, c.PersonID))
		must[*models.Reset](t)(s.AskReset(ctx, street, c.PersonID, "忘了密码"))
		if o := shown(district); o.ResetBy != street.PersonID || o.Login != c.Login {
			t.Errorf("what was asked is shown as %+v", o)
		}
		refused(t, "reset.second")(s.ApproveReset(ctx, street, c.PersonID))
		fresh := must[*models.Credentials](t)(s.ApproveReset(ctx, district, c.PersonID))
		if by := shown(district).ResetBy; by != 0 {
			t.Errorf("once it is approved it is shown as asked by %d", by)
		}
		refused(t, "reset.unknown")(s.ApproveReset(ctx, district, c.PersonID))
		refused(t, "login.wrong")(s.LoginStaff(ctx, c.Login, c.Password, totpOf(t, s, c.Secret)))
		must[*models.Pass](t)(s.LoginStaff(ctx, c.Login, fresh.Password, totpOf(t, s, fresh.Secret)))
		must[*models.Reset](t)(s.AskReset(ctx, street, c.PersonID, "又忘了"))
		if shown(district).ResetBy == 0 {
			t.Error("what was asked again is not shown")
		}
		s.Clock.Pass(25 * time.Hour)
		refused(t, "reset.unknown")(s.ApproveReset(ctx, district, c.PersonID))
		if by := shown(district).ResetBy; by != 0 {
			t.Errorf("what nobody may approve any more is shown as asked by %d", by)
		}
	})
}

// TestWhoPeopleAre binds people to communities and follows them through what
// happens in life.
func TestWhoPeopleAre(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk := s.City.Secretary(huaiying)
		leader := someone(s, 0)
		pass := must[*models.Pass](t)(s.LoginMini(ctx, models.Identity{AppID: "mini", OpenID: "a", UnionID: "u"}))
		who := models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
		chat := must[models.Actor](t)(s.RecognizeChat(ctx, models.Identity{AppID: "official", OpenID: "b", UnionID: "u"}))
		if chat.PersonID != who.PersonID {
			t.Error("the union id does not join the two accounts")
		}
		refused(t, "org.which")(s.RaiseTopic(ctx, who, models.NewTopic{Text: "灯坏了"}))
		refused(t, "household.unknown")(s.BindCapacity(ctx, who, s.Org(huaiying), models.CapacityResident, "99-9-999"))
		refused(t, "capacity.kind")(s.BindCapacity(ctx, who, s.Org(tengxiang), models.CapacityResident, ""))
		c := must[*models.Capacity](t)(s.BindCapacity(ctx, who, s.Org(huaiying), models.CapacityResident, "1-1-102"))
		refused(t, "capacity.held")(s.BindCapacity(ctx, who, s.Org(huaiying), models.CapacityResident, ""))
		must[*models.Raised](t)(s.RaiseTopic(ctx, who, models.NewTopic{Text: "灯坏了"})) // before they are confirmed
		asked := must[[]models.CapacityView](t)(s.AskedCapacities(ctx, leader, s.Org(huaiying)))
		if len(asked) != 1 || asked[0].Number != "1-1-102" {
			t.Fatalf("asked are %+v", asked)
		}
		must[*models.Capacity](t)(s.ConfirmCapacity(ctx, leader, c.ID, true))
		refused(t, "capacity.decided")(s.ConfirmCapacity(ctx, leader, c.ID, false))
		for name, found := range map[string]int{"1-1-102": 1, "%": 0, "_": 0} {
			named := must[[]models.CapacityView](t)(s.NamedCapacities(ctx, desk, s.Org(huaiying), name))
			if mine := slices.DeleteFunc(named, func(v models.CapacityView) bool { return v.PersonID != who.PersonID }); len(mine) != found || name == "%" && len(named) > 0 {
				t.Errorf("called %q are %+v", name, named)
			}
		}
		rep := must[*models.Capacity](t)(s.BindCapacity(ctx, who, s.Org(huaiying), models.CapacityRepresentative, ""))
		refused(t, "capacity.representative")(s.ConfirmCapacity(ctx, leader, rep.ID, true))
		must[*models.Capacity](t)(s.ConfirmCapacity(ctx, desk, rep.ID, true))

		// Moving house: the old capacity ends, the new one is asked for.
		must[models.None](t)(s.EndCapacity(ctx, who, c.ID))
		must[models.None](t)(s.EndCapacity(ctx, desk, rep.ID))
		refused(t, "org.unknown")(s.RaiseTopic(ctx, who, models.NewTopic{OrgID: s.Org(huaiying), Text: "灯又坏了"}))
		must[*models.Capacity](t)(s.BindCapacity(ctx, who, s.Org(wangta), models.CapacityTenant, ""))
		must[*models.Raised](t)(s.RaiseTopic(ctx, who, models.NewTopic{Text: "新家的灯也坏了"}))

		// A lost telephone made a second record of the same person.
		second := must[*models.Pass](t)(s.LoginMini(ctx, models.Identity{AppID: "mini", OpenID: "new phone"}))
		must[models.None](t)(s.MoveAccount(ctx, s.City.Secretary(wangta), second.PersonID, who.PersonID))
		refused(t, "login.expired")(s.Recognize(ctx, second.Token))
		back := must[*models.Pass](t)(s.LoginMini(ctx, models.Identity{AppID: "mini", OpenID: "new phone"}))
		if back.PersonID != who.PersonID {
			t.Error("the new telephone did not get the person's record")
		}

		// The neighbour leader changes.
		for _, o := range must[[]models.OfficeView](t)(s.Offices(ctx, desk, s.Org(huaiying))) {
			if o.Role == rules.Leader {
				must[models.None](t)(s.EndOffice(ctx, desk, o.ID))
			}
		}
		refused(t, "deed.forbidden")(s.AskedCapacities(ctx, leader, s.Org(huaiying)))
		must[models.None](t)(s.GrantOffice(ctx, desk, someone(s, 2).PersonID, rules.Leader, s.Org(huaiying)))
		must[[]models.CapacityView](t)(s.AskedCapacities(ctx, someone(s, 2), s.Org(huaiying)))

		must[models.None](t)(s.BanPerson(ctx, s.City.Officer(rules.Street, tengxiang), who.PersonID, true))
		refused(t, "person.banned")(s.RaiseTopic(ctx, who, models.NewTopic{Text: "骂人"}))
		must[[]models.Org](t)(s.Orgs(ctx, who)) // what anybody may
		must[models.None](t)(s.BanPerson(ctx, s.City.Officer(rules.Street, tengxiang), who.PersonID, false))
		must[*models.Raised](t)(s.RaiseTopic(ctx, who, models.NewTopic{Text: "对不起"}))
	})
}

// TestLoginByLink: a code from the official account logs in once, within ten
// minutes, and is no token itself.
func TestLoginByLink(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, me := t.Context(), someone(s, 1)
		refused(t, "login.needed")(s.LinkLogin(ctx, models.Actor{Door: models.DoorChat}))
		code := must[string](t)(s.LinkLogin(ctx, me))
		refused(t, "login.expired")(s.Recognize(ctx, code))
		pass := must[*models.Pass](t)(s.LoginByLink(ctx, code))
		if who := must[models.Actor](t)(s.Recognize(ctx, pass.Token)); who.PersonID != me.PersonID || who.Door != models.DoorMini {
			t.Errorf("logged in as %+v", who)
		}
		refused(t, "login.link")(s.LoginByLink(ctx, code))
		refused(t, "login.link")(s.LoginByLink(ctx, ""))
		late := must[string](t)(s.LinkLogin(ctx, me))
		s.Clock.Pass(models.LinkFor)
		refused(t, "login.link")(s.LoginByLink(ctx, late))
		s.Clock.Pass(models.LoginLinkFor)
		refused(t, "login.expired")(s.Recognize(ctx, pass.Token))
	})
}

// TestProof: by chat a vote is opened and closed on a code of one's own besides, and one
// code does one deed.
func TestProof(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, c := t.Context(), s.City.Staff["huaiying"]
		topic, session := meeting(t, s, "DOOR")
		by := func(code, key string) models.Actor {
			return models.Actor{PersonID: c.PersonID, Door: models.DoorChat, Code: code, Key: key, Digest: key}
		}
		open := func(code, key string) (*models.PollView, error) {
			return s.OpenPoll(ctx, by(code, key), models.NewPoll{SessionID: session, TopicID: topic, Question: "换不换?"})
		}
		refused := func(err error, code string) {
			t.Helper()
			if r, ok := rules.AsRefusal(err); !ok || r.Code != code {
				t.Errorf("got %v, want %s", err, code)
			}
		}

		_, err := open(totpOf(t, s, c.Secret), "")
		refused(err, "staff.none") // the password is another's still
		me := models.Actor{PersonID: c.PersonID, Door: models.DoorConsole, Renew: true}
		must[*models.Pass](t)(s.RenewPassword(ctx, me, c.Password, "Sample-Password-7"))
		_, err = open("", "")
		refused(err, "staff.code")

		code := totpOf(t, s, c.Secret)
		poll, err := open(code, "k")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := open(code, "k"); err != nil || again.ID != poll.ID {
			t.Errorf("a retry got %+v, %v", again, err)
		}
		_, err = s.ClosePoll(ctx, by(code, ""), poll.ID)
		refused(err, "staff.code") // it was for one deed

		for range rules.LoginTries - 1 { // the one before counts
			_, err = s.ClosePoll(ctx, by("000000", ""), poll.ID)
			refused(err, "staff.code")
		}
		_, err = s.ClosePoll(ctx, by(totpOf(t, s, c.Secret), ""), poll.ID)
		refused(err, "login.locked")
		s.Clock.Pass(rules.LoginLock)

		code = totpOf(t, s, c.Secret)
		_, err = open(code, "") // refused for what it asks, which leaves the code good
		refused(err, "poll.running")
		must[*models.PollView](t)(s.ClosePoll(ctx, by(code, ""), poll.ID))

		stranger := s.City.Residents[s.City.Sample.Residents[1].Name]
		stranger.Door, stranger.Code = models.DoorChat, code
		_, err = s.OpenPoll(ctx, stranger, models.NewPoll{SessionID: session, TopicID: topic, Question: "换不换?"})
		refused(err, "deed.forbidden")
	})
}

// TestCodeTwice: of two that show the same code at once one is done.
func TestCodeTwice(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, c := t.Context(), s.City.Staff["huaiying"]
		me := models.Actor{PersonID: c.PersonID, Door: models.DoorConsole, Renew: true}
		must[*models.Pass](t)(s.RenewPassword(ctx, me, c.Password, "Sample-Password-7"))
		var polls []int64
		for range 8 {
			topic, session := meeting(t, s, "DOOR")
			n := models.NewPoll{SessionID: session, TopicID: topic, Question: "换不换?"}
			polls = append(polls, must[*models.PollView](t)(s.OpenPoll(ctx, s.City.Secretary(huaiying), n)).ID)
		}
		me = models.Actor{PersonID: c.PersonID, Door: models.DoorChat, Code: totpOf(t, s, c.Secret)}
		var done atomic.Int64
		var wait sync.WaitGroup
		for _, poll := range polls {
			wait.Go(func() {
				_, err := s.ClosePoll(ctx, me, poll)
				r, refused := rules.AsRefusal(err)
				switch {
				case err == nil:
					done.Add(1)
				case !refused || r.Code != "staff.code" && r.Code != "login.locked":
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if done.Load() != 1 {
			t.Errorf("%d were done", done.Load())
		}
	})
}

// TestCloseAmongOthers: a poll is not closed after other deeds of one answer, for which
// the ballots under way would wait.
func TestCloseAmongOthers(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		topic, session := meeting(t, s, "DOOR")
		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "换不换?"}))
		err := s.Jointly(ctx, func(ctx context.Context) error {
			if _, err := s.WishFor(ctx, desk, models.Wish{}); err != nil {
				return err
			}
			_, err := s.ClosePoll(ctx, desk, poll.ID)
			return err
		})
		if _, refused := rules.AsRefusal(err); err == nil || refused {
			t.Errorf("it was closed: %v", err)
		}
		if err := s.Jointly(ctx, func(ctx context.Context) error { _, err := s.ClosePoll(ctx, desk, poll.ID); return err }); err != nil {
			t.Error(err)
		}
	})
}
