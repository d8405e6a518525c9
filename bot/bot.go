// Package bot is the chat door of the forum: it turns what a follower of the
// official account types, scans or sends into the same deeds that the other
// doors perform, and their answers into sentences. It holds no rule; the words
// that it understands and says are in the locale.
package bot

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"yishi/configs/locale"
	"yishi/models"
	"yishi/models/rules"
	"yishi/wechat"
)

// Bot answers messages.
type Bot struct {
	forum    *models.Forum
	page     string // where the pages of the forum are found
	text     locale.Catalog
	words    lexicon
	commands map[string]command
	steps    map[string]step
}

// New returns a bot for a forum whose pages are found at an address. It refuses to be built with a command or a step
// whose deed the table of permissions does not know.
func New(forum *models.Forum, text locale.Catalog, page string) (*Bot, error) {
	b := &Bot{forum: forum, page: page, text: text, words: readLexicon(text), commands: commands(), steps: steps()}
	return b, checkDeeds(b.Ways())
}

// Answer does what an event asks for and returns what to say to it. An error is
// a fault: nothing is said, so that WeChat delivers the event again. An event
// that is delivered again gets the same answer and does nothing twice.
func (b *Bot) Answer(ctx context.Context, e wechat.Event) (string, error) {
	if e.Kind == wechat.KindUnsubscribe || e.Kind == wechat.KindOther {
		return "", nil
	}
	id := models.Identity{AppID: e.AppID, OpenID: e.OpenID}
	var reply string
	var err error
	for range overtaken {
		err = b.forum.Jointly(ctx, func(ctx context.Context) error {
			who, err := b.forum.RecognizeChat(ctx, id)
			if err != nil {
				return err
			}
			reply, err = b.reply(ctx, who, id, e)
			return err
		})
		if err == nil {
			return reply, nil
		}
		if !errors.Is(err, models.ErrTurn) {
			break
		}
	}
	return "", err
}

// overtaken is how often an event is taken anew where others of the same person are
// answered meanwhile; then WeChat has to bring it again.
const overtaken = 5

// reply answers an event from where the dialogue stands now.
func (b *Bot) reply(ctx context.Context, who models.Actor, id models.Identity, e wechat.Event) (string, error) {
	d, in, err := b.forum.Hear(ctx, id, e.MsgID)
	if err != nil || in.Heard {
		return in.Reply, err
	}
	in.Wrote = e.Kind.Message()
	t := &turn{Bot: b, who: who, event: e, said: rules.Clean(e.Text), d: d, in: in}
	reply, err := t.told(t.answer(ctx))
	if err != nil || t.in.Heard {
		return t.in.Reply, err
	}
	if t.d.Step == "" {
		t.d.Step = stepIdle
	}
	t.in.Reply = b.cut(reply)
	return t.in.Reply, b.forum.Replied(ctx, who, t.d, t.in, stepIdle)
}

// answer finds out what an event asks for.
func (t *turn) answer(ctx context.Context) (string, error) {
	switch t.event.Kind {
	case wechat.KindText:
		return t.answerText(ctx)
	case wechat.KindClick:
		return t.answerClick(ctx)
	case wechat.KindLocation:
		return t.answerLocation(ctx)
	case wechat.KindScan:
		return t.scan(ctx)
	case wechat.KindSubscribe:
		return t.welcome(ctx)
	case wechat.KindImage:
		return t.image(ctx)
	case wechat.KindVoice:
		return t.voice(ctx)
	case wechat.KindUnsubscribe, wechat.KindOther:
	}
	return "", nil
}

// voice answers what was spoken, where WeChat wrote it down, and says what it heard.
func (t *turn) voice(ctx context.Context) (string, error) {
	if t.said == "" {
		return t.say("bot.voice"), nil
	}
	reply, err := t.answerText(ctx)
	if t.call != "" { // nothing stands before the number to call
		return reply, err
	}
	return lines(t.say("bot.heard", "said", shorten(t.said, 40)), reply), err
}

// answerText answers what was typed. Danger to life comes before everything: the
// number to call is the first line, whatever else the answer is.
func (t *turn) answerText(ctx context.Context) (string, error) {
	if t.said == "" {
		return t.say("bot.empty"), nil
	}
	var err error
	if t.call, err = t.forum.Alarm(ctx, t.said); err != nil {
		return "", err
	}
	reply, err := t.told(t.follow(ctx))
	if err != nil {
		return "", err
	}
	call := t.call
	if call == "" && t.steps[t.d.Step].take != nil {
		call = t.d.Data[noteCall] // of the matter under way
	}
	if call != "" {
		reply = lines(t.say("bot.call", "number", call), reply)
	}
	return reply, nil
}

// follow obeys a command, else hands what was typed to the step under way.
func (t *turn) follow(ctx context.Context) (string, error) {
	s := t.steps[t.d.Step]
	name, rest := t.command(t.said)
	if name != "" && (rest == "" || !s.free || s.own == name) {
		return t.obey(ctx, name, rest)
	}
	if s.take != nil {
		return s.take(t, ctx)
	}
	return t.idle(ctx)
}

// obey runs a command. Whatever was under way is dropped, and that is said.
func (t *turn) obey(ctx context.Context, name, rest string) (string, error) {
	s, c := t.steps[t.d.Step], t.commands[name]
	if s.take == nil || s.soft || c.within || s.own == name {
		return c.run(t, ctx, rest)
	}
	t.end()
	reply, err := t.told(c.run(t, ctx, rest))
	return lines(t.say("bot.dropped"), reply), err
}

// answerClick answers a button of the menu: its key is the name of a command, or
// a word that could be typed.
func (t *turn) answerClick(ctx context.Context) (string, error) {
	if _, ok := t.commands[t.event.Key]; ok {
		return t.obey(ctx, t.event.Key, "")
	}
	t.said = rules.Clean(t.event.Key)
	return t.answerText(ctx)
}

// maxReply is how many characters WeChat lets an answer have.
const maxReply = 600

// cut shortens an answer at the end of a line and says where the rest is.
func (b *Bot) cut(reply string) string {
	if utf8.RuneCountInString(reply) <= maxReply {
		return reply
	}
	more := "\n" + b.text.Say("bot.more", nil)
	kept := string([]rune(reply)[:maxReply-utf8.RuneCountInString(more)])
	if i := strings.LastIndexByte(kept, '\n'); i > len(kept)/2 {
		kept = kept[:i]
	}
	return kept + more
}
