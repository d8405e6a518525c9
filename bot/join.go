package bot

import (
	"context"

	"yishi/models/rules"
)

// tie tells a code for the person's other account, or takes the one that was told
// there.
func (t *turn) tie(ctx context.Context, rest string) (string, error) {
	t.end()
	if rest == "" {
		code, err := t.forum.MakeTie(ctx, t.deed("told"))
		if err != nil {
			return "", err
		}
		half := rules.TieDigits / 2
		return t.say("bot.tie.told", "code", code.Code[:half]+" "+code.Code[half:]), nil
	}
	if figures(rest) == "" {
		return t.say("bot.tie.how"), nil
	}
	joined, err := t.forum.UseTie(ctx, t.deed("tie"), rest)
	if err != nil {
		return "", err
	}
	if joined.Name == "" {
		return t.say("bot.tied.nameless"), nil
	}
	return t.say("bot.tied", "name", joined.Name), nil
}
