package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yishi/models/board"
)

// what a row of the table may change: the poll before it is put on the board and
// signed, the file afterwards, and what is asked of the verifier.
type wrong struct {
	name   string
	poll   int // in polls
	before func(*held)
	after  func(*file)
	args   []string
	code   string
}

// named finds the codes of the faults in a report.
var named = regexp.MustCompile(`(?m)^✗ (?:第 \d+ 条 )?\[([a-z_.]+)\]`)

func codesOf(said string) []string {
	var codes []string
	for _, m := range named.FindAllStringSubmatch(said, -1) {
		codes = append(codes, m[1])
	}
	return codes
}

// set changes one field of a definition, given as "field" or "pack.field".
func set(name string, value any) func(*held) {
	return func(h *held) {
		if field, ok := strings.CutPrefix(name, "pack."); ok {
			h.pack()[field] = value
			return
		}
		h.def[name] = value
	}
}

// roll replaces the roll, and what the definition says of it.
func roll(entries func([]entry) []entry) func(*held) {
	return func(h *held) {
		h.roll = entries(h.roll)
		h.def["roll"], h.def["due"] = rollHash(h.roll), len(h.roll)
	}
}

// ballot changes one ballot.
func ballot(i int, change func(*board.Leaf)) func(*held) {
	return func(h *held) { change(&h.ballots[i]) }
}

// choice changes what the first ballot says.
func choice(mark string) func(*held) {
	return ballot(0, func(b *board.Leaf) { b.Choice = mark })
}

// verdict changes some words of the verdict.
func verdict(old, changed string) func(*held) {
	return func(h *held) {
		h.closing.Verdict = json.RawMessage(strings.Replace(string(h.closing.Verdict), old, changed, 1))
	}
}

// leaf puts a further leaf before the closing.
func leaf(text string) func(*held) { return func(h *held) { h.more = append(h.more, []byte(text)) } }

// Polls of which the table changes one thing or another.
var (
	atBack    = at("a sheet that was taken back twice, and one of a unit that then votes by telephone")
	atPaper   = at("sheets, one without a choice on it and one that was read wrongly at first")
	atPresent = at("a tie of those present, and four did not come")
	atChoose  = at("two of three chosen")
	atRank    = at("a run-off of two rounds")
	atScore   = at("points")
	atEach    = at("one of two agreed to")
	atArea    = at("most heads, not most of the area")
	atSigned  = at("all have signed")
)

func at(name string) int {
	return slices.IndexFunc(polls, func(p poll) bool { return p.name == name })
}

func faults(t *testing.T) []wrong {
	s, other := signer(t, 1), signer(t, 2)
	good := polls[0].hold(t)
	longer := good.receipts(t, s)[2]
	receipt := longer.String()
	longer.Path = append(slices.Clone(longer.Path), longer.Leaf)
	elsewhere := polls[0].hold(t)
	elsewhere.id = 13
	fileElsewhere := elsewhere.file(t, s, false)
	definition := string(good.definition(t))
	yes := string(good.ballots[0].Bytes())
	return []wrong{
		{"no number of a poll", 0, func(h *held) { h.id = -1 }, nil, nil, "board.poll"},
		{"leaves and hashes", 0, nil, func(f *file) { f.Hashes = []string{"x"} }, nil, "board.both"},
		{"nothing on it", 0, nil, func(f *file) { f.Leaves = nil }, nil, "board.empty"},

		{"a key that is none", 0, nil, func(f *file) { f.Key = "yishi+dce819fb+AYqI" }, nil, "key.form"},
		{"a key with another hash", 0, nil, func(f *file) { f.Key = strings.Replace(f.Key, "dce8", "dce9", 1) }, nil, "key.form"},
		{"a key that was given and is none", 0, nil, nil, []string{"--key", "x"}, "key.form"},
		{"another key than was given", 0, nil, nil, []string{"--key", other.Key()}, "key.differs"},

		{"a definition that is no JSON", 0, func(h *held) { h.raw = "{" }, nil, nil, "definition.form"},
		{"a definition of other fields", 0, set("due", "five"), nil, nil, "definition.form"},
		{"a name twice", 0, func(h *held) { h.raw = strings.Replace(definition, `"due":5`, `"due":5,"Due":4`, 1) }, nil, nil, "definition.twice"},
		{"a name twice inside", 0, func(h *held) { h.raw = strings.Replace(definition, `"num":1`, `"num":1,"num":1`, 1) }, nil, nil, "definition.twice"},
		{"an unknown method", 0, set("method", "lot"), nil, nil, "definition.method"},
		{"a method that the rule does not admit", 0, set("pack.methods", []string{"each"}), nil, nil, "definition.method"},
		{"signatures on a choice", atChoose, set("pack.all_must_sign", true), nil, nil, "definition.method"},
		{"a ranking by area", atRank, set("pack.by_area", true), nil, nil, "definition.method"},
		{"options of a yes/no question", 0, set("options", []string{"好"}), nil, nil, "definition.options"},
		{"one option to choose from", atChoose, set("options", []string{"好"}), nil, nil, "definition.options"},
		{"no option", atEach, set("options", []string{}), nil, nil, "definition.options"},
		{"ten options", atEach, set("options", strings.Split("1234567890", "")), nil, nil, "definition.options"},
		{"an option twice", atChoose, set("options", []string{"好", "好 ", "坏"}), nil, nil, "definition.options"},
		{"an empty option", atChoose, set("options", []string{"好", " ", "坏"}), nil, nil, "definition.options"},
		{"nothing may be chosen", atChoose, set("most", 0), nil, nil, "definition.most"},
		{"more may be chosen than there is", atChoose, set("most", 4), nil, nil, "definition.most"},
		{"too many points", atScore, set("most", 11), nil, nil, "definition.most"},
		{"a bound where there is none", atRank, set("most", 2), nil, nil, "definition.most"},
		{"nobody is due", 0, set("due", 0), nil, nil, "definition.due"},
		{"an area below nought", 0, set("area", -1), nil, nil, "definition.due"},
		{"a share without numbers", 0, set("pack.participation", obj{}), nil, nil, "definition.pack"},
		{"a share of more than all", 0, set("pack.approval", basis(fraction(3, 2, false), "cast")), nil, nil, "definition.pack"},
		{"a share below nought", 0, set("pack.approval", basis(fraction(-1, 2, false), "cast")), nil, nil, "definition.pack"},
		{"an unknown base", 0, set("pack.approval", basis(fraction(1, 2, false), "town")), nil, nil, "definition.pack"},
		{"secret under a rule that does not admit it", 0, set("secret", obj{"disclosure": "key"}), nil, nil, "definition.secret"},
		{"secret by area", atArea, func(h *held) { h.def["secret"], h.pack()["secret"] = obj{"disclosure": "key"}, true }, nil, nil, "definition.secret"},
		{"another definition beside the leaves", 0, nil, func(f *file) { f.Definition = strings.Replace(f.Definition, "装", "拆", 1) }, nil, "definition.leaf"},

		{"a unit that has no pseudonym", 0, roll(func(r []entry) []entry { return append(r, entry{"p12", 0}) }), nil, nil, "roll.unit"},
		{"a unit in capitals", 0, roll(func(r []entry) []entry { r[4].Unit = strings.ToUpper(r[4].Unit); return r }), nil, nil, "roll.unit"},
		{"a unit twice", 0, roll(func(r []entry) []entry { return append(r, r[4]) }), nil, nil, "roll.twice"},
		{"out of order", 0, nil, func(f *file) { slices.Reverse(f.Roll) }, nil, "roll.order"},
		{"an area where there is none", 0, roll(func(r []entry) []entry { r[0].Area = 1; return r }), nil, nil, "roll.area"},
		{"no area where each has one", atArea, roll(func(r []entry) []entry { r[0].Area = 0; return r }), nil, nil, "roll.area"},
		{"an area below nought", atArea, roll(func(r []entry) []entry { r[0].Area = -1; return r }), nil, nil, "roll.area"},
		{"areas that do not add up", atArea, set("area", 2_000_001), nil, nil, "roll.area_sum"},
		{"areas without end", atArea, nil, func(f *file) { f.Roll[0].Area, f.Roll[1].Area = 1<<62, 1<<62 }, nil, "roll.area_sum"},
		{"another roll than was frozen", 0, nil, func(f *file) { f.Roll[4].Unit = unit(9) }, nil, "roll.hash"},
		{"fewer than were frozen", 0, nil, func(f *file) { f.Roll = f.Roll[:4] }, nil, "roll.due"},
		{"more due than are on it", 0, set("due", 6), nil, nil, "roll.due"},
		{"more are present than due", atPresent, set("due", 4), nil, nil, "roll.due"},
		{"nobody on it", atPresent, roll(func([]entry) []entry { return nil }), nil, nil, "definition.due"},
		{"nobody present", atPresent, func(h *held) { h.roll, h.def["roll"] = nil, rollHash(nil) }, nil, nil, "roll.due"},

		{"a hash that is none", 0, nil, func(f *file) { f.Leaves, f.Hashes = nil, []string{"AAAA"} }, nil, "leaf.hash"},
		{"a leaf of another form", 0, leaf("{}"), nil, nil, "ballot.form"},
		{"a blank more", 0, leaf(strings.Replace(yes, ":", ": ", 1)), nil, nil, "ballot.form"},
		{"a nought before a number", 0, leaf(strings.Replace(yes, `"turn":0`, `"turn":00`, 1)), nil, nil, "ballot.form"},
		{"a turn below nought", 0, leaf(strings.Replace(yes, `"turn":0`, `"turn":-1`, 1)), nil, nil, "ballot.form"},
		{"a number without end", 0, leaf(strings.Replace(yes, `"area":0`, `"area":99999999999999999999`, 1)), nil, nil, "ballot.form"},
		{"something behind", 0, leaf(yes + " "), nil, nil, "ballot.form"},
		{"a field more", 0, leaf(strings.Replace(yes, `"salt"`, `"person":1,"salt"`, 1)), nil, nil, "ballot.form"},
		{"a short salt", 0, ballot(0, func(b *board.Leaf) { b.Salt = "ab" }), nil, nil, "ballot.form"},
		{"a unit that is no pseudonym", 0, ballot(0, func(b *board.Leaf) { b.Unit = "p12" }), nil, nil, "ballot.form"},
		{"the definition again", 0, leaf(definition), nil, nil, "ballot.form"},
		{"a unit that is not on the roll", 0, ballot(0, func(b *board.Leaf) { b.Unit = unit(7) }), nil, nil, "ballot.unit"},
		{"a larger area", atArea, ballot(0, func(b *board.Leaf) { b.Area++ }), nil, nil, "ballot.area"},
		{"an area where there is none", 0, ballot(0, func(b *board.Leaf) { b.Area = 1 }), nil, nil, "ballot.area"},
		{"the first ballot is said to be the second", 0, ballot(0, func(b *board.Leaf) { b.Turn = 1 }), nil, nil, "ballot.turn"},
		{"a ballot was left out", 0, ballot(3, func(b *board.Leaf) { b.Turn = 2 }), nil, nil, "ballot.turn"},
		{"a ballot twice", 0, leaf(yes), nil, nil, "ballot.turn"},
		{"voted again where one may not", 0, set("pack.revote", false), nil, nil, "ballot.revote"},
		{"a sheet after a ballot", 0, ballot(3, func(b *board.Leaf) { b.Choice = "sheet" }), nil, nil, "ballot.sheet"},
		{"no choice, and no sheet either", 0, choice("void"), nil, nil, "ballot.sheet"},
		{"a sheet registered twice", atPaper, ballot(5, func(b *board.Leaf) { b.Choice = "sheet" }), nil, nil, "ballot.sheet"},
		{"a sheet entered again without being registered again", atPaper, ballot(6, func(b *board.Leaf) { b.Choice = "no" }), nil, nil, "ballot.sheet"},
		{"a telephone after a sheet", atPaper, func(h *held) {
			b := h.ballots[4]
			b.Turn++
			h.ballots = append(h.ballots, b)
		}, nil, nil, "ballot.sheet"},
		{"taken back without a sheet", 0, ballot(3, func(b *board.Leaf) { b.Choice = "withdrawn" }), nil, nil, "ballot.sheet"},
		{"taken back before anything", 0, choice("withdrawn"), nil, nil, "ballot.sheet"},
		{"taken back once it was entered", atPaper, ballot(6, func(b *board.Leaf) { b.Choice = "withdrawn" }), nil, nil, "ballot.sheet"},
		{"taken back while it is corrected", atPaper, ballot(8, func(b *board.Leaf) { b.Choice = "withdrawn" }), nil, nil, "ballot.sheet"},
		{"an entry of a sheet that was taken back", atBack, ballot(4, func(b *board.Leaf) { b.Choice = "void" }), nil, nil, "ballot.sheet"},
		{"voted again after a sheet that was taken back", atBack, func(h *held) {
			b := h.ballots[7]
			b.Turn++
			h.ballots = append(h.ballots, b)
		}, nil, nil, "ballot.revote"},
		{"an unknown word", 0, choice("maybe"), nil, nil, "ballot.choice"},
		{"nothing", 0, choice(""), nil, nil, "ballot.choice"},
		{"capitals", 0, choice("Yes"), nil, nil, "ballot.choice"},
		{"an option for a yes", 0, choice("1"), nil, nil, "ballot.choice"},
		{"more than may be chosen", atChoose, choice("1+2+3"), nil, nil, "ballot.choice"},
		{"an option that is not there", atChoose, choice("4"), nil, nil, "ballot.choice"},
		{"option nought", atChoose, choice("0"), nil, nil, "ballot.choice"},
		{"chosen out of order", atChoose, choice("3+1"), nil, nil, "ballot.choice"},
		{"chosen twice", atChoose, choice("1+1"), nil, nil, "ballot.choice"},
		{"a choice with a sign at its end", atChoose, choice("1+"), nil, nil, "ballot.choice"},
		{"a number with a nought", atChoose, choice("01"), nil, nil, "ballot.choice"},
		{"ranked twice", atRank, choice("1>2>1"), nil, nil, "ballot.choice"},
		{"ranked what is not there", atRank, choice("1>4"), nil, nil, "ballot.choice"},
		{"a choice for a ranking", atRank, choice("1+2"), nil, nil, "ballot.choice"},
		{"points above the most", atScore, choice("6,0,0"), nil, nil, "ballot.choice"},
		{"points below nought", atScore, choice("-1,0,0"), nil, nil, "ballot.choice"},
		{"points for some", atScore, choice("5,0"), nil, nil, "ballot.choice"},
		{"an answer to some", atEach, choice("y"), nil, nil, "ballot.choice"},
		{"an answer of another kind", atEach, choice("y,yes"), nil, nil, "ballot.choice"},
		{"an abstention from all at once", atEach, choice("abstain"), nil, nil, "ballot.choice"},
		{"more than a mark may hold", atScore, choice(strings.Repeat("0,", 40)), nil, nil, "ballot.choice"},

		{"a ballot after the end", 0, leaf(`{"closed_at":"2026-11-30T13:00:00Z","attended":4,"attended_area":0,"verdict":{}}`), nil, nil, "closing.early"},
		{"no end", 0, func(h *held) { h.unclosed = true }, nil, nil, "closing.missing"},
		{"an end without its time", 0, func(h *held) {
			h.unclosed = true
			h.more = append(h.more, []byte(`{"closed_at":"today"}`))
		}, nil, nil, "closing.form"},
		{"an end that breaks off", 0, func(h *held) {
			h.unclosed = true
			h.more = append(h.more, []byte(`{"closed_at":"2026-11-30T13:00:00Z","verdict":{"result":"pas*sed"ü`))
		}, nil, nil, "closing.form"},
		{"an end with a name twice", 0, verdict(`"result"`, `"result":"failed","result"`), nil, nil, "closing.form"},
		{"ended too early", atPresent, set("closes_at", "2026-11-30T13:00:01Z"), nil, nil, "closing.time"},
		{"a sheet that nobody entered", atPaper, func(h *held) { h.ballots = slices.Delete(h.ballots, 7, 8) }, nil, nil, "closing.sheet"},
		{"fewer took part than voted", 0, func(h *held) { h.closing.Attended = 3 }, nil, nil, "closing.attended"},
		{"more took part than there are", 0, func(h *held) { h.closing.Attended = 6 }, nil, nil, "closing.attended"},
		{"less area than voted", atArea, func(h *held) { h.closing.AttendedArea-- }, nil, nil, "closing.attended"},
		{"more area than there is", atArea, func(h *held) { h.closing.AttendedArea = 2_000_001 }, nil, nil, "closing.attended"},
		{"another result", 0, verdict("passed", "failed"), nil, nil, "closing.verdict"},
		{"another reason", 0, verdict("verdict.passed", "verdict.signed"), nil, nil, "closing.verdict"},
		{"a yes more", 0, verdict(`"yes":3`, `"yes":4`), nil, nil, "closing.verdict"},
		{"a yes that is not told", 0, verdict(`"yes":3,`, ``), nil, nil, "closing.verdict"},
		{"a lower bar", 0, verdict(`"need_yes":3`, `"need_yes":2`), nil, nil, "closing.verdict"},
		{"another winner", atRank, verdict(`"winners":[1]`, `"winners":[2]`), nil, nil, "closing.verdict"},
		{"one winner more", atRank, verdict(`"winners":[1]`, `"winners":[1,2]`), nil, nil, "closing.verdict"},
		{"one winner less", atChoose, verdict(`[3,1]`, `[3]`), nil, nil, "closing.verdict"},
		{"winners in another order", atChoose, verdict(`[3,1]`, `[1,3]`), nil, nil, "closing.verdict"},
		{"another round", atRank, verdict(`[2,3]`, `[2,4]`), nil, nil, "closing.verdict"},
		{"other points", atScore, verdict(`"score":7`, `"score":8`), nil, nil, "closing.verdict"},
		{"another area", atArea, verdict(`"yes":750000`, `"yes":760000`), nil, nil, "closing.verdict"},
		{"no count of the area", atArea, verdict(`"area"`, `"ares"`), nil, nil, "closing.verdict"},
		{"a field more", 0, verdict(`"result"`, `"bonus":1,"result"`), nil, nil, "closing.verdict"},
		{"no verdict", 0, func(h *held) { h.closing.Verdict = json.RawMessage("null") }, nil, nil, "closing.verdict"},
		{"a verdict that is no object", atSigned, func(h *held) { h.closing.Verdict = json.RawMessage(`["passed"]`) }, nil, nil, "closing.verdict"},
		{"a ballot that says something else", 0, choice("no"), nil, nil, "closing.verdict"},

		{"a checkpoint that is no note", 0, nil, func(f *file) { f.Checkpoints[0] = "12" }, nil, "checkpoint.form"},
		{"a checkpoint of another log", 0, nil, func(f *file) { f.Checkpoints[0] = strings.Replace(f.Checkpoints[0], "yishi", "other", 1) }, nil, "checkpoint.form"},
		{"a size with a nought", 0, nil, func(f *file) { f.Checkpoints[0] = strings.Replace(f.Checkpoints[0], "\n1", "\n01", 1) }, nil, "checkpoint.form"},
		{"a broken signature line", 0, nil, func(f *file) { f.Checkpoints[0] += "— yishi\n" }, nil, "checkpoint.form"},
		{"a checkpoint by another key", 0, nil, func(f *file) { f.Key = other.Key() }, nil, "checkpoint.key"},
		{"a checkpoint that was changed", 0, nil, func(f *file) { f.Checkpoints[0] = strings.Replace(f.Checkpoints[0], "\n1\n", "\n2\n", 1) }, nil, "checkpoint.signature"},
		{"a checkpoint of another poll", 0, nil, func(f *file) { f.Checkpoints = append(f.Checkpoints, fileElsewhere.Checkpoints...) }, nil, "checkpoint.poll"},
		{"the end was cut off", 0, nil, func(f *file) { f.Leaves = f.Leaves[:6] }, nil, "checkpoint.beyond"},
		{"a leaf was changed after it was signed", 0, nil, func(f *file) { f.Leaves[1] = strings.Replace(f.Leaves[1], "yes", "no", 1) }, nil, "checkpoint.root"},
		{"nobody signed the end", 0, nil, func(f *file) { f.Checkpoints = f.Checkpoints[:2] }, nil, "checkpoint.none"},
		{"nobody signed anything", 0, nil, func(f *file) { f.Checkpoints = nil }, nil, "checkpoint.none"},
		{"a checkpoint that is not there", 0, nil, nil, []string{"--checkpoint", "/nowhere"}, "checkpoint.lost"},

		{"a receipt that is none", 0, nil, nil, []string{"--receipt", "12345678"}, "receipt.form"},
		{"no receipt", 0, nil, nil, []string{"--receipt="}, "receipt.form"},
		{"half a receipt", 0, nil, nil, []string{"--receipt", receipt[:300]}, "receipt.form"},
		{"a receipt with a longer path", 0, nil, nil, []string{"--receipt", longer.String()}, "receipt.form"},
		{"a receipt of another poll", 0, nil, nil, []string{"--receipt", elsewhere.receipts(t, s)[0].String()}, "receipt.poll"},
		{"a receipt on another question", 0, set("question", "拆电梯吗？"), nil, []string{"--receipt", receipt}, "receipt.definition"},
		{"a receipt by another key", 0, nil, nil, []string{"--receipt", good.receipts(t, other)[2].String()}, "receipt.signature"},
		{"a receipt whose ballot is gone", 0, func(h *held) { h.ballots = slices.Delete(h.ballots, 2, 3) }, nil, []string{"--receipt", receipt}, "receipt.missing"},
		{"the code of a ballot that is gone", 0, func(h *held) { h.ballots = slices.Delete(h.ballots, 2, 3) }, nil, []string{"--receipt", board.Code(good.ballots[2].Hash())}, "receipt.missing"},
		{"the code of the definition", 0, nil, nil, []string{"--receipt", board.Code(board.HashLeaf([]byte(definition)))}, "receipt.missing"},
	}
}

// TestFaults finds each fault by its name, on boards that are signed as they
// are: no checkpoint gives them away, the reckoning must.
func TestFaults(t *testing.T) {
	s := signer(t, 1)
	found := map[string]bool{}
	for _, tt := range faults(t) {
		t.Run(tt.name, func(t *testing.T) {
			h := polls[tt.poll].hold(t)
			if tt.before != nil {
				tt.before(h)
			}
			f := h.file(t, s, false)
			if tt.after != nil {
				tt.after(&f)
			}
			code, said := run(append([]string{f.save(t)}, tt.args...)...)
			codes := codesOf(said)
			if code != 1 || !slices.Contains(codes, tt.code) {
				t.Errorf("exit %d, want the fault %s\n%s", code, tt.code, said)
			}
			if tt.after == nil && slices.Contains(codes, "checkpoint.root") {
				t.Errorf("a checkpoint gave it away\n%s", said)
			}
			found[tt.code] = true
		})
	}
	for _, code := range faultCodes(t) {
		if !found[code] {
			t.Errorf("no board has the fault %s", code)
		}
	}
}

var faultCall = regexp.MustCompile(`(?:fault\(|faultAt\([a-z0-9]+, |\{|, )"((?:board|key|definition|roll|leaf|ballot|closing|checkpoint|receipt)\.[a-z_]+)"`)

// faultCodes are the codes of faults in the source.
func faultCodes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range faultCall.FindAllStringSubmatch(string(body), -1) {
			codes = append(codes, m[1])
		}
	}
	return codes
}

// TestPlace tells between which leaves something was changed, and of which leaf
// a fault is.
func TestPlace(t *testing.T) {
	f := polls[0].hold(t).file(t, signer(t, 1), false) // signed at 1, 4 and 7
	f.Leaves[5] = strings.Replace(f.Leaves[5], "abstain", "yes", 1)
	_, said := run(f.save(t))
	for _, want := range []string{"（前 7 条）对不上：第 4 条到第 6 条之间有改动", "✗ 第 6 条 [closing.verdict] verdict.count.abstain：记录里是 1，重新计算是 0"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q\n%s", want, said)
		}
	}
}

// TestTwoFaces finds out a forum that showed somebody another board of the same
// size, and signed that too.
func TestTwoFaces(t *testing.T) {
	s := signer(t, 1)
	other := polls[0].hold(t)
	other.ballots[4].Choice = "no"
	code, said := run(polls[0].hold(t).file(t, s, false).save(t), "--checkpoint", other.file(t, s, false).Checkpoints[2])
	if want := "您保存的第 1 个检查点（前 7 条）对不上：第 4 条到第 6 条之间有改动"; code != 1 || !strings.Contains(said, want) {
		t.Errorf("exit %d, it does not say %q\n%s", code, want, said)
	}
}

// TestManyFaults tells a fault that repeats itself so often and no more, and
// counts it all the same.
func TestManyFaults(t *testing.T) {
	h := polls[0].hold(t)
	for range 30 {
		h.more = append(h.more, []byte("\x1b[2J\n全部核对无误"))
	}
	_, said := run(h.file(t, signer(t, 1), false).save(t))
	if strings.Count(said, "[ballot.form]") != 21 || !strings.Contains(said, "发现 30 处问题\n") {
		t.Error(said)
	}
	if strings.Contains(said, "\x1b") || strings.Contains(said, "\n全部核对无误") {
		t.Errorf("a leaf speaks for the verifier: %q", said)
	}
}
