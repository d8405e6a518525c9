package main_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	verify "yishi/cmd/yishi-verify"
	"yishi/models/board"
)

// poll is a poll that was held, with the verdict that a person worked out for it
// by hand. What a verdict leaves out is nought.
type poll struct {
	name     string
	def      map[string]any
	pack     map[string]any
	areas    []int64  // of each unit on the roll
	ballots  []string // "unit choice", in the order in which they landed
	attended int64
	area     int64 // attended
	verdict  string
}

type obj = map[string]any

func fraction(num, den int64, strict bool) obj { return obj{"num": num, "den": den, "strict": strict} }

func basis(f obj, base string) obj { f["base"] = base; return f }

// unit is the pseudonym of unit i; they sort as they are counted.
func unit(i int) string { return fmt.Sprintf("%02x%s", i, strings.Repeat("5e", 15)) }

var heads = []int64{0, 0, 0, 0, 0, 0, 0, 0, 0}

var ownPack = obj{"by_area": true, "participation": fraction(2, 3, false), "approval": basis(fraction(1, 2, true), "cast")}

var ownAreas = []int64{1_000_000, 500_000, 250_000, 250_000}

var polls = []poll{
	{
		name: "more than half of those present, one changed their mind", areas: heads[:5], attended: 4,
		ballots: []string{"0 yes", "1 no", "2 yes", "1 yes", "3 abstain"},
		verdict: `{"result":"passed","reason":"verdict.passed","count":{"due":5,"attended":4,"cast":4,"yes":3,"abstain":1},
			"need_attended":3,"need_yes":3,"approval_base":4}`,
	},
	{
		name: "a sheet that was taken back twice, and one of a unit that then votes by telephone", areas: heads[:4], attended: 3, pack: obj{"revote": false},
		ballots: []string{"0 sheet", "1 sheet", "0 withdrawn", "2 yes", "0 sheet", "1 withdrawn", "3 sheet", "1 no", "0 withdrawn", "3 yes"},
		verdict: `{"result":"passed","reason":"verdict.passed","count":{"due":4,"attended":3,"cast":3,"yes":2,"no":1},
			"need_attended":3,"need_yes":2,"approval_base":3}`,
	},
	{
		name: "sheets, one without a choice on it and one that was read wrongly at first", areas: heads[:5], attended: 4, pack: obj{"revote": false},
		ballots: []string{"0 sheet", "1 yes", "2 sheet", "3 sheet", "0 yes", "3 no", "3 sheet", "2 void", "3 yes"},
		verdict: `{"result":"passed","reason":"verdict.passed","count":{"due":5,"attended":4,"cast":4,"yes":3},
			"need_attended":3,"need_yes":3,"approval_base":4}`,
	},
	{
		name: "a tie of those present, and four did not come", areas: heads[:5], attended: 5,
		pack: obj{"roll": "present"}, def: obj{"due": 9, "closes_at": "2026-11-30T12:00:00Z"},
		ballots: []string{"4 no", "0 yes", "1 yes", "2 no"},
		verdict: `{"result":"failed","reason":"verdict.tie","count":{"due":9,"attended":5,"cast":4,"yes":2,"no":2},
			"need_attended":5,"need_yes":3,"approval_base":5,"missing_yes":1}`,
	},
	{
		name: "too few", areas: heads[:6], attended: 3, pack: obj{"participation": fraction(2, 3, false)},
		ballots: []string{"0 yes", "1 yes", "2 yes"},
		verdict: `{"result":"no_quorum","reason":"verdict.no_quorum","count":{"due":6,"attended":3,"cast":3,"yes":3},
			"need_attended":4,"missing_turnout":1,"need_yes":2,"approval_base":3}`,
	},
	{
		name: "half of the roll is not enough where it must be more", areas: heads[:4], attended: 4, pack: obj{"approval": basis(fraction(1, 2, true), "roll")},
		ballots: []string{"0 yes", "1 yes", "2 no", "3 abstain"},
		verdict: `{"result":"failed","reason":"verdict.failed","count":{"due":4,"attended":4,"cast":4,"yes":2,"no":1,"abstain":1},
			"need_attended":3,"need_yes":3,"approval_base":4,"missing_yes":1,"cannot_pass":true}`,
	},
	{
		name: "two of three chosen", areas: heads[:5], attended: 4, pack: obj{"approval": basis(fraction(1, 2, false), "cast")},
		def:     obj{"method": "choose", "options": []string{"银杏", "樱花", "桂花"}, "most": 2},
		ballots: []string{"3 1+3", "0 1+3", "1 2+3", "2 abstain"},
		verdict: `{"result":"passed","reason":"verdict.chosen","count":{"due":5,"attended":4,"cast":4,"abstain":1},
			"need_attended":3,"need_yes":2,"approval_base":4,"winners":[3,1],"options":[
			{"option":1,"result":"passed","yes":2,"no":1,"abstain":1},{"option":2,"result":"failed","yes":1,"no":2,"abstain":1},
			{"option":3,"result":"passed","yes":3,"no":0,"abstain":1}]}`,
	},
	{
		name: "chosen by too few of those present", areas: heads[:5], attended: 5,
		def:     obj{"method": "choose", "options": []string{"银杏", "樱花"}, "most": 1},
		ballots: []string{"3 1", "0 1", "1 2", "2 2", "4 abstain"},
		verdict: `{"result":"failed","reason":"verdict.unchosen","count":{"due":5,"attended":5,"cast":5,"abstain":1},
			"need_attended":3,"need_yes":3,"approval_base":5,"missing_yes":1,"cannot_pass":true,"options":[
			{"option":1,"result":"failed","yes":2,"no":2,"abstain":1},{"option":2,"result":"failed","yes":2,"no":2,"abstain":1}]}`,
	},
	{
		name: "a run-off of two rounds", areas: heads[:6], attended: 6,
		def:     obj{"method": "rank", "options": []string{"银杏", "樱花", "桂花"}},
		ballots: []string{"0 1>2", "1 1", "2 2>1", "3 3>2", "4 3>2>1", "5 abstain"},
		verdict: `{"result":"passed","reason":"verdict.ranked","count":{"due":6,"attended":6,"cast":6,"abstain":1},
			"need_attended":4,"need_yes":3,"approval_base":5,"winners":[1],"options":[
			{"option":1,"result":"passed","yes":2,"rounds":[2,3]},{"option":2,"result":"failed","yes":1,"rounds":[1]},
			{"option":3,"result":"failed","yes":2,"rounds":[2,2]}]}`,
	},
	{
		name: "a run-off that nobody wins, of ballots that drop out", areas: heads[:5], attended: 5,
		def:     obj{"method": "rank", "options": []string{"银杏", "樱花", "桂花"}},
		ballots: []string{"0 1", "1 1", "2 3>1", "3 3", "4 2"},
		verdict: `{"result":"failed","reason":"verdict.rank_tie","count":{"due":5,"attended":5,"cast":5},
			"need_attended":3,"need_yes":3,"approval_base":4,"missing_yes":1,"options":[
			{"option":1,"result":"failed","yes":2,"rounds":[2,2]},{"option":2,"result":"failed","yes":1,"rounds":[1]},
			{"option":3,"result":"failed","yes":2,"rounds":[2,2]}]}`,
	},
	{
		name: "nobody ranks anything", areas: heads[:2], attended: 2, def: obj{"method": "rank", "options": []string{"银杏", "樱花"}},
		ballots: []string{"0 abstain", "1 abstain"},
		verdict: `{"result":"failed","reason":"verdict.unranked","count":{"due":2,"attended":2,"cast":2,"abstain":2},"need_attended":2,
			"options":[{"option":1,"result":"failed","rounds":[0]},{"option":2,"result":"failed","rounds":[0]}]}`,
	},
	{
		name: "points", areas: heads[:4], attended: 3, def: obj{"method": "score", "options": []string{"灯", "门", "栏"}, "most": 5},
		ballots: []string{"0 5,3,0", "1 0,4,1", "2 abstain"},
		verdict: `{"result":"passed","reason":"verdict.scored","count":{"due":4,"attended":3,"cast":3,"abstain":1},"need_attended":3,"winners":[2],
			"options":[{"option":1,"result":"failed","score":5},{"option":2,"result":"passed","score":7},{"option":3,"result":"failed","score":1}]}`,
	},
	{
		name: "points of too few", areas: heads[:5], attended: 1, def: obj{"method": "score", "options": []string{"灯", "门"}, "most": 10},
		ballots: []string{"0 10,0"},
		verdict: `{"result":"no_quorum","reason":"verdict.no_quorum","count":{"due":5,"attended":1,"cast":1},"need_attended":3,"missing_turnout":2,
			"options":[{"option":1,"result":"no_quorum","score":10},{"option":2,"result":"no_quorum"}]}`,
	},
	{
		name: "nobody gives points", areas: heads[:2], attended: 2, def: obj{"method": "score", "options": []string{"灯", "门"}, "most": 10},
		ballots: []string{"0 abstain", "1 abstain"},
		verdict: `{"result":"failed","reason":"verdict.unscored","count":{"due":2,"attended":2,"cast":2,"abstain":2},"need_attended":2,
			"options":[{"option":1,"result":"failed"},{"option":2,"result":"failed"}]}`,
	},
	{
		name: "one of two agreed to", areas: heads[:3], attended: 3, def: obj{"method": "each", "options": []string{"修路", "装灯"}},
		ballots: []string{"0 y,n", "1 y,a", "2 n,n"},
		verdict: `{"result":"partly","reason":"verdict.each_partly","count":{"due":3,"attended":3,"cast":3},
			"need_attended":2,"need_yes":2,"approval_base":3,"winners":[1],"options":[
			{"option":1,"result":"passed","yes":2,"no":1},{"option":2,"result":"failed","no":2,"abstain":1}]}`,
	},
	{
		name: "most heads, not most of the area", areas: ownAreas, attended: 3, area: 1_750_000, pack: ownPack,
		ballots: []string{"0 no", "1 yes", "2 yes"},
		verdict: `{"result":"failed","reason":"verdict.failed_area","count":{"due":4,"attended":3,"cast":3,"yes":2,"no":1},
			"need_attended":3,"need_yes":2,"approval_base":3,"area":{
			"count":{"due":2000000,"attended":1750000,"cast":1750000,"yes":750000,"no":1000000},
			"need_attended":1333334,"need_yes":875001,"approval_base":1750000,"missing_yes":125001,"cannot_pass":true}}`,
	},
	{
		name: "enough heads took part, too little area", areas: ownAreas, attended: 3, area: 1_000_000, pack: ownPack,
		ballots: []string{"1 yes", "2 yes", "3 yes"},
		verdict: `{"result":"no_quorum","reason":"verdict.no_quorum_area","count":{"due":4,"attended":3,"cast":3,"yes":3},
			"need_attended":3,"need_yes":2,"approval_base":3,"area":{
			"count":{"due":2000000,"attended":1000000,"cast":1000000,"yes":1000000},
			"need_attended":1333334,"missing_turnout":333334,"need_yes":500001,"approval_base":1000000}}`,
	},
	{
		name: "one by one, by heads and by area", areas: ownAreas, attended: 3, area: 1_750_000, pack: ownPack,
		def: obj{"method": "each", "options": []string{"电梯", "车棚"}}, ballots: []string{"0 y,n", "1 y,y", "2 y,y"},
		verdict: `{"result":"partly","reason":"verdict.each_partly","count":{"due":4,"attended":3,"cast":3},
			"need_attended":3,"need_yes":2,"approval_base":3,"winners":[1],"area":{
			"count":{"due":2000000,"attended":1750000,"cast":1750000},"need_attended":1333334,"need_yes":875001,"approval_base":1750000},
			"options":[{"option":1,"result":"passed","yes":3,"area":{
			"count":{"due":2000000,"attended":1750000,"cast":1750000,"yes":1750000},"need_attended":1333334,"need_yes":875001,"approval_base":1750000}},
			{"option":2,"result":"failed","yes":2,"no":1,"area":{
			"count":{"due":2000000,"attended":1750000,"cast":1750000,"yes":750000,"no":1000000},
			"need_attended":1333334,"need_yes":875001,"approval_base":1750000,"missing_yes":125001,"cannot_pass":true}}]}`,
	},
	{
		name: "all have signed", areas: heads[:2], attended: 2, pack: obj{"all_must_sign": true}, ballots: []string{"0 no", "1 yes", "0 yes"},
		verdict: `{"result":"passed","reason":"verdict.signed","count":{"due":2,"attended":2,"cast":2,"yes":2},
			"need_attended":2,"need_yes":2,"approval_base":2}`,
	},
	{
		name: "one declined", areas: heads[:3], attended: 2, pack: obj{"all_must_sign": true}, ballots: []string{"0 no", "1 yes"},
		verdict: `{"result":"failed","reason":"verdict.declined","count":{"due":3,"attended":2,"cast":2,"yes":1,"no":1},
			"need_attended":3,"need_yes":3,"approval_base":3,"missing_turnout":1,"missing_yes":2,"cannot_pass":true}`,
	},
	{
		name: "a signature is missing", areas: heads[:3], attended: 3, pack: obj{"all_must_sign": true}, ballots: []string{"0 yes", "1 yes"},
		verdict: `{"result":"pending","reason":"verdict.unsigned","count":{"due":3,"attended":3,"cast":2,"yes":2},
			"need_attended":3,"need_yes":3,"approval_base":3,"missing_yes":1}`,
	},
	{
		name: "views", areas: heads[:3], attended: 2, pack: obj{"verdict": false, "participation": obj{}, "approval": obj{}}, ballots: []string{"0 yes", "1 no"},
		verdict: `{"result":"opinion","reason":"verdict.opinion","count":{"due":3,"attended":2,"cast":2,"yes":1,"no":1}}`,
	},
	{
		name: "views by points", areas: heads[:3], attended: 2, pack: obj{"verdict": false}, ballots: []string{"0 1,2", "1 3,0"},
		def: obj{"method": "score", "options": []string{"灯", "门"}, "most": 3},
		verdict: `{"result":"opinion","reason":"verdict.heard","count":{"due":3,"attended":2,"cast":2},
			"options":[{"option":1,"result":"opinion","score":4},{"option":2,"result":"opinion","score":2}]}`,
	},
	{
		name: "nobody had to come, and half of nobody is nothing", areas: heads[:2], attended: 0,
		pack:    obj{"participation": fraction(0, 1, false), "approval": basis(fraction(1, 2, false), "cast")},
		verdict: `{"result":"failed","reason":"verdict.failed","count":{"due":2}}`,
	},
	{
		name: "nobody came", areas: heads[:1], attended: 0,
		verdict: `{"result":"no_quorum","reason":"verdict.no_quorum","count":{"due":1},"need_attended":1,"missing_turnout":1,"need_yes":1,"missing_yes":1,"cannot_pass":true}`,
	},
}

// file is a board file to be changed.
type file struct {
	Format      string   `json:"format"`
	Poll        int64    `json:"poll"`
	Key         string   `json:"key"`
	Definition  string   `json:"definition"`
	Roll        []entry  `json:"roll"`
	Leaves      []string `json:"leaves,omitempty"`
	Hashes      []string `json:"hashes,omitempty"`
	Checkpoints []string `json:"checkpoints"`
}

type entry struct {
	Unit string `json:"unit"`
	Area int64  `json:"area"`
}

// held is a poll with everything that was made of it. What a test changes before
// signing ends on a board that is whole and yet wrong.
type held struct {
	id       int64
	def      obj
	raw      string // the definition's bytes, if not def's
	roll     []entry
	ballots  []board.Leaf
	more     [][]byte // further leaves before the closing
	closing  board.Closing
	unclosed bool
}

// hold makes a poll's roll, definition, ballots and closing.
func (p poll) hold(tb testing.TB) *held {
	tb.Helper()
	h := &held{id: 12, closing: board.Closing{
		At: time.Date(2026, 11, 30, 13, 0, 0, 0, time.UTC), Attended: p.attended, AttendedArea: p.area, Verdict: json.RawMessage(p.verdict),
	}}
	total := int64(0)
	for i, area := range p.areas {
		h.roll = append(h.roll, entry{unit(i), area})
		total += area
	}
	turns := map[string]int{}
	for i, b := range p.ballots {
		at, choice, _ := strings.Cut(b, " ")
		u := unit(int(at[0] - '0'))
		h.ballots = append(h.ballots, board.Leaf{
			Unit: u, Turn: turns[u], Choice: choice, Area: p.areas[at[0]-'0'], Salt: fmt.Sprintf("%032x", i*i+7),
		})
		turns[u]++
	}
	pack := obj{
		"code": "CONSULT", "name": "协商意见", "roll": "register", "unit": "household", "participation": fraction(1, 2, true),
		"approval": basis(fraction(1, 2, true), "present"), "verdict": true, "revote": true,
		"methods": []string{"yesno", "choose", "rank", "score", "each"},
	}
	maps.Copy(pack, p.pack)
	h.def = obj{
		"topic": 3, "session": 4, "question": "装电梯吗？", "method": "yesno", "options": []string{}, "most": 0, "pack": pack,
		"due": len(p.areas), "area": total, "closes_at": nil, "secret": nil, "roll": rollHash(h.roll),
	}
	maps.Copy(h.def, p.def)
	return h
}

func (h *held) pack() obj { return h.def["pack"].(obj) }

func rollHash(roll []entry) string {
	var lines strings.Builder
	for _, e := range roll {
		fmt.Fprintf(&lines, "%s %d\n", e.Unit, e.Area)
	}
	return sumHex(lines.String())
}

func signer(tb testing.TB, seed byte) *board.Signer {
	tb.Helper()
	s, err := board.NewSigner([32]byte(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// definition is the first leaf.
func (h *held) definition(tb testing.TB) []byte {
	tb.Helper()
	if h.raw != "" {
		return []byte(h.raw)
	}
	def, err := json.Marshal(h.def)
	if err != nil {
		tb.Fatal(err)
	}
	return def
}

// leaves are all leaves in their order.
func (h *held) leaves(tb testing.TB) [][]byte {
	tb.Helper()
	leaves := [][]byte{h.definition(tb)}
	for _, b := range h.ballots {
		leaves = append(leaves, b.Bytes())
	}
	leaves = append(leaves, h.more...)
	if !h.unclosed {
		closing, err := h.closing.Bytes()
		if err != nil {
			tb.Fatal(err)
		}
		leaves = append(leaves, closing)
	}
	return leaves
}

// file puts the poll on a board, signed after the definition, half way, and at
// the end.
func (h *held) file(tb testing.TB, s *board.Signer, open bool) file {
	tb.Helper()
	var tree board.Tree
	all := h.leaves(tb)
	for _, l := range all {
		tree.Append(board.HashLeaf(l))
	}
	f := board.File{Poll: h.id, Key: s.Key(), Definition: all[0], Hashes: tree.Leaves()}
	f.Roll = func(yield func(string, int64) bool) {
		for _, e := range h.roll {
			if !yield(e.Unit, e.Area) {
				return
			}
		}
	}
	if !open {
		f.Leaves = func(yield func([]byte, error) bool) {
			for _, l := range all {
				if !yield(l, nil) {
					return
				}
			}
		}
	}
	for _, size := range slices.Compact([]uint64{1, (tree.Size() + 1) / 2, tree.Size()}) {
		f.Checkpoints = append(f.Checkpoints, checkpoint(tb, s, h.id, &tree, size))
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		tb.Fatal(err)
	}
	var made file
	if err := json.Unmarshal(out.Bytes(), &made); err != nil {
		tb.Fatal(err)
	}
	return made
}

func checkpoint(tb testing.TB, s *board.Signer, id int64, tree *board.Tree, size uint64) string {
	tb.Helper()
	root, err := tree.Root(size)
	if err != nil {
		tb.Fatal(err)
	}
	signed, err := s.Checkpoint(id, size, root)
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

// receipts are those of all ballots, which one commit wrote.
func (h *held) receipts(tb testing.TB, s *board.Signer) []board.Receipt {
	tb.Helper()
	if len(h.ballots) == 0 {
		return nil
	}
	hashes := make([]board.Hash, len(h.ballots))
	for i, b := range h.ballots {
		hashes[i] = b.Hash()
	}
	receipts, err := s.Receipts(h.id, sha256.Sum256(h.definition(tb)), hashes)
	if err != nil {
		tb.Fatal(err)
	}
	return receipts
}

// save writes the file and returns where.
func (f file) save(tb testing.TB) string {
	tb.Helper()
	body, err := json.Marshal(f)
	if err != nil {
		tb.Fatal(err)
	}
	return write(tb, string(body))
}

func write(tb testing.TB, text string) string {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "board.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return name
}

// run runs the verifier and returns what it said.
func run(args ...string) (code int, said string) {
	var out bytes.Buffer
	code = verify.Run(args, &out, &out)
	return code, out.String()
}
