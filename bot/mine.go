package bot

import (
	"context"
	"strings"

	"yishi/models"
)

// mine tells what the forum knows of a person and what waits for them.
func (t *turn) mine(ctx context.Context) (string, error) {
	t.end()
	me, err := t.forum.Me(ctx, t.who)
	if err != nil {
		return "", err
	}
	known, err := t.knownIn(ctx, me)
	if err != nil {
		return "", err
	}
	page, err := t.forum.MyTopics(ctx, t.who, 0, models.MaxPageSize)
	if err != nil {
		return "", err
	}
	polls, err := t.forum.MyPolls(ctx, t.who)
	if err != nil {
		return "", err
	}
	asked, err := t.asked(ctx)
	if err != nil {
		return "", err
	}
	name := t.say("bot.mine.nameless")
	if me.Person.Name != "" {
		name = t.say("bot.mine.name", "name", me.Person.Name)
	}
	topics := t.say("bot.mine.topics.none")
	if n := len(page.Items); n > 0 {
		topics = t.say("bot.mine.topics", "n", n)
	}
	votes := ""
	if len(polls) > 0 {
		votes = t.say("bot.mine.polls", "n", len(polls))
	}
	return lines(name, known, topics, votes, asked, t.say("bot.mine.app")), nil
}

// app links to the app, where whoever opens the link is known at once.
func (t *turn) app(ctx context.Context) (string, error) {
	t.end()
	link, err := t.link(ctx, "/app/")
	if err != nil {
		return "", err
	}
	return t.say("bot.app", "link", link), nil
}

// link leads to a page of the forum with a login of the person, which works once.
func (t *turn) link(ctx context.Context, page string) (string, error) {
	code, err := t.forum.LinkLogin(ctx, t.deed("link"))
	return t.page + page + "#" + code, err
}

// knownIn tells where a person is known, and whether that is confirmed.
func (t *turn) knownIn(ctx context.Context, me *models.Me) (string, error) {
	orgs, err := t.forum.Orgs(ctx, t.who)
	if err != nil {
		return "", err
	}
	var out []string
	for _, c := range me.Capacities {
		out = append(out, t.say("bot.mine.capacity", "org", nameOf(orgs, c.OrgID),
			"kind", string(c.Kind), "state", string(c.State)))
	}
	for _, m := range me.Members {
		out = append(out, t.say("bot.mine.member", "name", m.Name, "state", string(m.State)))
	}
	if len(out) == 0 {
		out = append(out, t.say("bot.mine.unknown"))
	}
	return lines(out...), nil
}

// introduce takes the name by which a person wants to be known.
func (t *turn) introduce(ctx context.Context, rest string) (string, error) {
	if rest == "" {
		return t.say("bot.name.how"), nil
	}
	if _, err := t.forum.Introduce(ctx, t.deed("name"), rest, ""); err != nil {
		return "", err
	}
	return t.say("bot.named", "name", rest), nil
}

// callStaff asks the staff of one's community to get in touch.
func (t *turn) callStaff(ctx context.Context) (string, error) {
	t.end()
	names, err := t.forum.CallStaff(ctx, t.deed("call"))
	if err != nil {
		return "", err
	}
	return t.say("bot.called", "orgs", strings.Join(names, t.say("bot.marked.and"))), nil
}
