package bot_test

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"yishi/bot"
	"yishi/configs/locale"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/wechat"
)

var update = flag.Bool("update", false, "rewrite the dialogues in testdata")

func sentences(t *testing.T) locale.Catalog {
	t.Helper()
	text, err := locale.Load("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestDialogues plays every dialogue in testdata. A line "who> text" is typed,
// "who@scan point" and the like are other events, "clock +10m" and "staff ..."
// are what happens meanwhile; the lines "<   text" below are what the bot must
// answer. See stage_test.go for all of them.
func TestDialogues(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogues", err)
	}
	text := sentences(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			switch got := newStage(t, text).dialogue(t, string(want)); {
			case *update:
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			case got != string(want):
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// dialogue plays a dialogue and returns it with what the bot answers.
func (s *stage) dialogue(t *testing.T, script string) string {
	t.Helper()
	var got strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "<") {
			got.WriteString(line + "\n" + s.play(t, line))
		}
	}
	return got.String()
}

// TestNothingIsDoneTwice delivers events again: at once, late, beside each other,
// and after the answer was lost before the dialogue was kept. Each does what it
// asks for once, and is answered alike wherever an answer was kept.
func TestNothingIsDoneTwice(t *testing.T) {
	t.Parallel()
	const raise = "三号楼二单元的楼道灯坏了好几天"
	for name, tt := range map[string]struct {
		play func(*retries)
		want string // how the last answer begins
	}{
		"at once, again":      {func(r *retries) { r.send("1", "确认"); r.send("1", "确认") }, "收到了"},
		"late, after another": {func(r *retries) { r.send("1", "确认"); r.send("2", "帮助"); r.send("1", "确认") }, "收到了"},
		"the answer was lost": {func(r *retries) { r.lost("1", "确认"); r.send("1", "确认") }, "收到了"},
		"beside each other":   {func(r *retries) { r.together("1", "确认"); r.send("1", "确认") }, "收到了"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &retries{stage: newStage(t, sentences(t)), t: t}
			r.play(r.stage, raise)
			tt.play(r)
			if got := r.answers[len(r.answers)-1]; !strings.HasPrefix(got, tt.want) {
				t.Errorf("the answer is %q", got)
			}
			actor := check[models.Actor](t)(r.RecognizeChat(t.Context(), r.identity("许安禾")))
			if page := check[models.Page[models.TopicView]](t)(r.MyTopics(t.Context(), actor, 0, 0)); len(page.Items) != 1 {
				t.Errorf("%d matters were raised", len(page.Items))
			}
		})
	}
}

// TestManyAtOnce lets somebody send many messages at once through two bots: each is
// answered, and each matter is raised once.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, sentences(t))
	there := check[*bot.Bot](t)(bot.New(forumtest.Bare(t, s.DSN, s.Clock), sentences(t), "https://yishi.example"))
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			e := wechat.Event{AppID: forumtest.App, OpenID: s.person("许安禾"), MsgID: fmt.Sprint("m", i), Kind: wechat.KindText, Text: fmt.Sprintf("%d号楼的楼道灯坏了好几天", i+1)}
			reply, err := []*bot.Bot{s.bot, there}[i%2].Answer(t.Context(), e)
			if err != nil || !strings.Contains(reply, e.Text) {
				t.Errorf("%s is answered %q, %v", e.Text, reply, err)
			}
		})
	}
	wait.Wait()
	s.play(t, "许安禾> 确认")
	actor := check[models.Actor](t)(s.RecognizeChat(t.Context(), s.identity("许安禾")))
	if page := check[models.Page[models.TopicView]](t)(s.MyTopics(t.Context(), actor, 0, 0)); len(page.Items) != 1 {
		t.Errorf("%d matters were raised", len(page.Items))
	}
}

// retries is a conversation whose messages come more than once.
type retries struct {
	*stage
	t       *testing.T
	answers []string
}

func (r *retries) play(s *stage, first string) { s.play(r.t, "许安禾> "+first) }

func (r *retries) answer(number, text string) (string, error) {
	return r.bot.Answer(r.t.Context(), wechat.Event{AppID: forumtest.App, OpenID: r.person("许安禾"), MsgID: "m" + number, Kind: wechat.KindText, Text: text})
}

func (r *retries) send(number, text string) {
	r.t.Helper()
	r.answers = append(r.answers, check[string](r.t)(r.answer(number, text)))
}

// lost does what a message asks for, and loses what is kept of the answer.
func (r *retries) lost(number, text string) {
	r.t.Helper()
	db := check[*sql.DB](r.t)(sql.Open("sqlite", r.DSN))
	defer func() { _ = db.Close() }()
	run := func(query string) {
		r.t.Helper()
		check[sql.Result](r.t)(db.ExecContext(r.t.Context(), query))
	}
	run("CREATE TABLE before AS SELECT * FROM dialogues")
	r.send(number, text)
	run("DELETE FROM dialogues")
	run("INSERT INTO dialogues SELECT * FROM before")
	run("DELETE FROM inboxes WHERE msg_id = 'm" + number + "'")
}

// together delivers a message eight times at once. Whoever gets an answer gets the
// same.
func (r *retries) together(number, text string) {
	r.t.Helper()
	var all sync.Map
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if said, err := r.answer(number, text); err == nil {
				all.Store(said, true)
			} else if !errors.Is(err, models.ErrTurn) {
				r.t.Error(err)
			}
		})
	}
	wait.Wait()
	n := 0
	all.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		r.t.Errorf("%d different answers", n)
	}
}

// TestWholeMatter: the pictures and the place that were sent on the way reach the
// forum with the words, whatever came between.
func TestWholeMatter(t *testing.T) {
	s := newStage(t, sentences(t))
	for _, line := range []string{
		"新来的@image", "新来的> 井盖翻了,差点掉下去", "新来的@at 33.9,118.2 槐影路12号", "新来的> 1", "新来的@image", "新来的> 跳过",
		"新来的> 在3号楼门口", "新来的@image", "新来的> 确认", "新来的@image",
	} {
		s.play(t, line)
	}
	actor := check[models.Actor](t)(s.RecognizeChat(t.Context(), s.identity("新来的")))
	page := check[models.Page[models.TopicView]](t)(s.MyTopics(t.Context(), actor, 0, 0))
	if len(page.Items) != 1 {
		t.Fatalf("%d matters", len(page.Items))
	}
	topic := page.Items[0]
	if topic.Place != "槐影路12号" || topic.Body != "井盖翻了,差点掉下去\n在3号楼门口" {
		t.Errorf("at %q: %q", topic.Place, topic.Body)
	}
	var media []string
	for _, w := range check[[]models.AwaitedPhoto](t)(s.ClaimPhotos(t.Context(), 10)) {
		if w.TopicID != topic.ID || w.PersonID != actor.PersonID {
			t.Errorf("a picture of %d for %d", w.PersonID, w.TopicID)
		}
		media = append(media, w.MediaID)
	}
	if want := []string{"medium-1", "medium-2", "medium-3", "medium-4"}; !slices.Equal(media, want) {
		t.Errorf("pictures %v", media)
	}
}

// TestSilence: some events are answered with nothing, which is no fault.
func TestSilence(t *testing.T) {
	s := newStage(t, sentences(t))
	for _, kind := range []wechat.Kind{wechat.KindUnsubscribe, wechat.KindOther} {
		reply, err := s.bot.Answer(t.Context(), wechat.Event{AppID: forumtest.App, OpenID: "o-x", MsgID: "1", Kind: kind})
		if reply != "" || err != nil {
			t.Errorf("%s was answered %q, %v", kind, reply, err)
		}
	}
}

// TestFault: a fault is an error, so that WeChat delivers the event again.
func TestFault(t *testing.T) {
	text := sentences(t)
	f := forumtest.Bare(t, forumtest.SQLite(t), forumtest.NewClock())
	b := check[*bot.Bot](t)(bot.New(f, text, ""))
	e := wechat.Event{AppID: forumtest.App, OpenID: "o-x", MsgID: "1", Kind: wechat.KindText, Text: "三号楼二单元的楼道灯坏了"}
	if reply, err := b.Answer(t.Context(), e); err == nil {
		t.Errorf("a forum without data answered %q", reply)
	} else if _, refused := rules.AsRefusal(err); refused {
		t.Errorf("a refusal came out as an error: %v", err)
	}
}

// TestCut: a long answer ends with a whole line and says that there is more.
func TestCut(t *testing.T) {
	b := check[*bot.Bot](t)(bot.New(nil, sentences(t), ""))
	line := strings.Repeat("长", 49)
	for _, tt := range []struct {
		name, in string
		whole    bool
	}{
		{"short", line, true},
		{"just fits", strings.Repeat("长", 600), true},
		{"lines", strings.Repeat(line+"\n", 20), false},
		{"one line", strings.Repeat("长", 700), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := b.Cut(tt.in)
			if n := utf8.RuneCountInString(out); n > 600 {
				t.Errorf("%d characters", n)
			}
			if tt.whole != (out == tt.in) {
				t.Errorf("cut to %q", out)
			}
			if strings.Contains(tt.in, "\n") && !strings.HasPrefix(out[strings.LastIndexByte(out, '\n')-len(line):], line) {
				t.Errorf("cut within a line: %q", out)
			}
		})
	}
}

// TestEveryWordIsAnswered: whatever is typed, at whatever step, is answered in at
// most 600 characters, and a fault never comes of it.
func TestEveryWordIsAnswered(t *testing.T) {
	text := sentences(t)
	s := newStage(t, text)
	words := []string{"1", "2", "１", "第一个", "？？", "提议：", "进度 １２３", "\u200b", "没解决 x", "附议1", "92990000MA0DEM0135", "三号楼二单元的楼道灯坏了", strings.Repeat("长", 700)}
	for code, list := range text {
		if strings.HasPrefix(code, "bot.word.") {
			words = append(words, strings.Split(list, "|")...)
		}
	}
	slices.Sort(words)
	people := []string{"许安禾", "何早", "路人"}
	rapid.Check(t, func(r *rapid.T) {
		said := rapid.OneOf(rapid.SampledFrom(words), rapid.String()).Draw(r, "said")
		reply, err := s.say(t, rapid.SampledFrom(people).Draw(r, "who"), wechat.Event{Kind: wechat.KindText, Text: said})
		if n := utf8.RuneCountInString(reply); err != nil || n == 0 || n > 600 {
			r.Fatalf("%q was answered with %d characters, %v", said, n, err)
		}
	})
}

// TestKeeper tells who keeps a share of a secret poll what to do, by the same word
// as those who vote.
func TestKeeper(t *testing.T) {
	t.Parallel()
	s := newStage(t, sentences(t))
	p := forumtest.NewSecretPoll(t, s.Stage, 11, rules.DiscloseKey)
	says := func(who, want string) {
		t.Helper()
		if got := check[string](t)(s.say(t, who, wechat.Event{Kind: wechat.KindText, Text: "投票"})); !strings.Contains(got, want) {
			t.Errorf("%s is told %q, want %q", who, got, want)
		}
	}
	says("voter 0", "领钥匙、投票")
	says("voter 1", "点开这个链接投票")
	p.Keep()
	says("voter 0", "点开这个链接投票")
	for _, who := range p.People {
		p.Drop(p.Say(p.Token(who), 0, rules.Yes))
	}
	check[*models.PollView](t)(s.ClosePoll(t.Context(), p.Keepers[0], p.View.ID))
	says("voter 0", "有两份就能开箱")
	says("voter 1", "现在没有请您参加的表决")
	check[*models.PollView](t)(s.EnterShare(t.Context(), p.Keepers[2], p.View.ID, p.Shares[2], ""))
	says("voter 0", "现在没有请您参加的表决")
}
