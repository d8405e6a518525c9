package bot

// Cut is how an answer is cut.
func (b *Bot) Cut(reply string) string { return b.cut(reply) }

// CheckDeeds is what a start checks.
var CheckDeeds = checkDeeds
