package rules_test

import (
	"testing"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestReadEntry(t *testing.T) {
	for _, tt := range []struct {
		name  string
		ask   rules.Ask
		typed string
		mark  rules.Choice
		want  string
	}{
		{"a yes", yesNo, "yes", rules.Yes, ""},
		{"nothing that can be read", yesNo, "void", rules.Void, ""},
		{"nothing, of a ranking", ask(rules.MethodRank, 3, 0), "void", rules.Void, ""},
		{"not an option", yesNo, "maybe", "", "poll.option"},
		{"the mark of an unentered sheet", yesNo, "sheet", "", "poll.option"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mark, err := rules.ReadEntry(tt.ask, tt.typed)
			if got := codeOf(t, err); got != tt.want || mark != tt.mark {
				t.Errorf("read as %q, refused with %q, want %q and %q", mark, got, tt.mark, tt.want)
			}
		})
	}
	if _, err := rules.ReadChoice(yesNo, "void"); err == nil {
		t.Error("a voter can choose to be void")
	}
}

func TestCheckEntry(t *testing.T) {
	one := []rules.Entered{{Person: 1, Choice: rules.Yes}}
	for _, tt := range []struct {
		name   string
		had    []rules.Entered
		person int64
		own    bool
		want   string
	}{
		{"the first", nil, 1, false, ""},
		{"somebody else", one, 2, false, ""},
		{"the same again", one, 1, false, "sheet.twice"},
		{"one's own", nil, 1, true, "sheet.own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckEntry(tt.had, tt.person, tt.own)); got != tt.want {
				t.Errorf("refused with %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAgreed(t *testing.T) {
	yes, no := rules.Yes, rules.No
	for _, tt := range []struct {
		name    string
		entries []rules.Entered
		want    rules.Choice
	}{
		{"nobody yet", nil, ""},
		{"one alone", []rules.Entered{{1, yes}}, ""},
		{"two alike", []rules.Entered{{1, yes}, {2, yes}}, yes},
		{"two who differ", []rules.Entered{{1, yes}, {2, no}}, ""},
		{"a third sides with the first", []rules.Entered{{1, yes}, {2, no}, {3, yes}}, yes},
		{"a third sides with the second", []rules.Entered{{1, yes}, {2, no}, {3, no}}, no},
		{"three who differ", []rules.Entered{{1, yes}, {2, no}, {3, rules.Void}}, ""},
		{"one who reads it twice", []rules.Entered{{1, yes}, {1, yes}}, ""},
		{"two say that it says nothing", []rules.Entered{{1, rules.Void}, {2, rules.Void}}, rules.Void},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := rules.Agreed(tt.entries)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("agreed on %q, %v, want %q", got, ok, tt.want)
			}
		})
	}
}

// TestAgreedHolds: nobody alone ever decides, whatever they enter and however
// often.
func TestAgreedHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []rules.Entered
		backers := map[rules.Choice]map[int64]bool{}
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			e := rules.Entered{Person: rapid.Int64Range(1, 4).Draw(t, "who"), Choice: rapid.SampledFrom(rules.Choices).Draw(t, "what")}
			entries = append(entries, e)
			if backers[e.Choice] == nil {
				backers[e.Choice] = map[int64]bool{}
			}
			backers[e.Choice][e.Person] = true
		}
		got, ok := rules.Agreed(entries)
		if ok && len(backers[got]) < 2 {
			t.Fatalf("%v stands by one person alone", got)
		}
		for c, who := range backers {
			if len(who) > 1 && !ok {
				t.Fatalf("two read %v and it does not stand", c)
			}
		}
	})
}
