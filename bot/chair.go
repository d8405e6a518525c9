package bot

import (
	"context"
	"strconv"
	"time"

	"yishi/models"
	"yishi/models/rules"
)

// shownSessions is how many sessions of today are listed.
const shownSessions = 9

// chair lists the sessions of today that can be led from here.
func (t *turn) chair(ctx context.Context) (string, error) {
	t.end()
	org, _, err := t.office(ctx)
	if err != nil {
		return "", err
	}
	now := t.forum.Now()
	page, err := t.forum.Sessions(ctx, t.who, org, now.Add(-12*time.Hour), 0, shownSessions)
	if err != nil {
		return "", err
	}
	var options []option
	for _, s := range page.Items {
		if s.State == models.SessionOpen || s.State == models.SessionAnnounced && s.StartsAt.Before(now.Add(12*time.Hour)) {
			options = append(options, option{strconv.FormatInt(s.ID, 10), t.say("bot.chair.one", "title", shorten(s.Title, 20), "at", s.StartsAt)})
		}
	}
	switch len(options) {
	case 0:
		return t.say("bot.chair.none"), nil
	case 1:
		t.offer(options)
		t.said = "1"
		return t.takeMeeting(ctx)
	}
	t.at(stepMeeting)
	return lines(t.offer(options), t.help()), nil
}

func (t *turn) takeMeeting(ctx context.Context) (string, error) {
	if t.pickedID() == 0 {
		return t.again(), nil
	}
	t.noteID(noteSession, t.pickedID())
	return t.lead(ctx)
}

// lead says how a session stands and what can be done.
func (t *turn) lead(ctx context.Context) (string, error) {
	s, err := t.forum.Session(ctx, t.who, t.id(noteSession))
	if err != nil {
		return "", err
	}
	said := t.say("bot.chair", "title", s.Title, "present", s.Present, "due", s.Due)
	if s.State != models.SessionOpen {
		t.at(stepBegin)
		return lines(said, t.help()), nil
	}
	for i := range s.Polls {
		if p := &s.Polls[i]; p.State == rules.PollOpen {
			said = lines(said, t.say("bot.chair.poll", "question", p.Question, "cast", p.Cast))
		}
	}
	t.at(stepChair)
	return lines(said, t.help()), nil
}

func (t *turn) takeBegin(ctx context.Context) (string, error) {
	if !t.words.hears("confirm", t.said) {
		return t.again(), nil
	}
	if _, err := t.forum.OpenSession(ctx, t.deed("open"), t.id(noteSession)); err != nil {
		return "", err
	}
	reply, err := t.lead(ctx)
	return lines(t.say("bot.chair.opened"), reply), err
}

// The steps of an open session, by their numbers in the sentence of the step.
const (
	leadCode = 1 + iota
	leadPoll
	leadClose
	leadAdjourn
	leadEnd
)

func (t *turn) takeChair(ctx context.Context) (string, error) {
	n, _ := t.words.number(t.said)
	switch n {
	case leadCode:
		code, err := t.forum.SessionCode(ctx, t.who, t.id(noteSession))
		if err != nil {
			return "", err
		}
		return lines(t.say("bot.chair.code", "code", code.Code), t.help()), nil
	case leadPoll:
		return t.askAgenda(ctx)
	case leadClose:
		return t.askClosing(ctx)
	case leadAdjourn:
		t.at(stepAdjourn)
		return t.help(), nil
	case leadEnd:
		t.at(stepEnd)
		return t.help(), nil
	}
	return t.again(), nil
}

// askAgenda offers the matters that can be voted on.
func (t *turn) askAgenda(ctx context.Context) (string, error) {
	s, err := t.forum.Session(ctx, t.who, t.id(noteSession))
	if err != nil {
		return "", err
	}
	var options []option
	for i := range s.Topics {
		if v := &s.Topics[i]; v.State == rules.TopicMeeting {
			options = append(options, option{strconv.FormatInt(v.ID, 10), shorten(v.Title, 30)})
		}
	}
	if len(options) == 0 {
		return lines(t.say("bot.chair.agenda.none"), t.help()), nil
	}
	t.at(stepAgenda)
	return lines(t.offer(options), t.help()), nil
}

func (t *turn) takeAgenda(context.Context) (string, error) {
	if t.pickedID() == 0 {
		return t.again(), nil
	}
	t.noteID(noteTopic, t.pickedID())
	t.at(stepQuestion)
	return t.help(), nil
}

// takeQuestion takes what is asked, to be answered with yes, no or neither.
func (t *turn) takeQuestion(context.Context) (string, error) {
	question, err := rules.CheckText("question", t.said, rules.MaxQuestion)
	if err != nil {
		return "", err
	}
	t.note(noteText, question)
	t.at(stepProof)
	return lines(t.say("bot.question", "question", question), t.help()), nil
}

// takeProof opens the poll on a code that shows who asks for it.
func (t *turn) takeProof(ctx context.Context) (string, error) {
	who, shown := t.showing("poll")
	if !shown {
		return t.again(), nil
	}
	p, err := t.forum.OpenPoll(ctx, who, models.NewPoll{SessionID: t.id(noteSession), TopicID: t.id(noteTopic), Question: t.d.Data[noteText]})
	if err != nil {
		return "", err
	}
	reply, err := t.lead(ctx)
	return lines(t.say("bot.chair.asks", "question", p.Question), reply), err
}

// showing is the actor of a deed with the code that was typed.
func (t *turn) showing(deed string) (models.Actor, bool) {
	who := t.deed(deed)
	who.Code = figures(t.said)
	return who, len(who.Code) == proofDigits
}

// proofDigits is how many digits a one-time code has.
const proofDigits = 6

// askClosing offers the polls that can be closed, one at once.
func (t *turn) askClosing(ctx context.Context) (string, error) {
	s, err := t.forum.Session(ctx, t.who, t.id(noteSession))
	if err != nil {
		return "", err
	}
	var options []option
	for i := range s.Polls {
		if p := &s.Polls[i]; p.State == rules.PollOpen {
			options = append(options, option{strconv.FormatInt(p.ID, 10), t.say("bot.chair.poll", "question", p.Question, "cast", p.Cast)})
		}
	}
	switch len(options) {
	case 0:
		return lines(t.say("bot.chair.polls.none"), t.help()), nil
	case 1:
		t.note(notePoll, options[0].id)
		t.at(stepClosing)
		return lines(options[0].label, t.help()), nil
	}
	t.at(stepOpenPoll)
	return lines(t.offer(options), t.help()), nil
}

func (t *turn) takeOpenPoll(context.Context) (string, error) {
	if t.pickedID() == 0 {
		return t.again(), nil
	}
	t.noteID(notePoll, t.pickedID())
	t.at(stepClosing)
	return t.help(), nil
}

// takeClosing closes the poll on a code, and tells the verdict.
func (t *turn) takeClosing(ctx context.Context) (string, error) {
	who, shown := t.showing("close")
	if !shown {
		return t.again(), nil
	}
	p, err := t.forum.ClosePoll(ctx, who, t.id(notePoll))
	if err != nil {
		return "", err
	}
	reply, err := t.lead(ctx)
	if p.Verdict == nil {
		return lines(t.say("bot.chair.closed", "question", p.Question), reply), err
	}
	return lines(t.outcome(p), reply), err
}

func (t *turn) takeAdjourn(ctx context.Context) (string, error) {
	if _, err := t.forum.AdjournSession(ctx, t.deed("adjourn"), t.id(noteSession), t.said); err != nil {
		return "", err
	}
	t.end()
	return t.say("bot.chair.adjourned"), nil
}

func (t *turn) takeEnd(ctx context.Context) (string, error) {
	if !t.words.hears("confirm", t.said) {
		return t.again(), nil
	}
	if _, err := t.forum.CloseSession(ctx, t.deed("end"), t.id(noteSession)); err != nil {
		return "", err
	}
	t.end()
	return t.say("bot.chair.ended"), nil
}
