package bot

import (
	"context"
	"strconv"
	"strings"

	"yishi/models"
	"yishi/models/rules"
)

// vote shows the polls on whose roll the person stands; a single one at once.
func (t *turn) vote(ctx context.Context) (string, error) {
	t.end()
	polls, err := t.forum.MyPolls(ctx, t.who)
	if err != nil {
		return "", err
	}
	switch len(polls) {
	case 0:
		return t.say("bot.vote.none"), nil
	case 1:
		return t.question(ctx, &polls[0])
	}
	options := make([]option, len(polls))
	for i, p := range polls {
		label := shorten(p.Question, 40)
		switch {
		case len(p.Mine) == 0 || len(p.Mine) < len(p.Units):
		case len(p.Mine) == 1:
			label = t.say("bot.vote.voted", "question", label, "choice", t.saying(askOf(&p), p.Mine[0].Choice))
		default:
			label = t.say("bot.vote.all", "question", label)
		}
		options[i] = option{strconv.FormatInt(p.ID, 10), label}
	}
	t.at(stepPoll)
	return lines(t.say("bot.vote.menu"), t.offer(options), t.help()), nil
}

func (t *turn) takePoll(ctx context.Context) (string, error) {
	id := t.pickedID()
	if id == 0 {
		return t.again(), nil
	}
	p, err := t.forum.Poll(ctx, t.who, id)
	if err != nil {
		return "", err
	}
	return t.question(ctx, p)
}

// question puts a poll: what is asked, by which rule, and how to answer.
func (t *turn) question(ctx context.Context, p *models.PollView) (string, error) {
	if p.Secret != nil {
		return t.booth(ctx, p)
	}
	t.noteID(notePoll, p.ID)
	out := []string{t.say("bot.vote.question", "question", p.Question), t.say("bot.vote.rule", "pack", p.PackName, "rule", t.text.Say(p.Need()), "law", p.Law, "article", p.Article)}
	if !p.Binding {
		out = append(out, t.say("bot.vote.opinion"))
	}
	if p.ClosesAt != nil {
		out = append(out, t.say("bot.vote.until", "at", p.ClosesAt))
	} else {
		out = append(out, t.say("bot.vote.chair"))
	}
	for _, b := range p.Mine {
		t.note(noteHad+b.Unit, string(b.Choice))
	}
	t.noteAsk(askOf(p))
	if len(p.Mine) == 1 && len(p.Units) == 1 {
		out = append(out, t.say("bot.vote.had", "choice", t.saying(t.ask(), p.Mine[0].Choice)))
	}
	t.at(stepChoice)
	if p.Method != rules.MethodYesNo {
		t.at(stepMark)
	}
	return lines(append(out, t.help())...), nil
}

// booth declines a secret ballot, which chat would tell, and links to the page
// that takes it, and the share of who keeps one.
func (t *turn) booth(ctx context.Context, p *models.PollView) (string, error) {
	t.end()
	link, err := t.link(ctx, "/ballot/?poll="+strconv.FormatInt(p.ID, 10))
	if err != nil {
		return "", err
	}
	switch {
	case p.Secret.Share == models.ShareHere:
		return t.say("bot.vote.share", "question", p.Question, "link", link), nil
	case p.Secret.Share == models.ShareKept && p.State == rules.PollCounting:
		return t.say("bot.vote.unseal", "question", p.Question, "link", link), nil
	}
	return t.say("bot.vote.secret", "question", p.Question, "link", link), nil
}

// takeChoice casts the ballot.
func (t *turn) takeChoice(ctx context.Context) (string, error) {
	for _, c := range rules.Choices {
		if t.words.is(string(c), t.said) {
			return t.cast(ctx, "", c)
		}
	}
	return t.again(), nil
}

// cast casts a ballot and keeps the reply together with it. Who votes for several
// units is asked for which.
func (t *turn) cast(ctx context.Context, unit string, c rules.Choice) (string, error) {
	var in models.Inbox
	err := t.forum.CastBallotByChat(ctx, t.deed("ballot"), t.id(notePoll), unit, c, func(ballot *models.Ballot) (models.Dialogue, models.Inbox) {
		after := turn{d: t.d}
		after.end()
		in = t.in
		in.Reply = t.cut(t.voted(ballot))
		return after.d, in
	})
	if r, ok := rules.AsRefusal(err); ok {
		if units, ok := r.Params["units"].([]string); ok {
			return t.askUnit(ctx, units, c)
		}
		t.end()
	}
	if err != nil {
		return "", err
	}
	t.in, t.in.Heard = in, true
	return t.in.Reply, nil
}

// voted tells of a ballot.
func (t *turn) voted(ballot *models.Ballot) string {
	ask, had := t.ask(), rules.Choice(t.d.Data[noteHad+ballot.Unit])
	reply := t.say("bot.voted", "choice", t.saying(ask, ballot.Choice), "receipt", ballot.Receipt)
	if had != "" {
		reply = lines(reply, t.say("bot.voted.again", "had", t.saying(ask, had)))
	}
	if ballot.Area == 0 { // a weighted ballot is on a board that is not for everybody
		reply = lines(reply, t.say("bot.voted.check", "link", t.board(ballot.PollID)))
	}
	if t.unitsLeft(ballot.Unit) {
		reply = lines(reply, t.say("bot.voted.units"))
	}
	return reply
}

// board is the page on which anybody may check a poll.
func (t *turn) board(poll int64) string {
	return t.page + "/board/?poll=" + strconv.FormatInt(poll, 10)
}

// unitsLeft reports whether the person speaks for another unit that has not
// voted.
func (t *turn) unitsLeft(but string) bool {
	if t.d.Step != stepUnit {
		return false
	}
	for _, unit := range t.offered() {
		if unit != but && t.d.Data[noteHad+unit] == "" {
			return true
		}
	}
	return false
}

func (t *turn) askUnit(ctx context.Context, units []string, c rules.Choice) (string, error) {
	me, err := t.forum.Me(ctx, t.who)
	if err != nil {
		return "", err
	}
	options := make([]option, len(units))
	for i, u := range units {
		label := t.unitName(me, u, i+1)
		if had := rules.Choice(t.d.Data[noteHad+u]); had != "" {
			label = t.say("bot.vote.voted", "question", label, "choice", t.saying(t.ask(), had))
		}
		options[i] = option{u, label}
	}
	t.note(noteChoice, string(c))
	t.at(stepUnit)
	return lines(t.say("bot.vote.unit", "choice", t.saying(t.ask(), c)), t.offer(options), t.help()), nil
}

// unitName is what people call a unit: a shop by its name, a home by its place
// among those that the person speaks for.
func (t *turn) unitName(me *models.Me, unit string, n int) string {
	for _, m := range me.Members {
		if unit == "m"+strconv.FormatInt(m.ID, 10) {
			return m.Name
		}
	}
	if strings.HasPrefix(unit, "h") {
		return t.say("bot.unit.home", "n", n)
	}
	return t.say("bot.unit.self")
}

func (t *turn) takeUnit(ctx context.Context) (string, error) {
	unit := t.picked()
	if unit == "" {
		return t.again(), nil
	}
	return t.cast(ctx, unit, rules.Choice(t.d.Data[noteChoice]))
}
