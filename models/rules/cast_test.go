package rules_test

import (
	"testing"
	"time"

	"yishi/models/rules"
)

func TestCheckBallot(t *testing.T) {
	now := at(t, "2026-03-01 20:00")
	later, earlier := now.Add(time.Second), now.Add(-time.Second)
	ranked := ask(rules.MethodRank, 3, 0)
	for _, tt := range []struct {
		name   string
		closes *time.Time
		ask    rules.Ask
		off    bool // the roll
		typed  string
		want   string // the refusal
		mark   rules.Choice
	}{
		{name: "a yes", closes: &later, ask: yesNo, typed: "yes", mark: rules.Yes},
		{name: "a no", closes: &later, ask: yesNo, typed: "no", mark: rules.No},
		{name: "an abstention", closes: &later, ask: yesNo, typed: "abstain", mark: rules.Abstain},
		{name: "closed by the chair", ask: yesNo, typed: "yes", mark: rules.Yes},
		{name: "at the very moment of closing", closes: &now, ask: yesNo, typed: "yes", want: "poll.closed"},
		{name: "after it", closes: &earlier, ask: yesNo, typed: "yes", want: "poll.closed"},
		{name: "not an option", ask: yesNo, typed: "maybe", want: "poll.option"},
		{name: "nothing", ask: yesNo, want: "poll.option"},
		{name: "not on the roll", ask: yesNo, off: true, typed: "yes", want: "poll.roll"},
		{name: "what cannot be read is told before who may", ask: yesNo, off: true, typed: "maybe", want: "poll.option"},
		{name: "the mark of an unentered sheet is no choice", ask: yesNo, typed: string(rules.Sheet), want: "poll.option"},
		{name: "a ranking", ask: ranked, typed: "2>1", mark: "2>1"},
		{name: "a ranking as people type it", ask: ranked, typed: "２，１", mark: "2>1"},
		{name: "a ranking that names one twice", ask: ranked, typed: "2>2", want: "poll.rank"},
		{name: "a yes to a ranking", ask: ranked, typed: "yes", want: "poll.rank"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mark, err := rules.CheckBallot(tt.closes, tt.ask, !tt.off, tt.typed, now)
			if got := codeOf(t, err); got != tt.want || mark != tt.mark {
				t.Errorf("CheckBallot gives %q and the refusal %q, want %q and %q", mark, got, tt.mark, tt.want)
			}
		})
	}
}

func TestCheckAgain(t *testing.T) {
	once, again := rules.Pack{}, rules.Pack{Revote: true}
	mine, other := rules.Had{Person: 1}, rules.Had{Person: 2}
	proxy, proxy2 := rules.Had{Person: 2, Way: rules.ByProxy}, rules.Had{Person: 3, Way: rules.ByProxy}
	helped, code := rules.Had{Person: 1, Way: rules.ByHelper}, rules.Had{Way: rules.ByPaper}
	sheet, entry, reopened := rules.Had{Way: rules.BySheet}, rules.Had{Way: rules.ByEntry}, rules.Had{Way: rules.ByReopening}
	back := rules.Had{Way: rules.ByWithdrawal}
	for _, tt := range []struct {
		name     string
		pack     rules.Pack
		had, now rules.Had
		want     string
	}{
		{"the pack lets people vote again", again, mine, mine, ""},
		{"the pack does not", once, mine, mine, "poll.twice"},
		{"a joint owner after the first", again, mine, other, "poll.other"},
		{"a joint owner where nobody votes again", once, mine, other, "poll.other"},
		{"the holder after the proxy", again, proxy, mine, ""},
		{"the holder after the proxy where nobody votes again", once, proxy, mine, "poll.twice"},
		{"the proxy after the holder", again, mine, proxy, "poll.other"},
		{"a second proxy", again, proxy, proxy2, "poll.other"},
		{"a sheet after a ballot by telephone", again, mine, sheet, "paper.voted"},
		{"a sheet after a proxy's", again, proxy, sheet, "paper.voted"},
		{"a code after a ballot by telephone", again, mine, code, "paper.voted"},
		{"a helper after a ballot by telephone", again, mine, helped, "paper.voted"},
		{"a helper after a helper", again, helped, helped, "paper.voted"},
		{"a helper after a sheet", again, sheet, helped, "paper.voted"},
		{"a code after a sheet enters nothing", again, sheet, code, "paper.voted"},
		{"a second sheet", again, sheet, sheet, "paper.voted"},
		{"a sheet after a code", again, code, sheet, "paper.voted"},
		{"who was helped, by telephone", again, helped, mine, ""},
		{"who was helped where nobody votes again", once, helped, mine, "poll.twice"},
		{"the family of who was helped", again, helped, other, "poll.other"},
		{"the proxy of who was helped", again, helped, proxy, "poll.other"},
		{"a telephone after a sheet", again, sheet, mine, "poll.paper"},
		{"a telephone after a code", again, code, mine, "poll.paper"},
		{"a proxy after a sheet", again, sheet, proxy, "poll.paper"},
		{"the entry of a sheet", once, sheet, entry, ""},
		{"an entry without a sheet", again, mine, entry, "sheet.entered"},
		{"another entry", again, code, entry, "sheet.entered"},
		{"an entry to be corrected", once, code, reopened, ""},
		{"a sheet that waits, to be corrected", once, sheet, reopened, "sheet.waiting"},
		{"a ballot by telephone, to be corrected", again, mine, reopened, "sheet.waiting"},
		{"a sheet that waits, taken back", once, sheet, back, ""},
		{"what was entered, taken back", again, code, back, "sheet.entered"},
		{"a ballot by telephone, taken back", again, mine, back, "sheet.entered"},
		{"a sheet taken back twice", again, back, back, "sheet.entered"},
		{"a telephone after a sheet that was taken back", once, back, mine, ""},
		{"a proxy after it", once, back, proxy, ""},
		{"a helper after it", once, back, helped, ""},
		{"a code after it", once, back, code, ""},
		{"another sheet after it", once, back, sheet, ""},
		{"an entry after it", once, back, entry, "sheet.entered"},
		{"a correction after it", once, back, reopened, "sheet.waiting"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckAgain(tt.pack, tt.had, tt.now)); got != tt.want {
				t.Errorf("refused with %q, want %q", got, tt.want)
			}
		})
	}
}
