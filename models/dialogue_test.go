package models_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
)

// TestDialogueGoesOnOnce lets deliveries end beside each other: of several that were
// read at one turn one is answered, and the others have to be taken again; of those
// of the same message its reply is found then.
func TestDialogueGoesOnOnce(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, id, who := t.Context(), forumtest.Identify("talker"), models.Actor{Door: models.DoorChat}
		there := forumtest.Bare(t, s.DSN, s.Clock)
		for turn := range 3 {
			var answered, again atomic.Int64
			var replies sync.Map
			var start, end sync.WaitGroup
			start.Add(16)
			for i := range 16 {
				f, message := []*models.Forum{s.Forum, there}[i%2], fmt.Sprintf("%d/%d", turn, i/4)
				end.Go(func() {
					d, in, err := f.Hear(ctx, id, message)
					if err != nil || d.Turn != int64(turn) || in.Heard {
						t.Errorf("turn %d begins at %+v, %+v, %v", turn, d, in, err)
					}
					d.Step, in.Reply = "step", fmt.Sprint(message, " by ", i)
					start.Done()
					start.Wait()
					switch err := f.Replied(ctx, who, d, in, "idle"); {
					case err == nil:
						answered.Add(1)
						replies.Store(message, in.Reply)
					case errors.Is(err, models.ErrTurn):
						again.Add(1)
					default:
						t.Error(err)
					}
				})
			}
			end.Wait()
			n := 0
			replies.Range(func(message, reply any) bool {
				n++
				_, in, err := there.Hear(ctx, id, message.(string))
				if err != nil || !in.Heard || in.Reply != reply {
					t.Errorf("message %s is kept as %+v, %v", message, in, err)
				}
				return true
			})
			if n != 1 || answered.Load() != 1 || again.Load() != 15 {
				t.Errorf("turn %d answered %d messages, %d deliveries, and %d come again", turn, n, answered.Load(), again.Load())
			}
		}
		s.Clock.Pass(models.InboxFor)
		must[int](t)(s.SweepLogins(ctx))
		if rows := table(t, s, "SELECT COUNT(*) FROM inboxes"); rows[0][0] != "0" {
			t.Errorf("%s replies are kept for longer than a day", rows[0][0])
		}
	})
}
