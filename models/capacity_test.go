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
