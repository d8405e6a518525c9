package jobs_test

import (
	"database/sql"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yishi/bot"
	"yishi/configs/locale"
	"yishi/jobs"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/wechat"
	"yishi/wechat/wechattest"
)

const (
	customerPath  = "/cgi-bin/message/custom/send"
	subscribePath = "/cgi-bin/message/subscribe/send"
)

var (
	mini     = wechat.App{ID: "wx-test-mini", Secret: "secret-of-the-mini-program-0123"}
	official = wechat.App{ID: "wx-test-official", Secret: "secret-of-the-official-account", Token: "callbacktoken", AESKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}
)

// post office: a forum, its clock door, the fake WeChat, and one resident with a
// mini-program and the official account.
type office struct {
	*forumtest.Stage
	t    *testing.T
	fake *wechattest.Fake
	jobs *jobs.Jobs
	li   *wechattest.Resident
	who  models.Actor
	db   *sql.DB
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{Stage: forumtest.New(t, forumtest.SQLite(t)), t: t}
	text, err := locale.Load("zh-CN")
	o.ok(err)
	o.fake = wechattest.New(o.Clock.Now)
	o.ok(o.fake.Start())
	t.Cleanup(o.fake.Close)
	client, err := wechat.New(wechat.Config{
		Mini: mini, Official: official, Endpoint: o.fake.URL(),
		Templates: map[string]wechat.Template{
			mini.ID + "/notice.topic_resume":       {ID: "tmpl", Fields: map[string]string{"thing1": "title"}},
			official.ID + "/notice.topic_announce": {ID: "tmpl-when", Fields: map[string]string{"thing1": "title", "time2": "starts_at", "date3": "starts_at"}},
			official.ID + "/notice.topic_lapsed":   {ID: "tmpl-what", Fields: map[string]string{"thing1": "title", "phrase2": "verb"}},
		},
	}, wechat.NewMemoryTokens(), o.Clock.Now)
	o.ok(err)
	t.Cleanup(client.Close)
	b, err := bot.New(o.Forum, text, "https://yishi.example")
	o.ok(err)
	server := httptest.NewServer(client.Callback(b.Answer))
	t.Cleanup(server.Close)
	o.fake.AddApp(mini, "")
	o.fake.AddApp(official, server.URL)
	o.li = o.fake.AddResident("李(示例)", "13800000001")
	o.db, err = sql.Open("sqlite", o.DSN)
	o.ok(err)
	t.Cleanup(func() { _ = o.db.Close() })
	pass, err := o.LoginMini(t.Context(), models.Identity{AppID: mini.ID, OpenID: o.li.OpenID(mini.ID)})
	o.ok(err)
	o.who = models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
	_, err = o.fake.Follow(o.li, "")
	o.ok(err)
	o.run("UPDATE accounts SET person_id = ? WHERE open_id = ?", pass.PersonID, o.li.OpenID(official.ID))
	o.jobs = jobs.New(o.Forum, text, client, official.ID, mini.ID)
	o.Clock.Set(time.Date(2026, 12, 1, 10, 0, 0, 0, rules.Beijing)) // by day, and long after following
	o.tick()
	return o
}

func (o *office) ok(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) run(query string, args ...any) {
	o.t.Helper()
	_, err := o.db.ExecContext(o.t.Context(), query, args...)
	o.ok(err)
}

func (o *office) tick() {
	o.t.Helper()
	_, err := o.jobs.Tick(o.t.Context())
	o.ok(err)
}

// tell puts notices into the outbox, and lets the clock door send them.
func (o *office) tell(words ...string) {
	o.t.Helper()
	for _, w := range words {
		o.run(`INSERT INTO notices (person_id, code, params, at, due_at, attempts, channel, failure) VALUES (?, 'notice.topic_resume', ?, ?, ?, 0, '', '')`,
			o.who.PersonID, `{"title":"`+w+`"}`, o.Clock.Now().UTC(), o.Clock.Now().UTC())
	}
	o.tick()
}

// rest is how many rights are left by a channel.
func (o *office) rest(by rules.Channel) (n int) {
	o.t.Helper()
	o.ok(o.db.QueryRowContext(o.t.Context(), "SELECT COALESCE(SUM(rest), 0) FROM rights WHERE channel = ?", by).Scan(&n))
	return n
}

// arrived is by which channels messages with these words are on the phone.
func (o *office) arrived(words string) (by []wechat.Channel) {
	for _, d := range o.fake.Sent(o.li) {
		if strings.Contains(d.Text+d.Params["thing1"], words) {
			by = append(by, d.Channel)
		}
	}
	return by
}

// TestOutbox sends notices by the ways that a person opened, in their order, and by
// no other; each right is spent once, and WeChat's word is taken where it knows
// better.
func TestOutbox(t *testing.T) {
	o := newOffice(t)
	write := func() { _, err := o.fake.Say(o.li, "帮助"); o.ok(err) }
	agree := func(n int) {
		o.fake.Allow(o.li, mini.ID, "tmpl", n)
		for range n {
			_, err := o.GiveConsents(t.Context(), o.who, mini.ID, []models.Consent{{Code: "notice.topic_resume", Answer: "accept"}})
			o.ok(err)
		}
	}
	const customer, subscribe = wechat.ChannelCustomer, wechat.ChannelSubscribe
	for i, step := range []struct {
		what            string
		before          func()
		want            []wechat.Channel
		customers, subs int // rights left
	}{
		{"nothing was given, and the minute after following is over", func() {}, nil, 3, 0},
		{"a message was written", write, []wechat.Channel{customer}, 4, 0},
		{"and consent given", func() { agree(1) }, []wechat.Channel{customer}, 3, 1},
		{"the time for an answer is over", func() { o.Clock.Pass(rules.WroteFor) }, []wechat.Channel{subscribe}, 3, 0},
		{"WeChat knows of no answer", func() { o.run("UPDATE rights SET until = NULL") }, nil, 0, 0},
		{"WeChat knows of no consent", func() { agree(1); o.fake.Allow(o.li, mini.ID, "tmpl", -1) }, nil, 0, 0},
		{"WeChat is busy, then is not", func() { write(); o.fake.Fail(customerPath, -1, 1) }, []wechat.Channel{customer}, 4, 0},
	} {
		words := string(rune('甲' + i))
		step.before()
		o.tell(words)
		o.Clock.Pass(models.NoticeWait * 2)
		o.tick()
		if got := o.arrived(words); !slices.Equal(got, step.want) {
			t.Errorf("%s: it arrived by %v, want %v", step.what, got, step.want)
		}
		if c, s := o.rest(rules.ChannelCustomer), o.rest(rules.ChannelSubscribe); c != step.customers || s != step.subs {
			t.Errorf("%s: %d and %d rights are left, want %d and %d", step.what, c, s, step.customers, step.subs)
		}
		calls := o.fake.Calls(subscribePath) + o.fake.Calls(customerPath)
		o.tick()
		if more := o.fake.Calls(subscribePath) + o.fake.Calls(customerPath) - calls; more != 0 {
			t.Errorf("%s: %d more calls once it is settled", step.what, more)
		}
	}
	write()
	calls := o.fake.Calls(customerPath)
	o.run(`INSERT INTO notices (person_id, code, params, at, due_at, attempts, channel, failure) VALUES (?, 'notice.screening_held', '{}', ?, ?, 0, '', '')`,
		o.who.PersonID, o.Clock.Now().UTC(), o.Clock.Now().UTC())
	if o.tick(); o.fake.Calls(customerPath) != calls || o.rest(rules.ChannelCustomer) != rules.WroteMessages {
		t.Error("a right was spent on a step on the way")
	}
	_, err := o.WishFor(t.Context(), o.who, models.Wish{Quiet: rules.DefaultQuiet, Digest: true})
	o.ok(err)
	o.tell("第一件", "第二件", "第三件")
	o.Clock.Set(time.Date(2026, 12, o.Clock.Now().In(rules.Beijing).Day(), rules.DigestHour, 0, 0, 0, rules.Beijing))
	o.tick()
	if all := o.arrived("今天有3件事要告诉您"); len(all) != 1 || len(o.arrived("第一件")) != 1 || len(o.arrived("第三件")) != 1 {
		t.Errorf("the digest arrived %d times", len(all))
	}
	o.Clock.Pass(rules.WroteFor)
	agree(1)
	o.tell("第四件", "第五件")
	o.Clock.Pass(24 * time.Hour)
	o.tick()
	if four, five := o.arrived("第四件"), o.arrived("第五件"); !slices.Equal(four, []wechat.Channel{subscribe}) || len(five) != 0 {
		t.Errorf("of a digest that no way takes %v and %v arrived by themselves", four, five)
	}
}

// TestTemplateFields fills the fields of templates with what people read: a moment
// with its year, as WeChat wants it, and the name of what a code stands for.
func TestTemplateFields(t *testing.T) {
	o := newOffice(t)
	for code, params := range map[string]string{
		"notice.topic_announce": `{"title":"路灯","starts_at":"2026-12-08T11:00:00Z","point":"议事厅"}`,
		"notice.topic_lapsed":   `{"title":"路灯","verb":"session.hold","holder":"某社区"}`,
	} {
		o.run(`INSERT INTO notices (person_id, code, params, at, due_at, attempts, channel, failure) VALUES (?, ?, ?, ?, ?, 0, '', '')`,
			o.who.PersonID, code, params, o.Clock.Now().UTC(), o.Clock.Now().UTC())
	}
	o.tick()
	got := map[string]map[string]string{}
	for _, d := range o.fake.Sent(o.li) {
		got[d.Template] = d.Params
	}
	text, err := locale.Load("zh-CN")
	o.ok(err)
	want := map[string]map[string]string{
		"tmpl-when": {"thing1": "路灯", "time2": "2026年12月8日 19:00", "date3": "2026年12月8日 19:00"},
		"tmpl-what": {"thing1": "路灯", "phrase2": string([]rune(text.Label("verb", "session.hold"))[:5])},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
