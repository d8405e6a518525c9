package rules_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"as it is", "三号楼电梯坏了", "三号楼电梯坏了"},
		{"blanks at the ends", "  灯不亮\t ", "灯不亮"},
		{"runs of blanks", "3  号\t\t楼", "3 号 楼"},
		{"a full-width blank", "3\u3000号楼", "3 号楼"},
		{"a no-break space", "3\u00a0号楼", "3 号楼"},
		{"a line break is kept", "灯不亮\n已三天", "灯不亮\n已三天"},
		{"blanks round a line break", "灯不亮 \n  已三天", "灯不亮\n已三天"},
		{"empty lines are folded", "灯不亮\n\n\n已三天", "灯不亮\n已三天"},
		{"line breaks at the ends", "\n\n灯不亮\n", "灯不亮"},
		{"the line ends of Windows", "灯不亮\r\n已三天", "灯不亮\n已三天"},
		{"a null byte", "灯\x00不亮", "灯不亮"},
		{"an escape sequence", "\x1b[31m灯不亮", "[31m灯不亮"},
		{"a zero-width space", "灯\u200b不\u200b亮", "灯不亮"},
		{"a family", "一家👨\u200d👩\u200d👧\u200d👦来", "一家👨\u200d👩\u200d👧\u200d👦来"},
		{"a picture with a look", "👩🏽\u200d❤\ufe0f\u200d👩", "👩🏽\u200d❤\ufe0f\u200d👩"},
		{"a joiner beside one picture", "👨\u200d来\u200d👩 \u200d👧\u200d", "👨来👩 👧"},
		{"zero-width joiners", "灯\u200c\u200d不亮", "灯不亮"},
		{"a byte order mark", "\ufeff灯不亮", "灯不亮"},
		{"marks that turn the direction", "\u202e灯不亮\u202c\u2066\u2069", "灯不亮"},
		{"a soft hyphen", "灯\u00ad不亮", "灯不亮"},
		{"tag characters", "灯\U000e0041\U000e007f不亮", "灯不亮"},
		{"a private character", "灯\ue000不亮", "灯不亮"},
		{"a Hangul filler", "\u3164\u115f灯不亮\uffa0", "灯不亮"},
		{"a grapheme joiner", "灯\u034f不亮", "灯不亮"},
		{"what is no character", "灯\ufffe\U0001ffff不亮", "灯不亮"},
		{"broken UTF-8", "灯\xff\xfe不亮", "灯不亮"},
		{"a rare name", "𠮷先生", "𠮷先生"},
		{"an emoji", "谢谢😀", "谢谢😀"},
		{"only what cannot be seen", " \u200b\u2060\u00ad\x07\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rules.Clean(tt.in); got != tt.want {
				t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestCheckText(t *testing.T) {
	for _, tt := range []struct {
		name     string
		in       string
		most     int
		want     string
		text     string // code of the refusal by CheckText
		optional string // code of the refusal by CheckOptional
	}{
		{"within bounds", " 灯不亮 ", 3, "灯不亮", "", ""},
		{"exactly at the bound", strings.Repeat("议", rules.MaxTitle), rules.MaxTitle, strings.Repeat("议", rules.MaxTitle), "", ""},
		{"one character too long", strings.Repeat("议", rules.MaxTitle+1), rules.MaxTitle, "", "text.long", "text.long"},
		{"ten thousand characters", strings.Repeat("议", 10_000), rules.MaxBody, "", "text.long", "text.long"},
		{"ten thousand characters of which few can be seen", strings.Repeat("\u200b", 10_000) + "灯", 1, "灯", "", ""},
		{"characters, not bytes", "𠮷😀", 2, "𠮷😀", "", ""},
		{"nothing", "", 10, "", "text.empty", ""},
		{"only blanks", " \t\n\u3000", 10, "", "text.empty", ""},
		{"only what cannot be seen", "\u200b\x00\u202e", 10, "", "text.empty", ""},
		{"blank Braille cells that are joined", "\u2800\u200d\u2800", 10, "", "text.empty", ""},
		{"only a blank Braille cell", "\u2800\u2800", 10, "", "text.empty", ""},
		{"only variation selectors", "\ufe0f\ufe0e", 10, "", "text.empty", ""},
		{"only combining marks", "\u0301\u20dd", 10, "", "text.empty", ""},
		{"a mark on a letter", "e\u0301", 2, "e\u0301", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rules.CheckText("title", tt.in, tt.most)
			if code := codeOf(t, err); got != tt.want || code != tt.text {
				t.Errorf("CheckText = %.30q, refused with %q, want %.30q, %q", got, code, tt.want, tt.text)
			}
			got, err = rules.CheckOptional("title", tt.in, tt.most)
			if code := codeOf(t, err); got != tt.want || code != tt.optional {
				t.Errorf("CheckOptional = %.30q, refused with %q, want %.30q, %q", got, code, tt.want, tt.optional)
			}
		})
	}
}

func TestCheckTextNamesTheField(t *testing.T) {
	_, err := rules.CheckText("title", "一二三四", 3)
	r, ok := rules.AsRefusal(err)
	if !ok || r.Kind != rules.Invalid || r.Params["field"] != "title" || r.Params["max"] != 3 || r.Params["has"] != 4 {
		t.Errorf("CheckText refused with %+v, want the field, the bound and the length", r)
	}
}

func TestHeadline(t *testing.T) {
	sixty := strings.Repeat("议", rules.MaxTitle)
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"one sentence", "三号楼电梯坏了", "三号楼电梯坏了"},
		{"the first of two", "三号楼电梯坏了。老人下不了楼。", "三号楼电梯坏了"},
		{"a question", "电梯什么时候修？急", "电梯什么时候修"},
		{"the first line", "三号楼电梯坏了\n老人下不了楼", "三号楼电梯坏了"},
		{"a blank before the stop", "三号楼电梯坏了 。老人下不了楼", "三号楼电梯坏了"},
		{"it begins with shouting", "！！！水管爆了。快来人", "水管爆了"},
		{"it begins with a mark and a line break", "？\n楼道灯不亮", "楼道灯不亮"},
		{"nothing but marks", "？？？", "？？？"},
		{"marks over two lines", "？\n？", "？ ？"},
		{"exactly at the bound", sixty, sixty},
		{"one too long", sixty + "议", strings.Repeat("议", rules.MaxTitle-1) + "…"},
		{"ten thousand characters", strings.Repeat("议", 10_000), strings.Repeat("议", rules.MaxTitle-1) + "…"},
		{"what cannot be seen does not count", sixty + "\u200b\u200b", sixty},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rules.Headline(tt.in); got != tt.want {
				t.Errorf("Headline(%.40q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// anyText draws what people and machines type: letters, blanks, stops and the
// characters that make trouble.
func anyText() *rapid.Generator[string] {
	return rapid.StringOf(rapid.OneOf(
		rapid.SampledFrom([]rune("议灯ab3。！？!?；; \n\r\t\u3000\u200b\u200d\u202e👨👩🏽\ufeff\u2800\ufe0f\u0301\u3164\x00\x1b\u0085\u2028😀𠮷\ufffd")),
		rapid.Rune(),
	))
}

func TestCleanHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := rules.Clean(anyText().Draw(t, "text"))
		if twice := rules.Clean(once); twice != once {
			t.Fatalf("cleaned again, %q becomes %q", once, twice)
		}
		if !utf8.ValidString(once) || strings.TrimSpace(once) != once {
			t.Fatalf("%q is broken or has blanks at its ends", once)
		}
		runes := []rune(once)
		for i, r := range runes {
			if r == '\u200d' && i > 0 && i+1 < len(runes) && !unicode.IsLetter(runes[i-1]) && !unicode.IsLetter(runes[i+1]) {
				continue // it joins pictures
			}
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Fatalf("%q still holds %U", once, r)
			}
		}
	})
}

func TestHeadlineHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyText().Draw(t, "text")
		got := rules.Headline(in)
		if n := utf8.RuneCountInString(got); n > rules.MaxTitle || strings.Contains(got, "\n") || rules.Clean(got) != got {
			t.Fatalf("Headline(%q) = %q: %d characters, want one clean line of at most %d", in, got, n, rules.MaxTitle)
		}
		if (got == "") != (rules.Clean(in) == "") {
			t.Fatalf("Headline(%q) = %q, want a title exactly where something is written", in, got)
		}
	})
}
