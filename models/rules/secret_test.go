package rules_test

import (
	"testing"

	"yishi/models/rules"
)

func TestCheckSecret(t *testing.T) {
	for _, tt := range []struct {
		secret, byArea bool
		want           string
	}{
		{true, false, ""},
		{false, false, "poll.secret"},
		{false, true, "poll.secret"},
		{true, true, "poll.secret"}, // an area names its unit, whatever the data say
	} {
		if got := codeOf(t, rules.CheckSecret(rules.Pack{Secret: tt.secret, ByArea: tt.byArea})); got != tt.want {
			t.Errorf("secret %v, by area %v: refused with %q, want %q", tt.secret, tt.byArea, got, tt.want)
		}
	}
}

func TestCheckSecrecy(t *testing.T) {
	may := rules.Pack{Secret: true}
	for _, tt := range []struct {
		pack       rules.Pack
		disclosure rules.Disclosure
		crowd      int
		due        int64
		want       string
	}{
		{may, rules.DiscloseKey, 10, 10, ""},
		{may, rules.DiscloseList, 5, 10, ""},
		{may, rules.DiscloseKey, 50, 50, ""},
		{rules.Pack{}, rules.DiscloseKey, 10, 10, "poll.secret"},
		{may, "", 10, 10, "secret.disclosure"},
		{may, "both", 10, 10, "secret.disclosure"},
		{may, rules.DiscloseKey, 4, 100, "secret.crowd"},
		{may, rules.DiscloseKey, 51, 100, "secret.crowd"},
		{may, rules.DiscloseKey, 0, 100, "secret.crowd"},
		{may, rules.DiscloseKey, 5, 9, "secret.few"},
		{may, rules.DiscloseKey, 20, 19, "secret.few"},
	} {
		if got := codeOf(t, rules.CheckSecrecy(tt.pack, tt.disclosure, tt.crowd, tt.due)); got != tt.want {
			t.Errorf("%+v: refused with %q", tt, got)
		}
	}
}

func TestKeeperOf(t *testing.T) {
	const here, above, beside = "/1/2/3/", "/1/2/", "/1/2/4/"
	for _, tt := range []struct {
		name   string
		places []rules.Place
		want   rules.Keeper
	}{
		{"nobody", nil, ""},
		{"a guest", []rules.Place{{Role: rules.Guest}, {Role: rules.Guest, Path: here}}, ""},
		{"a resident", []rules.Place{{Role: rules.Resident, Path: here}}, rules.KeeperNeighbour},
		{"a resident of elsewhere", []rules.Place{{Role: rules.Resident, Path: beside}}, ""},
		{"a leader", []rules.Place{{Role: rules.Leader, Path: here}}, rules.KeeperNeighbour},
		{"a merchant of the street", []rules.Place{{Role: rules.Merchant, Path: above}}, rules.KeeperNeighbour},
		{"the secretary", []rules.Place{{Role: rules.Secretary, Path: here}}, rules.KeeperDesk},
		{"the secretary of elsewhere", []rules.Place{{Role: rules.Secretary, Path: beside}}, ""},
		{"a secretary of elsewhere who lives here", []rules.Place{{Role: rules.Secretary, Path: beside}, {Role: rules.Resident, Path: here}}, ""},
		{"the secretary who lives here", []rules.Place{{Role: rules.Resident, Path: here}, {Role: rules.Secretary, Path: here}}, rules.KeeperDesk},
		{"the supervisor who lives here", []rules.Place{{Role: rules.Supervisor, Path: here}, {Role: rules.Resident, Path: here}}, rules.KeeperWatch},
		{"the street", []rules.Place{{Role: rules.Street, Path: above}}, rules.KeeperWatch},
		{"the street and the desk", []rules.Place{{Role: rules.Secretary, Path: here}, {Role: rules.Street, Path: above}}, rules.KeeperDesk},
		{"a department", []rules.Place{{Role: rules.Handler, Path: "/1/9/"}, {Role: rules.Resident, Path: here}}, ""},
	} {
		if got := rules.KeeperOf(rules.Standing{Places: tt.places}, here); got != tt.want {
			t.Errorf("%s keeps it for %q, want %q", tt.name, got, tt.want)
		}
	}
	const d, w, n = rules.KeeperDesk, rules.KeeperWatch, rules.KeeperNeighbour
	for _, tt := range []struct {
		keepers []rules.Keeper
		want    string
	}{
		{[]rules.Keeper{d, w, n}, ""},
		{[]rules.Keeper{n, d, w}, ""},
		{[]rules.Keeper{d, w, w}, "secret.keepers"},
		{[]rules.Keeper{d, w, ""}, "secret.keepers"},
		{[]rules.Keeper{d, w}, "secret.keepers"},
		{[]rules.Keeper{d, w, n, n}, "secret.keepers"},
		{nil, "secret.keepers"},
	} {
		if got := codeOf(t, rules.CheckKeepers(tt.keepers)); got != tt.want {
			t.Errorf("%v: refused with %q", tt.keepers, got)
		}
	}
}

func TestCheckTurn(t *testing.T) {
	again, once := rules.Pack{Revote: true}, rules.Pack{}
	for _, tt := range []struct {
		pack       rules.Pack
		cast, turn int
		want       string
	}{
		{once, 0, 0, ""},
		{again, 3, 3, ""},
		{once, 1, 1, "poll.twice"},
		{again, 1, 0, "secret.turn"},
		{again, 0, 1, "secret.turn"},
		{again, 0, -1, "secret.turn"},
		{again, rules.MaxTurns - 1, rules.MaxTurns - 1, ""},
		{again, rules.MaxTurns, rules.MaxTurns, "secret.often"},
	} {
		if got := codeOf(t, rules.CheckTurn(tt.pack, tt.cast, tt.turn)); got != tt.want {
			t.Errorf("%+v: refused with %q", tt, got)
		}
	}
}

// TestReadSealed takes the mark that was asked for and nothing that is only like
// it: a program wrote it.
func TestReadSealed(t *testing.T) {
	yesno, rank := rules.Ask{Method: rules.MethodYesNo}, rules.Ask{Method: rules.MethodRank, Options: []string{"甲", "乙", "丙"}}
	for _, tt := range []struct {
		ask  rules.Ask
		says string
		want rules.Choice
	}{
		{yesno, "yes", rules.Yes},
		{yesno, "Yes", rules.Void},
		{yesno, " yes", rules.Void},
		{yesno, "", rules.Void},
		{yesno, "1>2", rules.Void},
		{yesno, "sheet", rules.Void},
		{rank, "2>1", "2>1"},
		{rank, "2,1", rules.Void},
		{rank, "2>2", rules.Void},
		{rank, "4", rules.Void},
	} {
		if got := rules.ReadSealed(tt.ask, tt.says); got != tt.want {
			t.Errorf("%q is read as %q", tt.says, got)
		}
	}
	// What is spoiled takes part, and takes no side.
	v := rules.Decide(rules.Pack{Verdict: true, Participation: rules.Share{Num: 1, Den: 2}, Approval: rules.Approval{Share: rules.Share{Num: 1, Den: 2, Strict: true}, Base: rules.BaseCast}},
		yesno, rules.Turnout{Due: 4, Attended: 4}, []rules.Mark{{Choice: rules.Yes, Ballots: 2}, {Choice: rules.Void, Ballots: 2}})
	if v.Result != rules.ResultFailed || v.Count.Cast != 4 || v.Count.Yes != 2 || v.Count.No != 0 || v.Count.Abstain != 0 {
		t.Errorf("two of four that are valid say %+v", v)
	}
}
