package models_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestAuditSeals seals the record of deeds as hours pass. What somebody changes,
// takes out or puts in behind the forum's back is told; so is a record that was
// sealed anew, by a seal that was kept.
func TestAuditSeals(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		check := func(kept string) *models.AuditCheck {
			return must[*models.AuditCheck](t)(s.CheckAudits(ctx, models.Operator, kept))
		}
		s.Clock.Pass(time.Hour)
		if n := must[int](t)(s.SealAudits(ctx)); n < 50 {
			t.Errorf("%d lines were sealed", n)
		}
		if n := must[int](t)(s.SealAudits(ctx)); n != 0 {
			t.Errorf("sealed twice in an hour: %d lines", n)
		}
		raised(t, s, someone(s, 1), "路灯坏了")
		s.Clock.Pass(time.Hour)
		var wait sync.WaitGroup
		var sealed atomic.Int64
		for _, f := range []*models.Forum{s.Forum, forumtest.Bare(t, s.DSN, s.Clock), forumtest.Bare(t, s.DSN, s.Clock)} {
			wait.Go(func() {
				n, err := f.SealAudits(ctx)
				if sealed.Add(int64(n)); err != nil {
					t.Error(err)
				}
			})
		}
		if wait.Wait(); sealed.Load() < 1 {
			t.Errorf("%d new lines were sealed", sealed.Load())
		}
		if c := check(""); c.Seals != 2 || len(c.Broken) != 0 {
			t.Fatalf("untouched, it says %+v", c)
		}
		for change, back := range map[string]string{
			"UPDATE audits SET person_id = person_id + 1 WHERE id = 3":      "UPDATE audits SET person_id = person_id - 1 WHERE id = 3",
			"UPDATE audits SET subject = CONCAT(subject, '0') WHERE id = 5": "UPDATE audits SET subject = SUBSTR(subject, 1, LENGTH(subject) - 1) WHERE id = 5",
			"UPDATE audit_seals SET count = count + 1 WHERE id = 1":         "UPDATE audit_seals SET count = count - 1 WHERE id = 1",
			"INSERT INTO audits (id, at, person_id, door, deed, subject, path) SELECT -1, at, 1, 'command', 'org.read', 'org/1', path FROM audits WHERE id = 3": "DELETE FROM audits WHERE id = -1",
		} {
			execute(t, s, change)
			if c := check(""); len(c.Broken) == 0 {
				t.Errorf("after %s it says %+v", change, c)
			}
			execute(t, s, back)
			if c := check(""); len(c.Broken) != 0 {
				t.Errorf("put right by %s it says %+v", back, c)
			}
		}
		execute(t, s, "DELETE FROM audits WHERE id = 7")
		if c := check(""); len(c.Broken) != 1 {
			t.Errorf("with a line gone it says %+v", c)
		}
		if c := check("another seal"); len(c.Broken) != 2 {
			t.Errorf("with a seal of elsewhere it says %+v", c)
		}
		refused(t, "deed.forbidden")(s.CheckAudits(ctx, someone(s, 1), ""))
	})
}

// TestAnIdleClockLeavesNoLine: where nothing is due, nothing is written down.
func TestAnIdleClockLeavesNoLine(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	lines := func() int64 {
		page := must[models.Page[models.AuditLine]](t)(s.Audits(t.Context(), models.Operator, s.Org("YD"), 0, 1))
		return page.Items[0].ID
	}
	ask := func() {
		must[int](t)(s.SweepLogins(t.Context()))
		must[int](t)(s.TakeUpTopics(t.Context(), 10))
	}
	ask()
	before := lines()
	ask()
	if after := lines(); after != before {
		t.Errorf("%d lines more", after-before)
	}
}

// TestAuditNames: whoever acts in an office is named in the record, at the console or
// by a deed of the desk; a neighbour is a number, and so is an officer who acts as one.
func TestAuditNames(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, neighbour := t.Context(), s.City.Secretary(huaiying), someone(s, 1)
		desk.Door = models.DoorMini
		topic := raised(t, s, neighbour, "路灯坏了")
		must[*models.Topic](t)(s.AskTopic(ctx, desk, topic, "哪一盏?"))
		must[models.None](t)(s.GrantOffice(ctx, s.City.Secretary(huaiying), neighbour.PersonID, rules.Leader, s.Org(huaiying)))
		must[*models.Topic](t)(s.AnswerTopic(ctx, neighbour, topic, "南门那一盏"))
		named := map[string]string{}
		for _, l := range must[models.Page[models.AuditLine]](t)(s.Audits(ctx, desk, s.Org(huaiying), 0, 20)).Items {
			if l.Subject == fmt.Sprintf("topic/%d", topic) || l.Deed == string(rules.OfficeGrant) {
				named[l.Deed] = l.Name
			}
		}
		if named[string(rules.TopicAsk)] != "柳知微(示例)" || named[string(rules.OfficeGrant)] != "柳知微(示例)" {
			t.Errorf("the desk is named %q", named)
		}
		if _, there := named[string(rules.TopicAnswer)]; !there || named[string(rules.TopicAnswer)] != "" || named[string(rules.TopicRaise)] != "" {
			t.Errorf("the neighbour is named %q", named)
		}
	})
}
