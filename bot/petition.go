package bot

import (
	"context"
	"strconv"

	"yishi/models"
	"yishi/models/rules"
)

// petitions shows what is signed in the communities of a person, with how far it
// has come. It names nobody.
func (t *turn) petitions(ctx context.Context) (string, error) {
	t.end()
	me, err := t.forum.Me(ctx, t.who)
	if err != nil {
		return "", err
	}
	homes := home(me)
	if len(homes) == 0 { // told how to become known
		return "", rules.Refuse(rules.Forbidden, "deed.forbidden")
	}
	var options []option
	for _, org := range homes {
		all, err := t.forum.Petitions(ctx, t.who, org)
		if err != nil {
			return "", err
		}
		for _, p := range all {
			if p.State == rules.PetitionOpen {
				options = append(options, t.petition(p))
			}
		}
	}
	if len(options) == 0 {
		return t.say("bot.petition.none"), nil
	}
	t.at(stepPetition)
	return lines(t.say("bot.petition.menu"), t.offer(options), t.help()), nil
}

func (t *turn) petition(p models.PetitionView) option {
	key := "bot.petition.one"
	if p.Signed {
		key = "bot.petition.yours"
	}
	return option{strconv.FormatInt(p.ID, 10), t.say(key, "purpose", p.Purpose, "kind", string(p.Kind), "signers", p.Count.Signers, "need", p.Count.Need)}
}

// takePetition signs the petition that was picked.
func (t *turn) takePetition(ctx context.Context) (string, error) {
	id := t.pickedID()
	if id == 0 {
		return t.again(), nil
	}
	t.end()
	p, err := t.forum.SignPetition(ctx, t.deed("petition"), id)
	if err != nil {
		return "", err
	}
	if p.State == rules.PetitionMet {
		return t.say("bot.petition.met", "purpose", p.Purpose, "signers", p.Count.Signers, "until", p.DueAt), nil
	}
	return t.say("bot.petition.signed", "purpose", p.Purpose, "signers", p.Count.Signers, "need", p.Count.Need), nil
}
