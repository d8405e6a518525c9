package rules_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestReadChoice(t *testing.T) {
	choose, rank := ask(rules.MethodChoose, 4, 2), ask(rules.MethodRank, 4, 0)
	score, each := ask(rules.MethodScore, 3, 10), ask(rules.MethodEach, 3, 0)
	for _, tt := range []struct {
		name  string
		ask   rules.Ask
		typed string
		mark  rules.Choice
		want  string
	}{
		{"yes", yesNo, "yes", rules.Yes, ""},
		{"in capitals", yesNo, " No ", rules.No, ""},
		{"in full-width letters", yesNo, "ａｂｓｔａｉｎ", rules.Abstain, ""},
		{"not to this question", yesNo, "1", "", "poll.option"},
		{"yes and no", yesNo, "yes no", "", "poll.option"},
		{"nothing", yesNo, "", "", "poll.option"},
		{"a sentence", yesNo, strings.Repeat("yes", 67), "", "poll.long"},

		{"one of four", choose, "3", "3", ""},
		{"two of four", choose, "1+3", "1+3", ""},
		{"in another order", choose, "3+1", "1+3", ""},
		{"twice the same", choose, "3 3", "3", ""},
		{"full-width digits and sign", choose, "３＋１", "1+3", ""},
		{"as people count up", choose, "1、3", "1+3", ""},
		{"with a Chinese comma", choose, "1，3", "1+3", ""},
		{"with a comma and a blank", choose, "1, 3", "1+3", ""},
		{"with a full-width blank", choose, "1\u30003", "1+3", ""},
		{"on two lines", choose, "1\n3\n", "1+3", ""},
		{"none of them", choose, "abstain", rules.Abstain, ""},
		{"three where two may be", choose, "1+2+3", "", "poll.most"},
		{"nought", choose, "0", "", "poll.option"},
		{"a fifth of four", choose, "1+5", "", "poll.option"},
		{"an unknown one among too many", choose, "1+2+9", "", "poll.option"},
		{"digits without a sign are not guessed at", choose, "13", "", "poll.option"},
		{"a gap", choose, "1++3", "", "poll.option"},
		{"a sign at the end", choose, "1、", "", "poll.option"},
		{"less than none", choose, "-1", "", "poll.option"},
		{"a range", choose, "1-3", "", "poll.option"},
		{"an abstention and more", choose, "abstain 1", "", "poll.option"},
		{"nothing chosen", choose, "  ", "", "poll.option"},
		{"digits of another script", choose, "١", "", "poll.option"},
		{"a number without end", choose, strings.Repeat("1", 150), "", "poll.option"},

		{"all in order", rank, "2>1>3>4", "2>1>3>4", ""},
		{"the first alone", rank, "2", "2", ""},
		{"full-width signs", rank, "２＞１", "2>1", ""},
		{"with arrows", rank, "2→1", "2>1", ""},
		{"with blanks", rank, "2 1 4", "2>1>4", ""},
		{"with commas", rank, "2，1、4", "2>1>4", ""},
		{"a number twice", rank, "2>1>2", "", "poll.rank"},
		{"an unknown number", rank, "2>5", "", "poll.rank"},
		{"a place left out", rank, "2>>1", "", "poll.rank"},
		{"broken off", rank, "2>", "", "poll.rank"},
		{"no preference", rank, "abstain", rules.Abstain, ""},
		{"a word", rank, "first", "", "poll.rank"},

		{"points", score, "5,3,0", "5,3,0", ""},
		{"the most points", score, "10，10，10", "10,10,10", ""},
		{"points with blanks", score, "5 3 0", "5,3,0", ""},
		{"a nought before", score, "05 3 00", "5,3,0", ""},
		{"a point more than may be", score, "11,3,0", "", "poll.score"},
		{"an option without points", score, "5,3", "", "poll.score"},
		{"points left out in between", score, "5,,0", "", "poll.score"},
		{"points for a fourth", score, "5,3,0,1", "", "poll.score"},
		{"half a point", score, "5.5,3,0", "", "poll.score"},
		{"less than nought", score, "-5,3,0", "", "poll.score"},
		{"no points at all", score, "abstain", rules.Abstain, ""},

		{"each by its letter", each, "y,n,a", "y,n,a", ""},
		{"each by its word", each, "yes no abstain", "y,n,a", ""},
		{"in full-width capitals", each, "Ｙ、Ｎ、Ａ", "y,n,a", ""},
		{"nothing on any", each, "abstain", "a,a,a", ""},
		{"one too few", each, "y,n", "", "poll.each"},
		{"one too many", each, "y,n,a,y", "", "poll.each"},
		{"one left out", each, "y,,a", "", "poll.each"},
		{"another letter", each, "y,n,x", "", "poll.each"},

		{"no method", rules.Ask{Options: []string{"A"}}, "1", "", "poll.option"},
		{"no options", rules.Ask{Method: rules.MethodEach}, "abstain", "", "poll.option"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rules.ReadChoice(tt.ask, tt.typed)
			if code := codeOf(t, err); got != tt.mark || code != tt.want {
				t.Errorf("ReadChoice(%q) = %q, refused with %q, want %q, %q", tt.typed, got, code, tt.mark, tt.want)
			}
		})
	}
}

// maxMark is how long a mark may be where it is stored.
const maxMark = 64

func TestMarksReadToThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAsk(t)
		c := anyMark(t, a)
		if got, err := rules.ReadChoice(a, string(c)); err != nil || got != c {
			t.Fatalf("%q is read as %q: %v", c, got, err)
		}
	})
}

// readsOnce reads what was typed: refused by name, or a mark that fits its
// column and reads to itself.
func readsOnce(t interface{ Fatalf(string, ...any) }, a rules.Ask, typed string) {
	c, err := rules.ReadChoice(a, typed)
	if err != nil {
		if _, ok := rules.AsRefusal(err); !ok || c != "" {
			t.Fatalf("ReadChoice(%q) = %q, %v", typed, c, err)
		}
		return
	}
	if again, err := rules.ReadChoice(a, string(c)); err != nil || again != c || c == "" || len(c) > maxMark {
		t.Fatalf("%q is read as %q, and that as %q: %v", typed, c, again, err)
	}
}

func TestReadChoiceTakesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.OneOf(anyText(), rapid.StringMatching(`[0-9０-９ynaＹ＋+>＞,，、 ]{0,20}`)).Draw(t, "typed")
		readsOnce(t, anyAsk(t), typed)
	})
}

func FuzzReadChoice(f *testing.F) {
	for _, seed := range []string{"yes", "1+3", "２＞１", "5,3,0", "y、n、a", "abstain", "", "1,,2", "\u200b1", "\xff"} {
		f.Add(uint8(3), uint8(2), seed)
	}
	f.Fuzz(func(t *testing.T, n, most uint8, typed string) {
		for _, m := range methods {
			a := ask(m, int(n)%(rules.MaxOptions+1), int(most)%(rules.MaxScore+1))
			readsOnce(t, a, typed)
		}
	})
}
