package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"yishi/models"
	"yishi/models/rules"
)

// join lets a shop join a street alliance: its name, its credit code, its place.
func (t *turn) join(ctx context.Context) (string, error) {
	t.end()
	rows, err := t.alliances(ctx)
	if err != nil {
		return "", err
	}
	switch len(rows) {
	case 0:
		return t.say("bot.join.none"), nil
	case 1:
		return t.askShop(rows[0].ID, rows[0].Name), nil
	}
	options := make([]option, len(rows))
	for i, a := range rows {
		options[i] = option{strconv.FormatInt(a.ID, 10), a.Name}
	}
	t.at(stepAlliance)
	return lines(t.say("bot.join.which"), t.offer(options), t.help()), nil
}

// alliances returns those of one's own street, or all when there is none.
func (t *turn) alliances(ctx context.Context) ([]models.Alliance, error) {
	me, err := t.forum.Me(ctx, t.who)
	if err != nil {
		return nil, err
	}
	orgs, err := t.forum.Orgs(ctx, t.who)
	if err != nil {
		return nil, err
	}
	homes := home(me)
	for _, o := range orgs {
		if !slices.Contains(homes, o.ID) {
			continue
		}
		rows, err := t.forum.Alliances(ctx, t.who, o.ParentID)
		if err != nil || len(rows) > 0 {
			return rows, err
		}
	}
	return t.allAlliances(ctx, orgs)
}

func (t *turn) allAlliances(ctx context.Context, orgs []models.Org) ([]models.Alliance, error) {
	var all []models.Alliance
	for _, o := range orgs {
		if o.ParentID != 0 {
			continue
		}
		rows, err := t.forum.Alliances(ctx, t.who, o.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

func (t *turn) takeAlliance(ctx context.Context) (string, error) {
	rows, err := t.alliances(ctx)
	if err != nil {
		return "", err
	}
	for _, a := range rows {
		if a.ID == t.pickedID() {
			return t.askShop(a.ID, a.Name), nil
		}
	}
	return t.again(), nil
}

func (t *turn) askShop(id int64, name string) string {
	t.noteID(noteAlliance, id)
	t.at(stepShop)
	return t.say("bot.join", "name", name)
}

func (t *turn) takeShop(context.Context) (string, error) {
	name, err := rules.CheckText("name", t.said, rules.MaxName)
	if err != nil {
		return "", err
	}
	t.note(noteShop, name)
	t.at(stepCredit)
	return t.help(), nil
}

func (t *turn) takeCredit(context.Context) (string, error) {
	code, err := rules.CheckCreditCode(strings.Join(strings.Fields(fold(t.said)), ""))
	if err != nil {
		return "", err
	}
	t.note(noteCode, code)
	t.at(stepSite)
	return t.help(), nil
}

func (t *turn) takeSite(context.Context) (string, error) { return t.again(), nil }

// joinHere joins with the position that was sent.
func (t *turn) joinHere(ctx context.Context) (string, error) {
	member, err := t.forum.JoinAlliance(ctx, t.deed("join"), models.NewMember{
		AllianceID: t.id(noteAlliance), Kind: models.MemberMerchant, Name: t.d.Data[noteShop],
		CreditCode: t.d.Data[noteCode], Lat: t.event.Lat, Lng: t.event.Lng,
	})
	t.end()
	if err != nil {
		return "", err
	}
	return t.say("bot.joined", "name", member.Name), nil
}
