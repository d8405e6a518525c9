package bot_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yishi/bot"
	"yishi/models/rules"
)

// commands are understood at every step; answers at the steps that are listed.
var (
	commands = []string{
		"raise", "progress", "cosign", "solved", "unsolved", "supply", "name", "vote", "near", "mine", "app", "register", "join", "help", "cancel",
		"petition", "person", "tie", "desk", "chair", "speak",
	}
	answers = map[string][]string{
		"idle": {"thanks", "hello"}, "similar": {"number", "confirm", "none"}, "readback": {"confirm"}, "household": {"skip"},
		"reason": {"skip"}, "choice": {"yes", "no", "abstain"}, "progress": {"number"},
	}
)

// TestWordsAreDisjoint: at no step a word means two things.
func TestWordsAreDisjoint(t *testing.T) {
	text := sentences(t)
	for step, meanings := range answers {
		meant := map[string]string{}
		for _, meaning := range append(slices.Clone(commands), meanings...) {
			list := text["bot.word."+meaning]
			if list == "" {
				t.Errorf("no words for %q", meaning)
			}
			for word := range strings.SplitSeq(list, "|") {
				if before, ok := meant[word]; ok {
					t.Errorf("at step %s %q means both %s and %s", step, word, before, meaning)
				}
				meant[word] = meaning
				if word == "" || word != strings.ToLower(rules.Clean(word)) {
					t.Errorf("%q cannot be typed", word)
				}
			}
		}
	}
}

// TestSoundsAreDisjoint: at no step what is typed sounds like words of two meanings,
// and no two commands have the same initials.
func TestSoundsAreDisjoint(t *testing.T) {
	text := sentences(t)
	typed := map[string]string{}
	for _, c := range commands {
		short := bot.Initials(strings.Split(text["bot.word."+c], "|")[0])
		if before, ok := typed[short]; ok {
			t.Errorf("%q means both %s and %s", short, before, c)
		}
		typed[short] = c
	}
	for step, meanings := range answers {
		read := map[string]string{}
		for _, meaning := range append(slices.Clone(commands), meanings...) {
			for word := range strings.SplitSeq(text["bot.word."+meaning], "|") {
				sound, syllables := bot.Spell(word)
				if before, ok := read[sound]; ok && before != meaning && syllables > 1 {
					t.Errorf("at step %s %q sounds like %s and %s", step, word, before, meaning)
				}
				if before, ok := typed[sound]; ok && before != meaning {
					t.Errorf("at step %s %q are the initials of %s and the sound of %s", step, word, before, meaning)
				}
				read[sound] = meaning
			}
		}
	}
}

// TestSlips: what people type who are in a hurry, write traditional characters or
// know the pinyin.
func TestSlips(t *testing.T) {
	b := newStage(t, sentences(t)).bot
	for _, tt := range []struct{ typed, name, rest string }{
		{"進度", "progress", ""},
		{"进渡", "progress", ""},
		{"进 度", "progress", ""},
		{"Jindu", "progress", ""},
		{"ＪＤ", "progress", ""},
		{"jd 123456789", "progress", "123456789"},
		{"jd123456789", "progress", "123456789"},
		{"進度:123 456 789", "progress", "123 456 789"},
		{"近度 123456789", "progress", "123456789"},
		{"投漂", "vote", ""},
		{"tou piao", "vote", ""},
		{"tp。", "vote", ""},
		{"意识点", "near", ""},
		{"轉人工", "person", ""},
		{"zrg", "person", ""},
		{"幫助", "help", ""},
		{"提議楼道灯坏了", "raise", "楼道灯坏了"},
		{"ty 楼道灯坏了", "raise", "楼道灯坏了"},
		{"体艺楼的灯坏了", "", ""}, // no blank after what sounds like a command
		{"wo", "", ""},      // one syllable is too little
		{"投票站的门口老是堵车", "", ""},
		{"tpj", "", ""},
		{"", "", ""},
		{"123", "", ""},
	} {
		if name, rest := b.Command(tt.typed); name != tt.name || rest != tt.rest {
			t.Errorf("%q is read as %q, %q", tt.typed, name, rest)
		}
	}
}

var key = regexp.MustCompile(`"(bot\.[a-z_.0-9]+)"`)

// TestEverySentenceIsThere: each key in the code has its sentence, and each
// sentence that the bot has is used.
func TestEverySentenceIsThere(t *testing.T) {
	text := sentences(t)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	var prefixes []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllStringSubmatch(string(source), -1) {
			if strings.HasSuffix(m[1], ".") {
				prefixes = append(prefixes, m[1])
				continue
			}
			used[m[1]] = true
			if text[m[1]] == "" {
				t.Errorf("%s says %q, which has no sentence", file, m[1])
			}
		}
	}
	for code := range text {
		made := slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(code, p) })
		if strings.HasPrefix(code, "bot.") && !used[code] && !made {
			t.Errorf("nothing says %q", code)
		}
		if refusal, ok := strings.CutPrefix(code, "bot.next."); ok && text[refusal] == "" {
			t.Errorf("%q follows a refusal that there is not", code)
		}
	}
}

// TestStepsHaveHelp: each step says what it waits for.
func TestStepsHaveHelp(t *testing.T) {
	text := sentences(t)
	source, err := os.ReadFile("steps.go")
	if err != nil {
		t.Fatal(err)
	}
	steps := regexp.MustCompile(`step[A-Z]\w+ += "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(steps) < 10 {
		t.Fatalf("only %d steps found", len(steps))
	}
	for _, m := range steps {
		if m[1] != "idle" && text["bot.step."+m[1]] == "" {
			t.Errorf("step %s has no help", m[1])
		}
	}
	for _, day := range "1234567" {
		if text["bot.weekday."+string(day)] == "" {
			t.Errorf("day %c has no name", day)
		}
	}
}
