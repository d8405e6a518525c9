package proving

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"yishi/wechat/wechattest"
)

// The orgs of the sample city.
const (
	huaiying  = "YD-YS-TX-HY"
	wangta    = "YD-YS-TX-WT"
	tengxiang = "YD-YS-TX"
	urban     = "YD-YS-urban"
	police    = "YD-YS-police"
)

// person is somebody of the story, with a phone or a console.
type person struct {
	name     string
	resident *wechattest.Resident
	staff    *Staff
	id       int64
	only     way // the one way they take part in, "" for any
	door     client
	until    time.Time // when the login ends
}

// fresh returns the client of somebody, logged in anew where the login has ended
// meanwhile.
func (t *tour) fresh(p *person) client {
	t.takes(p, byApp)
	if p == t.nobody || t.Now().Before(p.until.Add(-time.Minute)) {
		return p.door
	}
	if p.staff != nil {
		t.enter(p)
	} else {
		t.comeIn(p)
	}
	return p.door
}

// comeIn logs a resident in as the mini-program does.
func (t *tour) comeIn(p *person) {
	var got pass
	t.ok(t.nobody.door.post(t.ctx, at("logins", "mini"), set{"code": t.Fake.LoginCode(p.resident, t.Mini)}, &got))
	p.id, p.door, p.until = got.PersonID, t.nobody.door.as(got.Token), got.ExpiresAt
}

// enter logs a member of staff in with password and one-time code.
func (t *tour) enter(p *person) pass {
	got, err := t.tryEnter(p, p.staff.Password)
	t.ok(err)
	p.id, p.door, p.until = got.PersonID, t.nobody.door.as(got.Token), got.ExpiresAt
	return got
}

func (t *tour) tryEnter(p *person, password string) (pass, error) {
	code, err := totp.GenerateCode(p.staff.Secret, t.Now())
	if err != nil {
		return pass{}, err
	}
	var got pass
	err = t.nobody.door.post(t.ctx, at("logins", "staff"), set{"login": p.staff.Login, "password": password, "code": code}, &got)
	return got, err
}

// neighbour is the n-th resident of a community in the sample.
func (t *tour) neighbour(org string, n int) *person {
	for _, r := range t.sample.Residents {
		if r.Org != org {
			continue
		}
		if n == 0 {
			return t.known(r.Name)
		}
		n--
	}
	t.fail(fmt.Errorf("the sample has too few residents at %s", org))
	return nil
}

// shop is the person of the n-th shop in the sample.
func (t *tour) shop(n int) *person { return t.known(t.sample.Shops[n].Person) }

// known finds somebody with a phone by name.
func (t *tour) known(name string) *person {
	if p := t.people[name]; p != nil {
		return p
	}
	r := t.Residents[name]
	if r == nil {
		t.fail(fmt.Errorf("nobody is called %s", name))
	}
	p := &person{name: name, resident: r}
	t.people[name] = p
	return p
}

// stranger is somebody who has never been here, with a phone.
func (t *tour) stranger(name string) *person {
	p := &person{name: name, resident: t.Fake.AddResident(name, fmt.Sprintf("1380000%04d", len(t.people)))}
	t.people[name] = p
	return p
}

// officer is a member of staff by login name. The first time, they log in and
// replace the password that was handed to them.
func (t *tour) officer(login string) *person {
	if p := t.people[login]; p != nil {
		return p
	}
	s, ok := t.Staff[login]
	if !ok {
		t.fail(fmt.Errorf("no staff is called %s", login))
	}
	p := &person{name: login, staff: &s}
	for _, row := range t.sample.Staff {
		if row.Login == login {
			p.name = row.Name
		}
	}
	t.people[login] = p
	t.holds("the password must be renewed", t.enter(p).Renew, login)
	fresh := "Renewed-" + p.staff.Secret[:8] + "-9x"
	do[struct{}](t, p, at("me", "password"), set{"old": p.staff.Password, "fresh": fresh})
	p.staff.Password = fresh
	t.pass(time.Minute) // a one-time code works once
	t.holds("the renewed password is one's own", !t.enter(p).Renew, login)
	return p
}

// follow lets somebody follow the official account.
func (t *tour) follow(p *person) {
	t.takes(p, byChat)
	reply, err := t.Fake.Follow(p.resident, "")
	t.ok(err)
	t.holds("a follower is greeted", reply != "", reply)
}

// chat lets somebody write to the official account, shows both and returns the
// reply.
func (t *tour) chat(p *person, said string) string {
	t.takes(p, byChat)
	reply, err := t.Fake.Say(p.resident, said)
	t.ok(err)
	t.holds("the bot answers", reply != "", said)
	t.bubbles(p, said, reply)
	return reply
}

func (t *tour) bubbles(p *person, said, reply string) {
	for _, l := range []struct{ who, words string }{{p.name, said}, {t.words("bot"), reply}} {
		words := strings.ReplaceAll(l.words, "\n", "\n           ")
		if err := t.line("        ", "tour.bubble", "who", l.who, "words", words); err != nil {
			t.fail(err)
		}
	}
}

// digits are the digits of a reply, to find a number that is written in groups.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// open looks around without a login, and lets the staff come in.
func (t *tour) open() {
	t.chapter("open")
	t.step("open.look")
	orgs := see[[]org](t, t.nobody, at("orgs"))
	same(t, "orgs", len(orgs), len(t.sample.Orgs))
	near := see[[]point](t, t.nobody, at("points")+"?lat=33.3012&lng=118.6011")
	same(t, "points", len(near), len(t.sample.Points))
	t.holds("the nearest comes first", near[0].ID == t.Points["hy-hall"] && near[0].Metres < 100, near[0])
	t.hidden(t.nobody, http.StatusNotFound, "route.unknown", at("nowhere"))
	t.refused(t.nobody, http.StatusUnauthorized, "login.needed", at("topics"), set{"org_id": t.Orgs[huaiying], "text": t.words("bins.text")})
	t.tell("n", len(orgs), "points", len(near), "nearest", near[0].Name, "metres", near[0].Metres)

	t.step("open.staff")
	s := t.Staff["huaiying"]
	secretary := &person{name: s.Login, staff: &s}
	_, err := t.tryEnter(secretary, "wrong-password-0")
	t.isProblem(err, http.StatusUnauthorized, "login.wrong")
	secretary = t.officer("huaiying")
	_, err = t.tryEnter(secretary, secretary.staff.Password)
	t.isProblem(err, http.StatusUnauthorized, "login.wrong") // the code was used
	t.refused(secretary, http.StatusUnprocessableEntity, "password.length", at("me", "password"),
		set{"old": secretary.staff.Password, "fresh": "Short-1"})
	for _, login := range []string{"wangta", "street", "urban", "police"} {
		t.officer(login)
	}
	t.tell("name", secretary.name)

	t.step("open.residents")
	me := see[self](t, t.neighbour(huaiying, 1), at("me"))
	same(t, "name", me.Person.Name, t.neighbour(huaiying, 1).name)
	t.holds("the capacity is confirmed", len(me.Capacities) == 1 && me.Capacities[0].State == "confirmed", me.Capacities)
	t.hidden(t.nobody, http.StatusUnauthorized, "login.needed", at("me"))
	t.tell("name", me.Person.Name)
}
