package models_test

import (
	"fmt"
	"sync"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestWhoseAccounts moves the accounts of everybody to a resident of ours: those
// of a neighbour or of a new face come, those of another community do not.
func TestWhoseAccounts(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, street := s.City.Secretary(huaiying), s.City.Officer(rules.Street, tengxiang)
		enter := func(name string) int64 {
			t.Helper()
			return must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify(name))).PersonID
		}
		known := func(name, org string) int64 {
			t.Helper()
			id := enter(name)
			must[*models.Capacity](t)(s.BindCapacity(ctx, models.Actor{PersonID: id, Door: models.DoorMini}, s.Org(org), models.CapacityResident, ""))
			return id
		}
		shop := s.City.Shops[s.City.Sample.Shops[0].Name].PersonID
		both := known("both", huaiying)
		must[*models.Capacity](t)(s.BindCapacity(ctx, models.Actor{PersonID: both, Door: models.DoorMini}, s.Org(wangta), models.CapacityRider, ""))
		for _, tt := range []struct {
			name string
			by   models.Actor
			from int64
			want string
		}{
			{"a new face", desk, enter("a new face"), ""},
			{"a neighbour", desk, known("a neighbour", huaiying), ""},
			{"somebody next door", desk, known("next door", wangta), "account.unknown"},
			{"somebody next door, by the street", street, known("somebody next door, by the street", wangta), ""},
			{"somebody who is here and next door", desk, both, "account.unknown"},
			{"a member of the street's alliance", desk, shop, "account.unknown"},
			{"a neighbour leader", desk, someone(s, 0).PersonID, "account.office"},
			{"the secretary next door", desk, s.City.Secretary(wangta).PersonID, "account.unknown"},
			{"nobody", desk, 424242, "account.unknown"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				to := known("at home: "+tt.name, huaiying)
				_, err := s.MoveAccount(ctx, tt.by, tt.from, to)
				if tt.want != "" {
					refused(t, tt.want)(nil, err)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if got := enter(tt.name); got != to {
					t.Errorf("the account acts as %d, want %d", got, to)
				}
				for _, who := range []int64{tt.from, to} {
					page := must[models.Page[models.Notice]](t)(s.Notices(ctx, models.Actor{PersonID: who, Door: models.DoorMini}, 0, 1))
					if len(page.Items) != 1 || page.Items[0].Code != "notice.account_moved" {
						t.Errorf("%d was told %+v", who, page.Items)
					}
				}
			})
		}
	})
}

// TestOfficeIsNotTaken lets no desk put its own account in the place of somebody
// whose office it could not give.
func TestOfficeIsNotTaken(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	ctx := t.Context()
	mine := must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify("second telephone"))).PersonID
	lives := func(who models.Actor) int64 {
		t.Helper()
		must[*models.Capacity](t)(s.BindCapacity(ctx, models.Actor{PersonID: who.PersonID, Door: models.DoorMini}, s.Org(huaiying), models.CapacityResident, ""))
		return who.PersonID
	}
	desk, street := s.City.Secretary(huaiying), s.City.Officer(rules.Street, tengxiang)
	above := lives(street)
	refused(t, "office.beyond")(s.MoveAccount(ctx, desk, mine, above))
	refused(t, "office.beyond")(s.DropAccounts(ctx, desk, above))
	must[models.None](t)(s.MoveAccount(ctx, street, mine, lives(desk)))
}

// TestLostTelephone shuts out who has a lost telephone, and lets its owner in by
// another.
func TestLostTelephone(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me := s.City.Secretary(huaiying), someone(s, 0) // a neighbour leader
		var name string
		for n, who := range s.City.Residents {
			if who == me {
				name = n
			}
		}
		lost := must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify(name)))
		refused(t, "person.unknown")(s.DropAccounts(ctx, s.City.Secretary(wangta), me.PersonID))
		must[models.None](t)(s.DropAccounts(ctx, desk, me.PersonID))
		refused(t, "login.expired")(s.Recognize(ctx, lost.Token))
		refused(t, "account.unknown")(s.DropAccounts(ctx, desk, me.PersonID))
		finder := must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify(name)))
		chat := must[models.Actor](t)(s.RecognizeChat(ctx, models.Identity{AppID: "official", OpenID: "chat", UnionID: forumtest.Identify(name).UnionID}))
		if finder.PersonID == me.PersonID || chat.PersonID == me.PersonID {
			t.Error("whoever has the lost telephone still acts as its owner")
		}
		fresh := must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify("new telephone")))
		must[models.None](t)(s.MoveAccount(ctx, desk, fresh.PersonID, me.PersonID))
		if back := must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify("new telephone"))); back.PersonID != me.PersonID {
			t.Error("the owner does not come back")
		}
		page := must[models.Page[models.Notice]](t)(s.Notices(ctx, me, 0, 2))
		if len(page.Items) != 2 || page.Items[1].Code != "notice.account_dropped" {
			t.Errorf("the owner was told %+v", page.Items)
		}
	})
}

// TestFirstLoginsAtOnce lets people come in by both apps many times at the same
// moment: each is one person.
func TestFirstLoginsAtOnce(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		var wg sync.WaitGroup
		start := make(chan struct{})
		const people, logins = 8, 12
		var got [people][logins]int64
		for p := range people {
			for n := range logins {
				wg.Go(func() {
					<-start
					id := models.Identity{AppID: []string{"mini", "official"}[n%2], OpenID: fmt.Sprint("o", n%2, p), UnionID: fmt.Sprint("u", p)}
					pass, err := s.LoginMini(t.Context(), id)
					if err != nil {
						t.Errorf("login %d of %d: %v", n, p, err)
						return
					}
					got[p][n] = pass.PersonID
				})
			}
		}
		close(start)
		wg.Wait()
		one := map[int64]bool{}
		for p := range people {
			one[got[p][0]] = true
			for _, id := range got[p] {
				if id != got[p][0] {
					t.Fatalf("person %d is split: %v", p, got[p])
				}
			}
		}
		if len(one) != people {
			t.Errorf("%d records of %d people", len(one), people)
		}
	})
}
