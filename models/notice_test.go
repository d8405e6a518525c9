package models_test

import (
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
)

// TestOutbox claims each notice once, tries again with growing waits, and keeps
// for operators what could not be sent.
func TestOutbox(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		for len(must[[]models.Parcel](t)(s.ClaimNotices(ctx, 100))) > 0 { // of the settling
		}
		s.Clock.Pass(time.Hour)
		for _, p := range must[[]models.Parcel](t)(s.ClaimNotices(ctx, 1000)) {
			must[models.None](t)(s.SettleNotice(ctx, p.ID, "template", "", false, time.Time{}))
		}
		raised(t, s, someone(s, 1), "灯坏了")
		claim := func() []models.Parcel { t.Helper(); return must[[]models.Parcel](t)(s.ClaimNotices(ctx, 10)) }
		first := claim()
		if len(first) != 1 || first[0].Code != "notice.raised" || first[0].Data["title"] != "灯坏了" {
			t.Fatalf("claimed %+v", first)
		}
		if again := claim(); len(again) != 0 {
			t.Errorf("claimed twice: %+v", again)
		}
		id := first[0].ID
		for try := range models.NoticeTries - 1 {
			must[models.None](t)(s.SettleNotice(ctx, id, "", "45011: too fast", true, time.Time{}))
			wait := models.NoticeWait << try
			s.Clock.Pass(wait - time.Second)
			if early := claim(); len(early) != 0 {
				t.Fatalf("try %d came early", try+2)
			}
			s.Clock.Pass(time.Second)
			if due := claim(); len(due) != 1 {
				t.Fatalf("try %d did not come after %v", try+2, wait)
			}
		}
		must[models.None](t)(s.SettleNotice(ctx, id, "", "45011: too fast", true, s.Clock.Now().Add(time.Hour)))
		s.Clock.Pass(1000 * time.Hour)
		if more := claim(); len(more) != 0 {
			t.Errorf("tried more than %d times", models.NoticeTries)
		}
		stuck := must[models.Page[models.Notice]](t)(s.StuckNotices(ctx, models.Operator))
		if len(stuck.Items) != 1 || stuck.Items[0].ID != id {
			t.Errorf("stuck are %+v", stuck.Items)
		}
	})
}
