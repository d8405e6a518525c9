package data_test

import (
	"slices"
	"testing"
	"time"

	"yishi/configs/data"
	"yishi/models/rules"
)

// ballots is what came of a poll: heads and, where it matters, areas.
type ballots struct {
	due, attended, yes, no, abstain int64
	area                            *ballots
}

func (b ballots) decide(p rules.Pack) rules.Result {
	t, a := rules.Turnout{Due: b.due, Attended: b.attended}, ballots{}
	if b.area != nil {
		a = *b.area
		t.DueArea, t.AttendedArea = a.due, a.attended
	}
	return rules.Decide(p, rules.Ask{Method: rules.MethodYesNo}, t, []rules.Mark{
		{Choice: rules.Yes, Ballots: b.yes, Area: a.yes},
		{Choice: rules.No, Ballots: b.no, Area: a.no},
		{Choice: rules.Abstain, Ballots: b.abstain, Area: a.abstain},
	}).Result
}

// owners are 90 heads and 9,000 m² of whom as many took part as voted.
func owners(yes, no, abstain int64, area ballots) ballots {
	area.due, area.attended = 90_000_000, area.yes+area.no+area.abstain
	return ballots{90, yes + no + abstain, yes, no, abstain, &area}
}

func by(yes, no int64) ballots { return ballots{yes: yes, no: no} }

type norm struct {
	says string
	came ballots
	want rules.Result
}

// norms hold each pack against its law: exactly at the bound, and one below.
var norms = map[string][]norm{
	"CONSULT": {
		{"half present is too few", ballots{10, 5, 5, 0, 0, nil}, rules.ResultNoQuorum},
		{"more than half of those present agree", ballots{10, 6, 4, 2, 0, nil}, rules.ResultPassed},
		{"half of those present is not more than half", ballots{10, 6, 3, 2, 1, nil}, rules.ResultFailed},
		{"those who stay silent are present", ballots{10, 10, 5, 1, 0, nil}, rules.ResultFailed},
	},
	"CONSULT23": {
		{"two thirds are enough, and two thirds of them", ballots{9, 6, 4, 2, 0, nil}, rules.ResultPassed},
		{"one less present", ballots{9, 5, 5, 0, 0, nil}, rules.ResultNoQuorum},
		{"one less agrees, and two of those present stay silent", ballots{9, 6, 3, 1, 0, nil}, rules.ResultFailed},
	},
	"DOOR": {
		{"two thirds of the doors, more than half agree", ballots{12, 8, 5, 3, 0, nil}, rules.ResultPassed},
		{"a door short", ballots{12, 7, 7, 0, 0, nil}, rules.ResultNoQuorum},
		{"half of those who take part, one of them silent", ballots{12, 8, 4, 3, 0, nil}, rules.ResultFailed},
	},
	"STAKE": {
		{"all have signed", ballots{3, 3, 3, 0, 0, nil}, rules.ResultPassed},
		{"one is missing", ballots{3, 2, 2, 0, 0, nil}, rules.ResultPending},
		{"one declines", ballots{3, 3, 2, 1, 0, nil}, rules.ResultFailed},
	},
	"REP": {
		{"two thirds of the members, more than half of those attending", ballots{30, 20, 11, 9, 0, nil}, rules.ResultPassed},
		{"19 of 30 members", ballots{30, 19, 19, 0, 0, nil}, rules.ResultNoQuorum},
		{"half of those attending", ballots{30, 20, 10, 9, 0, nil}, rules.ResultFailed},
	},
	"RES": {
		{"more than half of the households, more than half of those", ballots{100, 51, 26, 25, 0, nil}, rules.ResultPassed},
		{"exactly half of the households", ballots{100, 50, 50, 0, 0, nil}, rules.ResultNoQuorum},
		{"half of those attending, one of them silent", ballots{100, 52, 26, 25, 0, nil}, rules.ResultFailed},
	},
	"VIL": {
		{"two thirds of the households, more than half of those", ballots{90, 60, 31, 29, 0, nil}, rules.ResultPassed},
		{"what is enough in a city is not in a village", ballots{90, 59, 59, 0, 0, nil}, rules.ResultNoQuorum},
		{"half of those attending, one of them silent", ballots{90, 60, 30, 29, 0, nil}, rules.ResultFailed},
	},
	"OWN_GEN": {
		{"two thirds and more than half, by heads and by area", owners(31, 29, 0, by(30_000_001, 29_999_999)), rules.ResultPassed},
		{"a head short of two thirds", owners(59, 0, 0, by(90_000_000, 0)), rules.ResultNoQuorum},
		{"a square centimetre short of two thirds", owners(90, 0, 0, by(59_999_999, 0)), rules.ResultNoQuorum},
		{"half of the heads that vote", owners(30, 30, 0, by(50_000_000, 10_000_000)), rules.ResultFailed},
		{"half of the area that votes", owners(50, 10, 0, by(30_000_000, 30_000_000)), rules.ResultFailed},
		{"who is there and does not vote is not asked", ballots{90, 70, 31, 29, 0, &ballots{90_000_000, 70_000_000, 30_000_001, 29_999_999, 0, nil}}, rules.ResultPassed},
		{"who abstains has voted", owners(30, 0, 30, by(60_000_000, 0)), rules.ResultFailed},
	},
	"OWN_SPE": {
		{"two thirds and three quarters, by heads and by area", owners(45, 15, 0, by(45_000_000, 15_000_000)), rules.ResultPassed},
		{"a head short of two thirds", owners(59, 0, 0, by(90_000_000, 0)), rules.ResultNoQuorum},
		{"a square centimetre short of two thirds", owners(90, 0, 0, by(59_999_999, 0)), rules.ResultNoQuorum},
		{"who is there and does not vote is not asked", ballots{90, 70, 45, 15, 0, &ballots{90_000_000, 70_000_000, 45_000_000, 15_000_000, 0, nil}}, rules.ResultPassed},
		{"a head short of three quarters", owners(44, 16, 0, by(50_000_000, 10_000_000)), rules.ResultFailed},
		{"a square centimetre short of three quarters", owners(50, 10, 0, by(44_999_999, 15_000_001)), rules.ResultFailed},
	},
	"ADV": {{"nothing is decided", ballots{10, 1, 1, 0, 0, nil}, rules.ResultOpinion}},
	"ALLIANCE": {
		{"more than half of the members, more than half of those", ballots{6, 4, 3, 1, 0, nil}, rules.ResultPassed},
		{"half of the members", ballots{6, 3, 3, 0, 0, nil}, rules.ResultNoQuorum},
		{"half of those who take part, one of them silent", ballots{6, 4, 2, 1, 0, nil}, rules.ResultFailed},
	},
}

func packs(t *testing.T) map[string]rules.Pack {
	t.Helper()
	list, err := data.RulePacks()
	all := map[string]rules.Pack{}
	for _, p := range must(t, list, err) {
		if _, twice := all[p.Code]; twice {
			t.Errorf("%s is there twice", p.Code)
		}
		all[p.Code] = p
	}
	return all
}

func TestThePacksSayWhatTheLawSays(t *testing.T) {
	all := packs(t)
	for code, p := range all {
		if len(norms[code]) == 0 {
			t.Errorf("%s is held against nothing", code)
		}
		for _, n := range norms[code] {
			if got := n.came.decide(p); got != n.want {
				t.Errorf("%s, %s: got %s, want %s", code, n.says, got, n.want)
			}
		}
	}
	for code := range norms {
		if _, ok := all[code]; !ok {
			t.Errorf("there is no pack %s", code)
		}
	}
}

// TestThePacksAreComplete holds what a pack says besides its numbers.
func TestThePacksAreComplete(t *testing.T) {
	every := []rules.Method{rules.MethodYesNo, rules.MethodChoose, rules.MethodRank, rules.MethodScore, rules.MethodEach}
	law := []rules.Method{rules.MethodYesNo, rules.MethodEach}
	type says struct {
		from    string
		unit    rules.UnitKind
		binding bool // as the law has it; an owners' vote is held elsewhere
		study   bool // by the Party organisation first: 居委会组织法 art. 30, 村委会组织法 art. 28
		notice  int  // days: art. 26 and 25 of the same; 物业管理条例 art. 14
		secret  bool
		methods []rules.Method
	}
	want := map[string]says{
		"CONSULT":   {"2026-01-01", rules.UnitPerson, false, false, 3, true, every},
		"CONSULT23": {"2026-01-01", rules.UnitPerson, false, false, 3, true, every},
		"DOOR":      {"2026-01-01", rules.UnitHousehold, false, false, 3, true, every},
		"STAKE":     {"2021-01-01", rules.UnitStakeholder, false, false, 3, false, []rules.Method{rules.MethodYesNo}},
		"REP":       {"2026-01-01", rules.UnitRepresentative, true, true, 3, true, law},
		"RES":       {"2026-01-01", rules.UnitHousehold, true, true, 10, true, law},
		"VIL":       {"2026-01-01", rules.UnitHousehold, true, true, 10, true, law},
		"OWN_GEN":   {"2021-01-01", rules.UnitOwner, false, false, 15, false, law},
		"OWN_SPE":   {"2021-01-01", rules.UnitOwner, false, false, 15, false, law},
		"ADV":       {"2026-01-01", rules.UnitPerson, false, false, 3, true, every},
		"ALLIANCE":  {"2026-01-01", rules.UnitMember, false, false, 3, true, every},
	}
	for code, p := range packs(t) {
		w := want[code]
		if p.EffectiveFrom != w.from || p.Unit != w.unit || p.Binding != w.binding || p.PartyStudy != w.study ||
			p.NoticeDays != w.notice || p.Secret != w.secret || !slices.Equal(p.Methods, w.methods) {
			t.Errorf("%s: got %+v, want %+v", code, p, w)
		}
		if !p.Enabled || p.Law == "" || p.Article == "" || p.Version == "" || p.Name == "" || p.EffectiveTo != "" {
			t.Errorf("%s: incomplete", code)
		}
		if _, bad := time.Parse(time.DateOnly, p.EffectiveFrom); bad != nil {
			t.Errorf("%s: in force from %q", code, p.EffectiveFrom)
		}
		if p.LiveTally {
			t.Errorf("%s: whoever votes last would know how the others did", code)
		}
		if owners := p.Unit == rules.UnitOwner; p.ByArea != owners {
			t.Errorf("%s: by area %v", code, p.ByArea)
		}
		if p.Secret && rules.CheckSecret(p) != nil {
			t.Errorf("%s: secret, and yet not", code)
		}
	}
}

// TestTheCatalogueSuggestsPacksThatThereAre holds every item's rule pack.
func TestTheCatalogueSuggestsPacksThatThereAre(t *testing.T) {
	all := packs(t)
	for _, i := range catalogue(t) {
		if _, ok := all[i.Pack]; !ok {
			t.Errorf("%s suggests %s, which there is not", i.Code, i.Pack)
		}
	}
}
