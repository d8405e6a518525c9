package bot

import (
	"context"
	"slices"

	"yishi/models"
	"yishi/models/rules"
)

// ending is a matter whose end is being confirmed: one's own, or one that was
// written down for somebody who has no account.
type ending struct {
	id     int64
	helped bool
	words  string
}

func (t *turn) solved(ctx context.Context, rest string) (string, error) {
	e, reply, err := t.whichEnd(ctx, rest)
	if err != nil || reply != "" {
		return reply, err
	}
	return t.close(ctx, e, true)
}

// unsolved asks for a reason where none was given: it helps whoever goes there
// again.
func (t *turn) unsolved(ctx context.Context, rest string) (string, error) {
	e, reply, err := t.whichEnd(ctx, rest)
	if err != nil || reply != "" {
		return reply, err
	}
	if e.words == "" {
		t.end()
		t.keep(e, false)
		t.at(stepReason)
		return t.help(), nil
	}
	return t.close(ctx, e, false)
}

func (t *turn) takeReason(ctx context.Context) (string, error) {
	words := t.said
	if t.words.hears("skip", words) {
		words = ""
	}
	return t.close(ctx, ending{t.id(noteTopic), t.d.Data[noteHelped] != "", words}, false)
}

// keep notes what is being confirmed while something more is asked.
func (t *turn) keep(e ending, solved bool) {
	t.noteID(noteTopic, e.id)
	t.note(noteText, e.words)
	t.note(noteChoice, "")
	if solved {
		t.note(noteChoice, string(rules.Yes))
	}
	if e.helped {
		t.note(noteHelped, "1")
	}
}

// waiting returns the matters whose end the person is asked to confirm, and those
// of the people whom they helped.
func (t *turn) waiting(ctx context.Context) (own, helped []models.TopicView, err error) {
	if own, err = t.forum.MyConfirmations(ctx, t.who); err != nil {
		return nil, nil, err
	}
	helped, err = t.forum.HelpedConfirmations(ctx, t.who)
	return own, helped, err
}

func among(list []models.TopicView, id int64) bool {
	return slices.ContainsFunc(list, func(v models.TopicView) bool { return v.ID == id })
}

// whichEnd finds the matter that is being confirmed: the one with the receipt
// number, or the only one that waits. Else there is a reply that asks. A matter
// that is both one's own to confirm and somebody else's is one's own first.
func (t *turn) whichEnd(ctx context.Context, rest string) (e ending, reply string, err error) {
	receipt, words := cutReceipt(rest)
	var v *models.TopicView
	if receipt != "" {
		if v, err = t.forum.TopicByReceipt(ctx, t.who, receipt); err != nil {
			return e, "", err
		}
	}
	own, helped, err := t.waiting(ctx)
	if err != nil {
		return e, "", err
	}
	if v != nil {
		return ending{v.ID, among(helped, v.ID) && !among(own, v.ID), words}, "", nil
	}
	switch len(own) + len(helped) {
	case 0:
		return e, t.say("bot.confirm.none"), nil
	case 1:
		return ending{slices.Concat(own, helped)[0].ID, len(helped) == 1, words}, "", nil
	}
	reply, err = t.asked(ctx)
	return e, reply, err
}

// close confirms one's own matter. For somebody else's it first asks how they were
// asked, which goes on record.
func (t *turn) close(ctx context.Context, e ending, solved bool) (string, error) {
	if e.helped {
		t.end()
		t.keep(e, solved)
		t.at(stepConsent)
		return t.help(), nil
	}
	topic, err := t.forum.ConfirmTopic(ctx, t.deed("confirm"), e.id, solved, e.words)
	if err != nil {
		return "", err
	}
	return t.confirmed(topic, solved), nil
}

func (t *turn) takeConsent(ctx context.Context) (string, error) {
	solved := t.d.Data[noteChoice] != ""
	topic, err := t.forum.ConfirmTopicFor(ctx, t.deed("confirm_for"), t.id(noteTopic), solved, t.d.Data[noteText], t.said)
	if err != nil {
		return "", err
	}
	return t.confirmed(topic, solved), nil
}

// confirmed tells what came of an answer.
func (t *turn) confirmed(topic *models.Topic, solved bool) string {
	t.end()
	switch {
	case solved:
		return t.say("bot.confirmed")
	case topic.State == rules.TopicImplementing:
		return t.say("bot.reopened", "receipt", spoken(topic.Receipt))
	}
	return t.say("bot.unsolved")
}
