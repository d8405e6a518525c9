package rules

import (
	"maps"
	"slices"
	"strings"
)

// Role is a part that a person plays at a node of the org tree.
type Role string

// The roles. A person may hold several, each at its own node.
const (
	Anonymous  Role = "anonymous"  // nobody is logged in
	Guest      Role = "guest"      // logged in; the capacity is not confirmed yet
	Resident   Role = "resident"   // confirmed in a community
	Merchant   Role = "merchant"   // confirmed member of an alliance
	Leader     Role = "leader"     // neighbour leader 邻长
	Supervisor Role = "supervisor" // 居务监督委员会
	Secretary  Role = "secretary"
	Handler    Role = "handler" // of a department
	Street     Role = "street"
	District   Role = "district"
	City       Role = "city"
	System     Role = "system" // the clock
)

// Roles are all roles, in rising order of reach.
var Roles = []Role{Anonymous, Guest, Resident, Merchant, Leader, Supervisor, Secretary, Handler, Street, District, City, System}

// Reach is how far from a role's node a deed may act.
type Reach uint8

// The reaches.
const (
	Nowhere  Reach = iota
	Own            // things of one's own
	Held           // things that one's node has in hand (orders of a department)
	Down           // one's node and everything below it
	Line           // one's node, everything below and above it
	Anywhere       // no bound
)

// Place is where a role is held: a path of org ids such as "/1/4/9/".
type Place struct {
	Role Role
	Path string
}

// Standing is who asks to do a deed.
type Standing struct {
	Banned bool
	Places []Place
}

// Object is what a deed is done to.
type Object struct {
	Path   string // the org it belongs to; "" belongs to the whole deployment
	Holder string // path of the org that has it in hand, if another
	Own    bool   // the person raised it, is it, or was asked about it
}

type who map[Role]Reach

var (
	everyone  = who{Anonymous: Anywhere, Guest: Anywhere, System: Anywhere}
	loggedIn  = who{Guest: Anywhere}
	oneself   = who{Guest: Own}
	residents = who{Resident: Line, Merchant: Line}
	desk      = who{Secretary: Down, Street: Down}
	staff     = who{Secretary: Down, Street: Down, District: Down, City: Down}
	watched   = who{Supervisor: Down, Secretary: Down, Street: Down, District: Down, City: Down}
	above     = who{Street: Down, District: Down, City: Down}
	top       = who{District: Down, City: Down}
	clock     = who{System: Anywhere}
	onSite    = who{Secretary: Down, Leader: Down}
	hosts     = who{Leader: Down, Secretary: Down, Street: Down, District: Down, City: Down}                   // staff, and who helps at the door
	counters  = who{Leader: Down, Supervisor: Down, Secretary: Down, Street: Down, District: Down, City: Down} // of whom any two enter a sheet
)

// Proved are the deeds for which staff who come in by chat must show a code of their
// own besides: a telephone is soon in another's hand.
var Proved = map[Deed]bool{PollOpening: true, PollClosing: true, PollVoid: true}

// Permits is the one table of permissions: deed × role × reach. What it does
// not list is refused.
var Permits = map[Deed]who{
	LoginMini: everyone, LoginStaff: everyone, LoginLink: oneself, LoginEnd: oneself, PersonSelf: oneself, PersonErase: oneself, StaffCall: oneself,
	OrgRead: everyone, DataRead: everyone, DataImport: {City: Down, District: Down}, DataWarn: clock, OrgImport: {City: Down},
	AuditRead: watched, OrgNumbers: watched, AuditSeal: clock, AuditCheck: top, NoticeRead: oneself, NoticeClaim: clock, NoticeSent: clock, NoticeStuck: top,

	StaffCreate: top, StaffRead: staff, StaffReset: above, StaffApprove: above, StaffRenew: oneself, StaffProve: oneself,
	OfficeGrant: staff, OfficeEnd: staff, PersonBan: above,

	HouseholdImport: staff, HouseholdRead: onSite, HouseholdSpeaker: {Guest: Own, Secretary: Down, Street: Down, District: Down, City: Down}, CapacityBind: loggedIn, CapacityConfirm: onSite,
	CapacityEnd: {Guest: Own, Secretary: Down}, CapacityMove: {Guest: Own, Secretary: Down}, AccountMove: staff, AccountDrop: staff, AccountTie: oneself, AccountJoin: oneself, AccountAsk: clock,

	TopicRead: everyone, TopicMine: oneself, TopicSimilar: everyone,
	TopicQueue: watched, TopicRaise: {Guest: Line, Resident: Line, Merchant: Line}, TopicRaiseFor: onSite,
	TopicEdit: oneself, TopicWithdraw: oneself, TopicAnswer: oneself, TopicAppeal: oneself,
	TopicPhoto: {Guest: Own, Secretary: Down}, TopicCosign: residents, PhotoClaim: clock, PhotoSettle: clock,
	TopicAsk: desk, TopicAccept: desk, TopicMerge: desk, TopicRedirect: {Secretary: Down}, TopicOrder: desk, TopicStudy: desk,
	TopicRule: above, TopicSuspend: desk, TopicResume: desk, TopicEscalate: desk, TopicDecide: above,
	TopicExplain: staff, TopicRefer: desk, TopicArchive: {System: Anywhere, Secretary: Down}, TopicTakeUp: clock,
	MessagesImport: staff,

	PointMake: staff, PointMove: staff, PointRead: everyone,

	SessionCreate: staff, SessionRead: everyone, SessionAnnounce: staff, SessionInvite: staff,
	SessionReply:    {Guest: Own, Handler: Held, Secretary: Down},
	SessionPostpone: staff, SessionOpen: staff, SessionAdjourn: staff, SessionClose: staff, SessionCancel: staff, SessionRemark: {Supervisor: Down}, SessionCode: staff,
	PresenceCheckIn: {Guest: Anywhere}, PresenceConfirm: hosts,
	SpeakerRead: loggedIn, SpeakerAsk: loggedIn, SpeakerNote: hosts, SpeakerGive: staff, SpeakerEnd: staff,
	SpeakerLeave: {Guest: Own, Leader: Down, Secretary: Down, Street: Down, District: Down, City: Down},
	MinutesRead:  {Guest: Own, Supervisor: Down, Secretary: Down, Street: Down, District: Down, City: Down}, MinutesKeep: staff, MinutesCorrect: staff,
	ScreenAsk: everyone, ScreenSee: everyone, ScreenLeave: everyone, ScreenPair: staff, ScreenEnd: staff,

	PollOpening: staff, PollClosing: {Secretary: Down, Street: Down, District: Down, City: Down, System: Anywhere},
	PollRead: everyone, BallotCast: loggedIn, BoardRead: everyone, BoardSeal: clock, PollRecount: watched, ProxyName: staff,
	ShareHold: loggedIn, ShareEnter: loggedIn, ShareRemind: clock, SecretToken: loggedIn, SecretCast: everyone, PollVoid: above,
	PaperIssue: staff, PaperWithdraw: staff, PaperRead: watched, PaperRedeem: {Anonymous: Anywhere, Guest: Anywhere},
	SheetRegister: staff, SheetWithdraw: staff, SheetCorrect: staff, SheetRead: counters, SheetEnter: counters, BallotAssist: hosts,

	PetitionStart: {Resident: Line}, PetitionRead: everyone, PetitionSign: {Resident: Line}, PetitionUnsign: {Resident: Line},
	PetitionSigners: {Secretary: Down}, PetitionConvene: staff, PetitionAnswer: staff, PetitionRemove: above, PetitionEnd: clock,

	ScreeningRead: watched, ScreeningDecide: staff, ScreeningHold: clock, ScreeningClaim: clock, ScreeningSettle: clock, ScreeningJudge: clock, ScreeningFetch: everyone,

	OutcomeRecord: staff, CommitmentMake: staff, PublicationMake: staff, PublicationEnd: clock, PublicationRead: everyone,
	ObjectionRaise: residents, ObjectionAnswer: staff,
	OrderRead: {Handler: Held, Supervisor: Down, Secretary: Down, Street: Down, District: Down, City: Down},
	OrderSign: {Handler: Held, Secretary: Held, Street: Held}, OrderDone: {Handler: Held, Secretary: Held, Street: Held},
	ConfirmationGive: oneself, ConfirmationFor: oneself, ConfirmationRound: clock, CaseRead: everyone, ClockLapse: clock,

	AllianceFound: staff, AllianceRead: everyone, MemberJoin: loggedIn, MemberConfirm: staff,
	MemberLeave: {Guest: Own, Secretary: Down},

	DialogueTurn: {Anonymous: Anywhere, Guest: Anywhere}, TokenKeep: clock,
}

// OfOffices are the deeds that nobody does as a resident, in order: whoever did one
// held an office, or is the clock.
func OfOffices() []Deed {
	var out []Deed
	for _, d := range slices.Sorted(maps.Keys(Permits)) {
		table := Permits[d]
		if table[Anonymous]+table[Guest]+table[Resident]+table[Merchant] == Nowhere {
			out = append(out, d)
		}
	}
	return out
}

// May says whether somebody may do a deed to an object.
//
//   - A banned person may do what anybody may, no more.
//   - Nobody logged in: asked to log in.
//   - No role that this person holds may ever do it: forbidden.
//   - A role may, but not here: refused as if the thing were not there, so that
//     nobody learns what exists in another community.
func May(s Standing, d Deed, o Object) error {
	table := Permits[d]
	places := s.Places
	if s.Banned {
		places = []Place{{Role: Anonymous}}
	}
	held := false
	for _, p := range append(slices.Clip(places), Place{Role: Anonymous}) {
		reach := table[p.Role]
		held = held || reach > Nowhere
		if reach.covers(p.Path, o) {
			return nil
		}
	}
	switch {
	case s.Banned:
		return Refuse(Forbidden, "person.banned")
	case len(s.Places) == 0:
		return Refuse(Unauthenticated, "login.needed")
	case held:
		return Refuse(NotFound, d.noun()+".unknown")
	}
	return Refuse(Forbidden, "deed.forbidden")
}

func (r Reach) covers(path string, o Object) bool {
	switch r {
	case Nowhere:
		return false
	case Own:
		return o.Own
	case Held:
		return o.Holder != "" && strings.HasPrefix(o.Holder, path) && path != ""
	case Down:
		return path != "" && strings.HasPrefix(o.Path, path)
	case Line:
		return path != "" && (strings.HasPrefix(o.Path, path) || strings.HasPrefix(path, o.Path))
	case Anywhere:
		return true
	}
	return false
}

func (d Deed) noun() string {
	noun, _, _ := strings.Cut(string(d), ".")
	return noun
}

// Grantable says which roles a holder of the given role may hand out below
// its own node. A secretary names neighbour leaders and supervisors; a street
// names secretaries; the district and the city name everyone below them.
func Grantable(by Role) []Role {
	switch by {
	case Secretary:
		return []Role{Leader, Supervisor}
	case Street:
		return []Role{Leader, Supervisor, Secretary}
	case District:
		return []Role{Leader, Supervisor, Secretary, Street, Handler}
	case City:
		return []Role{Leader, Supervisor, Secretary, Street, Handler, District, City}
	case Anonymous, Guest, Resident, Merchant, Leader, Supervisor, Handler, System:
		return nil
	}
	return nil
}

// CheckGrant refuses an office that none of the person's own places may give
// at the node. It serves both granting and ending.
func CheckGrant(s Standing, r Role, path string) error {
	for _, p := range s.Places {
		if slices.Contains(Grantable(p.Role), r) && Down.covers(p.Path, Object{Path: path}) {
			return nil
		}
	}
	return Refuse(Forbidden, "office.beyond", "role", r)
}

// MayEver refuses what nobody with these roles may ever do, before anything is
// looked up: so a missing thing and one out of reach cannot be told apart, and
// whoever is not logged in is asked to do so first.
func MayEver(s Standing, d Deed) error {
	table := Permits[d]
	if table[Anonymous] > Nowhere {
		return nil
	}
	switch {
	case s.Banned:
		return Refuse(Forbidden, "person.banned")
	case len(s.Places) == 0:
		return Refuse(Unauthenticated, "login.needed")
	}
	for _, p := range s.Places {
		if table[p.Role] > Nowhere {
			return nil
		}
	}
	return Refuse(Forbidden, "deed.forbidden")
}
