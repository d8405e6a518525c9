package bot

import (
	"context"

	"yishi/models/rules"
)

// cosign joins a matter that somebody else raised. Who is refused may still
// raise the matter on their own.
func (t *turn) cosign(ctx context.Context, topicID int64) (string, error) {
	n, err := t.forum.CosignTopic(ctx, t.deed("cosign"), topicID)
	if r, ok := rules.AsRefusal(err); ok && t.d.Step == stepSimilar {
		return lines(t.text.Say(r.Code, r.Params), t.text[nextKey+r.Code], t.say("bot.similar.still")), nil
	}
	if err != nil {
		return "", err
	}
	view, err := t.forum.Topic(ctx, t.who, topicID)
	if err != nil {
		return "", err
	}
	t.end()
	return t.say("bot.cosigned", "title", view.Title, "n", n, "receipt", spoken(view.Receipt)), nil
}

// cosignReceipt joins the matter with a receipt number. While similar matters
// are offered, the number of the offer does as well.
func (t *turn) cosignReceipt(ctx context.Context, rest string) (string, error) {
	if t.d.Step == stepSimilar {
		if rest != "" {
			t.said = rest
		}
		return t.takeSimilar(ctx)
	}
	receipt, _ := cutReceipt(rest)
	if receipt == "" {
		return t.say("bot.cosign.how"), nil
	}
	view, err := t.forum.TopicByReceipt(ctx, t.who, receipt)
	if err != nil {
		return "", err
	}
	return t.cosign(ctx, view.ID)
}
