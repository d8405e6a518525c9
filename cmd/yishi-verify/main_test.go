package main_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	verify "yishi/cmd/yishi-verify"
	"yishi/models/board"
)

// TestGood verifies each poll as it was held, with the key from elsewhere, a
// checkpoint that was kept and every receipt, while it is open and afterwards.
func TestGood(t *testing.T) {
	s := signer(t, 1)
	for _, p := range polls {
		t.Run(p.name, func(t *testing.T) {
			h := p.hold(t)
			closed := h.file(t, s, false)
			args := []string{"--key", s.Key(), closed.save(t), "--checkpoint", closed.Checkpoints[len(closed.Checkpoints)-1]}
			for _, r := range h.receipts(t, s) {
				args = append(args, "--receipt", r.Code(), "--receipt", r.String())
			}
			code, said := run(args...)
			if code != 0 || !strings.Contains(said, "重新计票，结论一致") || !strings.HasSuffix(said, "全部核对无误\n") || strings.Contains(said, "{") {
				t.Errorf("closed: exit %d\n%s", code, said)
			}
			h.unclosed = true
			open := h.file(t, s, true)
			args[2], args[4] = open.save(t), open.Checkpoints[0]
			code, said = run(args...)
			if code != 0 || !strings.Contains(said, "表决还没有结束") || !strings.HasSuffix(said, "全部核对无误\n") || strings.Contains(said, "yes") {
				t.Errorf("open: exit %d\n%s", code, said)
			}
		})
	}
}

// TestSaid pins a whole report.
func TestSaid(t *testing.T) {
	h := polls[0].hold(t)
	s := signer(t, 1)
	f := h.file(t, s, false)
	code, said := run(f.save(t), "--receipt", h.receipts(t, s)[1].Code(), "--receipt", h.receipts(t, s)[3].Code())
	want := `✓ 第 12 号表决的公开记录
· 没有给出 --key，公钥取自文件本身：yishi+dce819fb+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c。这只能证明前后一致，不能证明是谁签的；请与张贴的公钥对照
✓ 表决内容：“装电梯吗？”。定义哈希 DEFINITION，请与屏幕和回执上的对照
✓ 规则：协商意见（CONSULT）；方式：同意、反对或弃权
✓ 名册 5 户，哈希一致：ROLL
✓ 记录 7 条，第一条就是表决定义
✓ 票 5 张，来自 4 户，每张都合格，每户只算最后一张
✓ 重新计票，结论一致：通过。应参加 5，参加 4，投票 4，弃权 1
✓ 同意 3，反对 0
✓ 检查点 3 个，签名和内容都对得上，最近一个管到前 7 条
· 没有给出 --checkpoint。主办方自己整份重做，只有用别人保存的检查点才查得出来
✓ 回执 CODE 的票在第 2 条，投的是“反对”
· 回执 CODE 的票后来改投过，算的是最后一张
✓ 回执 LAST 的票在第 4 条，投的是“同意”
全部核对无误
`
	want = strings.NewReplacer("DEFINITION", sumHex(f.Definition), "ROLL", rollHash(h.roll), "CODE", board.Code(h.ballots[1].Hash()), "LAST", board.Code(h.ballots[3].Hash())).Replace(want)
	if code != 0 || said != want {
		t.Errorf("exit %d\n%s\nwant\n%s", code, said, want)
	}
}

// TestEverySize checks a board at each of its sizes, and each of its receipts.
func TestEverySize(t *testing.T) {
	s := signer(t, 1)
	h := polls[0].hold(t)
	h.ballots = nil
	for i := range 70 {
		h.ballots = append(h.ballots, board.Leaf{Unit: unit(i % 5), Turn: i / 5, Choice: "yes", Salt: strings.Repeat("ab", 16)})
	}
	h.closing.Attended = 5
	h.closing.Verdict = []byte(`{"result":"passed","reason":"verdict.passed","count":{"due":5,"attended":5,"cast":5,"yes":5},
		"need_attended":3,"need_yes":3,"approval_base":5}`)
	f := h.file(t, s, false)
	var tree board.Tree
	for _, l := range f.Leaves {
		tree.Append(board.HashLeaf([]byte(l)))
	}
	f.Checkpoints = nil
	for size := range tree.Size() + 1 {
		f.Checkpoints = append(f.Checkpoints, checkpoint(t, s, 12, &tree, size))
	}
	args := []string{f.save(t), "--key", s.Key()}
	for _, r := range h.receipts(t, s) {
		args = append(args, "--receipt", r.String())
	}
	code, said := run(args...)
	if code != 0 || !strings.Contains(said, "检查点 73 个") || strings.Count(said, "✓ 回执") != 70 {
		t.Errorf("exit %d\n%s", code, said)
	}
}

// TestFetch reads a board from a server, and keeps to what a server may send.
func TestFetch(t *testing.T) {
	f := polls[0].hold(t).file(t, signer(t, 1), false)
	name := f.save(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/polls/12/board" {
			http.NotFound(w, r)
			return
		}
		http.ServeFile(w, r, name)
	}))
	t.Cleanup(server.Close)
	if code, said := run(server.URL + "/polls/12/board"); code != 0 {
		t.Errorf("exit %d\n%s", code, said)
	}
	if code, said := run(server.URL + "/polls/13/board"); code != 2 || !strings.Contains(said, "404") {
		t.Errorf("exit %d\n%s", code, said)
	}
}

// TestUnusable tells apart what cannot be checked from what is wrong.
func TestUnusable(t *testing.T) {
	f := polls[0].hold(t).file(t, signer(t, 1), false)
	good := f.save(t)
	f.Format = "yishi-board/2"
	for _, tt := range []struct {
		name string
		args []string
	}{
		{"no file", nil},
		{"an option alone", []string{"--key", "x"}},
		{"two files", []string{good, good}},
		{"an unknown option", []string{good, "--trust"}},
		{"an option without its value", []string{good, "--key"}},
		{"help", []string{"--help"}},
		{"a file that is not there", []string{good + "x"}},
		{"a folder", []string{t.TempDir()}},
		{"a server that is not there", []string{"http://127.0.0.1:1/board"}},
		{"an address that is none", []string{"http://[::1"}},
		{"an empty file", []string{write(t, "")}},
		{"no JSON", []string{write(t, "<html>")}},
		{"JSON of another form", []string{write(t, `[]`)}},
		{"two files in one", []string{write(t, `{"format":"yishi-board/1"}{}`)}},
		{"no format", []string{write(t, `{}`)}},
		{"an area with a point", []string{write(t, `{"format":"yishi-board/1","roll":[{"unit":"a","area":1.5}]}`)}},
		{"a later format", []string{f.save(t)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if code, said := run(tt.args...); code != 2 || said == "" || strings.Contains(said, "✓") {
				t.Errorf("exit %d\n%s", code, said)
			}
		})
	}
}

// TestCheckpointGiven accepts a checkpoint as a file, as it is, and as it comes
// out of a message.
func TestCheckpointGiven(t *testing.T) {
	s := signer(t, 1)
	f := polls[0].hold(t).file(t, s, false)
	note := f.Checkpoints[1]
	for name, given := range map[string]string{
		"as it is": note, "a file": write(t, note), "without its end": strings.TrimSpace(note), "between blanks": "\n " + note + "\n\n",
		"with other line ends": strings.ReplaceAll(note, "\n", "\r\n"), "in one line": strings.ReplaceAll(note, "\n", `\n`),
	} {
		code, said := run(f.save(t), "--checkpoint", given)
		if code != 0 || !strings.Contains(said, "检查点 4 个") {
			t.Errorf("%s: exit %d\n%s", name, code, said)
		}
	}
}

var inSource = regexp.MustCompile(`"([a-z]+\.[a-z_]+)"`)

// TestSentences holds the sentences to the codes in the source: each has its
// sentence, and none is there for nobody.
func TestSentences(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	said := []string{"usage", "unusable"}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inSource.FindAllStringSubmatch(string(body), -1) {
			if !strings.HasPrefix(m[1], "verdict.") {
				said = append(said, m[1])
			}
		}
	}
	for _, m := range []string{"yesno", "choose", "rank", "score", "each"} {
		said = append(said, "method."+m, "closing."+m)
	}
	for _, r := range []string{"passed", "partly", "failed", "no_quorum", "pending", "opinion"} {
		said = append(said, "result."+r)
	}
	for _, u := range []string{"person", "household", "representative", "member", "stakeholder", "owner"} {
		said = append(said, "unit."+u)
	}
	for _, c := range []string{"yes", "no", "abstain"} {
		said = append(said, "choice."+c)
	}
	for _, code := range said {
		if strings.TrimSpace(verify.Sentences[code]) == "" {
			t.Errorf("%s has no sentence", code)
		}
	}
	for code := range verify.Sentences {
		if !slices.Contains(said, code) {
			t.Errorf("nobody says %s", code)
		}
	}
}

// FuzzVerify gives the verifier any file: it may find it wrong or unusable, it
// must not fall over.
func FuzzVerify(f *testing.F) {
	for _, p := range polls {
		h := p.hold(f)
		for _, open := range []bool{false, true} {
			body, err := os.ReadFile(h.file(f, signer(f, 1), open).save(f))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(body), "TQZNXBFF")
		}
		for _, r := range h.receipts(f, signer(f, 1)) {
			f.Add("{}", r.String())
		}
	}
	f.Fuzz(func(t *testing.T, body, receipt string) {
		if code, said := run(write(t, body), "--receipt="+receipt); code < 0 || code > 2 || said == "" {
			t.Errorf("exit %d\n%s", code, said)
		}
	})
}
