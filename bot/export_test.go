package bot

// Cut is how an answer is cut.
func (b *Bot) Cut(reply string) string { return b.cut(reply) }

// CheckDeeds is what a start checks.
var CheckDeeds = checkDeeds

// Command is the command that is found in what was typed, and the rest of it.
func (b *Bot) Command(said string) (name, rest string) { return b.command(said) }

// Spell and Initials are how a word is compared with what sounds like it.
var (
	Spell    = spell
	Initials = initials
)
