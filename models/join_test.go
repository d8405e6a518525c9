package models_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

const official = "wx-test-official"

// faces is somebody at the chat, whose union id is not known, and in the mini-program.
type faces struct {
	s    *forumtest.Stage
	name string
}

func (f faces) chat(t *testing.T) models.Actor {
	t.Helper()
	return must[models.Actor](t)(f.s.RecognizeChat(t.Context(), models.Identity{AppID: official, OpenID: "c-" + f.name}))
}

func (f faces) mini(t *testing.T) models.Actor {
	t.Helper()
	pass := must[*models.Pass](t)(f.s.LoginMini(t.Context(), forumtest.Identify(f.name)))
	return must[models.Actor](t)(f.s.Recognize(t.Context(), pass.Token))
}

// heard is that WeChat has told the union id of the chat's account.
func (f faces) heard(t *testing.T) {
	t.Helper()
	must[models.None](t)(f.s.HearAccount(t.Context(), models.Identity{AppID: official, OpenID: "c-" + f.name, UnionID: forumtest.Identify(f.name).UnionID}))
}

// lives makes a record one that weighs.
func (f faces) lives(t *testing.T, who models.Actor) {
	t.Helper()
	who.Key = ""
	must[*models.Capacity](t)(f.s.BindCapacity(t.Context(), who, f.s.Org(huaiying), models.CapacityResident, ""))
}

func (f faces) told(t *testing.T, who int64, code string) (n int) {
	t.Helper()
	page := must[models.Page[models.Notice]](t)(f.s.Notices(t.Context(), models.Actor{PersonID: who, Door: models.DoorMini}, 0, models.MaxPageSize))
	for _, notice := range page.Items {
		if notice.Code == code {
			n++
		}
	}
	return n
}

// TestUnionHeardLater joins two records as soon as WeChat tells that they are one
// person's, whichever of them holds something, and neither if both do.
func TestUnionHeardLater(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		for _, tt := range []struct {
			name              string
			chat, mini        bool // holds something
			first             string
			wantChat, wantTwo bool // the chat's record is kept; there are two
		}{
			{"nothing, chat first", false, false, "chat", true, false},
			{"nothing, mini first", false, false, "mini", false, false},
			{"the mini-program's", false, true, "chat", false, false},
			{"the chat's", true, false, "mini", true, false},
			{"both", true, true, "chat", false, true},
		} {
			t.Run(tt.name, func(t *testing.T) {
				f := faces{s, tt.name}
				if tt.first == "chat" {
					f.chat(t)
				}
				mini := f.mini(t)
				chat := f.chat(t)
				if chat.PersonID == mini.PersonID {
					t.Fatal("they are one before WeChat has said so")
				}
				if tt.chat {
					f.lives(t, chat)
				}
				if tt.mini {
					f.lives(t, mini)
				}
				for range 2 { // WeChat may be asked twice
					f.heard(t)
				}
				gotChat, gotMini := f.chat(t).PersonID, f.mini(t).PersonID
				if tt.wantTwo {
					if gotChat != chat.PersonID || gotMini != mini.PersonID {
						t.Errorf("moved: %d to %d, %d to %d", chat.PersonID, gotChat, mini.PersonID, gotMini)
					}
					for _, who := range []int64{gotChat, gotMini} {
						if n := f.told(t, who, "notice.account_two"); n != 1 {
							t.Errorf("%d was told %d times of two records", who, n)
						}
					}
					return
				}
				want := mini.PersonID
				if tt.wantChat {
					want = chat.PersonID
				}
				if gotChat != want || gotMini != want {
					t.Errorf("the chat acts as %d, the mini-program as %d, want %d", gotChat, gotMini, want)
				}
				if n := f.told(t, want, "notice.account_joined"); n != 1 {
					t.Errorf("told %d times of it", n)
				}
			})
		}
	})
}

// TestUnionAtLogin joins where it is the mini-program that tells the union id late.
func TestUnionAtLogin(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		f := faces{s, "late"}
		early := models.Identity{AppID: forumtest.App, OpenID: forumtest.Identify(f.name).OpenID}
		before := must[*models.Pass](t)(s.LoginMini(t.Context(), early))
		chat := f.chat(t)
		f.lives(t, chat)
		f.heard(t)
		after := must[*models.Pass](t)(s.LoginMini(t.Context(), forumtest.Identify(f.name)))
		if after.PersonID != chat.PersonID {
			t.Errorf("it acts as %d, want %d", after.PersonID, chat.PersonID)
		}
		refused(t, "login.expired")(s.Recognize(t.Context(), before.Token))
	})
}

// TestUnionHeardFirst knows who comes to the mini-program by what WeChat told of the
// chat's account before, also where both happen at once.
func TestUnionHeardFirst(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		const people = 8
		var wg sync.WaitGroup
		for p := range people {
			f := faces{s, fmt.Sprint("heard first ", p)}
			chat := f.chat(t)
			f.lives(t, chat)
			if p == 0 {
				f.heard(t)
			}
			wg.Go(func() { f.heard(t) })
			wg.Go(func() { f.mini(t) })
		}
		wg.Wait()
		for p := range people {
			f := faces{s, fmt.Sprint("heard first ", p)}
			if chat, mini := f.chat(t).PersonID, f.mini(t).PersonID; chat != mini {
				t.Errorf("%s: the chat acts as %d, the mini-program as %d", f.name, chat, mini)
			}
		}
	})
}

// TestWhatWeighs gives a chat's record one thing after another, each of which keeps
// it from being given away.
func TestWhatWeighs(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		_, session := meeting(t, s, "CONSULT")
		alliance := must[*models.Alliance](t)(s.FoundAlliance(ctx, desk, s.Org(huaiying), "另一个联盟(示例)"))
		invite := func(id int64) {
			must[*models.Invitation](t)(s.Invite(ctx, desk, session, 0, id, "列席"))
		}
		for name, weigh := range map[string]func(t *testing.T, who models.Actor){
			"present": func(t *testing.T, who models.Actor) {
				t.Helper()
				code := must[*models.SiteCode](t)(s.SessionCode(ctx, desk, session))
				must[*models.Presence](t)(s.CheckIn(ctx, who, session, 0, code.Code))
			},
			"known":   func(t *testing.T, who models.Actor) { t.Helper(); faces{s, ""}.lives(t, who) },
			"invited": func(_ *testing.T, who models.Actor) { invite(who.PersonID) },
			"member": func(t *testing.T, who models.Actor) {
				t.Helper()
				must[*models.Member](t)(s.JoinAlliance(ctx, who, models.NewMember{AllianceID: alliance.ID, Kind: models.MemberMerchant, Name: "新店(示例)", CreditCode: s.City.Sample.Shops[0].CreditCode}))
			},
			"office": func(t *testing.T, who models.Actor) {
				t.Helper()
				must[models.None](t)(s.GrantOffice(ctx, desk, who.PersonID, rules.Leader, s.Org(huaiying)))
			},
		} {
			t.Run(name, func(t *testing.T) {
				f := faces{s, "weighs-" + name}
				mini, chat := f.mini(t), f.chat(t)
				f.lives(t, mini)
				weigh(t, chat)
				f.heard(t)
				if got := f.chat(t); got.PersonID != chat.PersonID {
					t.Error("it was given away")
				}
			})
		}
	})
}

// TestEveryColumnIsWeighed says of every column that names a person whether it keeps
// a record from being given away, and why not.
func TestEveryColumnIsWeighed(t *testing.T) {
	light := map[string]string{
		"audits": "says what was done", "onces": "is an answer", "accounts": "goes along", "hops": "its holder is an org", "unions": "goes along", "ties": "goes along", "logins": "ends",
		"notices": "is told", "wishes": "is a habit", "attempts": "is a count", "datasets": "is staff's", "resets": "is staff's",
		"cosigns": "is of who is known", "photos": "is of a topic", "awaited_photos": "is of a topic", "appeals": "is of a topic", "remarks": "is of an office", "speakers": "is of who is present", "screens": "is of an office", "minutes_texts": "is of an office", "minutes_corrections": "is of an office", "sessions": "is of an office",
		"sheet_entries": "is of an office", "sheet_corrections": "is of an office", "sheet_withdrawals": "is of an office", "sheets": "is of an office", "paper_codes": "is of an office",
		"assists": "is of a seat", "acts": "is of a seat", "ballots": "is of a seat, or a paper's", "secret_tokens": "is of a seat",
		"objections": "is of who is known", "signatures": "is of who is known", "screenings": "is of a topic, a petition, a remark", "households": "is of who is known", "orders": "is of an office",
	}
	schema, err := os.ReadFile("migrations/00001_forum.sql")
	if err != nil {
		t.Fatal(err)
	}
	join, err := os.ReadFile("join.go")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`\b(person|raiser|helper|starter|principal|agent|holder|speaker|chair|supervisor|signer)_id\b|\b\w+_by\b`)
	tables := regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n?\) \{\{|CREATE TABLE (\w+) \((.*?)\) \{\{`).FindAllStringSubmatch(string(schema), -1)
	if len(tables) < 50 {
		t.Fatalf("only %d tables are read", len(tables))
	}
	for _, m := range tables {
		if !names.MatchString(m[2]) {
			continue
		}
		weighed := strings.Contains(string(join), `"`+m[1]+" WHERE")
		if why := light[m[1]]; weighed == (why != "") {
			t.Errorf("%s: weighed %v, light %q", m[1], weighed, why)
		}
	}
}

// TestTwin joins two records that have the same verified number once their owner
// asks for it, and only while the number surely is theirs.
func TestTwin(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		const number = "13800000000"
		phone := func(who models.Actor) { must[models.None](t)(s.Introduce(ctx, who, "", number)) }
		f, fresh := faces{s, "twin"}, faces{s, "second telephone"}
		old := f.mini(t)
		f.lives(t, old)
		phone(old)
		refused(t, "account.no_twin")(s.JoinTwin(ctx, old))
		mine := fresh.mini(t)
		phone(mine)
		if !must[*models.Me](t)(s.Me(ctx, mine)).Twin {
			t.Error("the twin is not told")
		}
		if got := fresh.mini(t); got.PersonID != mine.PersonID {
			t.Fatal("a number alone has joined them")
		}
		s.Clock.Pass(models.PhoneHolds)
		mine = fresh.mini(t)
		phone(mine)
		refused(t, "account.no_twin")(s.JoinTwin(ctx, mine))
		phone(f.mini(t))
		if joined := must[*models.Joined](t)(s.JoinTwin(ctx, mine)); !joined.Again {
			t.Error("it is not told to log in again")
		}
		if got := fresh.mini(t); got.PersonID != old.PersonID {
			t.Errorf("the second telephone acts as %d, want %d", got.PersonID, old.PersonID)
		}
		// What was dropped is not brought back by the card of its telephone.
		must[models.None](t)(s.DropAccounts(ctx, s.City.Secretary(huaiying), old.PersonID))
		thief := faces{s, "thief"}.mini(t)
		phone(thief)
		refused(t, "account.no_twin")(s.JoinTwin(ctx, thief))
	})
}

// TestAskedOnce claims the accounts of which WeChat is to be asked, each once.
func TestAskedOnce(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		f := faces{s, "asked"}
		f.chat(t)
		f.mini(t)
		claim := func(want int) {
			t.Helper()
			if got := must[[]models.Account](t)(s.ClaimAccounts(ctx, official, 10)); len(got) != want {
				t.Errorf("%d are to be asked of, want %d", len(got), want)
			}
		}
		claim(1)
		claim(0)
		s.Clock.Pass(models.AskWait)
		claim(1)
		must[models.None](t)(s.HearAccount(ctx, models.Identity{AppID: official, OpenID: "c-asked"}))
		s.Clock.Pass(models.AskAgain)
		claim(1)
		f.heard(t)
		s.Clock.Pass(2 * models.AskAgain)
		claim(0)
		must[models.None](t)(s.HearAccount(ctx, models.Identity{AppID: official, OpenID: "nobody", UnionID: "u"}))
	})
}
