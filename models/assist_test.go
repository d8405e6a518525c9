package models_test

import (
	"fmt"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestAssist takes down the ballot of somebody who is there and cannot use a
// telephone. It overwrites nobody's; they hear of it and may change it.
func TestAssist(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, watch, leader := counters(t, s)
		people, poll := agreeing(t, s, 4)
		unit := func(n int) string { return fmt.Sprintf("p%d", people[n].PersonID) }
		assist := func(who models.Actor, n int, choice rules.Choice) (*models.Ballot, error) {
			return s.AssistBallot(ctx, who, poll.ID, models.NewAssist{Unit: unit(n), PersonID: people[n].PersonID, Choice: string(choice), Consent: "本人口述,两人在场"})
		}
		refused(t, "assist.absent")(assist(leader, 1, rules.Yes))
		for _, p := range people {
			must[*models.Presence](t)(s.ConfirmPresence(ctx, desk, poll.SessionID, models.Helped{PersonID: p.PersonID, Consent: "本人在场"}))
		}
		refused(t, "deed.forbidden")(assist(watch, 1, rules.Yes))
		refused(t, "deed.forbidden")(assist(people[0], 1, rules.Yes))
		refused(t, "poll.option")(assist(leader, 1, "perhaps"))
		refused(t, "text.empty")(s.AssistBallot(ctx, leader, poll.ID, models.NewAssist{Unit: unit(1), PersonID: people[1].PersonID, Choice: "yes"}))
		refused(t, "assist.roll")(s.AssistBallot(ctx, leader, poll.ID, models.NewAssist{Unit: unit(1), PersonID: people[2].PersonID, Choice: "yes", Consent: "本人口述"}))
		taken := must[*models.Ballot](t)(assist(leader, 1, rules.No))
		if taken.Door != "assisted" || taken.Proof == "" || told(t, s, people[1], "notice.assisted") != 1 {
			t.Errorf("taken down was %+v", taken)
		}
		refused(t, "paper.voted")(assist(desk, 1, rules.Yes))
		refused(t, "paper.voted")(s.RegisterSheet(ctx, desk, poll.ID, "1", unit(1)))
		must[*models.Ballot](t)(s.CastBallot(ctx, people[1], poll.ID, "", rules.Yes)) // in person
		refused(t, "paper.voted")(assist(leader, 1, rules.No))
		must[*models.Ballot](t)(s.CastBallot(ctx, people[2], poll.ID, "", rules.Yes))
		refused(t, "paper.voted")(assist(leader, 2, rules.No))
		must[*models.Ballot](t)(assist(leader, 3, rules.Abstain))
		if mine := must[*models.PollView](t)(s.Poll(ctx, people[3], poll.ID)).Mine; len(mine) != 1 || mine[0].Door != "assisted" {
			t.Errorf("who was helped sees %+v", mine)
		}
		_, err := s.GrantOffice(ctx, desk, people[0].PersonID, rules.Leader, s.Org(huaiying))
		if err != nil {
			t.Fatal(err)
		}
		refused(t, "assist.self")(assist(people[0], 0, rules.Yes))
		closed := must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
		if c := closed.Verdict.Count; c.Cast != 3 || c.Yes != 2 || c.Abstain != 1 {
			t.Errorf("counted %+v", c)
		}
		if o := closed.Origins; len(o) != 2 || o[0] != (models.Origin{Door: "assisted", Ballots: 1}) {
			t.Errorf("the ballots come from %+v", o)
		}
		refused(t, "poll.closed")(assist(leader, 0, rules.Yes))
	})
}

// TestNobodyIsHelpedAsShopAndResident: a ballot that is taken down fixes the
// capacity of whoever it is for, and keeps to one that is fixed.
func TestNobodyIsHelpedAsShopAndResident(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		alliance := must[*models.Alliance](t)(s.FoundAlliance(ctx, desk, s.Org(huaiying), "门口的小街(示例)"))
		var units []string
		two := []models.Actor{someone(s, 1), someone(s, 2)}
		for i, me := range two {
			m := must[*models.Member](t)(s.JoinAlliance(ctx, me, models.NewMember{
				AllianceID: alliance.ID, Kind: models.MemberMerchant, Name: fmt.Sprintf("小店%d(示例)", i), CreditCode: s.City.Sample.Shops[i].CreditCode,
			}))
			must[*models.Member](t)(s.ConfirmMember(ctx, desk, m.ID, true))
			units = append(units, fmt.Sprintf("p%d", me.PersonID), fmt.Sprintf("m%d", m.ID))
		}
		topic, session := meeting(t, s, "STAKE")
		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "清吗?", Stakeholders: units}))
		assist := func(i int, unit string) (*models.Ballot, error) {
			return s.AssistBallot(ctx, desk, poll.ID, models.NewAssist{Unit: unit, PersonID: two[i].PersonID, Choice: "yes", Consent: "本人口述"})
		}
		for _, me := range two {
			must[*models.Presence](t)(s.ConfirmPresence(ctx, desk, session, models.Helped{PersonID: me.PersonID, Consent: "本人在场"}))
		}
		must[*models.Ballot](t)(assist(0, units[1]))
		refused(t, "poll.capacity")(s.CastBallot(ctx, two[0], poll.ID, units[0], rules.Yes))
		must[*models.Ballot](t)(s.CastBallot(ctx, two[1], poll.ID, units[2], rules.Yes))
		refused(t, "poll.capacity")(assist(1, units[3]))
	})
}

// TestSeats finds on the roll of a poll of owners, and of one of an alliance, whose
// ballot is to be taken down: by name, by the number of the home or by the shop, also
// where nobody is known; and the ballot is taken down for what was found.
func TestSeats(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, street := t.Context(), s.City.Secretary(huaiying), s.City.Officer(rules.Street, "YD-YS-TX")
		topic, session := meeting(t, s, "DOOR")
		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "清吗?", Pack: "OWN_GEN"}))
		find := func(name string) []models.SeatView {
			return must[[]models.SeatView](t)(s.Seats(ctx, desk, poll.ID, name))
		}
		owner := s.City.Residents["何知秋(示例)"]
		by := find("何知秋")
		if len(by) != 1 || by[0].PersonID != owner.PersonID || by[0].At != "1-2-301" || by[0].Unit[0] != 'o' {
			t.Fatalf("the owner is found as %+v", by)
		}
		if home := find("1-2-301"); len(home) != 1 || home[0] != by[0] {
			t.Errorf("the home is found as %+v", home)
		}
		if home := find("1-1-102"); len(home) != 1 || home[0].PersonID != 0 {
			t.Errorf("a home of nobody who is known is found as %+v", home)
		}
		if none := append(find("%"), find("许安禾")...); len(none) != 0 {
			t.Errorf("who owns nothing is found as %+v", none)
		}
		must[*models.Presence](t)(s.ConfirmPresence(ctx, desk, session, models.Helped{PersonID: owner.PersonID, Consent: "本人在场"}))
		must[*models.Ballot](t)(s.AssistBallot(ctx, desk, poll.ID, models.NewAssist{Unit: by[0].Unit, PersonID: by[0].PersonID, Choice: "yes", Consent: "本人口述"}))
		refused(t, "deed.forbidden")(s.Seats(ctx, owner, poll.ID, "何知秋"))
		refused(t, "poll.unknown")(s.Seats(ctx, s.City.Secretary("YD-YS-TX-WT"), poll.ID, "何知秋"))
		refused(t, "text.empty")(s.Seats(ctx, desk, poll.ID, " "))

		id := along(t, s, street)
		if shop := must[[]models.SeatView](t)(s.Seats(ctx, street, id, "一盏茶")); len(shop) != 1 || shop[0].At != "一盏茶馆(示例)" || shop[0].Name != "茶言(示例)" {
			t.Errorf("the shop is found as %+v", shop)
		}
	})
}

// along opens a poll of the street's alliance.
func along(t *testing.T, s *forumtest.Stage, street models.Actor) int64 {
	t.Helper()
	ctx, desk := t.Context(), s.City.Secretary(huaiying)
	topic := raised(t, s, someone(s, 2), "街口的外摆怎么排")
	must[*models.Topic](t)(s.AcceptTopic(ctx, desk, topic, models.Acceptance{Item: "3.04", Pack: "ALLIANCE", Level: rules.LevelStreet}))
	alliances := must[[]models.Alliance](t)(s.Alliances(ctx, street, s.Org("YD-YS-TX")))
	made := must[*models.Session](t)(s.CreateSession(ctx, street, models.NewSession{
		OrgID: s.Org("YD-YS-TX"), AllianceID: alliances[0].ID, PointID: s.City.Points["tx-street"].ID, StartsAt: s.Clock.Now().AddDate(0, 0, 11), Due: 6, Topics: []int64{topic},
	}))
	must[*models.Session](t)(s.AnnounceSession(ctx, street, made.ID, ""))
	s.Clock.Pass(11 * 24 * time.Hour)
	must[*models.Session](t)(s.OpenSession(ctx, street, made.ID))
	return must[*models.PollView](t)(s.OpenPoll(ctx, street, models.NewPoll{SessionID: made.ID, TopicID: topic, Question: "排吗?"})).ID
}
