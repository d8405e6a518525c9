package rules_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yishi/models/rules"
)

// The tree of the tests: a city, a district with a department, two streets. The
// ids of the two communities of the first begin alike on purpose.
const (
	city        = "/1/"
	district    = "/1/2/"
	department  = "/1/2/8/"
	street      = "/1/2/3/"
	community   = "/1/2/3/4/"
	grid        = "/1/2/3/4/7/"
	sibling     = "/1/2/3/44/"
	otherStreet = "/1/2/9/5/"
	otherCity   = "/6/7/"
)

// people are in the order of the columns of the matrix. Who is logged in is a
// guest first.
var people = []struct {
	name  string
	place rules.Place
}{
	{"anonymous", rules.Place{}},
	{"guest", rules.Place{Role: rules.Guest, Path: community}},
	{"resident", rules.Place{Role: rules.Resident, Path: community}},
	{"merchant", rules.Place{Role: rules.Merchant, Path: community}},
	{"leader", rules.Place{Role: rules.Leader, Path: community}},
	{"supervisor", rules.Place{Role: rules.Supervisor, Path: community}},
	{"secretary", rules.Place{Role: rules.Secretary, Path: community}},
	{"handler", rules.Place{Role: rules.Handler, Path: department}},
	{"street", rules.Place{Role: rules.Street, Path: street}},
	{"district", rules.Place{Role: rules.District, Path: district}},
	{"city", rules.Place{Role: rules.City, Path: city}},
	{"clock", rules.Place{Role: rules.System}},
}

func standing(p rules.Place) rules.Standing {
	if p.Role == "" {
		return rules.Standing{}
	}
	if p.Role == rules.System {
		return rules.Standing{Places: []rules.Place{p}}
	}
	return rules.Standing{Places: []rules.Place{{Role: rules.Guest}, p}}
}

var (
	ours     = rules.Object{Path: community}
	mine     = rules.Object{Path: community, Own: true}
	below    = rules.Object{Path: grid}
	above    = rules.Object{Path: street}
	next     = rules.Object{Path: sibling}
	beyond   = rules.Object{Path: otherStreet}
	far      = rules.Object{Path: otherCity}
	root     = rules.Object{Path: city}
	missing  = rules.Object{}
	atDesk   = rules.Object{Path: community, Holder: community}
	atNext   = rules.Object{Path: sibling, Holder: sibling}
	atOffice = rules.Object{Path: community, Holder: department}
)

// answer is how a door answers: + does it, L asks for a login (401), - forbids
// (403), ? knows no such thing (404).
func answer(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return "+"
	}
	switch r, _ := rules.AsRefusal(err); {
	case r != nil && r.Kind == rules.Unauthenticated && r.Code == "login.needed":
		return "L"
	case r != nil && r.Kind == rules.Forbidden && r.Code == "deed.forbidden":
		return "-"
	case r != nil && r.Kind == rules.NotFound && strings.HasSuffix(r.Code, ".unknown"):
		return "?"
	}
	t.Fatalf("refused with %v", err)
	return ""
}

func TestMay(t *testing.T) {
	// anonymous guest resident merchant leader supervisor secretary handler street district city clock
	for _, tt := range []struct {
		deed   rules.Deed
		what   string
		object rules.Object
		want   string
	}{
		{rules.LoginMini, "nothing", missing, "++++++++++++"},
		{rules.LoginStaff, "nothing", missing, "++++++++++++"},
		{rules.LoginEnd, "one's own", mine, "L++++++++++-"},
		{rules.LoginEnd, "another's", ours, "L??????????-"},
		{rules.PersonSelf, "oneself", mine, "L++++++++++-"},
		{rules.PersonErase, "oneself", mine, "L++++++++++-"},
		{rules.PersonErase, "another", ours, "L??????????-"},
		{rules.StaffCall, "oneself", mine, "L++++++++++-"},
		{rules.StaffCall, "another", ours, "L??????????-"},
		{rules.PersonSelf, "another", ours, "L??????????-"},
		{rules.NoticeRead, "one's own", mine, "L++++++++++-"},
		{rules.NoticeRead, "another's", ours, "L??????????-"},
		{rules.NoticeClaim, "ours", ours, "L----------+"},
		{rules.DataWarn, "ours", ours, "L----------+"},
		{rules.NoticeStuck, "the whole city", root, "L--------?+-"},

		{rules.TopicRead, "ours", ours, "++++++++++++"},
		{rules.TopicRead, "in another city", far, "++++++++++++"},
		{rules.SessionCancel, "ours", ours, "L-----+-+++-"},
		{rules.SessionCancel, "next door", next, "L-----?-+++-"},
		{rules.SessionRemark, "ours", ours, "L----+------"},
		{rules.SessionRemark, "next door", next, "L----?------"},
		{rules.TopicRaise, "here", ours, "L+++???????-"},
		{rules.TopicRaise, "in the grid", below, "L+++???????-"},
		{rules.TopicRaise, "at our street", above, "L+++???????-"},
		{rules.TopicRaise, "next door", next, "L??????????-"},
		{rules.TopicRaiseFor, "here", ours, "L---+-+-----"},
		{rules.TopicRaiseFor, "next door", next, "L---?-?-----"},
		{rules.TopicRaiseFor, "at our street", above, "L---?-?-----"},
		{rules.TopicEdit, "one's own", mine, "L++++++++++-"},
		{rules.TopicEdit, "a neighbour's", ours, "L??????????-"},
		{rules.TopicEdit, "nothing", missing, "L??????????-"},
		{rules.TopicWithdraw, "a neighbour's", ours, "L??????????-"},
		{rules.TopicAppeal, "a neighbour's", ours, "L??????????-"},
		{rules.TopicPhoto, "one's own", mine, "L++++++++++-"},
		{rules.TopicPhoto, "a neighbour's", ours, "L?????+????-"},
		{rules.TopicCosign, "ours", ours, "L-++--------"},
		{rules.TopicCosign, "our street's", above, "L-++--------"},
		{rules.TopicCosign, "next door's", next, "L-??--------"},
		{rules.TopicQueue, "ours", ours, "L----++-+++-"},
		{rules.TopicQueue, "next door's", next, "L----??-+++-"},
		{rules.TopicQueue, "another street's", beyond, "L----??-?++-"},
		{rules.TopicQueue, "another city's", far, "L----??-???-"},
		{rules.TopicQueue, "nothing", missing, "L----??-???-"},
		{rules.TopicAccept, "ours", ours, "L-----+-+---"},
		{rules.TopicAccept, "our own", mine, "L-----+-+---"},
		{rules.TopicAccept, "in the grid", below, "L-----+-+---"},
		{rules.TopicAccept, "next door's", next, "L-----?-+---"},
		{rules.TopicAccept, "our street's", above, "L-----?-+---"},
		{rules.TopicAccept, "another street's", beyond, "L-----?-?---"},
		{rules.TopicAccept, "nothing", missing, "L-----?-?---"},
		{rules.TopicMerge, "next door's", next, "L-----?-+---"},
		{rules.TopicRedirect, "next door's", next, "L-----?-----"},
		{rules.TopicSuspend, "next door's", next, "L-----?-+---"},
		{rules.TopicRule, "ours", ours, "L-------+++-"},
		{rules.TopicRule, "another street's", beyond, "L-------?++-"},
		{rules.TopicDecide, "ours", ours, "L-------+++-"},
		{rules.TopicTakeUp, "ours", ours, "L----------+"},
		{rules.TopicArchive, "ours", ours, "L-----+----+"},
		{rules.TopicArchive, "next door's", next, "L-----?----+"},

		{rules.SessionRead, "ours", ours, "++++++++++++"},
		{rules.SessionOpen, "ours", ours, "L-----+-+++-"},
		{rules.SessionCode, "next door's", next, "L-----?-+++-"},
		{rules.SessionReply, "an invitation of one's own", mine, "L++++++++++-"},
		{rules.SessionReply, "an invitation of another", ours, "L?????+????-"},
		{rules.SessionReply, "an invitation of the department", atOffice, "L?????++???-"},
		{rules.PresenceCheckIn, "ours", ours, "L++++++++++-"},
		{rules.PresenceConfirm, "ours", ours, "L---+-+-+++-"},
		{rules.PresenceConfirm, "next door's", next, "L---?-?-+++-"},
		{rules.PresenceConfirm, "the street's", above, "L---?-?-+++-"},
		{rules.SpeakerRead, "ours", ours, "L++++++++++-"},
		{rules.SpeakerAsk, "ours", ours, "L++++++++++-"},
		{rules.SpeakerNote, "ours", ours, "L---+-+-+++-"},
		{rules.SpeakerNote, "next door's", next, "L---?-?-+++-"},
		{rules.SpeakerGive, "ours", ours, "L-----+-+++-"},
		{rules.SpeakerGive, "one's own", mine, "L-----+-+++-"},
		{rules.SpeakerEnd, "next door's", next, "L-----?-+++-"},
		{rules.SpeakerLeave, "one's own", mine, "L++++++++++-"},
		{rules.SpeakerLeave, "a neighbour's", ours, "L???+?+?+++-"},
		{rules.MinutesRead, "ours", ours, "L????++?+++-"},
		{rules.MinutesRead, "ours, who were present", mine, "L++++++++++-"},
		{rules.MinutesRead, "next door's", next, "L???????+++-"},
		{rules.MinutesKeep, "ours", ours, "L-----+-+++-"},
		{rules.MinutesKeep, "who was present", mine, "L-----+-+++-"},
		{rules.MinutesCorrect, "next door's", next, "L-----?-+++-"},
		{rules.ScreenAsk, "nothing", missing, "++++++++++++"},
		{rules.ScreenSee, "ours", ours, "++++++++++++"},
		{rules.ScreenPair, "ours", ours, "L-----+-+++-"},
		{rules.ScreenPair, "next door's", next, "L-----?-+++-"},
		{rules.ScreenEnd, "next door's", next, "L-----?-+++-"},
		{rules.PollOpening, "ours", ours, "L-----+-+++-"},
		{rules.PollClosing, "ours", ours, "L-----+-++++"},
		{rules.PollClosing, "next door's", next, "L-----?-++++"},
		{rules.BallotCast, "ours", ours, "L++++++++++-"},
		{rules.SecretCast, "ours", ours, "++++++++++++"},
		{rules.SecretToken, "ours", ours, "L++++++++++-"},
		{rules.ShareEnter, "ours", ours, "L++++++++++-"},
		{rules.PollVoid, "ours", ours, "L-------+++-"},
		{rules.PaperIssue, "ours", ours, "L-----+-+++-"},
		{rules.PaperRedeem, "in another city", far, "++++++++++++"},
		{rules.PetitionRead, "in another city", far, "++++++++++++"},
		{rules.PetitionStart, "ours", ours, "L-+---------"},
		{rules.PetitionSign, "next door's", next, "L-?---------"},
		{rules.PetitionUnsign, "ours", ours, "L-+---------"},
		{rules.PetitionSigners, "ours", ours, "L-----+-----"},
		{rules.PetitionConvene, "ours", ours, "L-----+-+++-"},
		{rules.PetitionAnswer, "next door's", next, "L-----?-+++-"},
		{rules.PetitionRemove, "ours", ours, "L-------+++-"},
		{rules.PetitionEnd, "ours", ours, "L----------+"},
		{rules.SheetWithdraw, "ours", ours, "L-----+-+++-"},
		{rules.SheetWithdraw, "next door's", next, "L-----?-+++-"},
		{rules.SheetEnter, "ours", ours, "L---+++-+++-"},
		{rules.BallotAssist, "ours", ours, "L---+-+-+++-"},

		{rules.OrderRead, "held by the department", atOffice, "L----++++++-"},
		{rules.OrderRead, "held by the community", atDesk, "L----++?+++-"},
		{rules.OrderRead, "held next door", atNext, "L----???+++-"},
		{rules.OrderSign, "held by the department", atOffice, "L-----?+?---"},
		{rules.OrderSign, "held by the community", atDesk, "L-----+?+---"},
		{rules.OrderSign, "held next door", atNext, "L-----??+---"},
		{rules.OrderSign, "held by nobody", ours, "L-----???---"},
		{rules.OrderDone, "held by the department", atOffice, "L-----?+?---"},
		{rules.ObjectionRaise, "ours", ours, "L-++--------"},
		{rules.ObjectionAnswer, "ours", ours, "L-----+-+++-"},
		{rules.ConfirmationGive, "one was asked", mine, "L++++++++++-"},
		{rules.ConfirmationGive, "another was asked", ours, "L??????????-"},

		{rules.StaffCreate, "ours", ours, "L--------++-"},
		{rules.StaffCreate, "another city's", far, "L--------??-"},
		{rules.StaffApprove, "ours", ours, "L-------+++-"},
		{rules.PersonBan, "ours", ours, "L-------+++-"},
		{rules.PersonBan, "another street's", beyond, "L-------?++-"},
		{rules.PollRecount, "ours", ours, "L----++-+++-"},
		{rules.PollRecount, "next door's", next, "L----??-+++-"},
		{rules.AuditRead, "ours", ours, "L----++-+++-"},
		{rules.OrgNumbers, "ours", ours, "L----++-+++-"},
		{rules.OrgNumbers, "another city's", far, "L----??-???-"},
		{rules.AuditRead, "another city's", far, "L----??-???-"},
		{rules.DataImport, "the whole city", root, "L--------?+-"},
		{rules.OrgImport, "the whole city", root, "L---------+-"},
		{rules.HouseholdImport, "ours", ours, "L-----+-+++-"},
		{rules.HouseholdRead, "ours", ours, "L---+-+-----"},
		{rules.HouseholdRead, "next door's", next, "L---?-?-----"},
		{rules.HouseholdSpeaker, "one's own home", mine, "L++++++++++-"},
		{rules.HouseholdSpeaker, "a neighbour's home", ours, "L?????+?+++-"},
		{rules.CapacityConfirm, "next door's", next, "L---?-?-----"},
		{rules.CapacityMove, "one's own", mine, "L++++++++++-"},
		{rules.CapacityMove, "a neighbour's", ours, "L?????+????-"},
		{rules.AccountMove, "next door's", next, "L-----?-+++-"},
		{rules.AccountDrop, "ours", ours, "L-----+-+++-"},
		{rules.AccountDrop, "next door's", next, "L-----?-+++-"},
		{rules.MemberJoin, "ours", ours, "L++++++++++-"},
		{rules.MemberConfirm, "ours", ours, "L-----+-+++-"},
		{rules.DialogueTurn, "nothing", missing, "++++++++++++"},
		{"topic.praise", "a deed that there is not", ours, "L-----------"},
		{"", "no deed", ours, "L-----------"},
	} {
		t.Run(string(tt.deed)+" "+tt.what, func(t *testing.T) {
			var b strings.Builder
			for _, p := range people {
				b.WriteString(answer(t, rules.May(standing(p.place), tt.deed, tt.object)))
			}
			if got := b.String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
				for i, p := range people {
					if got[i] != tt.want[i] {
						t.Errorf("%s: %c, want %c", p.name, got[i], tt.want[i])
					}
				}
			}
		})
	}
}

// TestEveryDeedHasARow reads the source: no deed goes without permissions, and
// no row is for a deed that there is not.
func TestEveryDeedHasARow(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "deed.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var deeds []rules.Deed
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				deeds = append(deeds, rules.Deed(s))
			}
		}
		return true
	})
	slices.Sort(deeds)
	if d := cmp.Diff(deeds, slices.Sorted(maps.Keys(rules.Permits))); d != "" {
		t.Errorf("deeds against rows: %s", d)
	}
	for _, deed := range deeds {
		if noun, verb, ok := strings.Cut(string(deed), "."); !ok || noun == "" || verb == "" {
			t.Errorf("%s is no noun.verb", deed)
		}
	}
}

func anyPlace(t *rapid.T) rules.Place {
	return rules.Place{Role: rapid.SampledFrom(rules.Roles).Draw(t, "role"), Path: anyPath(t)}
}

func anyPath(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", city, district, department, street, community, grid, sibling, otherStreet, otherCity}).Draw(t, "path")
}

// TestMayHolds draws people, deeds and objects at random.
func TestMayHolds(t *testing.T) {
	deeds := append(slices.Sorted(maps.Keys(rules.Permits)), "topic.praise")
	rapid.Check(t, func(t *rapid.T) {
		s := rules.Standing{Places: rapid.SliceOfN(rapid.Custom(anyPlace), 0, 4).Draw(t, "places")}
		deed := rapid.SampledFrom(deeds).Draw(t, "deed")
		o := rules.Object{Path: anyPath(t), Holder: anyPath(t), Own: rapid.Bool().Draw(t, "own")}
		err, ever := rules.May(s, deed, o), rules.MayEver(s, deed)

		if more := (rules.Standing{Places: append(slices.Clone(s.Places), anyPlace(t))}); err == nil && rules.May(more, deed, o) != nil {
			t.Fatal("one more role takes a permission away")
		}
		banned := rules.Standing{Banned: true, Places: s.Places}
		if allowed := rules.May(banned, deed, o) == nil; allowed && rules.May(rules.Standing{}, deed, o) != nil {
			t.Fatal("a banned person may do more than anybody")
		}
		if len(s.Places) == 0 && err != nil && err.Error() != "refused: login.needed" {
			t.Fatalf("nobody is logged in, and yet: %v", err)
		}
		switch r, _ := rules.AsRefusal(err); {
		case ever != nil && (err == nil || err.Error() != ever.Error()):
			t.Fatalf("refused beforehand with %v, then %v", ever, err)
		case ever == nil && err != nil && r.Kind != rules.NotFound:
			t.Fatalf("admitted beforehand, then %v", err)
		}
	})
}

// TestMayLeavesItsCallerAlone: a standing may be shared by requests at work at once.
func TestMayLeavesItsCallerAlone(t *testing.T) {
	places := []rules.Place{{Role: rules.Guest}, {Role: rules.City, Path: city}}
	_ = rules.May(rules.Standing{Places: places[:1]}, rules.TopicAccept, ours)
	if places[1].Role != rules.City {
		t.Errorf("the place behind the standing has become %+v", places[1])
	}
}

func TestCheckGrant(t *testing.T) {
	for _, tt := range []struct {
		name string
		by   []rules.Place
		role rules.Role
		path string
		ok   bool
	}{
		{"a secretary names a leader", []rules.Place{{rules.Secretary, community}}, rules.Leader, community, true},
		{"in a grid below", []rules.Place{{rules.Secretary, community}}, rules.Leader, grid, true},
		{"a supervisor", []rules.Place{{rules.Secretary, community}}, rules.Supervisor, community, true},
		{"not next door", []rules.Place{{rules.Secretary, community}}, rules.Leader, sibling, false},
		{"not above", []rules.Place{{rules.Secretary, community}}, rules.Leader, street, false},
		{"not its own like", []rules.Place{{rules.Secretary, community}}, rules.Secretary, community, false},
		{"a street names a secretary", []rules.Place{{rules.Street, street}}, rules.Secretary, community, true},
		{"not in another street", []rules.Place{{rules.Street, street}}, rules.Secretary, otherStreet, false},
		{"not a handler", []rules.Place{{rules.Street, street}}, rules.Handler, community, false},
		{"a district names a handler", []rules.Place{{rules.District, district}}, rules.Handler, department, true},
		{"and a street", []rules.Place{{rules.District, district}}, rules.Street, street, true},
		{"not its own like", []rules.Place{{rules.District, district}}, rules.District, district, false},
		{"a city names a district", []rules.Place{{rules.City, city}}, rules.District, district, true},
		{"not in another city", []rules.Place{{rules.City, city}}, rules.District, otherCity, false},
		{"two offices do not add up", []rules.Place{{rules.Secretary, community}, {rules.Street, otherStreet}}, rules.Secretary, community, false},
		{"each of two holds", []rules.Place{{rules.Secretary, sibling}, {rules.Secretary, community}}, rules.Leader, community, true},
		{"an office held nowhere", []rules.Place{{rules.City, ""}}, rules.Leader, community, false},
		{"nobody makes the clock", []rules.Place{{rules.City, city}}, rules.System, city, false},
		{"nobody makes a resident this way", []rules.Place{{rules.City, city}}, rules.Resident, community, false},
		{"a leader names nobody", []rules.Place{{rules.Leader, community}}, rules.Leader, community, false},
		{"nobody at all", nil, rules.Leader, community, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := "office.beyond"
			if tt.ok {
				want = ""
			}
			if got := codeOf(t, rules.CheckGrant(rules.Standing{Places: tt.by}, tt.role, tt.path)); got != want {
				t.Errorf("CheckGrant refused with %q, want %q", got, want)
			}
		})
	}
}

func TestGrantable(t *testing.T) {
	for rank, by := range rules.Roles {
		for _, role := range rules.Grantable(by) {
			if slices.Index(rules.Roles, role) > rank {
				t.Errorf("a %s may make a %s, which reaches further", by, role)
			}
			if slices.Contains([]rules.Role{rules.Anonymous, rules.Guest, rules.Resident, rules.Merchant, rules.System}, role) {
				t.Errorf("a %s may make a %s, which is no office", by, role)
			}
		}
	}
	if got := rules.Grantable("no such role"); got != nil {
		t.Errorf("no such role may make %v", got)
	}
}
