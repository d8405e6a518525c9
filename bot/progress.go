package bot

import (
	"context"
	"slices"

	"yishi/models"
	"yishi/models/rules"
)

// shownTopics is how many of one's matters are listed.
const shownTopics = 5

// progress tells where a matter stands: the one with a receipt number, else
// one's own.
func (t *turn) progress(ctx context.Context, rest string) (string, error) {
	if rest != "" {
		return t.track(ctx, rest)
	}
	t.end()
	page, err := t.forum.MyTopics(ctx, t.who, 0, shownTopics)
	if err != nil {
		return "", err
	}
	switch len(page.Items) {
	case 0:
		asked, err := t.asked(ctx)
		return lines(t.say("bot.progress.none"), asked), err
	case 1:
		return t.track(ctx, page.Items[0].Receipt)
	}
	options := make([]option, len(page.Items))
	for i, v := range page.Items {
		label := t.say("bot.progress.one", "title", shorten(v.Title, 20), "state", string(v.State), "receipt", spoken(v.Receipt))
		options[i] = option{v.Receipt, label}
	}
	t.at(stepProgress)
	asked, err := t.asked(ctx)
	return lines(t.say("bot.progress.list"), t.offer(options), asked, t.help()), err
}

func (t *turn) takeProgress(ctx context.Context) (string, error) {
	if receipt := t.picked(); receipt != "" {
		return t.track(ctx, receipt)
	}
	if n, ok := t.words.number(t.said); ok && n < 100 {
		return t.again(), nil
	}
	t.end()
	return t.idle(ctx)
}

// track tells where one matter stands, who holds it, until when, and what was
// last said of it.
func (t *turn) track(ctx context.Context, receipt string) (string, error) {
	v, err := t.forum.TopicByReceipt(ctx, t.who, receipt)
	if err != nil {
		return "", err
	}
	hops, err := t.forum.Timeline(ctx, t.who, v.ID)
	if _, refused := rules.AsRefusal(err); err != nil && !refused { // who may not read them is told the state
		return "", err
	}
	title := t.say("bot.track.hidden")
	if v.Title != "" {
		title = t.say("bot.track.title", "title", shorten(v.Title, 40))
	}
	out := []string{title, t.say("bot.track", "receipt", spoken(v.Receipt), "state", string(v.State))}
	polls, err := t.forum.TopicPolls(ctx, t.who, v.ID)
	if _, refused := rules.AsRefusal(err); err != nil && !refused {
		return "", err
	}
	for i := range polls {
		out = append(out, t.outcome(&polls[i]))
	}
	out = append(out, t.holds(v), t.lastWords(v, hops))
	next, err := t.nextFor(ctx, v)
	return lines(append(out, next)...), err
}

// holds says who has a matter in hand and until when.
func (t *turn) holds(v *models.TopicView) string {
	switch {
	case v.State.Ended():
		return ""
	case v.DueAt == nil:
		return t.say("bot.holder", "holder", v.Holder)
	case v.LapsedAt != nil:
		return t.say("bot.holder.late", "holder", v.Holder, "due", v.DueAt)
	}
	key := dueKey + v.DueVerb
	if t.text[key] == "" {
		key = dueKey + "other"
	}
	out := lines(t.say("bot.holder", "holder", v.Holder), t.say(key, "due", v.DueAt, "verb", v.DueVerb))
	if v.Provisional {
		out = lines(out, t.say("bot.due.provisional"))
	}
	return out
}

// dueKey begins the key of the sentence for a clock, by its verb.
const dueKey = "bot.due."

// lastWords is what was said at the last turn of a matter.
func (t *turn) lastWords(v *models.TopicView, hops []models.Hop) string {
	if len(hops) == 0 {
		return ""
	}
	last := hops[len(hops)-1]
	switch {
	case last.Words == "":
		return t.say("bot.track.when", "at", last.At)
	case v.State == rules.TopicMerged:
		return t.say("bot.track.merged", "receipt", spoken(last.Words))
	}
	return t.say("bot.track.words", "at", last.At, "words", shorten(last.Words, 120))
}

// nextFor says what the person may do about a matter now.
func (t *turn) nextFor(ctx context.Context, v *models.TopicView) (string, error) {
	own, helped, err := t.waiting(ctx)
	if _, refused := rules.AsRefusal(err); err != nil && !refused { // who is shut out reads what anybody may
		return "", err
	}
	if among(own, v.ID) || among(helped, v.ID) {
		how := t.say("bot.confirm.how", "receipt", v.Receipt)
		if len(own)+len(helped) == 1 {
			how = t.say("bot.confirm.one")
		}
		if !among(own, v.ID) {
			how = lines(t.say("bot.confirm.helped"), how)
		}
		return how, nil
	}
	if v.State == rules.TopicNeedInfo && v.Mine {
		return t.say("bot.supply.how", "receipt", v.Receipt), nil
	}
	return "", nil
}

// supply gives what the desk asked for.
func (t *turn) supply(ctx context.Context, rest string) (string, error) {
	receipt, words := cutReceipt(rest)
	if receipt == "" || words == "" {
		return t.say("bot.supply.how", "receipt", first(receipt, t.say("bot.receipt.any"))), nil
	}
	v, err := t.forum.TopicByReceipt(ctx, t.who, receipt)
	if err != nil {
		return "", err
	}
	topic, err := t.forum.AnswerTopic(ctx, t.deed("supply"), v.ID, words)
	if err != nil {
		return "", err
	}
	return t.say("bot.supplied", "holder", v.Holder, "due", topic.DueAt), nil
}

// asked tells of the matters whose end the person is asked to confirm, for
// themselves or for those whom they helped.
func (t *turn) asked(ctx context.Context) (string, error) {
	own, helped, err := t.waiting(ctx)
	if err != nil || len(own)+len(helped) == 0 {
		return "", err
	}
	ask, all := "", slices.Concat(own, helped)
	if len(helped) > 0 {
		ask = t.say("bot.confirm.helped")
	}
	if len(all) == 1 {
		return lines(t.say("bot.confirm.waiting", "title", shorten(all[0].Title, 40)), ask, t.say("bot.confirm.one")), nil
	}
	out := []string{t.say("bot.confirm.several", "n", len(all))}
	for _, v := range all[:min(len(all), shownTopics)] {
		out = append(out, t.say("bot.progress.one", "title", shorten(v.Title, 20), "state", string(v.State), "receipt", spoken(v.Receipt)))
	}
	return lines(append(out, ask, t.say("bot.confirm.how", "receipt", all[0].Receipt))...), nil
}

// outcome is the verdict of a poll in words, and where it can be checked; nothing of
// one that has none.
func (t *turn) outcome(p *models.PollView) string {
	code, params := p.Reason()
	if code == "" {
		return ""
	}
	said := t.say("bot.track.poll", "question", shorten(p.Question, 40), "reason", t.text.Say(code, params), "law", p.Law, "article", p.Article)
	if p.Area == 0 {
		said = lines(said, t.say("bot.track.board", "link", t.board(p.ID)))
	}
	return said
}
