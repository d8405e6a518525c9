package rules_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestReadTalk(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want string // "" when it is no talk
		n    int
	}{
		"names with the time": {
			"王阿姨(示例) 2026/5/1 10:22:33\n3号楼的灯坏了\n\n老李 10:23\n是啊,晚上摔了一跤\n王阿姨(示例) 10:24\n[图片]\n@老李 小心点",
			"3号楼的灯坏了\n是啊,晚上摔了一跤\n小心点", 2,
		},
		"names with a colon":    {"王阿姨：\n灯坏了\n\n老李：\n灯坏了\n该修了", "灯坏了\n该修了", 2},
		"days between":          {"—————  2026-05-01  —————\n\n王阿姨  10:22\n\n灯坏了\n\n老李  10:25\n\n+1\n是的是的", "灯坏了\n是的是的", 2},
		"a heading of the mail": {"群“三号楼”的聊天记录如下：\n\n王阿姨 10:22\n灯坏了\n老李 10:23\n该修了", "灯坏了\n该修了", 2},
		"names before":          {"王阿姨：灯坏了\n老李：该修了\n王阿姨：找谁啊", "灯坏了\n该修了\n找谁啊", 2},
		"a quotation":           {"「老李：3号楼的灯坏了」\n- - - - - - - - - - - - - - -\n我家门口也是", "3号楼的灯坏了\n我家门口也是", 2},

		"a form":               {"地点：3号楼\n问题：灯坏了\n诉求：修", "", 0},
		"one voice":            {"王阿姨 10:22\n灯坏了\n王阿姨 10:23\n该修了", "", 0},
		"a sentence":           {"3号楼的灯坏了", "", 0},
		"own words first":      {"大家看看\n王阿姨 10:22\n灯坏了\n老李 10:23\n该修了", "", 0},
		"a time in a sentence": {"昨天晚上 10:22\n楼上又在敲\n今天早上 6:10\n又敲", "楼上又在敲\n又敲", 2}, // cannot be told apart; it is read back
		"nothing said":         {"王阿姨：\n[图片]\n老李：\n[语音]", "", 0},
		"a colon within":       {"居民反映:灯坏了,晚上看不见", "", 0},
		"nothing":              {"", "", 0},
		"a quotation alone":    {"「老李：灯坏了」", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			talk, ok := rules.ReadTalk(tt.text)
			if ok != (tt.want != "") || talk.Speakers != tt.n {
				t.Errorf("%v, %d speakers", ok, talk.Speakers)
			}
			if d := cmp.Diff(tt.want, talk.Text()); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestTalksNameNobody: whatever people said, none of their names is left.
func TestTalksNameNobody(t *testing.T) {
	names := []string{"阿槐", "Tom Li", "3-2-101老赵", "😀花"}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for i := range rapid.IntRange(2, 8).Draw(t, "lines") {
			name := names[i%2*2+rapid.IntRange(0, 1).Draw(t, "who")]
			said := rapid.StringMatching(`[修灯树路]{2,9}`).Draw(t, "said")
			switch rapid.IntRange(0, 2).Draw(t, "shape") {
			case 0:
				b.WriteString(name + " 2026-1-2 8:01\n" + said + "\n")
			case 1:
				b.WriteString(name + "  08:01:09\n" + said + "\n")
			default:
				b.WriteString(name + ":\n@" + names[0] + "\u2005" + said + "\n")
			}
		}
		talk, ok := rules.ReadTalk(b.String())
		if !ok {
			t.Fatalf("no talk: %q", b.String())
		}
		for _, name := range names {
			if strings.Contains(talk.Text(), name) {
				t.Errorf("%q names %s", talk.Text(), name)
			}
		}
	})
}
