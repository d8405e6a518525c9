package bot

import (
	"context"
	"strconv"
	"strings"

	"yishi/models"
	"yishi/models/rules"
)

// shownWaiting is how many matters are listed that wait for the desk.
const shownWaiting = 5

// office returns the org at whose desk the person works. Somebody who works at none is
// refused as at the desk itself.
func (t *turn) office(ctx context.Context) (int64, *models.Desk, error) {
	me, err := t.forum.Me(ctx, t.who)
	if err != nil {
		return 0, nil, err
	}
	orgs := home(me)
	for _, o := range me.Offices {
		orgs = append([]int64{o.OrgID}, orgs...)
	}
	err = rules.Refuse(rules.Forbidden, "deed.forbidden")
	for _, org := range orgs {
		desk, refusal := t.forum.Desk(ctx, t.who, org)
		if refusal == nil {
			return org, desk, nil
		}
		err = refusal
	}
	return 0, nil, err
}

// desk lists the matters that wait for an answer.
func (t *turn) desk(ctx context.Context) (string, error) {
	t.end()
	org, desk, err := t.office(ctx)
	if err != nil {
		return "", err
	}
	waiting := models.Wanted{OrgID: org, States: []rules.State{rules.TopicTriage}, Size: shownWaiting}
	page, err := t.forum.Queue(ctx, t.who, waiting)
	if err != nil {
		return "", err
	}
	n := desk.States[rules.TopicTriage]
	if len(page.Items) == 0 {
		return t.say("bot.desk.none", "lapsed", desk.Lapsed), nil
	}
	options := make([]option, len(page.Items))
	for i, v := range page.Items {
		options[i] = option{strconv.FormatInt(v.ID, 10), t.say("bot.desk.one", "title", shorten(v.Title, 24), "due", v.DueAt)}
	}
	t.at(stepDesk)
	return lines(t.say("bot.desk", "n", n, "lapsed", desk.Lapsed), t.offer(options), t.help()), nil
}

// takeDesk shows one matter and what can be decided.
func (t *turn) takeDesk(ctx context.Context) (string, error) {
	if id := t.pickedID(); id != 0 {
		return t.shown(ctx, id)
	}
	if _, number := t.words.number(t.said); number {
		return t.again(), nil
	}
	t.end()
	return t.idle(ctx)
}

func (t *turn) shown(ctx context.Context, id int64) (string, error) {
	v, err := t.forum.Topic(ctx, t.who, id)
	if err != nil {
		return "", err
	}
	t.noteID(noteTopic, id)
	t.at(stepTriage)
	reply := t.say("bot.triage", "title", v.Title, "receipt", spoken(v.Receipt), "at", v.CreatedAt)
	if v.Body != v.Title {
		reply = lines(reply, shorten(v.Body, shownText))
	}
	if v.Place != "" {
		reply = lines(reply, t.say("bot.readback.where", "where", v.Place))
	}
	if v.Photos > 0 {
		reply = lines(reply, t.say("bot.readback.photos", "n", v.Photos))
	}
	return lines(reply, t.help()), nil
}

// The decisions, by their numbers in the sentence of the step.
const (
	decideAccept = 1 + iota
	decideAsk
	decideMerge
	decideAway
)

func (t *turn) takeTriage(ctx context.Context) (string, error) {
	n, _ := t.words.number(t.said)
	switch n {
	case decideAccept:
		return t.askItem(ctx)
	case decideAsk:
		t.at(stepAsk)
		return t.help(), nil
	case decideMerge:
		return t.askMerge(ctx)
	case decideAway:
		return t.askAway(ctx)
	}
	return t.again(), nil
}

// askItem offers the items that a matter may be.
func (t *turn) askItem(ctx context.Context) (string, error) {
	items, err := t.forum.SuggestItems(ctx, t.who, t.id(noteTopic))
	if err != nil {
		return "", err
	}
	t.at(stepItem)
	return lines(t.offerItems(items), t.help()), nil
}

func (t *turn) offerItems(items []models.Item) string {
	options := make([]option, len(items))
	for i, it := range items {
		options[i] = option{it.Code, t.say("bot.item", "code", it.Code, "name", it.Name, "rule", shorten(it.Rule, 24))}
	}
	return t.offer(options)
}

// takeItem accepts the matter under an item: one that was offered, or whose code or
// words are typed.
func (t *turn) takeItem(ctx context.Context) (string, error) {
	code := t.picked()
	if code == "" {
		found, err := t.itemsLike(ctx)
		switch {
		case err != nil:
			return "", err
		case len(found) == 0:
			return t.again(), nil
		case len(found) > 1 || found[0].Code != bare(t.said):
			return lines(t.offerItems(found), t.help()), nil
		}
		code = found[0].Code
	}
	topic, err := t.forum.AcceptTopic(ctx, t.deed("accept"), t.id(noteTopic), models.Acceptance{Item: code})
	if err != nil {
		return "", err
	}
	return t.decided(t.say("bot.accepted", "title", topic.Title, "receipt", spoken(topic.Receipt))), nil
}

// itemsLike are the items with the code, or with the words, that were typed.
func (t *turn) itemsLike(ctx context.Context) ([]models.Item, error) {
	all, err := t.forum.Catalogue(ctx, t.who)
	if err != nil {
		return nil, err
	}
	var found []models.Item
	for _, it := range all {
		switch {
		case it.Code == bare(t.said):
			return []models.Item{it}, nil
		case len([]rune(t.said)) > 1 && strings.Contains(fold(it.Name+it.Words), bare(t.said)) && len(found) < shownWaiting:
			found = append(found, it)
		}
	}
	return found, nil
}

// decided ends what was decided of one matter and leads to the next.
func (t *turn) decided(reply string) string {
	t.end()
	return lines(reply, t.say("bot.desk.next"))
}

func (t *turn) takeAsk(ctx context.Context) (string, error) {
	topic, err := t.forum.AskTopic(ctx, t.deed("ask"), t.id(noteTopic), t.said)
	if err != nil {
		return "", err
	}
	return t.decided(t.say("bot.asked", "title", topic.Title)), nil
}

// askMerge offers the matters that may be the same.
func (t *turn) askMerge(ctx context.Context) (string, error) {
	v, err := t.forum.Topic(ctx, t.who, t.id(noteTopic))
	if err != nil {
		return "", err
	}
	alike, err := t.forum.SimilarTopics(ctx, t.who, v.OrgID, v.Title+" "+v.Body)
	if err != nil {
		return "", err
	}
	var options []option
	for _, a := range alike {
		if a.ID != v.ID {
			options = append(options, option{a.Receipt, t.say("bot.similar.one", "title", a.Title, "receipt", spoken(a.Receipt), "state", string(a.State))})
		}
	}
	t.at(stepMerge)
	return lines(t.offer(options), t.help()), nil
}

func (t *turn) takeMerge(ctx context.Context) (string, error) {
	receipt := first(t.picked(), figures(t.said))
	if receipt == "" {
		return t.again(), nil
	}
	into, err := t.forum.TopicByReceipt(ctx, t.who, receipt)
	if err != nil {
		return "", err
	}
	if _, err := t.forum.MergeTopic(ctx, t.deed("merge"), t.id(noteTopic), into.ID); err != nil {
		return "", err
	}
	return t.decided(t.say("bot.merged", "title", into.Title, "receipt", spoken(into.Receipt))), nil
}

// askAway offers the reasons for which a matter is dealt with elsewhere.
func (t *turn) askAway(ctx context.Context) (string, error) {
	reasons, err := t.forum.Reasons(ctx, t.who)
	if err != nil {
		return "", err
	}
	options := make([]option, len(reasons))
	for i, r := range reasons {
		options[i] = option{r.Code, t.say("bot.reason", "name", r.Name, "destination", shorten(r.Destination, 20))}
	}
	t.at(stepAway)
	return lines(t.offer(options), t.help()), nil
}

// takeAway sends the matter there with the words of the reason.
func (t *turn) takeAway(ctx context.Context) (string, error) {
	code := t.picked()
	if code == "" {
		return t.again(), nil
	}
	topic, err := t.forum.RedirectTopic(ctx, t.deed("away"), t.id(noteTopic), code, "", "")
	if err != nil {
		return "", err
	}
	return t.decided(t.say("bot.redirected", "title", topic.Title)), nil
}
