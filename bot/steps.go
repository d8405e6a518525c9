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
	stepConsent   = "consent"   // how somebody without an account was asked
	stepPoll      = "poll"      // which poll
	stepChoice    = "choice"    // yes, no or abstain
	stepMark      = "mark"      // a ballot on several options
	stepUnit      = "unit"      // for which unit
	stepPetition  = "petition"  // which petition to sign
	stepSpeak     = "speak"     // what is to be said, and to which topic
	stepAlliance  = "alliance"  // which alliance
	stepShop      = "shop"      // the name of a shop
	stepCredit    = "credit"    // its credit code
	stepSite      = "site"      // where it is

	stepDesk     = "desk"     // which matter the desk looks at
	stepTriage   = "triage"   // what is decided of it
	stepItem     = "item"     // under which item it is accepted
	stepAsk      = "ask"      // what its raiser is asked
	stepMerge    = "merge"    // with which it is the same
	stepAway     = "away"     // for what reason it goes elsewhere
	stepMeeting  = "meeting"  // which session is led
	stepBegin    = "begin"    // a yes to opening it
	stepChair    = "chair"    // what is done in it
	stepAgenda   = "agenda"   // which matter is voted on
	stepQuestion = "question" // what is asked
	stepProof    = "proof"    // the code of who opens the poll
	stepOpenPoll = "openpoll" // which poll is closed
	stepClosing  = "closing"  // the code of who closes it
	stepAdjourn  = "adjourn"  // why the session is adjourned
	stepEnd      = "end"      // a yes to closing it
)

// step is how an answer is taken, and the deed that it does or leads to. A free
// step takes any words, so a command is obeyed there only if it stands alone. A
// soft step waits for nobody: what it does not understand begins something new.
// Own is the command that belongs to the step.
type step struct {
	deed       rules.Deed
	take       func(*turn, context.Context) (string, error)
	free, soft bool
	own        string
}

func steps() map[string]step {
	return map[string]step{
		stepTell:      {deed: rules.TopicRaise, take: (*turn).tell, free: true, own: "raise"},
		stepCommunity: {deed: rules.TopicRaise, take: (*turn).takeCommunity},
		stepHousehold: {deed: rules.CapacityBind, take: (*turn).takeHousehold, free: true},
		stepSimilar:   {deed: rules.TopicCosign, take: (*turn).takeSimilar, own: "cosign"},
		stepReadBack:  {deed: rules.TopicRaise, take: (*turn).takeReadBack},
		stepProgress:  {deed: rules.TopicMine, take: (*turn).takeProgress, soft: true},
		stepReason:    {deed: rules.ConfirmationGive, take: (*turn).takeReason, free: true},
		stepConsent:   {deed: rules.ConfirmationFor, take: (*turn).takeConsent, free: true},
		stepPoll:      {deed: rules.PollRead, take: (*turn).takePoll},
		stepChoice:    {deed: rules.BallotCast, take: (*turn).takeChoice},
		stepMark:      {deed: rules.BallotCast, take: (*turn).takeMark},
		stepUnit:      {deed: rules.BallotCast, take: (*turn).takeUnit},
		stepPetition:  {deed: rules.PetitionSign, take: (*turn).takePetition},
		stepSpeak:     {deed: rules.SpeakerAsk, take: (*turn).takeSpeak},
		stepAlliance:  {deed: rules.MemberJoin, take: (*turn).takeAlliance},
		stepShop:      {deed: rules.MemberJoin, take: (*turn).takeShop, free: true},
		stepCredit:    {deed: rules.MemberJoin, take: (*turn).takeCredit},
		stepSite:      {deed: rules.MemberJoin, take: (*turn).takeSite},

		stepDesk:     {deed: rules.TopicQueue, take: (*turn).takeDesk, soft: true},
		stepTriage:   {deed: rules.TopicQueue, take: (*turn).takeTriage},
		stepItem:     {deed: rules.TopicAccept, take: (*turn).takeItem},
		stepAsk:      {deed: rules.TopicAsk, take: (*turn).takeAsk, free: true},
		stepMerge:    {deed: rules.TopicMerge, take: (*turn).takeMerge},
		stepAway:     {deed: rules.TopicRedirect, take: (*turn).takeAway},
		stepMeeting:  {deed: rules.SessionRead, take: (*turn).takeMeeting},
		stepBegin:    {deed: rules.SessionOpen, take: (*turn).takeBegin},
		stepChair:    {deed: rules.SessionRead, take: (*turn).takeChair},
		stepAgenda:   {deed: rules.PollOpening, take: (*turn).takeAgenda},
		stepQuestion: {deed: rules.PollOpening, take: (*turn).takeQuestion, free: true},
		stepProof:    {deed: rules.PollOpening, take: (*turn).takeProof},
		stepOpenPoll: {deed: rules.PollClosing, take: (*turn).takeOpenPoll},
		stepClosing:  {deed: rules.PollClosing, take: (*turn).takeClosing},
		stepAdjourn:  {deed: rules.SessionAdjourn, take: (*turn).takeAdjourn, free: true},
		stepEnd:      {deed: rules.SessionClose, take: (*turn).takeEnd},
	}
}

// command is what a word does, and the deed that it does or leads to. Rest says
// whether words may follow it. One within a dialogue leaves what is under way
// alone.
type command struct {
	deed   rules.Deed
	run    func(t *turn, ctx context.Context, rest string) (string, error)
	rest   func(after string) bool
	within bool
}

// alone makes a command of what takes no further words.
func alone(deed rules.Deed, run func(*turn, context.Context) (string, error)) command {
	return command{deed: deed, run: func(t *turn, ctx context.Context, _ string) (string, error) { return run(t, ctx) }}
}

func commands() map[string]command {
	help, cancel := alone(rules.DialogueTurn, (*turn).askHelp), alone(rules.DialogueTurn, (*turn).cancel)
	help.within, cancel.within = true, true
	return map[string]command{
		"raise":    {deed: rules.TopicRaise, run: (*turn).raise, rest: closely},
		"progress": {deed: rules.TopicRead, run: (*turn).progress, rest: numbered},
		"cosign":   {deed: rules.TopicCosign, run: (*turn).cosignReceipt, rest: numbered},
		"solved":   {deed: rules.ConfirmationGive, run: (*turn).solved, rest: numbered},
		"unsolved": {deed: rules.ConfirmationGive, run: (*turn).unsolved, rest: numbered},
		"supply":   {deed: rules.TopicAnswer, run: (*turn).supply, rest: numbered},
		"name":     {deed: rules.PersonSelf, run: (*turn).introduce, rest: briefly},
		"tie":      {deed: rules.AccountJoin, run: (*turn).tie, rest: numbered},
		"speak":    {deed: rules.SpeakerAsk, run: (*turn).speak, rest: briefly},
		"vote":     alone(rules.BallotCast, (*turn).vote),
		"petition": alone(rules.PetitionSign, (*turn).petitions),
		"near":     alone(rules.PointRead, (*turn).near),
		"mine":     alone(rules.PersonSelf, (*turn).mine),
		"app":      alone(rules.LoginLink, (*turn).app),
		"register": alone(rules.CapacityBind, (*turn).register),
		"person":   alone(rules.StaffCall, (*turn).callStaff),
		"join":     alone(rules.MemberJoin, (*turn).join),
		"desk":     alone(rules.TopicQueue, (*turn).desk),
		"chair":    alone(rules.TopicQueue, (*turn).chair),
		"help":     help,
		"cancel":   cancel,
	}
}

// stepKey begins the key of the sentence that says what a step waits for.
const stepKey = "bot.step."

// help says what the step under way waits for, or what the bot can do.
func (t *turn) help() string {
	switch {
	case t.steps[t.d.Step].take == nil:
		return lines(t.here(), t.say("bot.help"))
	case t.d.Step == stepMark:
		return t.howToMark(t.ask())
	}
	return t.say(stepKey + t.d.Step)
}

// here says what can be done at the point where somebody is.
func (t *turn) here() string {
	if place := t.d.Data[notePlace]; place != "" {
		return t.say("bot.help.here", "place", place)
	}
	return ""
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
	_, _, screen := rules.ReadSiteScene(fold(t.said))
	switch {
	case screen:
		return t.checkInAt(ctx, fold(t.said))
	case len(digits) == rules.ReceiptDigits:
		return t.progress(ctx, digits)
	case len(digits) == siteDigits:
		return t.checkIn(ctx, digits)
	case len(digits) > 2:
		return t.say("bot.digits", "has", len(digits)), nil
	case digits != "", t.answers():
		return t.say("bot.idle"), nil
	case t.words.hears("thanks", t.said):
		return t.say("bot.thanks"), nil
	case t.words.hears("hello", t.said):
		return lines(t.say("bot.hello"), t.help()), nil
	case isStory(t.said), t.call != "":
		return t.propose(ctx, t.story())
	}
	return t.say("bot.short", "said", t.said), nil
}

// answers reports whether the words would be an answer if something had been
// asked.
func (t *turn) answers() bool {
	for _, meaning := range []string{"confirm", "yes", "no", "abstain", "none", "skip"} {
		if t.words.hears(meaning, t.said) {
			return true
		}
	}
	return false
}
