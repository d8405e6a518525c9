package rules

// Share is a fraction that a count must reach. Strict means more than the
// fraction (过半), otherwise the bound itself is enough (以上; 民法典 art. 1259).
// All arithmetic is on integers.
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
)

// Pack is a rule pack: the quorum and threshold of one kind of decision with
// the law behind them. Packs are data; what a pack means is in [Judge].
type Pack struct {
	Code          string   `json:"code"`
	Version       string   `json:"version"`
	Name          string   `json:"name"`
	Law           string   `json:"law"`
	Article       string   `json:"article"`
	EffectiveFrom string   `json:"effective_from"`
	Enabled       bool     `json:"enabled"`
	Binding       bool     `json:"binding"`
	Roll          RollKind `json:"roll"`
	Unit          UnitKind `json:"unit"`
	Participation Share    `json:"participation"`
	Approval      Approval `json:"approval"`
	AllMustSign   bool     `json:"all_must_sign"`
	Verdict       bool     `json:"verdict"`
	Revote        bool     `json:"revote"`
	PartyStudy    bool     `json:"needs_party_study"`
	NoticeDays    int      `json:"notice_days"`
	ShortNotice   bool     `json:"early_notice_exception"`
	QuickTrack    bool     `json:"quick_track"`
}

// Count is what a verdict is reached from, all in voting units.
type Count struct {
	Due      int64 `json:"due"`      // expected to take part
	Attended int64 `json:"attended"` // present or voted
	Cast     int64 `json:"cast"`     // ballots cast
	Yes      int64 `json:"yes"`
	No       int64 `json:"no"`
	Abstain  int64 `json:"abstain"`
}

// Result is the outcome of a poll.
type Result string

// The results of a poll.
const (
	ResultPassed   Result = "passed"
	ResultFailed   Result = "failed"
	ResultNoQuorum Result = "no_quorum" // too few took part
	ResultPending  Result = "pending"   // STAKE: signatures are still missing
	ResultOpinion  Result = "opinion"   // ADV: views heard, nothing decided
)

// Verdict is a result that explains itself: the code of its sentence and, by
// each count, what was still missing.
type Verdict struct {
	Result        Result `json:"result"`
	Reason        string `json:"reason"` // locale code
	Count         Count  `json:"count"`
	NeedAttended  int64  `json:"need_attended"`   // units that had to take part
	NeedYes       int64  `json:"need_yes"`        // approvals that were needed
	ApprovalBase  int64  `json:"approval_base"`   // counted against this many
	MissingTurns  int64  `json:"missing_turnout"` // units still missing for the quorum
	MissingYes    int64  `json:"missing_yes"`     // approvals still missing
	CannotPassNow bool   `json:"cannot_pass"`     // at this turnout no further approval would help
}

// Judge applies a pack to a count.
//
//   - A pack without verdict (ADV) only tells what was said.
//   - All must sign (STAKE): agreed when every unit due said yes; one no ends it.
//   - Otherwise the participation share is asked of the units due first, then
//     the approval share of the pack's base. Equal yes and no never pass, since
//     "more than half" is strict; the reason then says so.
func Judge(p Pack, c Count) Verdict {
	v := Verdict{Count: c}
	switch {
	case !p.Verdict:
		v.Result, v.Reason = ResultOpinion, "verdict.opinion"
		return v
	case p.AllMustSign:
		return judgeSigned(v)
	}
	v.NeedAttended = p.Participation.Least(c.Due)
	v.MissingTurns = max(0, v.NeedAttended-c.Attended)
	v.ApprovalBase = c.base(p.Approval.Base)
	v.NeedYes = p.Approval.Least(v.ApprovalBase)
	v.MissingYes = max(0, v.NeedYes-c.Yes)
	v.CannotPassNow = v.NeedYes > v.ApprovalBase-c.No-c.Abstain
	switch {
	case !p.Participation.Reached(c.Attended, c.Due):
		v.Result, v.Reason = ResultNoQuorum, "verdict.no_quorum"
	case p.Approval.Reached(c.Yes, v.ApprovalBase):
		v.Result, v.Reason = ResultPassed, "verdict.passed"
	case c.Yes == c.No:
		v.Result, v.Reason = ResultFailed, "verdict.tie"
	default:
		v.Result, v.Reason = ResultFailed, "verdict.failed"
	}
	return v
}

func judgeSigned(v Verdict) Verdict {
	c := v.Count
	v.NeedAttended, v.NeedYes, v.ApprovalBase = c.Due, c.Due, c.Due
	v.MissingTurns, v.MissingYes = max(0, c.Due-c.Attended), max(0, c.Due-c.Yes)
	v.CannotPassNow = c.No+c.Abstain > 0
	switch {
	case c.Due > 0 && c.Yes >= c.Due:
		v.Result, v.Reason = ResultPassed, "verdict.signed"
	case v.CannotPassNow:
		v.Result, v.Reason = ResultFailed, "verdict.declined"
	default:
		v.Result, v.Reason = ResultPending, "verdict.unsigned"
	}
	return v
}

func (c Count) base(b Base) int64 {
	switch b {
	case BasePresent:
		return c.Attended
	case BaseCast:
		return c.Cast
	case BaseRoll:
		return c.Due
	}
	return c.Due
}
