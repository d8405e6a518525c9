package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"yishi/models"
	"yishi/models/rules"
)

// home returns the ids of the communities in which the person is known.
func home(me *models.Me) []int64 {
	var ids []int64
	for _, c := range me.Capacities {
		if c.State != models.CapacityRefused && !slices.Contains(ids, c.OrgID) {
			ids = append(ids, c.OrgID)
		}
	}
	return ids
}

// communityName is the name of the community that a matter goes to.
func (t *turn) communityName(ctx context.Context) (string, error) {
	id := t.id(noteOrg)
	if id == 0 {
		me, err := t.forum.Me(ctx, t.who)
		if err != nil {
			return "", err
		}
		if ids := home(me); len(ids) > 0 {
			id = ids[0]
		}
	}
	orgs, err := t.forum.Orgs(ctx, t.who)
	return nameOf(orgs, id), err
}

func nameOf(orgs []models.Org, id int64) string {
	for _, o := range orgs {
		if o.ID == id {
			return o.Name
		}
	}
	return ""
}

// shownOrgs is how many communities are listed; among more, people type a name.
const shownOrgs = 15

// askCommunity asks which community a matter belongs to. Somebody who is known
// nowhere says with it where they live.
func (t *turn) askCommunity(ctx context.Context, text string) (string, error) {
	options, known, err := t.communities(ctx)
	if err != nil {
		return "", err
	}
	t.end(noteTalk, notePhotos, noteWhere)
	t.keepMatter(text)
	if !known {
		t.note(noteBind, "asked")
	}
	t.at(stepCommunity)
	ask := "bot.community"
	if !known {
		ask = "bot.community.home"
	}
	if len(options) > shownOrgs {
		return lines(t.say(ask), t.say("bot.community.many")), nil
	}
	return lines(t.say(ask), t.offer(options), t.help()), nil
}

// communities returns those that the person may mean, and whether they are
// known there: where they live, else where they trade, else all.
func (t *turn) communities(ctx context.Context) (options []option, known bool, err error) {
	me, err := t.forum.Me(ctx, t.who)
	if err != nil {
		return nil, false, err
	}
	orgs, err := t.forum.Orgs(ctx, t.who)
	if err != nil {
		return nil, false, err
	}
	homes := home(me)
	streets, err := t.trades(ctx, me, orgs)
	if err != nil {
		return nil, false, err
	}
	for _, o := range orgs {
		switch {
		case o.Kind != models.OrgCommunity,
			len(homes) > 0 && !slices.Contains(homes, o.ID),
			len(homes) == 0 && len(streets) > 0 && !below(o, streets):
			continue
		}
		options = append(options, option{strconv.FormatInt(o.ID, 10), o.Name})
	}
	return options, len(homes)+len(streets) > 0, nil
}

// trades returns the paths of the orgs in whose alliances the person is.
func (t *turn) trades(ctx context.Context, me *models.Me, orgs []models.Org) ([]string, error) {
	var paths []string
	for _, m := range me.Members {
		if m.State != models.MemberConfirmed {
			continue
		}
		all, err := t.allAlliances(ctx, orgs)
		if err != nil {
			return nil, err
		}
		for _, a := range all {
			for _, o := range orgs {
				if a.ID == m.AllianceID && o.ID == a.OrgID {
					paths = append(paths, o.Path)
				}
			}
		}
	}
	return paths, nil
}

func below(o models.Org, paths []string) bool {
	for _, p := range paths {
		if strings.HasPrefix(o.Path, p) {
			return true
		}
	}
	return false
}

// takeCommunity takes the number or the name of a community.
func (t *turn) takeCommunity(ctx context.Context) (string, error) {
	options, _, err := t.communities(ctx)
	if err != nil {
		return "", err
	}
	id := t.pickedID()
	if id == 0 {
		named := namedLike(options, t.said)
		switch {
		case len(named) == 1:
			id, _ = strconv.ParseInt(named[0].id, 10, 64)
		case len(named) > 1 && len(named) <= shownOrgs:
			return lines(t.say("bot.community.several"), t.offer(named), t.help()), nil
		}
	}
	if id == 0 {
		return t.again(), nil
	}
	t.noteID(noteOrg, id)
	if t.d.Data[noteBind] != "" {
		t.at(stepHousehold)
		return t.say("bot.household"), nil
	}
	return t.propose(ctx, t.d.Data[noteText])
}

func namedLike(options []option, said string) []option {
	var out []option
	for _, o := range options {
		if strings.Contains(fold(o.label), bare(said)) && len([]rune(bare(said))) > 1 {
			out = append(out, o)
		}
	}
	return out
}

// takeHousehold takes the number of a home, or none, and makes the person known
// in the community.
func (t *turn) takeHousehold(ctx context.Context) (string, error) {
	numbers := []string{""}
	if !t.words.hears("skip", t.said) {
		numbers = homeNumbers(t.said)
	}
	var err error
	for i, number := range numbers {
		_, err = t.forum.BindCapacity(ctx, t.deed("bind"+strconv.Itoa(i)), t.id(noteOrg), models.CapacityResident, number)
		if r, ok := rules.AsRefusal(err); !ok || r.Code != "household.unknown" {
			break
		}
	}
	if r, ok := rules.AsRefusal(err); ok && r.Code == "capacity.held" {
		err = nil // bound meanwhile, through another door
	}
	if err != nil {
		return "", err
	}
	name, err := t.communityName(ctx)
	if err != nil {
		return "", err
	}
	bound := t.say("bot.bound", "org", name)
	if t.d.Data[noteText] == "" {
		t.end()
		return lines(bound, t.say("bot.bound.next")), nil
	}
	reply, err := t.told(t.propose(ctx, t.d.Data[noteText]))
	return lines(bound, reply), err
}

// homeNumbers returns the ways to read the number of a home: as it was typed,
// and as its digits.
func homeNumbers(said string) []string {
	typed := bare(said)
	groups := strings.FieldsFunc(typed, func(r rune) bool { return r < '0' || r > '9' })
	if short := strings.Join(groups, "-"); short != "" && short != typed {
		return []string{typed, short}
	}
	return []string{typed}
}

// register makes somebody known in a community who is known nowhere.
func (t *turn) register(ctx context.Context) (string, error) {
	me, err := t.forum.Me(ctx, t.who)
	if err != nil {
		return "", err
	}
	if len(home(me)) > 0 {
		t.end()
		known, err := t.knownIn(ctx, me)
		return lines(t.say("bot.registered"), known, t.say("bot.registered.next")), err
	}
	reply, err := t.askCommunity(ctx, "")
	t.note(noteBind, "asked")
	return reply, err
}
