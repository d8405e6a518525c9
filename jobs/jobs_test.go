package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"yishi/configs/locale"
	"yishi/jobs"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/wechat"
)

const huaiying = "YD-YS-TX-HY"

// TestTheClockDoor lets time pass and expects what is due then, and nothing
// twice.
func TestTheClockDoor(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		text, err := locale.Load("zh-CN")
		if err != nil {
			t.Fatal(err)
		}
		var sent []wechat.Message
		broken := errors.New("no subscription")
		send := post(func(m wechat.Message) error {
			if m.Code == "notice.topic_lapsed" {
				return broken
			}
			sent = append(sent, m)
			return nil
		})
		clock := jobs.New(s.Forum, text, send, forumtest.App)
		tick := func() int {
			t.Helper()
			n, err := clock.Tick(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		tick() // what the settling left behind
		if n := tick(); n != 0 {
			t.Fatalf("%d things were done twice", n)
		}
		sent = nil
		me := s.City.Residents[s.City.Sample.Residents[1].Name]
		r, err := s.RaiseTopic(ctx, me, models.NewTopic{OrgID: s.Org(huaiying), Text: "灯坏了"})
		if err != nil {
			t.Fatal(err)
		}
		tick()
		if v, err := s.Topic(ctx, me, r.Topic.ID); err != nil || v.State != rules.TopicTriage {
			t.Errorf("not taken up: %v, %v", v, err)
		}
		s.Clock.Pass(3 * 24 * time.Hour)
		tick()
		if v, err := s.Topic(ctx, me, r.Topic.ID); err != nil || v.LapsedAt == nil {
			t.Errorf("not lapsed: %v, %v", v, err)
		}
		notices, err := s.Notices(ctx, me, 0, 1)
		if err != nil || len(notices.Items) != 1 {
			t.Fatalf("%+v, %v", notices, err)
		}
		if n := notices.Items[0]; n.Code != "notice.topic_lapsed" || n.Channel != "inbox" || n.Failure == "" {
			t.Errorf("what cannot be sent is not kept for the apps: %+v", n)
		}
		for _, m := range sent {
			if m.Title == "" || m.Title == m.Code {
				t.Errorf("a notice without its sentence: %+v", m)
			}
		}
	})
}

// post takes what is sent by template messages, which need no right.
type post func(m wechat.Message) error

func (post) Ways(string, string) []wechat.Channel { return []wechat.Channel{wechat.ChannelTemplate} }

func (p post) Send(_ context.Context, m wechat.Message, _ wechat.Channel) error { return p(m) }

// TestEach goes on past what is refused and what fails, and counts neither.
func TestEach(t *testing.T) {
	broken, refused := errors.New("broken row"), rules.Refuse(rules.Conflict, "poll.closed")
	for name, tt := range map[string]struct {
		fails map[int64]error
		done  int
		err   error
	}{
		"all is done":               {nil, 3, nil},
		"one is refused":            {map[int64]error{1: refused}, 2, nil},
		"all are refused":           {map[int64]error{1: refused, 2: refused, 3: refused}, 0, nil},
		"the first fails":           {map[int64]error{1: broken}, 2, broken},
		"one fails, one is refused": {map[int64]error{1: broken, 2: refused}, 1, broken},
	} {
		t.Run(name, func(t *testing.T) {
			var tried []int64
			done, err := jobs.Each(t.Context(), []int64{1, 2, 3}, func(id int64) error {
				tried = append(tried, id)
				return tt.fails[id]
			})
			if done != tt.done || len(tried) != 3 || !errors.Is(err, tt.err) || tt.err == nil && err != nil {
				t.Errorf("tried %v, done %d, %v; want %d, %v", tried, done, err, tt.done, tt.err)
			}
		})
	}
}

// TestWhatIsRefusedHidesNothing: more rows than a batch holds are refused for good,
// or fail; what is due behind them is done all the same, once.
func TestWhatIsRefusedHidesNothing(t *testing.T) {
	broken, refused := errors.New("broken row"), rules.Refuse(rules.Conflict, "poll.closed")
	for name, tt := range map[string]struct {
		stuck int64 // the first so many
		why   error
		err   error
	}{
		"nothing is stuck": {0, nil, nil},
		"100 are refused":  {100, refused, nil},
		"250 are refused":  {250, refused, nil},
		"150 fail":         {150, broken, broken},
	} {
		t.Run(name, func(t *testing.T) {
			const all = 320
			done := map[int64]bool{}
			due := func(_ context.Context, after int64, n int) ([]int64, error) {
				var ids []int64
				for id := after + 1; id <= all && len(ids) < n; id++ {
					if !done[id] {
						ids = append(ids, id)
					}
				}
				return ids, nil
			}
			n, err := jobs.Walk(t.Context(), due, func(id int64) error {
				if id <= tt.stuck {
					return tt.why
				}
				if done[id] {
					t.Errorf("%d was done twice", id)
				}
				done[id] = true
				return nil
			})
			if want := all - int(tt.stuck); n != want || len(done) != want || !errors.Is(err, tt.err) || tt.err == nil && err != nil {
				t.Errorf("%d done, counted %d, %v; want %d, %v", len(done), n, err, want, tt.err)
			}
		})
	}
}
