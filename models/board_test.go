package models_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"yishi/models"
	"yishi/models/board"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// keyed is somebody who sends a request that may come twice.
func keyed(who models.Actor, key string) models.Actor {
	who.Key, who.Digest = key, "d"
	return who
}

// boardFile is what the tests read of a board.
type boardFile struct {
	Key         string
	Definition  string
	Roll        []rules.RollEntry
	Leaves      []string
	Hashes      []string
	Checkpoints []string
}

func readBoard(t *testing.T, s *models.Forum, who models.Actor, poll int64) boardFile {
	t.Helper()
	var b bytes.Buffer
	must[models.None](t)(s.WriteBoard(t.Context(), who, poll, func() io.Writer { return &b }))
	var f boardFile
	if err := json.Unmarshal(b.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// agreeing opens a poll on which n neighbours must all sign.
func agreeing(t *testing.T, s *forumtest.Stage, n int) (people []models.Actor, poll *models.PollView) {
	t.Helper()
	people = crowd(t, s, models.CapacityResident, n)
	units := make([]string, n)
	for i, p := range people {
		units[i] = fmt.Sprintf("p%d", p.PersonID)
	}
	topic, session := meeting(t, s, "STAKE")
	return people, must[*models.PollView](t)(s.OpenPoll(t.Context(), s.City.Secretary(huaiying), models.NewPoll{
		SessionID: session, TopicID: topic, Question: "清吗?", Stakeholders: units,
	}))
}

// TestRetryOfAnOldBallot: a request that comes back late gets the answer that it
// got, letter for letter, and does not undo what was cast since; on another
// instance too, which knows nothing of it.
func TestRetryOfAnOldBallot(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		people, poll := agreeing(t, s, 3)
		me, other := people[0], forumtest.Bare(t, s.DSN, s.Clock)
		first := must[*models.Ballot](t)(s.CastBallot(ctx, keyed(me, "a"), poll.ID, "", rules.No))
		must[*models.Ballot](t)(other.CastBallot(ctx, keyed(me, "b"), poll.ID, "", rules.Abstain))
		third := must[*models.Ballot](t)(s.CastBallot(ctx, keyed(me, "c"), poll.ID, "", rules.Yes))
		if third.Turn != 2 {
			t.Errorf("the third ballot is turn %d", third.Turn)
		}
		for name, f := range map[string]*models.Forum{"here": s.Forum, "there": other} {
			again := must[*models.Ballot](t)(f.CastBallot(ctx, keyed(me, "a"), poll.ID, "", rules.No))
			if *again != *first {
				t.Errorf("%s the retry got %+v, the request %+v", name, again, first)
			}
			refused(t, "request.reused")(f.CastBallot(ctx, keyed(me, "b"), poll.ID, "", rules.Yes))
		}
		for _, p := range people[1:] {
			must[*models.Ballot](t)(other.CastBallot(ctx, p, poll.ID, "", rules.Yes))
		}
		closed := must[*models.PollView](t)(s.ClosePoll(ctx, s.City.Secretary(huaiying), poll.ID))
		if c := closed.Verdict.Count; c.Yes != 3 || c.Cast != 3 || c.No != 0 || closed.Verdict.Result != rules.ResultPassed {
			t.Errorf("counted %+v", closed.Verdict)
		}
	})
}

// TestTurnsOnTheBoard: whoever changes their vote again and again within a second,
// on whichever instance, has their ballots on the board in the order of their
// turns, as every verifier expects them.
func TestTurnsOnTheBoard(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		people, poll := agreeing(t, s, 3)
		forums := []*models.Forum{s.Forum, forumtest.Bare(t, s.DSN, s.Clock)}
		const turns = 12
		for i := range turns {
			must[*models.Ballot](t)(forums[i%2].CastBallot(t.Context(), people[0], poll.ID, "", rules.Choices[i%len(rules.Choices)]))
		}
		desk := s.City.Secretary(huaiying)
		must[*models.PollView](t)(s.ClosePoll(t.Context(), desk, poll.ID))
		seal(t, s)
		leaves := readBoard(t, s.Forum, desk, poll.ID).Leaves
		for i, leaf := range leaves[1 : turns+1] {
			if !strings.Contains(leaf, fmt.Sprintf(`"turn":%d,`, i)) {
				t.Errorf("place %d of the board has %s", i+1, leaf)
			}
		}
	})
}

// TestRetryOfALostBatch: a batch that somebody took rows from has no receipt any
// more; the retry is a fault, and no other receipt.
func TestRetryOfALostBatch(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		people, poll := agreeing(t, s, 3)
		must[*models.Ballot](t)(s.CastBallot(t.Context(), keyed(people[0], "a"), poll.ID, "", rules.No))
		for _, change := range []string{"UPDATE ballots SET place = 7", "UPDATE ballots SET place = 0; UPDATE batches SET size = size + 1"} {
			for one := range strings.SplitSeq(change, "; ") {
				execute(t, s, one)
			}
			b, err := forumtest.Bare(t, s.DSN, s.Clock).CastBallot(t.Context(), keyed(people[0], "a"), poll.ID, "", rules.No)
			if _, refused := rules.AsRefusal(err); err == nil || refused {
				t.Errorf("after %s the retry got %+v, %v", change, b, err)
			}
		}
	})
}

// TestJointVoters: of two who share a home the first speaks for it.
func TestJointVoters(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk := s.City.Secretary(huaiying)
		two := make([]models.Actor, 2)
		for i := range two {
			pass := must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify(fmt.Sprintf("joint%d", i))))
			two[i] = models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
			c := must[*models.Capacity](t)(s.BindCapacity(ctx, two[i], s.Org(huaiying), models.CapacityResident, "1-1-101"))
			must[*models.Capacity](t)(s.ConfirmCapacity(ctx, desk, c.ID, true))
		}
		topic, session := meeting(t, s, "DOOR")
		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "清吗?"}))
		must[*models.Ballot](t)(s.CastBallot(ctx, two[0], poll.ID, "", rules.Yes))
		refused(t, "poll.other")(s.CastBallot(ctx, two[1], poll.ID, "", rules.No))
		must[*models.Ballot](t)(s.CastBallot(ctx, two[0], poll.ID, "", rules.No))
		if mine := must[*models.PollView](t)(s.Poll(ctx, two[1], poll.ID)).Mine; len(mine) != 0 {
			t.Errorf("one is shown how the other voted: %+v", mine)
		}
	})
}

// TestSpeaker: whom a home has named votes for it, and nobody else of it; a name
// given while a poll is open holds from the next.
func TestSpeaker(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		two := make([]models.Actor, 2)
		var home int64
		for i := range two {
			pass := must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify(fmt.Sprintf("speaker%d", i))))
			two[i] = models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
			c := must[*models.Capacity](t)(s.BindCapacity(ctx, two[i], s.Org(huaiying), models.CapacityOwner, "1-1-101"))
			home = must[*models.Capacity](t)(s.ConfirmCapacity(ctx, desk, c.ID, true)).HouseholdID
		}
		topic, session := meeting(t, s, "DOOR")
		open := func() int64 {
			return must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "清吗?", Pack: "OWN_GEN"})).ID
		}
		refused(t, "household.stranger")(s.NameSpeaker(ctx, desk, home, someone(s, 1).PersonID, "口头"))
		refused(t, "text.empty")(s.NameSpeaker(ctx, desk, home, two[1].PersonID, ""))
		refused(t, "household.self")(s.NameSpeaker(ctx, two[1], home, two[1].PersonID, ""))
		refused(t, "household.unknown")(s.NameSpeaker(ctx, someone(s, 1), home, two[1].PersonID, "口头"))
		first := open()
		must[models.None](t)(s.NameSpeaker(ctx, two[0], home, two[1].PersonID, ""))
		must[*models.Ballot](t)(s.CastBallot(ctx, two[0], first, "", rules.Yes))
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, first))
		second := open()
		refused(t, "poll.roll")(s.CastBallot(ctx, two[0], second, "", rules.Yes))
		cast := must[*models.Ballot](t)(s.CastBallot(ctx, two[1], second, "", rules.Yes))
		if v := must[*models.PollView](t)(s.ClosePoll(ctx, desk, second)).Verdict; v.Area == nil || v.Area.Count.Yes != 759_300 || v.Result != rules.ResultNoQuorum {
			t.Errorf("owners' poll after %+v: %+v", cast, v)
		}
		refused(t, "poll.weighted")(s.WriteBoard(ctx, models.Actor{}, second, func() io.Writer { return io.Discard }))
		must[models.None](t)(s.WriteBoard(ctx, two[1], second, func() io.Writer { return io.Discard }))
	})
}

// TestSpeakerLeft: a name binds nobody for longer, or for more, than the one who is
// named may vote: one who moved out leaves the home to whoever votes first, and a
// tenant who votes for the home takes no owner's vote.
func TestSpeakerLeft(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		two, held := make([]models.Actor, 2), make([]*models.Capacity, 2)
		for i, kind := range []models.CapacityKind{models.CapacityOwner, models.CapacityTenant} {
			pass := must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify(fmt.Sprintf("speaker%d", i))))
			two[i] = models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
			c := must[*models.Capacity](t)(s.BindCapacity(ctx, two[i], s.Org(huaiying), kind, "1-1-101"))
			held[i] = must[*models.Capacity](t)(s.ConfirmCapacity(ctx, desk, c.ID, true))
		}
		owner, tenant := two[0], two[1]
		must[models.None](t)(s.NameSpeaker(ctx, owner, held[0].HouseholdID, tenant.PersonID, ""))
		if h := must[[]models.HomeView](t)(s.MyHomes(ctx, owner)); len(h) != 1 || h[0].SpeakerID != tenant.PersonID || len(h[0].People) != 3 || h[0].Number != "1-1-101" {
			t.Errorf("who shares a home sees %+v", h)
		}
		topic, session := meeting(t, s, "DOOR")
		open := func(pack string) int64 {
			return must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "清吗?", Pack: pack})).ID
		}
		owners := open("OWN_GEN")
		must[*models.Ballot](t)(s.CastBallot(ctx, owner, owners, "", rules.Yes))
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, owners))
		doors := open("DOOR")
		refused(t, "poll.roll")(s.CastBallot(ctx, owner, doors, "", rules.Yes))
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, doors))
		must[models.None](t)(s.EndCapacity(ctx, tenant, held[1].ID))
		if h := must[[]models.HomeView](t)(s.MyHomes(ctx, owner)); h[0].SpeakerID != 0 || len(h[0].People) != 2 {
			t.Errorf("after the speaker moved out one sees %+v", h)
		}
		must[*models.Ballot](t)(s.CastBallot(ctx, owner, open("DOOR"), "", rules.Yes))
	})
}

// TestBoard follows a ballot from its receipt to the board: before the poll is
// closed only hashes are shown, what one checkpoint signed is in the next, and
// nothing names a person.
func TestBoard(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		people, poll := agreeing(t, s, 3)
		cast := must[*models.Ballot](t)(s.CastBallot(ctx, people[0], poll.ID, "", rules.Yes))
		if in := must[*models.Found](t)(s.FindReceipt(ctx, models.Actor{}, poll.ID, cast.Receipt)); len(in.In) != 0 || in.Size != 0 {
			t.Errorf("before anything is sealed it is found at %+v", in)
		}
		seal(t, s)
		in := must[*models.Found](t)(s.FindReceipt(ctx, models.Actor{}, poll.ID, strings.ToLower(cast.Receipt)))
		if len(in.In) != 1 || in.Size != 2 || in.In[0].Place != 1 {
			t.Fatalf("sealed, it is found at %+v", in)
		}
		refused(t, "ballot.receipt")(s.FindReceipt(ctx, models.Actor{}, poll.ID, "no receipt"))
		verifier, err := note.NewVerifier(in.Key)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := board.ParseReceipt(cast.Proof)
		if err != nil || !receipt.Verify(verifier) || receipt.Code() != cast.Receipt || receipt.Poll != poll.ID {
			t.Errorf("the receipt %+v does not hold: %v", receipt, err)
		}
		open := readBoard(t, s.Forum, models.Actor{}, poll.ID)
		if len(open.Hashes) != 2 || open.Leaves != nil || strings.Contains(strings.Join(open.Hashes, ""), "yes") {
			t.Errorf("an open board shows %+v", open)
		}

		must[*models.Ballot](t)(s.CastBallot(ctx, people[1], poll.ID, "", rules.Yes))
		must[*models.PollView](t)(s.ClosePoll(ctx, s.City.Secretary(huaiying), poll.ID))
		seal(t, s)
		if due := must[[]int64](t)(s.BoardsDue(ctx, 0, 10)); len(due) != 0 {
			t.Errorf("sealed, there are still due %v", due)
		}
		done := readBoard(t, forumtest.Bare(t, s.DSN, s.Clock), models.Actor{}, poll.ID)
		if len(done.Leaves) != 4 || len(done.Checkpoints) != 2 || len(done.Roll) != 3 || rules.RollHash(done.Roll) == "" {
			t.Errorf("a closed board shows %+v", done)
		}
		for _, p := range people {
			if strings.Contains(strings.Join(done.Leaves[1:3], ""), fmt.Sprintf(`"p%d"`, p.PersonID)) {
				t.Error("the board names a person")
			}
		}
		must[*models.Consistency](t)(s.CompareBoards(ctx, models.Actor{}, poll.ID, 2, 4))
		refused(t, "checkpoint.unknown")(s.CompareBoards(ctx, models.Actor{}, poll.ID, 2, 3))
	})
}

// seal does what the clock door does.
func seal(t *testing.T, s *forumtest.Stage) {
	t.Helper()
	for _, id := range must[[]int64](t)(s.BoardsDue(t.Context(), 0, 10)) {
		must[models.None](t)(s.SealBoard(t.Context(), id))
	}
}
