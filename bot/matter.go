package bot

import (
	"context"
	"strings"
	"unicode/utf8"

	"yishi/models"
	"yishi/models/rules"
)

// tells are the steps on the way to a matter: what is sent there belongs to it.
func (t *turn) tells() bool {
	switch t.d.Step {
	case stepTell, stepSimilar, stepReadBack:
		return true
	case stepCommunity, stepHousehold:
		return t.d.Data[noteText] != "" || t.d.Data[notePhotos] != ""
	}
	return false
}

// story is what was typed as a matter; of a talk that was copied from a group, what
// was said there and not who said it.
func (t *turn) story() string {
	talk, ok := rules.ReadTalk(t.said)
	if !ok {
		return t.said
	}
	t.note(noteTalk, t.say("bot.readback.talk", "n", talk.Speakers))
	return talk.Text()
}

// keepMatter notes the words of a matter that is not raised yet.
func (t *turn) keepMatter(text string) {
	t.note(noteText, text)
	if t.call != "" {
		t.note(noteCall, t.call)
	}
}

// How like what was said before a message is that says it anew, and how much shorter
// it may be; and how like one that adds nothing. Out of 1000.
const (
	anewAt    = 500
	anewLeast = 700
	nothingAt = 900
)

// minMore is how many characters there are in what is taken for more of a matter.
const minMore = 3

// joined is a matter that somebody goes on telling: the new words stand below the old
// ones, unless they say the same again, or better.
func joined(before, more string) string {
	was, is := utf8.RuneCountInString(before), utf8.RuneCountInString(more)
	like := rules.Alike(rules.Grams(before), rules.Grams(more))
	switch {
	case was < minStory, like >= anewAt && is*1000 >= was*anewLeast:
		return more
	case like >= nothingAt:
		return before
	}
	return before + "\n" + more
}

// goOn takes more words for a matter that was read back.
func (t *turn) goOn(ctx context.Context) (string, error) {
	text, err := rules.CheckText("text", joined(t.d.Data[noteText], t.story()), rules.MaxBody)
	if err != nil {
		return "", err
	}
	return t.propose(ctx, text)
}

// rewrite begins the words of a matter anew; its pictures and its place stay.
func (t *turn) rewrite() string {
	delete(t.d.Data, noteText)
	delete(t.d.Data, noteTalk)
	t.at(stepTell)
	return t.say("bot.rewrite")
}

// pictures are those of the matter under way, which WeChat holds.
func (t *turn) pictures() []string {
	if t.d.Data[notePhotos] == "" {
		return nil
	}
	return strings.Split(t.d.Data[notePhotos], ",")
}

// image takes a picture: for the matter under way, for the one that was raised just
// now, or as the beginning of one.
func (t *turn) image(ctx context.Context) (string, error) {
	switch {
	case t.tells():
		return t.addPicture(ctx)
	case t.steps[t.d.Step].take != nil && !t.steps[t.d.Step].soft:
		return lines(t.say("bot.image.busy"), t.help()), nil
	case t.id(noteRaised) != 0:
		return t.addToRaised(ctx)
	}
	t.end()
	t.at(stepTell)
	return t.addPicture(ctx)
}

func (t *turn) addPicture(ctx context.Context) (string, error) {
	all := t.pictures()
	if len(all) >= models.MaxPhotos {
		return "", rules.Refuse(rules.Conflict, "photo.many", "max", models.MaxPhotos)
	}
	t.note(notePhotos, strings.Join(append(all, t.event.MediaID), ","))
	return t.added(ctx, t.say("bot.image", "n", len(all)+1))
}

// added says what a matter under way has got, and what it waits for.
func (t *turn) added(ctx context.Context, what string) (string, error) {
	if t.d.Step == stepReadBack {
		reply, err := t.readBack(ctx)
		return lines(what, reply), err
	}
	return lines(what, t.help()), nil
}

// addToRaised adds a picture to the matter that was raised just now.
func (t *turn) addToRaised(ctx context.Context) (string, error) {
	if _, err := t.forum.AwaitPhoto(ctx, t.deed("photo"), t.id(noteRaised), t.event.MediaID); err != nil {
		return "", err
	}
	view, err := t.forum.Topic(ctx, t.who, t.id(noteRaised))
	if err != nil {
		return "", err
	}
	return t.say("bot.image.raised", "title", shorten(view.Title, 20), "receipt", spoken(view.Receipt)), nil
}

// addPlace takes a position for the matter under way: WeChat's words for it, else its
// coordinates.
func (t *turn) addPlace(ctx context.Context) (string, error) {
	where := shorten(rules.Clean(t.event.Text), rules.MaxTitle)
	if where == "" {
		where = t.say("bot.where", "lat", coordinate(t.event.Lat), "lng", coordinate(t.event.Lng))
	}
	t.note(noteWhere, where)
	return t.added(ctx, t.say("bot.location", "where", where))
}
