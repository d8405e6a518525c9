package models_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// counters are three people who may enter sheets at our community: its secretary,
// a supervisor and a neighbour leader.
func counters(t *testing.T, s *forumtest.Stage) (secretary, supervisor, leader models.Actor) {
	t.Helper()
	c := must[*models.Credentials](t)(s.CreateStaff(t.Context(), models.Operator, models.NewStaff{Name: "某某(示例)", Login: "watcher", Role: rules.Supervisor, OrgID: s.Org(huaiying)}))
	must[*models.Pass](t)(s.RenewPassword(t.Context(), models.Actor{PersonID: c.PersonID, Door: models.DoorConsole, Renew: true}, c.Password, c.Password+"-mine"))
	for _, r := range s.City.Sample.Residents {
		if r.Org == huaiying && r.Office == "leader" {
			leader = s.City.Residents[r.Name]
		}
	}
	return s.City.Secretary(huaiying), models.Actor{PersonID: c.PersonID, Door: models.DoorConsole}, leader
}

// TestSheets registers sheets while a poll is open, ends it, and lets them be
// entered: by two people each, a third where two differ, and again where an entry
// turns out wrong.
func TestSheets(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, watch, leader := counters(t, s)
		people, poll := agreeing(t, s, 5)
		id := poll.ID
		unit := func(n int) string { return fmt.Sprintf("p%d", people[n].PersonID) }
		register := func(number string, n int) (*models.SheetView, error) {
			return s.RegisterSheet(ctx, desk, id, number, unit(n))
		}
		enter := func(who models.Actor, number string, choice rules.Choice) (*models.SheetView, error) {
			return s.EnterSheet(ctx, who, id, number, string(choice))
		}
		must[*models.Ballot](t)(s.CastBallot(ctx, people[0], id, "", rules.Yes))
		refused(t, "paper.voted")(register("1", 0))
		refused(t, "deed.forbidden")(s.RegisterSheet(ctx, leader, id, "1", unit(1)))
		refused(t, "paper.roll")(s.RegisterSheet(ctx, desk, id, "1", "p424242"))
		refused(t, "text.empty")(s.RegisterSheet(ctx, desk, id, " ", unit(1)))
		keyed := desk
		keyed.Key, keyed.Digest = "sheet", "d"
		first := must[*models.SheetView](t)(s.RegisterSheet(ctx, keyed, id, "1", unit(1)))
		if again := must[*models.SheetView](t)(s.RegisterSheet(ctx, keyed, id, "1", unit(1))); again.Receipt != first.Receipt || !again.Waiting {
			t.Errorf("a retry got %+v after %+v", again, first)
		}
		refused(t, "sheet.number")(register("1", 2))
		refused(t, "paper.voted")(register("9", 1))
		refused(t, "poll.paper")(s.CastBallot(ctx, people[1], id, "", rules.No))
		must[*models.SheetView](t)(register("2", 2))
		must[*models.SheetView](t)(register("3", 3))
		refused(t, "sheet.early")(enter(desk, "1", rules.Yes))

		counting := must[*models.PollView](t)(s.ClosePoll(ctx, desk, id))
		if counting.State != rules.PollCounting || counting.Verdict != nil || counting.Waiting != 3 || counting.Cast != 4 || len(counting.Origins) > 0 {
			t.Errorf("while sheets wait the poll is %+v", counting)
		}
		refused(t, "poll.counting")(s.ClosePoll(ctx, desk, id))
		refused(t, "session.poll")(s.CloseSession(ctx, desk, poll.SessionID))
		refused(t, "poll.running")(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: poll.SessionID, TopicID: poll.TopicID, Question: "再来一次?", Stakeholders: []string{unit(0)}}))
		refused(t, "poll.closed")(register("4", 4))
		refused(t, "poll.closed")(s.CastBallot(ctx, people[4], id, "", rules.Yes))
		refused(t, "poll.closed")(forumtest.Bare(t, s.DSN, s.Clock).CastBallot(ctx, people[4], id, "", rules.Yes))
		refused(t, "poll.closed")(s.IssuePaperCodes(ctx, desk, id, []string{unit(4)}))

		refused(t, "deed.forbidden")(enter(people[1], "1", rules.Yes))
		refused(t, "poll.unknown")(enter(s.City.Secretary(wangta), "1", rules.Yes))
		refused(t, "sheet.unknown")(enter(desk, "4", rules.Yes))
		refused(t, "poll.option")(enter(desk, "1", "perhaps"))
		refused(t, "sheet.waiting")(s.CorrectSheet(ctx, desk, id, "1", "录错了"))
		one := must[*models.SheetView](t)(enter(desk, "1", rules.Yes))
		if !one.Waiting || one.Choice != "" || len(one.Entries) != 1 || one.Entries[0].Choice != "" {
			t.Errorf("after one entry the sheet is %+v", one)
		}
		refused(t, "sheet.twice")(enter(desk, "1", rules.Yes))
		two := must[*models.SheetView](t)(enter(watch, "1", rules.Yes))
		if two.Waiting || two.Choice != rules.Yes || len(two.Entries) != 2 || two.Entries[0].Choice != rules.Yes || two.Proof == "" || two.PollState != rules.PollCounting {
			t.Errorf("after two entries the sheet is %+v", two)
		}
		refused(t, "sheet.entered")(enter(leader, "1", rules.Yes))

		must[*models.SheetView](t)(enter(desk, "2", rules.Yes))
		differs := must[*models.SheetView](t)(enter(watch, "2", rules.No))
		if !differs.Waiting || len(differs.Entries) != 2 {
			t.Errorf("where two differ the sheet is %+v", differs)
		}
		refused(t, "sheet.twice")(enter(desk, "2", rules.No))
		if third := must[*models.SheetView](t)(enter(leader, "2", rules.No)); third.Choice != rules.No || len(third.Entries) != 3 {
			t.Errorf("with a third the sheet is %+v", third)
		}
		refused(t, "text.empty")(s.CorrectSheet(ctx, desk, id, "2", ""))
		wrong := must[*models.SheetView](t)(s.CorrectSheet(ctx, desk, id, "2", "看成了隔壁一栏"))
		if !wrong.Waiting || len(wrong.Entries) != 3 || wrong.Entries[2].Choice != rules.No || wrong.Corrections[0].Reason != "看成了隔壁一栏" {
			t.Errorf("a sheet to be entered again is %+v", wrong)
		}
		must[*models.SheetView](t)(enter(desk, "2", rules.Yes))
		must[*models.SheetView](t)(enter(leader, "2", rules.Yes))
		must[*models.SheetView](t)(enter(desk, "3", rules.Void))
		last := must[*models.SheetView](t)(enter(watch, "3", rules.Void))
		if last.PollState != rules.PollClosed || last.Choice != rules.Void {
			t.Errorf("with the last sheet the poll is %+v", last)
		}
		refused(t, "poll.closed")(s.CorrectSheet(ctx, desk, id, "1", "录错了"))
		closed := must[*models.PollView](t)(s.Poll(ctx, desk, id))
		if c := closed.Verdict.Count; c.Cast != 4 || c.Yes != 3 || c.No != 0 || closed.Verdict.Result != rules.ResultPending {
			t.Errorf("counted %+v", closed.Verdict)
		}
		if o := closed.Origins; len(o) != 2 || o[1] != (models.Origin{Door: "paper", Ballots: 3}) {
			t.Errorf("the ballots come from %+v", o)
		}
		for _, n := range []string{"notice.sheet", "notice.sheet_void"} {
			if told(t, s, people[3], n) != 1 {
				t.Errorf("the unit has no %s", n)
			}
		}
		seal(t, s)
		if r := must[*models.Recount](t)(s.RecountPoll(ctx, watch, id)); len(r.Faults) > 0 || r.Units != 4 || r.BoardAt != 11 {
			t.Errorf("the recount finds %+v", r)
		}
		if all := must[[]models.SheetView](t)(s.Sheets(ctx, watch, id)); len(all) != 3 || len(all[1].Entries) != 5 || all[2].Choice != rules.Void {
			t.Errorf("the sheets are %+v", all)
		}
	})
}

// TestSheetWithdrawal registers a sheet for the wrong unit and takes it back: the
// unit is as free as before on every instance, its people are told, and whatever
// it does afterwards it is counted once.
func TestSheetWithdrawal(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, watch, leader := counters(t, s)
		people, poll := agreeing(t, s, 5)
		id, other := poll.ID, forumtest.Bare(t, s.DSN, s.Clock)
		unit := func(n int) string { return fmt.Sprintf("p%d", people[n].PersonID) }
		back := func(who models.Actor, number, reason string) (*models.SheetView, error) {
			return s.WithdrawSheet(ctx, who, id, number, reason)
		}
		must[*models.Ballot](t)(s.CastBallot(ctx, people[0], id, "", rules.Yes))
		for n := 1; n < 4; n++ {
			must[*models.SheetView](t)(s.RegisterSheet(ctx, desk, id, strconv.Itoa(n), unit(n)))
			for _, f := range []*models.Forum{s.Forum, other} { // both know now that paper speaks for it
				refused(t, "poll.paper")(f.CastBallot(ctx, people[n], id, "", rules.No))
			}
		}
		for _, who := range []models.Actor{watch, leader, people[1]} {
			refused(t, "deed.forbidden")(back(who, "1", "登记到别人家了"))
		}
		refused(t, "poll.unknown")(back(s.City.Secretary(wangta), "1", "登记到别人家了"))
		refused(t, "text.empty")(back(desk, "1", " "))
		refused(t, "sheet.unknown")(back(desk, "9", "登记到别人家了"))
		first := must[*models.SheetView](t)(back(desk, " 1 ", "登记到别人家了"))
		if first.Withdrawn == nil || first.Withdrawn.Reason != "登记到别人家了" || first.Unit != unit(1) || first.Receipt == "" || first.Proof == "" || first.Waiting {
			t.Errorf("a sheet that was taken back is %+v", first)
		}
		refused(t, "sheet.unknown")(back(desk, "1", "再撤一次"))
		if told(t, s, people[1], "notice.sheet_withdrawn") != 1 || told(t, s, people[2], "notice.sheet_withdrawn") != 0 {
			t.Error("not those are told whose sheet it was")
		}
		if v := must[*models.PollView](t)(s.Poll(ctx, people[1], id)); v.Cast != 3 || len(v.Mine) != 0 {
			t.Errorf("%d have voted, of the free unit %+v", v.Cast, v.Mine)
		}
		must[*models.Ballot](t)(other.CastBallot(ctx, people[1], id, "", rules.No))
		refused(t, "paper.voted")(s.RegisterSheet(ctx, desk, id, "1", unit(1)))
		must[*models.SheetView](t)(s.RegisterSheet(ctx, desk, id, "1", unit(4))) // whose it was
		must[*models.SheetView](t)(back(desk, "2", "登记到别人家了"))
		must[*models.SheetView](t)(s.RegisterSheet(ctx, desk, id, "2", unit(2)))
		must[*models.SheetView](t)(back(desk, "2", "又登记错了"))
		must[*models.SheetView](t)(back(desk, "3", "登记到别人家了"))
		must[*models.Presence](t)(s.ConfirmPresence(ctx, desk, poll.SessionID, models.Helped{PersonID: people[3].PersonID, Consent: "本人在场"}))
		code := must[[]models.IssuedCode](t)(s.IssuePaperCodes(ctx, desk, id, []string{unit(2)}))[0].Code
		must[*models.Ballot](t)(s.RedeemPaperCode(ctx, models.Actor{Door: models.DoorMini}, id, code, "yes"))
		refused(t, "poll.paper")(s.CastBallot(ctx, people[2], id, "", rules.No))

		must[*models.PollView](t)(s.ClosePoll(ctx, desk, id))
		refused(t, "poll.closed")(back(desk, "1", "登记到别人家了"))
		must[*models.SheetView](t)(s.EnterSheet(ctx, desk, id, "1", "yes"))
		must[*models.SheetView](t)(s.EnterSheet(ctx, watch, id, "1", "yes"))
		closed := must[*models.PollView](t)(s.Poll(ctx, desk, id))
		if c := closed.Verdict.Count; c.Cast != 4 || c.Attended != 5 || c.Yes != 3 || c.No != 1 {
			t.Errorf("counted %+v", closed.Verdict)
		}
		if o := closed.Origins; len(o) != 2 || o[0].Ballots != 2 || o[1] != (models.Origin{Door: "paper", Ballots: 2}) {
			t.Errorf("the ballots come from %+v", o)
		}
		if all := must[[]models.SheetView](t)(s.Sheets(ctx, watch, id)); len(all) != 5 || all[0].Unit != unit(4) || all[1].Withdrawn == nil || all[4].Withdrawn == nil {
			t.Errorf("the sheets are %+v", all)
		}
		var lines int64
		for _, l := range must[models.Page[models.AuditLine]](t)(s.Audits(ctx, watch, s.Org(huaiying), 0, 100)).Items {
			if l.Deed == string(rules.SheetWithdraw) {
				lines++
			}
		}
		if lines != 4 {
			t.Errorf("the audit has %d lines of sheets that were taken back", lines)
		}
		seal(t, s)
		if r := must[*models.Recount](t)(s.RecountPoll(ctx, watch, id)); len(r.Faults) > 0 || r.Units != 4 {
			t.Errorf("the recount finds %+v", r)
		}
	})
}

// TestSheetWithdrawalRaces takes sheets back and registers them again on one
// instance while their units try to vote by telephone on another, and the poll
// ends: whoever was answered is counted, once.
func TestSheetWithdrawalRaces(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, watch, _ := counters(t, s)
		people, poll := agreeing(t, s, 12)
		forums := []*models.Forum{s.Forum, forumtest.Bare(t, s.DSN, s.Clock)}
		unit := func(n int) string { return fmt.Sprintf("p%d", people[n].PersonID) }
		for i := range people {
			must[*models.SheetView](t)(s.RegisterSheet(ctx, desk, poll.ID, strconv.Itoa(i), unit(i)))
		}
		var wg sync.WaitGroup
		byPhone, taken := make([]error, len(people)), make(chan struct{}, len(people))
		for i, p := range people[1:] { // the first waits for certain
			wg.Go(func() {
				for range 200 {
					if _, byPhone[i+1] = forums[i%2].CastBallot(ctx, p, poll.ID, "", rules.Yes); byPhone[i+1] == nil {
						return
					}
				}
			})
			wg.Go(func() {
				defer func() { taken <- struct{}{} }()
				f := forums[1-i%2]
				if _, err := f.WithdrawSheet(ctx, desk, poll.ID, strconv.Itoa(i+1), "登记到别人家了"); err == nil && i%3 == 0 {
					_, _ = f.RegisterSheet(ctx, desk, poll.ID, strconv.Itoa(i+1), unit(i+1)) // the telephone may have been faster
				}
			})
		}
		for range len(people) / 2 {
			<-taken
		}
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
		wg.Wait()
		var phones, sheets int64
		for _, err := range byPhone[1:] {
			if err == nil {
				phones++
			}
		}
		for _, v := range must[[]models.SheetView](t)(s.Sheets(ctx, desk, poll.ID)) {
			if v.Withdrawn == nil {
				sheets++
				must[*models.SheetView](t)(s.EnterSheet(ctx, desk, poll.ID, v.Number, "no"))
				must[*models.SheetView](t)(s.EnterSheet(ctx, watch, poll.ID, v.Number, "no"))
			}
		}
		closed := must[*models.PollView](t)(s.Poll(ctx, desk, poll.ID))
		if c := closed.Verdict; c == nil || c.Count.Yes != phones || c.Count.No != sheets || c.Count.Cast != phones+sheets {
			t.Errorf("%d telephones and %d sheets; counted %+v", phones, sheets, closed.Verdict)
		}
		t.Logf("%d telephones, %d sheets", phones, sheets)
		seal(t, s)
		if r := must[*models.Recount](t)(s.RecountPoll(ctx, desk, poll.ID)); len(r.Faults) > 0 || r.Units != phones+sheets {
			t.Errorf("the recount finds %+v", r)
		}
	})
}

// TestOwnSheetWithdrawal: nobody takes back the sheet of their own unit, which
// would let them change a vote that paper made final.
func TestOwnSheetWithdrawal(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		people, poll := agreeing(t, s, 3)
		must[models.None](t)(s.GrantOffice(t.Context(), s.City.Officer(rules.Street, tengxiang), people[0].PersonID, rules.Secretary, s.Org(huaiying)))
		must[*models.SheetView](t)(s.RegisterSheet(t.Context(), people[0], poll.ID, "1", fmt.Sprintf("p%d", people[0].PersonID)))
		refused(t, "sheet.own")(s.WithdrawSheet(t.Context(), people[0], poll.ID, "1", "登记到别人家了"))
		must[*models.SheetView](t)(s.WithdrawSheet(t.Context(), s.City.Secretary(huaiying), poll.ID, "1", "登记到别人家了"))
	})
}

// TestCountingEnds: sheets that nobody enters hold a poll up for so long and no
// longer. What was not read alike says nothing, and everybody concerned is told.
func TestCountingEnds(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, watch, _ := counters(t, s)
		people, poll := agreeing(t, s, 3)
		must[*models.Ballot](t)(s.CastBallot(ctx, people[0], poll.ID, "", rules.Yes))
		for n := 1; n < 3; n++ {
			must[*models.SheetView](t)(s.RegisterSheet(ctx, desk, poll.ID, strconv.Itoa(n), fmt.Sprintf("p%d", people[n].PersonID)))
		}
		until := *must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID)).CountUntil
		if left := until.Sub(s.Clock.Now()); left != rules.CountingFor || told(t, s, watch, "notice.counting") != 1 {
			t.Errorf("counting lasts %v", left)
		}
		must[*models.SheetView](t)(s.EnterSheet(ctx, desk, poll.ID, "1", "yes"))
		must[*models.SheetView](t)(s.EnterSheet(ctx, watch, poll.ID, "1", "yes"))
		must[*models.SheetView](t)(s.EnterSheet(ctx, desk, poll.ID, "2", "no"))
		s.Clock.Set(until.Add(-time.Second))
		if due := must[[]int64](t)(s.PollsDue(ctx, 0, 10)); len(due) != 0 {
			t.Errorf("due are %v", due)
		}
		refused(t, "poll.counting")(s.ClosePoll(ctx, models.Clock, poll.ID))
		s.Clock.Set(until)
		if due := must[[]int64](t)(s.PollsDue(ctx, 0, 10)); len(due) != 1 {
			t.Fatalf("due are %v", due)
		}
		closed := must[*models.PollView](t)(s.ClosePoll(ctx, models.Clock, poll.ID))
		if c := closed.Verdict.Count; closed.State != rules.PollClosed || c.Cast != 3 || c.Yes != 2 || c.No != 0 {
			t.Errorf("counted %+v", closed.Verdict)
		}
		if told(t, s, people[2], "notice.sheet_lapsed") != 1 || told(t, s, people[1], "notice.sheet_lapsed") != 0 ||
			told(t, s, s.City.Officer(rules.Street, tengxiang), "notice.counting_lapsed") != 1 {
			t.Error("not everybody concerned is told")
		}
		refused(t, "poll.closed")(s.EnterSheet(ctx, watch, poll.ID, "2", "no"))
		seal(t, s)
		if r := must[*models.Recount](t)(s.RecountPoll(ctx, desk, poll.ID)); len(r.Faults) > 0 {
			t.Errorf("the recount finds %+v", r.Faults)
		}
	})
}

// TestSheetRaces lets everything come at once: a telephone and a sheet for each
// unit while the poll ends, and then all entries together. Each unit counts once,
// whoever was answered is counted, and the verdict falls once.
func TestSheetRaces(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, watch, _ := counters(t, s)
		people, poll := agreeing(t, s, 12)
		forums := []*models.Forum{s.Forum, forumtest.Bare(t, s.DSN, s.Clock)}
		var wg sync.WaitGroup
		byPhone, bySheet := make([]error, len(people)), make([]error, len(people))
		start, answered := make(chan struct{}), make(chan struct{}, 2*len(people))
		for i, p := range people {
			wg.Go(func() {
				<-start
				defer func() { answered <- struct{}{} }()
				_, byPhone[i] = forums[i%2].CastBallot(ctx, p, poll.ID, "", rules.Yes)
			})
			wg.Go(func() {
				<-start
				defer func() { answered <- struct{}{} }()
				_, bySheet[i] = forums[1-i%2].RegisterSheet(ctx, desk, poll.ID, strconv.Itoa(i), fmt.Sprintf("p%d", p.PersonID))
			})
		}
		must[*models.SheetView](t)(s.RegisterSheet(ctx, desk, poll.ID, "0", fmt.Sprintf("p%d", people[0].PersonID))) // one waits for certain
		close(start)
		for range len(people) { // half of them; the others are under way
			<-answered
		}
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
		wg.Wait()
		var phones, sheets int64
		for i := range people {
			if byPhone[i] == nil && bySheet[i] == nil {
				t.Errorf("unit %d has voted twice", i)
			}
			for err, n := range map[error]*int64{byPhone[i]: &phones, bySheet[i]: &sheets} {
				if err == nil {
					*n++
				}
			}
		}
		waiting := must[[]models.SheetView](t)(s.Sheets(ctx, desk, poll.ID))
		if int64(len(waiting)) != sheets+1 {
			t.Errorf("%d sheets wait of %d that were registered", len(waiting), sheets+1)
		}
		for i, v := range waiting {
			for j, who := range []models.Actor{desk, watch} {
				wg.Go(func() {
					if _, err := forums[(i+j)%2].EnterSheet(ctx, who, poll.ID, v.Number, "no"); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		closed := must[*models.PollView](t)(s.Poll(ctx, desk, poll.ID))
		if closed.Verdict == nil || closed.Verdict.Count.Yes != phones || closed.Verdict.Count.No != sheets+1 {
			t.Errorf("%d telephones and %d sheets; counted %+v", phones, sheets+1, closed.Verdict)
		}
		t.Logf("%d telephones, %d sheets", phones, sheets+1)
		seal(t, s)
		if r := must[*models.Recount](t)(s.RecountPoll(ctx, desk, poll.ID)); len(r.Faults) > 0 {
			t.Errorf("the recount finds %+v", r.Faults)
		}
	})
}
