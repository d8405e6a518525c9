package bot

import (
	"context"

	"yishi/models/rules"
)

func (t *turn) solved(ctx context.Context, rest string) (string, error) {
	id, words, reply, err := t.whichEnd(ctx, rest)
	if err != nil || reply != "" {
		return reply, err
	}
	return t.confirm(ctx, id, true, words)
}

// unsolved asks for a reason where none was given: it helps whoever goes there
// again.
func (t *turn) unsolved(ctx context.Context, rest string) (string, error) {
	id, words, reply, err := t.whichEnd(ctx, rest)
	if err != nil || reply != "" {
		return reply, err
	}
	if words == "" {
		t.end()
		t.noteID(noteTopic, id)
		t.at(stepReason)
		return t.help(), nil
	}
	return t.confirm(ctx, id, false, words)
}

func (t *turn) takeReason(ctx context.Context) (string, error) {
	words := t.said
	if t.words.is("skip", words) {
		words = ""
	}
	return t.confirm(ctx, t.id(noteTopic), false, words)
}

// whichEnd finds the matter that is being confirmed: the one with the receipt
// number, or the only one that waits. Else there is a reply that asks.
func (t *turn) whichEnd(ctx context.Context, rest string) (id int64, words, reply string, err error) {
	receipt, words := cutReceipt(rest)
	if receipt != "" {
		v, err := t.forum.TopicByReceipt(ctx, t.who, receipt)
		if err != nil {
			return 0, "", "", err
		}
		return v.ID, words, "", nil
	}
	waiting, err := t.forum.MyConfirmations(ctx, t.who)
	if err != nil {
		return 0, "", "", err
	}
	switch len(waiting) {
	case 0:
		return 0, "", t.say("bot.confirm.none"), nil
	case 1:
		return waiting[0].ID, words, "", nil
	}
	reply, err = t.asked(ctx)
	return 0, "", reply, err
}

func (t *turn) confirm(ctx context.Context, id int64, solved bool, words string) (string, error) {
	topic, err := t.forum.ConfirmTopic(ctx, t.deed("confirm"), id, solved, words)
	if err != nil {
		return "", err
	}
	t.end()
	switch {
	case solved:
		return t.say("bot.confirmed"), nil
	case topic.State == rules.TopicImplementing:
		return t.say("bot.reopened", "receipt", spoken(topic.Receipt)), nil
	}
	return t.say("bot.unsolved"), nil
}
