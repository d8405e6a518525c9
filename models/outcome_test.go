package models_test

import (
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestOnlyTheBindingPollBinds: a matter of the representatives' meeting is agreed
// by their poll, not by a word and not by a poll that only hears views.
func TestOnlyTheBindingPollBinds(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		people := crowd(t, s, models.CapacityRepresentative, 3)
		topic, session := meeting(t, s, "REP")
		agree := func() (*models.Outcome, error) {
			return s.RecordOutcome(ctx, desk, session, topic, rules.TopicAgreed, "都同意清")
		}
		refused(t, "outcome.binding")(agree())
		must[*models.Presence](t)(s.ConfirmPresence(ctx, desk, session, models.Helped{PersonID: people[0].PersonID, Consent: "本人在场"}))
		views := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "怎么看?", Pack: "ADV"}))
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, views.ID))
		refused(t, "outcome.binding")(agree())
		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "清吗?"}))
		for _, p := range people {
			must[*models.Ballot](t)(s.CastBallot(ctx, p, poll.ID, "", rules.Yes))
		}
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "还有呢?", Pack: "ADV"})).ID))
		if o := must[*models.Outcome](t)(agree()); o.PollID != poll.ID {
			t.Errorf("it rests on poll %d, not on %d", o.PollID, poll.ID)
		}
	})
}
