package bot

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"yishi/models"
	"yishi/models/rules"
)

// raise begins a proposal, with its sentence or without.
func (t *turn) raise(ctx context.Context, rest string) (string, error) {
	if rest != "" {
		return t.propose(ctx, rest)
	}
	if t.d.Step != stepTell { // which may have pictures already
		t.end()
	}
	t.at(stepTell)
	return t.say("bot.raise"), nil
}

// tell takes the words of a matter. An answer to what was not asked is none.
func (t *turn) tell(ctx context.Context) (string, error) {
	if t.answers() {
		return t.again(), nil
	}
	return t.propose(ctx, t.story())
}

// propose takes a matter: it is compared with others, read back, and raised when
// the person says yes. Matters that may be the same are offered first.
func (t *turn) propose(ctx context.Context, text string) (string, error) {
	alike, err := t.forum.SimilarTopics(ctx, t.who, t.id(noteOrg), text)
	if r, ok := rules.AsRefusal(err); ok && r.Code == "org.which" {
		return t.askCommunity(ctx, text)
	}
	if err != nil {
		return "", err
	}
	t.keepMatter(text)
	if len(alike) == 0 {
		return t.readBack(ctx)
	}
	options := make([]option, len(alike))
	for i, a := range alike {
		label := t.say("bot.similar.one", "title", a.Title, "receipt", spoken(a.Receipt), "state", string(a.State))
		options[i] = option{strconv.FormatInt(a.ID, 10), label}
	}
	t.at(stepSimilar)
	return lines(t.say("bot.similar"), t.offer(options), t.help()), nil
}

// takeSimilar takes the answer to whether a matter is the same as another.
func (t *turn) takeSimilar(ctx context.Context) (string, error) {
	offered := t.offered()
	same := t.words.hears("cosign", t.said) || t.words.is("confirm", t.said)
	switch {
	case t.pickedID() != 0:
		return t.cosign(ctx, t.pickedID())
	case same && len(offered) == 1:
		id, err := strconv.ParseInt(offered[0], 10, 64)
		if err != nil {
			return "", err
		}
		return t.cosign(ctx, id)
	case t.words.hears("none", t.said):
		return t.readBack(ctx)
	case !same && isStory(t.said):
		return t.goOn(ctx)
	}
	return t.again(), nil
}

func (t *turn) offered() []string {
	if t.d.Data[noteIDs] == "" {
		return nil
	}
	return strings.Split(t.d.Data[noteIDs], ",")
}

// shownText is how much of a matter is read back.
const shownText = 120

func (t *turn) readBack(ctx context.Context) (string, error) {
	text := t.d.Data[noteText]
	name, err := t.communityName(ctx)
	if err != nil {
		return "", err
	}
	t.at(stepReadBack)
	reply := t.say("bot.readback", "text", shorten(text, shownText), "org", name)
	if n := utf8.RuneCountInString(text); n > shownText {
		reply = lines(reply, t.say("bot.readback.long", "has", n))
	}
	if n := len(t.pictures()); n > 0 {
		reply = lines(reply, t.say("bot.readback.photos", "n", n))
	}
	if where := t.d.Data[noteWhere]; where != "" {
		reply = lines(reply, t.say("bot.readback.where", "where", where))
	}
	return lines(reply, t.d.Data[noteTalk], t.help()), nil
}

// takeReadBack raises the matter on a yes; more words go on telling it.
func (t *turn) takeReadBack(ctx context.Context) (string, error) {
	switch {
	case t.words.hears("confirm", t.said):
		return t.raiseNow(ctx)
	case t.words.hears("rewrite", t.said):
		return t.rewrite(), nil
	case utf8.RuneCountInString(bare(t.said)) >= minMore:
		return t.goOn(ctx)
	}
	return t.again(), nil
}

func (t *turn) raiseNow(ctx context.Context) (string, error) {
	raised, err := t.forum.RaiseTopic(ctx, t.deed("raise"), models.NewTopic{
		OrgID: t.id(noteOrg), Text: t.d.Data[noteText], Place: t.d.Data[noteWhere], Media: t.pictures(),
	})
	if err != nil {
		return "", err
	}
	view, err := t.forum.TopicByReceipt(ctx, t.who, raised.Topic.Receipt)
	if err != nil {
		return "", err
	}
	guest, unseen := t.d.Data[noteBind] != "", len(t.pictures()) == 0
	t.call = first(raised.Call, t.call)
	t.end()
	t.noteID(noteRaised, raised.Topic.ID)
	reply := t.say("bot.raised", "receipt", spoken(raised.Topic.Receipt), "holder", view.Holder, "due", raised.Topic.DueAt)
	if unseen {
		reply = lines(reply, t.say("bot.raised.bare"))
	}
	if guest {
		reply = lines(reply, t.say("bot.raised.guest"))
	}
	return reply, nil
}
