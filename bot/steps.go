package bot

import (
	"context"
	"unicode/utf8"

	"yishi/models/rules"
)

// The steps of dialogues: what the bot waits for.
const (
	stepIdle      = "idle"      // nothing, or a matter told in one sentence
	stepTell      = "tell"      // the sentence of a proposal
	stepCommunity = "community" // which community
	stepHousehold = "household" // the number of one's home
	stepSimilar   = "similar"   // whether a matter is the same as another
	stepReadBack  = "readback"  // a yes to what was read back
	stepProgress  = "progress"  // which of one's matters
	stepReason    = "reason"    // why a matter is not solved
	stepPoll      = "poll"      // which poll
	stepChoice    = "choice"    // yes, no or abstain
	stepUnit      = "unit"      // for which unit
	stepAlliance  = "alliance"  // which alliance
	stepShop      = "shop"      // the name of a shop
	stepCredit    = "credit"    // its credit code
	stepSite      = "site"      // where it is
)

// step is how an answer is taken. A free step takes any words, so a command is
// obeyed there only if it stands alone. A soft step waits for nobody: what it
// does not understand begins something new. Own is the command that belongs to
// the step.
type step struct {
	take       func(*turn, context.Context) (string, error)
	free, soft bool
	own        string
}

func steps() map[string]step {
	return map[string]step{
		stepTell:      {take: (*turn).tell, free: true, own: "raise"},
		stepCommunity: {take: (*turn).takeCommunity},
		stepHousehold: {take: (*turn).takeHousehold, free: true},
		stepSimilar:   {take: (*turn).takeSimilar, own: "cosign"},
		stepReadBack:  {take: (*turn).takeReadBack},
		stepProgress:  {take: (*turn).takeProgress, soft: true},
		stepReason:    {take: (*turn).takeReason, free: true},
		stepPoll:      {take: (*turn).takePoll},
		stepChoice:    {take: (*turn).takeChoice},
		stepUnit:      {take: (*turn).takeUnit},
		stepAlliance:  {take: (*turn).takeAlliance},
		stepShop:      {take: (*turn).takeShop, free: true},
		stepCredit:    {take: (*turn).takeCredit},
		stepSite:      {take: (*turn).takeSite},
	}
}

// command is what a word does. Rest says whether words may follow it. One within
// a dialogue leaves what is under way alone.
type command struct {
	run    func(t *turn, ctx context.Context, rest string) (string, error)
	rest   func(after string) bool
	within bool
}

// alone makes a command of what takes no further words.
func alone(run func(*turn, context.Context) (string, error)) command {
	return command{run: func(t *turn, ctx context.Context, _ string) (string, error) { return run(t, ctx) }}
}

func commands() map[string]command {
	help, cancel := alone((*turn).askHelp), alone((*turn).cancel)
	help.within, cancel.within = true, true
	return map[string]command{
		"raise":    {run: (*turn).raise, rest: closely},
		"progress": {run: (*turn).progress, rest: numbered},
		"cosign":   {run: (*turn).cosignReceipt, rest: numbered},
		"solved":   {run: (*turn).solved, rest: numbered},
		"unsolved": {run: (*turn).unsolved, rest: numbered},
		"supply":   {run: (*turn).supply, rest: numbered},
		"name":     {run: (*turn).introduce, rest: briefly},
		"vote":     alone((*turn).vote),
		"near":     alone((*turn).near),
		"mine":     alone((*turn).mine),
		"register": alone((*turn).register),
		"join":     alone((*turn).join),
		"help":     help,
		"cancel":   cancel,
	}
}

// stepKey begins the key of the sentence that says what a step waits for.
const stepKey = "bot.step."

// help says what the step under way waits for, or what the bot can do.
func (t *turn) help() string {
	if t.steps[t.d.Step].take == nil {
		return t.say("bot.help")
	}
	return t.say(stepKey + t.d.Step)
}

func (t *turn) askHelp(context.Context) (string, error) { return t.help(), nil }

func (t *turn) cancel(context.Context) (string, error) {
	busy := t.steps[t.d.Step].take != nil
	t.end()
	if busy {
		return t.say("bot.cancelled"), nil
	}
	return lines(t.say("bot.nothing"), t.help()), nil
}

// minStory is how many characters a sentence has that is taken for a matter. It
// is nothing that the forum demands: shorter words are mostly greetings or
// mistyped commands.
const minStory = 6

func isStory(said string) bool { return utf8.RuneCountInString(said) >= minStory }

// siteDigits is how many digits a session's screen shows.
const siteDigits = 6

// idle answers what was typed while nothing waited for it.
func (t *turn) idle(ctx context.Context) (string, error) {
	digits := figures(t.said)
	switch {
	case len(digits) == rules.ReceiptDigits:
		return t.progress(ctx, digits)
	case len(digits) == siteDigits:
		return t.checkIn(ctx, digits)
	case len(digits) > 2:
		return t.say("bot.digits", "has", len(digits)), nil
	case digits != "", t.answers():
		return t.say("bot.idle"), nil
	case t.words.is("thanks", t.said):
		return t.say("bot.thanks"), nil
	case t.words.is("hello", t.said):
		return lines(t.say("bot.hello"), t.help()), nil
	case isStory(t.said), t.call != "":
		return t.propose(ctx, t.said)
	}
	return t.say("bot.short", "said", t.said), nil
}

// answers reports whether the words would be an answer if something had been
// asked.
func (t *turn) answers() bool {
	for _, meaning := range []string{"confirm", "yes", "no", "abstain", "none", "skip"} {
		if t.words.is(meaning, t.said) {
			return true
		}
	}
	return false
}
