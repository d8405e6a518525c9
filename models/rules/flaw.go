package rules

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Flaw is what is wrong with one entry of a body of data: the field, and the
// code of the sentence that says what to do about it.
type Flaw struct{ Field, Code string }

// flaws gathers what is wrong with one entry.
type flaws []Flaw

func (f *flaws) wrong(field, code string) { *f = append(*f, Flaw{field, code}) }

// words notes the fields that say nothing, or more than most characters.
func (f *flaws) words(most int, fields ...[2]string) {
	for _, field := range fields {
		switch n := len([]rune(field[1])); {
		case isBlank(field[1]):
			f.wrong(field[0], "row.empty")
		case n > most:
			f.wrong(field[0], "row.long")
		}
	}
}

// Bounds of what may be imported.
const (
	maxDatum    = 200 // characters of a name, a law or an article
	maxNotice   = 365 // days
	maxFraction = 10_000
	maxAmount   = 10_000 // of a clock, in its unit
)

var (
	packCode   = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,31}$`)
	reasonCode = regexp.MustCompile(`^N[1-9][0-9]?$`)
	clockVerb  = regexp.MustCompile(`^[a-z]+\.[a-z_]+$`)
	phone      = regexp.MustCompile(`^[0-9-]{3,20}$`)
)

// unitsIn are the units that a roll can hold.
var unitsIn = map[RollKind][]UnitKind{
	RollPresent:      {UnitPerson},
	RollRegister:     {UnitPerson, UnitHousehold, UnitRepresentative, UnitOwner},
	RollMembers:      {UnitMember},
	RollStakeholders: {UnitStakeholder},
}

// Flaws are what is wrong with a rule pack by itself: words that are missing, a
// roll that has no such units, a share that nothing can reach.
func (p Pack) Flaws() []Flaw {
	var f flaws
	if !packCode.MatchString(p.Code) {
		f.wrong("code", "row.code")
	}
	f.words(maxDatum, [2]string{"version", p.Version}, [2]string{"name", p.Name}, [2]string{"law", p.Law}, [2]string{"article", p.Article})
	f.days(p)
	if !slices.Contains(unitsIn[p.Roll], p.Unit) {
		f.wrong("unit", "row.unit")
	}
	if p.ByArea && p.Unit != UnitOwner {
		f.wrong("by_area", "row.area")
	}
	f.shares(p)
	if len(p.Methods) == 0 || slices.ContainsFunc(p.Methods, func(m Method) bool { return !slices.Contains(Methods, m) }) {
		f.wrong("methods", "row.choice")
	}
	if p.NoticeDays < 0 || p.NoticeDays > maxNotice {
		f.wrong("notice_days", "row.number")
	}
	return f
}

func (f *flaws) days(p Pack) {
	from, err := time.Parse(time.DateOnly, p.EffectiveFrom)
	if err != nil {
		f.wrong("effective_from", "row.date")
	}
	if to, bad := time.Parse(time.DateOnly, p.EffectiveTo); p.EffectiveTo != "" && (bad != nil || to.Before(from)) {
		f.wrong("effective_to", "row.date")
	}
}

func (f *flaws) shares(p Pack) {
	for _, s := range []struct {
		field string
		share Share
	}{{"participation", p.Participation}, {"approval", p.Approval.Share}} {
		switch n := s.share; {
		case n.Num < 0, n.Den <= 0, n.Num > n.Den, n.Den > maxFraction, n.Strict && n.Num == n.Den, p.Verdict && n.Num == 0 && s.field == "approval":
			f.wrong(s.field, "row.share")
		}
	}
	if !slices.Contains([]Base{BasePresent, BaseCast, BaseRoll}, p.Approval.Base) {
		f.wrong("approval", "row.choice")
	}
}

// Flaws are what is wrong with a clock by itself.
func (c Clock) Flaws() []Flaw {
	var f flaws
	if !clockVerb.MatchString(c.Verb) || len(c.Verb) > 32 {
		f.wrong("verb", "row.code")
	}
	if c.Amount < 1 || c.Amount > maxAmount {
		f.wrong("amount", "row.number")
	}
	if !slices.Contains([]Unit{Minutes, Hours, Days, WorkingDays}, c.Unit) {
		f.wrong("unit", "row.choice")
	}
	if c.Verb == "publication.days" && (c.Unit != Days || c.Amount < PublicationDays) {
		f.wrong("amount", "row.publication")
	}
	for _, s := range c.States {
		if !rests(s) {
			f.wrong("states", "row.choice")
		}
	}
	return f
}

// rests reports whether a topic can stay in a state, so that a clock may start
// there.
func rests(s State) bool {
	return slices.ContainsFunc(Edges, func(e Edge) bool { return e.To == s && !s.Ended() })
}

// owed are the clocks that deeds start by their verb.
var owed = []string{
	"emergency.follow", "triage.reply", "topic.publish", "appeal.decide", "publication.days", "publication.objections", "objection.answer",
	"petition.sign", "petition.convene", "order.sign", "order.finish", "confirm.remind", "confirm.silence",
}

// unclocked are the open states that need no clock of the data: a topic that is
// being carried out has the clock of what is left to be done.
var unclocked = []State{TopicImplementing}

// CheckClocks refuses clocks among which one is missing that a deed needs
// (data.clocks), and an open state that none or more than one of them watches
// over (data.states).
func CheckClocks(clocks []Clock) error {
	verbs, watched := map[string]bool{}, map[State]int{}
	for _, c := range clocks {
		verbs[c.Verb] = true
		for _, s := range c.States {
			watched[s]++
		}
	}
	var missing []string
	for _, verb := range owed {
		if !verbs[verb] {
			missing = append(missing, verb)
		}
	}
	if missing != nil {
		return Refuse(Invalid, "data.clocks", "missing", strings.Join(missing, ", "))
	}
	for _, e := range Edges {
		if s := e.To; !s.Ended() && !slices.Contains(unclocked, s) && watched[s] != 1 {
			return Refuse(Invalid, "data.states", "state", s, "n", watched[s])
		}
	}
	return nil
}

// Reason is one line of the negative list: what is not for deliberation, the
// words in which that is told, where it goes instead and the number to call.
type Reason struct {
	Code        string `json:"code"`
	Name        string `json:"name"`
	Words       string `json:"words"`
	Destination string `json:"destination"`
	Phone       string `json:"phone"`
}

// Negative is the negative list together with the words of danger to life.
type Negative struct {
	Reasons []Reason `json:"reasons"`
	Alarms  []Alarm  `json:"alarms"`
}

// Flaws are what is wrong with a line of the negative list.
func (r Reason) Flaws() []Flaw {
	var f flaws
	if !reasonCode.MatchString(r.Code) {
		f.wrong("code", "row.code")
	}
	f.words(maxDatum, [2]string{"name", r.Name}, [2]string{"words", r.Words}, [2]string{"destination", r.Destination})
	if r.Phone != "" && !phone.MatchString(r.Phone) {
		f.wrong("phone", "row.phone")
	}
	return f
}

// Flaws are what is wrong with the words of an alarm. A blank word would sound
// it for everything.
func (a Alarm) Flaws() []Flaw {
	var f flaws
	if !phone.MatchString(a.Number) {
		f.wrong("number", "row.phone")
	}
	if len(a.Words) == 0 || slices.ContainsFunc(a.Words, isBlank) {
		f.wrong("words", "row.empty")
	}
	if slices.ContainsFunc(a.Past, isBlank) {
		f.wrong("past", "row.empty")
	}
	return f
}

// rescues are the numbers that must have words: fire, injury and crime.
var rescues = []string{"119", "120", "110"}

// CheckNegative refuses a list of nothing, and one that leaves a kind of danger
// to life without words.
func CheckNegative(n Negative) error {
	if len(n.Reasons) == 0 {
		return Refuse(Invalid, "data.empty")
	}
	for _, number := range rescues {
		if !slices.ContainsFunc(n.Alarms, func(a Alarm) bool { return a.Number == number }) {
			return Refuse(Invalid, "data.alarm", "number", number)
		}
	}
	return nil
}

// fixed are the days that the law itself makes holidays every year, whatever
// else a year's notice says (全国年节及纪念日放假办法).
var fixed = []string{"01-01", "05-01", "10-01", "10-02", "10-03"}

// DayFlaws are what is wrong with a day of a calendar.
func DayFlaws(day string, worked bool) []Flaw {
	var f flaws
	t, err := time.Parse(time.DateOnly, day)
	switch weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday; {
	case err != nil:
		f.wrong(day, "row.date")
	case worked && !weekend:
		f.wrong(day, "row.worked")
	}
	return f
}

// CheckYears refuses a calendar in which a year lacks a holiday that no year can
// lack: its notice has not been written down whole.
func CheckYears(c Calendar) error {
	if len(c.Days) == 0 {
		return Refuse(Invalid, "data.empty")
	}
	for _, year := range c.years() {
		for _, day := range fixed {
			if worked, there := c.Days[year+"-"+day]; !there || worked {
				return Refuse(Invalid, "data.year", "year", year, "day", year+"-"+day)
			}
		}
	}
	return nil
}
