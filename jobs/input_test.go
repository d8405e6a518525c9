package jobs_test

import (
	"testing"
	"time"

	"yishi/configs/locale"
	"yishi/jobs"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestBadInputByTheClock has the clock do what is not due, what is over and what
// is not there. Each is refused by its name, or finds nothing, and every table is
// as it was.
func TestBadInputByTheClock(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, clock := t.Context(), models.Clock
		text, err := locale.Load("zh-CN")
		check(t, err)
		m := stageMatter(t, s)
		j := jobs.New(s.Forum, text, nil)
		for range 3 { // what is due is done, and what follows from it
			_, err = j.Tick(ctx)
			check(t, err)
		}
		one := func(_ any, err error) error { return err }
		counted := func(n int, err error) error {
			if err == nil && n != 0 {
				t.Errorf("%d were due", n)
			}
			return err
		}
		ids := func(ids []int64, err error) error { return counted(len(ids), err) }
		const none = 424242
		seen := forumtest.Fingerprints(t, s.DSN)
		for name, tt := range map[string]struct {
			do   func() error
			code string
		}{
			"nothing is due":                {func() error { return counted(j.Tick(ctx)) }, ""},
			"a poll that is not there":      {func() error { return one(s.ClosePoll(ctx, clock, none)) }, "poll.unknown"},
			"a poll with the id of nothing": {func() error { return one(s.ClosePoll(ctx, clock, 0)) }, "poll.unknown"},
			"a poll below zero":             {func() error { return one(s.ClosePoll(ctx, clock, -1)) }, "poll.unknown"},
			"a poll before its time":        {func() error { return one(s.ClosePoll(ctx, clock, m.open)) }, "poll.fixed"},
			"a poll that is closed":         {func() error { return one(s.ClosePoll(ctx, clock, m.closed)) }, "poll.closed"},
			"the board of no poll":          {func() error { return one(s.SealBoard(ctx, none)) }, "poll.unknown"},
			"a topic that is not there":     {func() error { return one(s.ArchiveTopic(ctx, clock, none, "")) }, "topic.unknown"},
			"a topic that is not confirmed": {func() error { return one(s.ArchiveTopic(ctx, clock, m.fresh, "")) }, "topic.state"},
			"a topic in a session":          {func() error { return one(s.ArchiveTopic(ctx, clock, m.meeting, "")) }, "topic.state"},
			"a notice that is not there":    {func() error { return one(s.SettleNotice(ctx, none, "inbox", "", false, time.Time{})) }, "notice.unknown"},
			"no topic to take up":           {func() error { return counted(s.TakeUpTopics(ctx, 100)) }, ""},
			"no publication to end":         {func() error { return counted(s.EndPublications(ctx, 100)) }, ""},
			"nobody to remind":              {func() error { return counted(s.RemindConfirmations(ctx, 100)) }, ""},
			"no keeper to remind":           {func() error { return counted(s.RemindKeepers(ctx, 100)) }, ""},
			"no petition to end":            {func() error { return counted(s.EndPetitions(ctx, 100)) }, ""},
			"no clock has run out":          {func() error { return counted(s.LapseClocks(ctx, 100)) }, ""},
			"no poll is due":                {func() error { return ids(s.PollsDue(ctx, 0, 100)) }, ""},
			"none behind the last":          {func() error { return ids(s.PollsDue(ctx, none, 100)) }, ""},
			"no board lacks anything":       {func() error { return ids(s.BoardsDue(ctx, 0, 100)) }, ""},
			"nothing to archive":            {func() error { return ids(s.TopicsToArchive(ctx, 0, 100)) }, ""},
			"a calendar that was warned of": {func() error { return counted(s.WarnCalendar(ctx)) }, ""},
			"a word of a resident by the clock": {func() error {
				return one(s.RaiseTopic(ctx, clock, models.NewTopic{OrgID: s.Org(huaiying), Text: "灯坏了"}))
			}, "deed.forbidden"},
			"a session opened by the clock": {func() error { return one(s.OpenSession(ctx, clock, m.session)) }, "deed.forbidden"},
			"data brought by the clock": {func() error {
				return one(s.ImportData(ctx, clock, models.Dataset{Kind: models.DataClocks, Version: "x", Body: "[]"}))
			}, "deed.forbidden"},
			"a poll before its time, once more":   {func() error { return one(s.ClosePoll(ctx, clock, m.open)) }, "poll.fixed"},
			"a topic archived with endless words": {func() error { return one(s.ArchiveTopic(ctx, clock, m.fresh, string(make([]rune, rules.MaxReason+1)))) }, "topic.state"},
		} {
			before := seen()
			code := ""
			if err := tt.do(); err != nil {
				r, ok := rules.AsRefusal(err)
				if !ok {
					t.Errorf("%s: a fault: %v", name, err)
					continue
				}
				code = r.Code
			}
			if code != tt.code || code != "" && text[code] == "" {
				t.Errorf("%s: %q, want %q with its sentence", name, code, tt.code)
			}
			if changed := seen().Changed(before); changed != nil {
				t.Errorf("%s: changed %v", name, changed)
			}
		}
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// matter is what the clock is let loose on.
type matter struct{ fresh, meeting, session, open, closed int64 }

// stageMatter brings one matter into an open session, with a closed poll and one
// that closes later, and another to the desk.
func stageMatter(t *testing.T, s *forumtest.Stage) (m matter) {
	t.Helper()
	ctx, desk := t.Context(), s.City.Secretary(huaiying)
	me := s.City.Residents[s.City.Sample.Residents[1].Name]
	for _, into := range []*int64{&m.fresh, &m.meeting} {
		r, err := s.RaiseTopic(ctx, me, models.NewTopic{OrgID: s.Org(huaiying), Text: "灯坏了"})
		check(t, err)
		*into = r.Topic.ID
	}
	_, err := s.TakeUpTopics(ctx, 10)
	check(t, err)
	_, err = s.AcceptTopic(ctx, desk, m.meeting, models.Acceptance{Item: "3.02", Pack: "DOOR"})
	check(t, err)
	session, err := s.CreateSession(ctx, desk, models.NewSession{
		OrgID: s.Org(huaiying), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now(), Due: 1, Topics: []int64{m.meeting},
	})
	check(t, err)
	m.session = session.ID
	_, err = s.OpenSession(ctx, desk, m.session)
	check(t, err)
	for _, into := range []*int64{&m.closed, &m.open} {
		n := models.NewPoll{SessionID: m.session, TopicID: m.meeting, Question: "修不修?"}
		if into == &m.open {
			at := s.Clock.Now().Add(time.Hour)
			n.ClosesAt = &at
		}
		p, err := s.OpenPoll(ctx, desk, n)
		check(t, err)
		if *into = p.ID; into == &m.closed {
			_, err = s.ClosePoll(ctx, desk, p.ID)
			check(t, err)
		}
	}
	return m
}
