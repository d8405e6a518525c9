package main_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestBoardOfTheForum checks a board as the forum serves it, while the poll is
// open and once it is closed, and finds the receipt of a voter in it. A ballot
// that somebody changes in the database is a fault afterwards.
func TestBoardOfTheForum(t *testing.T) {
	const community = "YD-YS-TX-HY"
	s := forumtest.New(t, forumtest.SQLite(t))
	ctx, desk := t.Context(), s.City.Secretary(community)
	var people []models.Actor
	var units []string
	for _, r := range s.City.Sample.Residents {
		if r.Org == community && len(people) < 3 {
			who := s.City.Residents[r.Name]
			people, units = append(people, who), append(units, fmt.Sprintf("p%d", who.PersonID))
		}
	}
	raised, err := s.RaiseTopic(ctx, people[0], models.NewTopic{OrgID: s.Org(community), Text: "楼道里的东西要不要清"})
	ok(t, err)
	_, err = s.TakeUpTopics(ctx, 10)
	ok(t, err)
	topic := raised.Topic.ID
	_, err = s.AcceptTopic(ctx, desk, topic, models.Acceptance{Item: "3.04", Pack: "STAKE"})
	ok(t, err)
	meeting, err := s.CreateSession(ctx, desk, models.NewSession{
		OrgID: s.Org(community), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now().AddDate(0, 0, 11), Due: 1, Topics: []int64{topic},
	})
	ok(t, err)
	_, err = s.AnnounceSession(ctx, desk, meeting.ID, "")
	ok(t, err)
	s.Clock.Pass(11 * 24 * time.Hour)
	_, err = s.OpenSession(ctx, desk, meeting.ID)
	ok(t, err)
	poll, err := s.OpenPoll(ctx, desk, models.NewPoll{SessionID: meeting.ID, TopicID: topic, Question: "清吗?", Stakeholders: units})
	ok(t, err)
	cast, err := s.CastBallot(ctx, people[0], poll.ID, "", rules.No)
	ok(t, err)
	checked(t, s, poll.ID, 0, "--receipt", cast.Receipt)
	_, err = s.CastBallot(ctx, people[0], poll.ID, "", rules.Yes)
	ok(t, err)
	codes, err := s.IssuePaperCodes(ctx, desk, poll.ID, units[1:2])
	ok(t, err)
	redeemed, err := s.RedeemPaperCode(ctx, models.Actor{Door: models.DoorMini}, poll.ID, codes[0].Code, "yes")
	ok(t, err)
	for _, u := range units[2:] {
		_, err := s.RegisterSheet(ctx, desk, poll.ID, "1", u)
		ok(t, err)
		back, err := s.WithdrawSheet(ctx, desk, poll.ID, "1", "登记到别人家了")
		ok(t, err)
		checked(t, s, poll.ID, 0, "--receipt", back.Receipt)
	}
	sheet, err := s.RegisterSheet(ctx, desk, poll.ID, "1", units[2])
	ok(t, err)
	_, err = s.ClosePoll(ctx, desk, poll.ID)
	ok(t, err)
	checked(t, s, poll.ID, 0, "--receipt", sheet.Receipt)
	enter := func(choice string) (last *models.SheetView) {
		for _, role := range []rules.Role{rules.Secretary, rules.Street} {
			who := s.City.Officer(role, map[rules.Role]string{rules.Secretary: community, rules.Street: "YD-YS-TX"}[role])
			last, err = s.EnterSheet(ctx, who, poll.ID, "1", choice)
			ok(t, err)
		}
		return last
	}
	entered := enter("yes")
	checked(t, s, poll.ID, 0, "--receipt", entered.Proof, "--receipt", redeemed.Proof, "--receipt", redeemed.Receipt)
	checked(t, s, poll.ID, 0, "--receipt", cast.Proof)
	checked(t, s, poll.ID, 1, "--receipt", "22222222")
}

// checked seals what is due, writes the board and lets the verifier judge it.
func checked(t *testing.T, s *forumtest.Stage, poll int64, want int, args ...string) {
	t.Helper()
	due, err := s.BoardsDue(t.Context(), 0, 10)
	ok(t, err)
	for _, id := range due {
		_, err := s.SealBoard(t.Context(), id)
		ok(t, err)
	}
	var b bytes.Buffer
	_, err = s.WriteBoard(t.Context(), models.Actor{}, poll, func() io.Writer { return &b })
	ok(t, err)
	file := filepath.Join(t.TempDir(), "board.json")
	ok(t, os.WriteFile(file, b.Bytes(), 0o600))
	if got, said := run(append([]string{file}, args...)...); got != want {
		t.Errorf("the verifier ends with %d, want %d:\n%s", got, want, said)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
