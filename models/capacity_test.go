package models_test

import (
	"sync"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestOneCapacityEach asks for the same capacity from many telephones at the same
// time: one stands. What was refused or has ended is in nobody's way.
func TestOneCapacityEach(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk := s.City.Secretary(huaiying)
		who := models.Actor{PersonID: must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify("new here"))).PersonID, Door: models.DoorMini}
		for _, then := range []struct {
			name string
			do   func(id int64)
		}{
			{"refused", func(id int64) { must[*models.Capacity](t)(s.ConfirmCapacity(ctx, desk, id, false)) }},
			{"ended", func(id int64) { must[models.None](t)(s.EndCapacity(ctx, who, id)) }},
			{"confirmed and ended", func(id int64) {
				must[*models.Capacity](t)(s.ConfirmCapacity(ctx, desk, id, true))
				refused(t, "capacity.held")(s.BindCapacity(ctx, who, s.Org(huaiying), models.CapacityTenant, ""))
				must[models.None](t)(s.EndCapacity(ctx, who, id))
			}},
			{"standing", func(int64) {}},
		} {
			const asked = 12
			var wg sync.WaitGroup
			var mu sync.Mutex
			var got []int64
			for range asked {
				wg.Go(func() {
					c, err := s.BindCapacity(ctx, who, s.Org(huaiying), models.CapacityTenant, "")
					mu.Lock()
					defer mu.Unlock()
					if r, _ := rules.AsRefusal(err); err != nil && (r == nil || r.Code != "capacity.held") {
						t.Errorf("%s: %v", then.name, err)
					} else if err == nil {
						got = append(got, c.ID)
					}
				})
			}
			wg.Wait()
			if len(got) != 1 {
				t.Fatalf("%s: %d capacities of one kind stand: %v", then.name, len(got), got)
			}
			then.do(got[0])
		}
	})
}

// TestMovingHouse ends the old home and asks for the new one, both or neither.
func TestMovingHouse(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, nextDesk, me := s.City.Secretary(huaiying), s.City.Secretary(wangta), someone(s, 1)
		mine := func() []models.Capacity {
			t.Helper()
			return must[*models.Me](t)(s.Me(ctx, me)).Capacities
		}
		old := mine()[0]
		for _, tt := range []struct {
			name      string
			who       models.Actor
			id        int64
			org       string
			kind      models.CapacityKind
			household string
			want      string
		}{
			{"to a home that is not there", me, old.ID, wangta, models.CapacityTenant, "99-9-999", "household.unknown"},
			{"to a street", me, old.ID, tengxiang, models.CapacityTenant, "", "capacity.kind"},
			{"as nothing that there is", me, old.ID, wangta, "lord", "", "capacity.kind"},
			{"a neighbour", someone(s, 2), old.ID, wangta, models.CapacityTenant, "", "capacity.unknown"},
			{"by the desk next door", nextDesk, old.ID, wangta, models.CapacityTenant, "", "capacity.unknown"},
			{"from nowhere", me, 424242, wangta, models.CapacityTenant, "", "capacity.unknown"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				refused(t, tt.want)(s.MoveHouse(ctx, tt.who, tt.id, s.Org(tt.org), tt.kind, tt.household))
				if now := mine(); len(now) != 1 || now[0].ID != old.ID {
					t.Errorf("refused, and yet %+v", now)
				}
			})
		}
		told := func(who models.Actor, code string) {
			t.Helper()
			page := must[models.Page[models.Notice]](t)(s.Notices(ctx, who, 0, 1))
			if len(page.Items) != 1 || page.Items[0].Code != code {
				t.Errorf("%d was told %+v, want %s", who.PersonID, page.Items, code)
			}
		}
		c := must[*models.Capacity](t)(s.MoveHouse(ctx, me, old.ID, s.Org(wangta), models.CapacityTenant, "1-1-101"))
		if now := mine(); len(now) != 1 || now[0].ID != c.ID || now[0].OrgID != s.Org(wangta) || now[0].State != models.CapacityAsked {
			t.Errorf("lives at %+v", now)
		}
		told(me, "notice.capacity_moved")
		told(desk, "notice.capacity_left")
		told(nextDesk, "notice.capacity_asked")
		refused(t, "capacity.unknown")(s.MoveHouse(ctx, me, old.ID, s.Org(wangta), models.CapacityTenant, ""))
		must[*models.Capacity](t)(s.ConfirmCapacity(ctx, nextDesk, c.ID, true))
		back := must[*models.Capacity](t)(s.MoveHouse(ctx, nextDesk, c.ID, s.Org(huaiying), models.CapacityResident, "1-1-101")) // for somebody without a phone
		if back.PersonID != me.PersonID {
			t.Errorf("the desk moved itself: %+v", back)
		}
	})
}
