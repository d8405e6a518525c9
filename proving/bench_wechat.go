package proving

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"yishi/wechat/wechattest"
)

// WeChatBench is what the bench of the chat needs besides a server.
type WeChatBench struct {
	Bare string // path of a callback that only echoes, made with the SDK alone
}

// Who votes in the bench of the chat, half of them by chat, how many clients vote at
// once, and how often callbacks come in the open loop.
const (
	chatVoters, chatVotersQuick = 1000, 400
	chatAtOnce                  = 256
	chatRate                    = 500
)

// BenchWeChat measures what WeChat brings, sealed as it brings it, in one interleaved
// run with a callback that only echoes and with the vote by HTTP. What WeChat would
// seal is sealed before.
func BenchWeChat(ctx context.Context, out io.Writer, s *Server, v WeChatBench, o BenchOptions) error {
	t, err := newTour(ctx, io.Discard, s)
	if err != nil {
		return err
	}
	b := &wechatBench{voteBench: voteBench{bench: bench{tour: t, clock: o.Clock, rounds: 5}, lasts: 2 * time.Second, seen: figures{}}, WeChatBench: v, voters: chatVoters, passes: 3}
	if o.Quick {
		b.rounds, b.lasts, b.voters, b.passes = 2, time.Second/2, chatVotersQuick, 2
	}
	if err := t.play(b.run); err != nil {
		return err
	}
	if err := b.report(out, o.JSON); err != nil {
		return err
	}
	return missed(b.results, o.Strict)
}

type wechatBench struct {
	voteBench
	WeChatBench
	voters, passes int
	people         []*wechattest.Resident // who vote by chat
	scene          string                 // of the point
	acts           int                    // so far
}

func (b *wechatBench) run() {
	b.step("bench wechat")
	b.about = fmt.Sprintf("%d voters by HTTP, %d by chat", b.voters, b.voters)
	b.hall = b.fill(b.voters)
	b.gatherPeople()
	for range b.rounds {
		b.round()
	}
	b.conclude()
}

// gatherPeople brings those who vote by chat to the meeting: each scans the screen.
func (b *wechatBench) gatherPeople() {
	for i := range b.voters {
		b.people = append(b.people, b.Fake.AddResident(fmt.Sprintf("chat voter %d", i), fmt.Sprintf("1370000%04d", i)))
	}
	for _, v := range see[[]point](b.tour, b.nobody, at("points")) {
		if v.ID == b.Points["hy-hall"] {
			b.scene = v.Scene
		}
	}
	screen := see[siteCode](b.tour, b.hall.host, at("sessions", b.hall.session, "code")).Scene
	_, err := b.letters(b.voters, func(int) wechattest.Act { return wechattest.Act{Kind: "SCAN", Text: screen} }).soMany(few, b.voters)
	b.ok(err)
	same(b.tour, "present", see[meeting](b.tour, b.nobody, at("sessions", b.hall.session)).Present, int64(2*b.voters))
	_, err = b.Fake.Follow(b.people[0], "")
	b.ok(err)
	said, err := b.Fake.Say(b.people[0], b.words("said.help"))
	b.ok(err)
	b.holds("the bot tells what it can do", len(said) > 100, said)
}

// letters are n deliveries of what the people do in turn, each new.
func (b *wechatBench) letters(n int, act func(i int) wechattest.Act) *load {
	l := newLoad(b.ctx, b.URL, b.clock)
	l.lines, l.once, l.shots = 64, true, make([]shot, n+1) // the first number is 1
	first := b.acts
	b.acts += n + 1
	b.ok(each(len(l.shots), 4, func(i int) error {
		a := act(i)
		a.ID, a.At = strconv.Itoa(1_000_000+first+i), b.Now().Add(time.Duration(first+i)*time.Second)
		req, err := b.Fake.Letter(b.ctx, b.people[i%len(b.people)], a)
		if err == nil {
			l.shots[i], err = shotOf(req, l.host)
		}
		return err
	}))
	return l
}

func shotOf(req *http.Request, host string) (shot, error) {
	body, err := io.ReadAll(req.Body)
	head := fmt.Sprintf("%s HTTP/1.1\r\nHost: %s\r\nContent-Type: text/xml\r\nContent-Length: %d\r\nX-Shot: ", req.URL.RequestURI(), host, len(body))
	return shot{head, "\r\n\r\n" + string(body)}, err
}

func (b *wechatBench) typed(code string) func(int) wechattest.Act {
	words := b.words(code)
	return func(int) wechattest.Act { return wechattest.Act{Kind: "text", Text: words} }
}

func (b *wechatBench) scanned(int) wechattest.Act {
	return wechattest.Act{Kind: "SCAN", Text: b.scene}
}

// mostAnswers is more than the product answers in a second.
const mostAnswers = 25_000

func (b *wechatBench) round() {
	b.seen.note("fsync", b.fsyncs())
	enough := few + int(mostAnswers*b.lasts.Seconds())
	for _, d := range []struct {
		name, door string
		act        func(int) wechattest.Act
	}{{"bare", b.Bare, b.typed("said.help")}, {"help", "", b.typed("said.help")}, {"scan", "", b.scanned}} {
		l := b.letters(enough, d.act)
		l.once = d.door == "" // an echo is the same however often
		got, err := l.closed(d.door, few, b.lasts)
		b.ok(err)
		b.seen.note(d.name, got.rate())
		b.seen.note(d.name+"_p99", got.quantile(0.99))
	}
	q := do[poll](b.tour, b.hall.host, at("polls"), set{"session_id": b.hall.session, "topic_id": b.hall.topic, "question": b.words("bins.put")})
	same(b.tour, "due", q.Due, int64(2*b.voters))
	for pass := range b.passes {
		ways := []func(poll){b.byHTTP, b.byChat}
		if pass%2 == 1 {
			slices.Reverse(ways)
		}
		for _, way := range ways {
			way(q)
		}
	}
	same(b.tour, "units that voted", see[poll](b.tour, b.nobody, at("polls", q.ID)).Cast, int64(2*b.voters))
	got, err := b.mixed().open("", chatRate, 2*b.lasts)
	b.ok(err)
	b.seen.note("open_500_p50", got.quantile(0.5))
	b.seen.note("open_500_p99", got.quantile(0.99))
	do[poll](b.tour, b.hall.host, at("polls", q.ID, "close"), nil)
}

func (b *wechatBench) byHTTP(q poll) {
	got, err := prepare(b.ctx, b.URL, q.ID, b.hall.voters, b.clock).soMany(chatAtOnce, b.voters)
	b.ok(err)
	b.seen.note("vote_http", got.rate())
}

// byChat lets everybody ask for the poll and then vote. The vote is what counts.
func (b *wechatBench) byChat(poll) {
	for _, part := range []struct{ name, code string }{{"ask_chat", "said.vote"}, {"vote_chat", "said.yes"}} {
		got, err := b.letters(b.voters, b.typed(part.code)).soMany(chatAtOnce, b.voters)
		b.ok(err)
		b.seen.note(part.name, got.rate())
	}
}

// mixed is what comes on a busy evening: everybody asks for the poll and votes, and
// as many ask for help or scan a code.
func (b *wechatBench) mixed() *load {
	kinds := []func(int) wechattest.Act{b.typed("said.vote"), b.scanned, b.typed("said.yes"), b.typed("said.help")}
	return b.letters(64+int(chatRate*2*b.lasts.Seconds()), func(i int) wechattest.Act { return kinds[i/len(b.people)%len(kinds)](i) })
}

func (b *wechatBench) conclude() {
	for _, r := range []Result{
		{Name: "fsync", Unit: "/s"},
		{Name: "bare", Unit: "/s"},
		{Name: "bare_p99", Unit: "ms"},
		{Name: "help", Unit: "/s"},
		{Name: "help_p99", Unit: "ms"},
		{Name: "scan", Unit: "/s"},
		{Name: "scan_p99", Unit: "ms"},
		{Name: "vote_http", Unit: "/s"},
		{Name: "ask_chat", Unit: "/s"},
		{Name: "vote_chat", Unit: "/s"},
	} {
		b.results = append(b.results, b.seen.most(r))
	}
	b.results = append(
		b.results, b.seen.ratio("help_of_bare", "help", "bare", 0.5), b.seen.ratio("vote_of_http", "vote_chat", "vote_http", 0.5),
		b.seen.most(Result{Name: "open_500_p50", Unit: "ms"}), b.seen.most(Result{Name: "open_500_p99", Unit: "ms", Aim: 50}),
	)
}
