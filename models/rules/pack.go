package rules

import (
	"slices"
	"time"
)

// Share is a fraction that a count must reach. Strict means more than the
// fraction (过半), otherwise the bound itself is enough (以上; 民法典 art. 1259).
//
// All arithmetic is on integers. The largest whole is an area of [MaxArea] cm²;
// with the small fractions of the law (up to 4/4) every product stays far below
// the 9.2·10¹⁸ of an int64, and still would with a denominator of ten thousand.
type Share struct {
	Num    int64 `json:"num"`
	Den    int64 `json:"den"`
	Strict bool  `json:"strict"`
}

// Reached reports whether part of whole reaches the share. Nothing is ever
// reached of an empty whole, nor by a pack whose numbers were left out.
func (s Share) Reached(part, whole int64) bool {
	if whole <= 0 || s.Den <= 0 {
		return false
	}
	if s.Strict {
		return part*s.Den > s.Num*whole
	}
	return part*s.Den >= s.Num*whole
}

// Least is the smallest part of whole that reaches the share. It exceeds whole
// where nothing can reach it: a strict share of all, or one without numbers.
func (s Share) Least(whole int64) int64 {
	if s.Den <= 0 {
		return whole + 1
	}
	least := s.Num * whole / s.Den
	if s.Strict || least*s.Den < s.Num*whole {
		least++
	}
	return least
}

// Base is what an approval is counted against.
type Base string

// The bases of an approval.
const (
	BasePresent Base = "present" // everyone who took part, silent or not
	BaseCast    Base = "cast"    // ballots cast, abstentions included
	BaseRoll    Base = "roll"    // everyone on the roll
)

// Approval is a share together with its base.
type Approval struct {
	Share
	Base Base `json:"base"`
}

// RollKind says who is on the roll of a poll.
type RollKind string

// The kinds of roll.
const (
	RollPresent      RollKind = "present"      // checked in when the poll opens
	RollRegister     RollKind = "register"     // as imported: residents, households or representatives
	RollMembers      RollKind = "members"      // members of an alliance
	RollStakeholders RollKind = "stakeholders" // a named list
)

// UnitKind is what holds one vote.
type UnitKind string

// The kinds of voting unit.
const (
	UnitPerson         UnitKind = "person"
	UnitHousehold      UnitKind = "household"
	UnitRepresentative UnitKind = "representative"
	UnitMember         UnitKind = "member"
	UnitStakeholder    UnitKind = "stakeholder"
	UnitOwner          UnitKind = "owner" // one ballot for all that somebody owns
)

// Pack is a rule pack: the quorum and threshold of one kind of decision with
// the law behind them. Packs are data; what a pack means is in [Decide].
type Pack struct {
	Code          string   `json:"code"`
	Version       string   `json:"version"`
	Name          string   `json:"name"`
	Law           string   `json:"law"`
	Article       string   `json:"article"`
	EffectiveFrom string   `json:"effective_from"` // first day
	EffectiveTo   string   `json:"effective_to"`   // last day; "": still in force
	Enabled       bool     `json:"enabled"`
	Binding       bool     `json:"binding"`
	Roll          RollKind `json:"roll"`
	Unit          UnitKind `json:"unit"`
	Participation Share    `json:"participation"`
	Approval      Approval `json:"approval"`
	ByArea        bool     `json:"by_area"` // counted by heads and by area; both must be reached
	AllMustSign   bool     `json:"all_must_sign"`
	Verdict       bool     `json:"verdict"`
	Methods       []Method `json:"methods" nullable:"false"` // in which it may be asked
	Secret        bool     `json:"secret"`                   // a secret ballot may be asked for
	LiveTally     bool     `json:"live_tally"`               // the count may be shown while the poll is open
	Revote        bool     `json:"revote"`
	PartyStudy    bool     `json:"needs_party_study"`
	NoticeDays    int      `json:"notice_days"`
	ShortNotice   bool     `json:"early_notice_exception"`
	QuickTrack    bool     `json:"quick_track"`
}

// EffectiveOn refuses a pack that is not in force on a day such as "2026-01-01".
// Its first and its last day belong to it.
func EffectiveOn(p Pack, day string) error {
	_, bad := time.Parse(time.DateOnly, day)
	if bad == nil && day >= p.EffectiveFrom && (p.EffectiveTo == "" || day <= p.EffectiveTo) {
		return nil
	}
	return Refuse(Conflict, "pack.not_in_force", "pack", p.Name, "day", day, "from", p.EffectiveFrom)
}

// admits reports whether a question may be put by a method under a pack. Every
// signature and every area stand behind a yes or a no, so those packs take no
// other ballot, whatever their data say.
func (p Pack) admits(m Method) bool {
	switch {
	case p.AllMustSign && m != MethodYesNo, p.ByArea && m != MethodYesNo && m != MethodEach:
		return false
	}
	return slices.Contains(p.Methods, m)
}
