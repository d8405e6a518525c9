package wordlist_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"yishi/configs/data"
	"yishi/models/rules"
	"yishi/models/wordlist"
)

func list(tb testing.TB, words ...rules.Word) *wordlist.List {
	tb.Helper()
	l, err := wordlist.New(words)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func found(l *wordlist.List, text string) []string {
	out := []string{}
	for _, f := range l.Find(text) {
		out = append(out, f.Word)
	}
	return out
}

// TestDisguises hides words in the ways that people do.
func TestDisguises(t *testing.T) {
	l := list(
		t,
		rules.Word{Word: "杀你全家", Pinyin: true},
		rules.Word{Word: "办证刻章"},
		rules.Word{Word: "fuck1"},
		rules.Word{Word: "傻逼", Pinyin: true},
		rules.Word{Word: "混蛋"},
	)
	for text, want := range map[string]string{
		"我要杀你全家":                       "杀你全家",
		"我要杀 你 全 家":                    "杀你全家",
		"杀，你，全，家":                      "杀你全家",
		"杀.你.全.家":                      "杀你全家",
		"杀\n你\n全\n家":                   "杀你全家",
		"杀**你全家":                       "杀你全家",
		"杀\u200b你\u200d全\u2060家":       "杀你全家",
		"杀\ufe0f你\u00ad全家":             "杀你全家",
		"杀\u0336你\u0336全\u0336家\u0336": "杀你全家",
		"杀\U000e0061你全家":               "杀你全家",
		"殺你全家":                         "杀你全家",
		"sha你全家":                       "杀你全家",
		"shaniquanjia":                 "杀你全家",
		"Sha Ni Quan Jia":              "杀你全家",
		"ｓｈａ你全家":                       "杀你全家",
		"沙尼泉加":                         "杀你全家", // four that sound alike
		"辦證刻章":                         "办证刻章",
		"办😀证😀刻😀章":                      "办证刻章",
		"ｆｕｃｋ①":                        "fuck1",
		"F-U-C-K-1":                    "fuck1",
		"\u0192uck1":                   "", // a letter of its own, which nobody claims to be folded
		"fu\u0441\u043a1":              "fuck1",
		"沙b":                           "", // half of it
		"傻bi":                          "傻逼",
		"s h a b i":                    "傻逼",
		"混 蛋":                          "混蛋",
		"混\u034f\ufeff蛋":               "混蛋",
		"白刻章办证":                        "",
		"沙比":                           "", // two that sound alike are too much else
		"他们商量刻章办证":                     "",
		"washabi":                      "", "wa\u200bshabi": "", "wa\u0336shabi": "",
		"washabisco":     "", // a part of a longer word
		"他是个老混。蛋炒饭不错":    "", // the end of one clause and the beginning of the next
		"水太混,蛋也不新鲜":      "",
		"别把人一笔抹杀。你全家都知道": "",
		"fuck12":                         "",
		"":                               "",
		" \u200b ":                       "",
		"\xff\xfe":                       "",
		strings.Repeat("混", 5000) + "蛋":  "混蛋",
		strings.Repeat("\u200b", 9) + "": "",
	} {
		if got := strings.Join(found(l, text), " "); got != want {
			t.Errorf("%.60q: %q, want %q", text, got, want)
		}
	}
}

// TestShapes finds numbers that should not stand in public, and not those that
// only look like them.
func TestShapes(t *testing.T) {
	l := list(t, rules.Word{Word: rules.ShapePhone}, rules.Word{Word: rules.ShapeIdentity})
	for text, want := range map[string]string{
		"请打13812345678找我":                 rules.ShapePhone,
		"１３８－１２３４－５６７８":                   rules.ShapePhone,
		"8613812345678":                   rules.ShapePhone,
		"138 1234 5678":                   rules.ShapePhone,
		"+86 13812345678":                 rules.ShapePhone,
		"①③⑧12345678":                     rules.ShapePhone,
		"1\u200b3812345678":               rules.ShapePhone,
		"电话 13812345678,13912345678":      rules.ShapePhone,
		"请打12345或者0517-83912345":          "",
		"运单号9138123456789":                "",
		"12812345678":                     "",
		"共1,381,234,567.8元":               "",
		"身份证11010519491231002X":           rules.ShapeIdentity,
		"身份证１１０１０５19491231 002x":          rules.ShapeIdentity,
		"编号110105194912310021":            "", // its last digit does not fit
		"2019年2月28日 11:25:05,编号188006的那件": "",
	} {
		if got := strings.Join(found(l, text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestAnEmptyListFindsNothing(t *testing.T) {
	if got := found(list(t), "杀你全家"); len(got) != 0 {
		t.Error(got)
	}
	if got := found(list(t, rules.Word{Word: "—"}), "一—二"); len(got) != 0 {
		t.Error(got)
	}
}

// shipped is the list that comes with the program.
func shipped(tb testing.TB) *wordlist.List {
	tb.Helper()
	file, err := os.Open("../../configs/data/words.csv")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	words, bad, err := data.Words(file)
	if err != nil || len(bad) > 0 {
		tb.Fatal(err, bad)
	}
	return list(tb, words...)
}

// TestAngerGetsThrough: what residents say when they are angry is not held.
func TestAngerGetsThrough(t *testing.T) {
	l := shipped(t)
	for text, holds := range map[string]bool{
		"物业是干什么吃的!收钱不办事,都去死吧":   false,
		"他妈的半夜施工,还让不让人睡觉了":      false,
		"开发商这帮混蛋,王八蛋,骗了我们二十年":   false,
		"居委会书记不作为,吃拿卡要,我要举报到纪委": false,
		"有人在楼下贴办证的小广告,没人管":      false,
		"楼上说要打死我家的狗":            false,
		"再不来修我就砍死你们":            true,
		"傻 逼 物 业":               true,
	} {
		if got := rules.Holds(l.Find(text)); got != holds {
			t.Errorf("%s: held %v, found %v", text, got, found(l, text))
		}
	}
}

// TestEveryWordIsFound: each word of the list finds itself, plain and set apart.
func TestEveryWordIsFound(t *testing.T) {
	l := shipped(t)
	for _, w := range l.Words() {
		if w.Shape() {
			continue
		}
		apart := strings.Join(strings.Split(w.Word, ""), "\u200b*")
		for _, text := range []string{w.Word, "看" + apart + "看", strings.ToUpper(w.Word)} {
			if !slices.Contains(found(l, text), w.Word) {
				t.Errorf("%q is not found in %q", w.Word, text)
			}
		}
	}
}

func BenchmarkFind(b *testing.B) {
	l := shipped(b)
	text := strings.Repeat("座落在A市A3区联丰路米兰春天G2栋320，一家名叫一米阳光的影楼，请税务局和工商局查一下！", 5)
	for b.Loop() {
		l.Find(text)
	}
}
