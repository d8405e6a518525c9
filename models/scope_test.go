package models_test

import (
	"fmt"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestAStairwellVotesAlone counts the households of a grid, not of its whole
// community, where the matter is the grid's.
func TestAStairwellVotesAlone(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me := s.City.Secretary(huaiying), someone(s, 1)
		grid, other := s.Org("YD-YS-TX-HY-1"), s.Org("YD-YS-TX-HY-2")
		var rows []models.HouseholdRow
		for n := range 6 {
			rows = append(rows, models.HouseholdRow{Org: "YD-YS-TX-HY-1", Number: fmt.Sprintf("9-1-%d01", n+1), Address: "九号楼(示例)", Area: 900_000})
		}
		must[*models.RollDiff](t)(s.ImportHouseholds(ctx, desk, s.Org(huaiying), "2026-12", rows))
		for name, tt := range map[string]struct {
			raisedAt   int64
			acceptance models.Acceptance
			due        int64
		}{
			"raised in the grid":             {grid, models.Acceptance{Level: rules.LevelGrid}, 6},
			"accepted as the grid's":         {s.Org(huaiying), models.Acceptance{Level: rules.LevelGrid, ScopeID: grid}, 6},
			"accepted as the community's":    {grid, models.Acceptance{Level: rules.LevelEstate}, 66},
			"the community's all the way":    {s.Org(huaiying), models.Acceptance{Level: rules.LevelGrid}, 66},
			"of a grid without a household":  {grid, models.Acceptance{Level: rules.LevelGrid, ScopeID: other}, 0},
			"of a grid of another community": {grid, models.Acceptance{Level: rules.LevelGrid, ScopeID: s.Org(wangta)}, -1},
		} {
			t.Run(name, func(t *testing.T) {
				r := must[*models.Raised](t)(s.RaiseTopic(ctx, me, models.NewTopic{OrgID: tt.raisedAt, Text: "楼道里装个扶手"}))
				must[int](t)(s.TakeUpTopics(ctx, 10))
				tt.acceptance.Item, tt.acceptance.Pack = "3.02", "DOOR"
				if tt.due < 0 {
					refused(t, "org.unknown")(s.AcceptTopic(ctx, desk, r.Topic.ID, tt.acceptance))
					return
				}
				must[*models.Topic](t)(s.AcceptTopic(ctx, desk, r.Topic.ID, tt.acceptance))
				id := planned(t, s, 0, r.Topic.ID)
				must[*models.Session](t)(s.OpenSession(ctx, desk, id))
				n := models.NewPoll{SessionID: id, TopicID: r.Topic.ID, Question: "装吗?"}
				if tt.due == 0 {
					refused(t, "poll.empty")(s.OpenPoll(ctx, desk, n))
					return
				}
				if p := must[*models.PollView](t)(s.OpenPoll(ctx, desk, n)); p.Due != tt.due {
					t.Errorf("%d are due, want %d", p.Due, tt.due)
				}
			})
		}
	})
}

// TestOwnersOfAStairwell lets the owners of one grid vote, who are known by their
// homes there though they asked to be known at the community.
func TestOwnersOfAStairwell(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		must[*models.RollDiff](t)(s.ImportHouseholds(ctx, desk, s.Org(huaiying), "2026-12", []models.HouseholdRow{
			{Org: "YD-YS-TX-HY-1", Number: "9-1-101", Address: "九号楼(示例)", Owner: "甲(示例)", Area: 900_000},
			{Org: "YD-YS-TX-HY-1", Number: "9-1-201", Address: "九号楼(示例)", Owner: "乙(示例)", Area: 800_000},
		}))
		pass := must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify("owner of 101")))
		me := models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
		c := must[*models.Capacity](t)(s.BindCapacity(ctx, me, s.Org(huaiying), models.CapacityOwner, "9-1-101"))
		must[*models.Capacity](t)(s.ConfirmCapacity(ctx, desk, c.ID, true))
		r := must[*models.Raised](t)(s.RaiseTopic(ctx, me, models.NewTopic{OrgID: s.Org("YD-YS-TX-HY-1"), Text: "楼道里装个扶手"}))
		must[int](t)(s.TakeUpTopics(ctx, 10))
		must[*models.Topic](t)(s.AcceptTopic(ctx, desk, r.Topic.ID, models.Acceptance{Item: "3.02", Pack: "DOOR", Level: rules.LevelGrid}))
		id := planned(t, s, 0, r.Topic.ID)
		must[*models.Session](t)(s.OpenSession(ctx, desk, id))
		p := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: id, TopicID: r.Topic.ID, Question: "装吗?", Pack: "OWN_GEN"}))
		if p.Due != 2 || p.Area != 1_700_000 {
			t.Errorf("%d owners of %d cm² are due", p.Due, p.Area)
		}
		must[*models.Ballot](t)(s.CastBallot(ctx, me, p.ID, "", rules.Yes))
	})
}
