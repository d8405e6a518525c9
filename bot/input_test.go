package bot_test

import (
	"strings"
	"testing"
	"time"

	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/wechat"
)

// TestBadInputByChat types, scans and presses what people get wrong. Each is
// answered in words, with what was wrong where that has a sentence of its own, and
// changes nothing but the dialogue itself: every table is as it was.
func TestBadInputByChat(t *testing.T) {
	text := sentences(t)
	s := newStage(t, text)
	for _, line := range []string{
		"许安禾> 单元门的闭门器坏了，关门声音很大", "许安禾> 确认", "许安禾> 三号楼的井盖松了", "许安禾> 确认", "staff accept #2 STAKE",
		"何知秋> 门禁卡刷不开", "何知秋> 确认", "staff ban 何知秋",
	} {
		s.play(t, line)
	}
	s.play(t, "staff petition households 门禁要不要换 姜")
	s.play(t, "姜长庚> 你好")
	s.Clock.Pass(time.Minute)
	mine := s.receipts[0]
	slip := mine[:len(mine)-1] + string('0'+(mine[len(mine)-1]-'0'+1)%10)
	seen := forumtest.Fingerprints(t, s.DSN)
	typed := func(words ...string) []wechat.Event {
		var events []wechat.Event
		for _, w := range words {
			events = append(events, wechat.Event{Kind: wechat.KindText, Text: w})
		}
		return events
	}
	for _, tt := range []struct {
		name, who string
		events    []wechat.Event
		code      string // whose sentence the last answer has, where it is a refusal
	}{
		{name: "nothing that can be seen", who: "许安禾", events: typed("\u200b\u200d\ufeff")},
		{name: "a greeting", who: "许安禾", events: typed("你好")},
		{name: "an answer that nobody asked for", who: "许安禾", events: typed("确认")},
		{name: "a number that nobody asked for", who: "许安禾", events: typed("1")},
		{name: "half a receipt", who: "许安禾", events: typed("进度 123")},
		{name: "a receipt with a slip", who: "许安禾", events: typed("进度 " + slip), code: "receipt.wrong"},
		{name: "a receipt of nothing", who: "许安禾", events: typed("进度 " + rules.Receipt(7)), code: "topic.unknown"},
		{name: "joining one's own matter", who: "许安禾", events: typed("附议 " + s.receipts[1]), code: "cosign.own"},
		{name: "joining what is not read yet", who: "孔平川", events: typed("附议 " + mine), code: "topic.unknown"},
		{name: "joining nothing", who: "许安禾", events: typed("附议")},
		{name: "confirming what was not asked", who: "许安禾", events: typed("解决了 " + mine), code: "confirmation.unknown"},
		{name: "confirming with nothing waiting", who: "许安禾", events: typed("没解决")},
		{name: "supplying what was not asked", who: "许安禾", events: typed("补充 " + mine + " 三号楼"), code: "topic.state"},
		{name: "supplying to another's matter", who: "孔平川", events: typed("补充 " + mine + " 三号楼"), code: "topic.unknown"},
		{name: "supplying nothing", who: "许安禾", events: typed("补充 " + mine)},
		{name: "an endless name", who: "许安禾", events: typed("我叫 " + strings.Repeat("长", rules.MaxName+1)), code: "text.long"},
		{name: "no name", who: "许安禾", events: typed("我叫")},
		{name: "voting on nothing", who: "许安禾", events: typed("投票")},
		{name: "a petition that is not signed", who: "许安禾", events: typed("联名", "取消")},
		{name: "a petition that is not on the list", who: "许安禾", events: typed("联名", "7")},
		{name: "a petition signed twice", who: "姜长庚", events: typed("联名", "1"), code: "petition.signed"},
		{name: "a petition by who is shut out", who: "何知秋", events: typed("联名"), code: "person.banned"},
		{name: "a choice without a poll", who: "许安禾", events: typed("同意")},
		{name: "digits of no session", who: "许安禾", events: typed("123456")},
		{name: "too few digits", who: "许安禾", events: typed("12345")},
		{name: "a matter that is not confirmed", who: "许安禾", events: typed("楼道里又堆了很多东西")},
		{name: "a matter taken back", who: "许安禾", events: typed("楼道里又堆了很多东西", "取消")},
		{name: "a matter that is too long", who: "许安禾", events: typed(strings.Repeat("长", rules.MaxBody+1), "确认")},
		{name: "another answer than yes", who: "许安禾", events: typed("楼道里又堆了很多东西", "？？")},
		{name: "a credit code with a slip", who: "孔平川", events: typed("加入联盟", "小店(示例)", "92990000MA0DEM0136")},
		{name: "a matter of who is shut out", who: "何知秋", events: typed("路灯一直不亮了"), code: "person.banned"},
		{name: "a name of who is shut out", who: "何知秋", events: typed("我叫某某"), code: "person.banned"},
		{name: "a code of nothing", who: "许安禾", events: []wechat.Event{{Kind: wechat.KindScan, Scene: "p424242"}}},
		{name: "a code that is none", who: "许安禾", events: []wechat.Event{{Kind: wechat.KindScan, Scene: "'; DROP TABLE topics; --"}}},
		{name: "the screen of no session", who: "许安禾", events: []wechat.Event{{Kind: wechat.KindScan, Scene: rules.SiteScene(424242, "123456")}}, code: "session.none"},
		{name: "a key that is none", who: "许安禾", events: []wechat.Event{{Kind: wechat.KindClick, Key: "launch"}}},
		{name: "a place that is none", who: "许安禾", events: []wechat.Event{{Kind: wechat.KindLocation, Lat: 91, Lng: 500}}},
		{name: "a picture", who: "许安禾", events: []wechat.Event{{Kind: wechat.KindImage, MediaID: "m"}}},
		{name: "a voice", who: "许安禾", events: []wechat.Event{{Kind: wechat.KindVoice, MediaID: "m"}}},
		{name: "what is no event", who: "许安禾", events: []wechat.Event{{Kind: wechat.KindOther}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, reply := seen(), ""
			for _, e := range tt.events {
				var err error
				if reply, err = s.say(t, tt.who, e); err != nil {
					t.Fatal(err)
				}
			}
			if last := tt.events[len(tt.events)-1]; (reply == "") != (last.Kind == wechat.KindOther) {
				t.Errorf("answered %q", reply)
			}
			if want, _, _ := strings.Cut(text[tt.code], "{"); tt.code != "" && (want == "" && text[tt.code] == "" || !strings.Contains(reply, want)) {
				t.Errorf("answered %q, want the sentence of %s", reply, tt.code)
			}
			// what every message leaves: where the dialogue stands, that there was one and
			// what was said, that one may be written to for two days,
			// and how often digits were tried
			if changed := seen().Changed(before, "dialogues", "inboxes", "rights", "audits", "attempts"); changed != nil {
				t.Errorf("changed %v", changed)
			}
			if _, err := s.say(t, tt.who, wechat.Event{Kind: wechat.KindText, Text: "取消"}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
