package models_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"yishi/configs/data"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// take imports messages in batches, as the command line does.
func take(t *testing.T, s *forumtest.Stage, source string, rows []models.MessageRow) models.Imported {
	t.Helper()
	var total models.Imported
	for len(rows) > 0 {
		n := min(models.MessageBatch, len(rows))
		part := must[*models.Imported](t)(s.ImportMessages(t.Context(), s.City.Secretary(huaiying), s.Org(huaiying), source, rows[:n]))
		total.Add(*part)
		rows = rows[n:]
	}
	return total
}

func messageRows(found []data.Message) []models.MessageRow {
	rows := make([]models.MessageRow, len(found))
	for i, r := range found {
		rows[i] = models.MessageRow{Row: r.Row, ID: r.ID, At: r.Time, Title: r.Title, Body: r.Body, Likes: r.Likes, Dislikes: r.Dislikes, Reply: r.Reply, Replied: r.Replied}
	}
	return rows
}

// TestImportMessages takes messages in once, whatever is run again, and leaves
// out and names what does not fit.
func TestImportMessages(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		rows := messageRows(s.City.Sample.Messages)
		bad := models.MessageRow{Row: 99, ID: "long", At: s.Clock.Now(), Title: "长", Body: strings.Repeat("长", rules.MaxBody+1)}
		half := append([]models.MessageRow{bad}, rows[:5]...)
		got := take(t, s, "sample", half)
		if got.Added != 5 || len(got.Refused) != 1 || got.Refused[0].Row != 99 || got.Refused[0].Reason.Code != "text.long" {
			t.Errorf("the first half: %+v", got)
		}
		if got := take(t, s, "sample", append(rows, rows[0])); got.Added != len(rows)-5 || got.Already != 6 {
			t.Errorf("the whole after the half: %+v", got)
		}
		if got := take(t, s, "another", rows[:1]); got.Added != 1 {
			t.Errorf("the same ids of another source: %+v", got)
		}
		refused(t, "import.batch")(s.ImportMessages(t.Context(), models.Operator, s.Org(huaiying), "x", make([]models.MessageRow, models.MessageBatch+1)))
		page := must[models.Page[models.TopicView]](t)(s.Queue(t.Context(), s.City.Secretary(huaiying), models.Wanted{OrgID: s.Org(huaiying), Size: 100}))
		if len(page.Items) != len(rows)+1 {
			t.Fatalf("%d on the desk", len(page.Items))
		}
		for i, r := range rows[1:5] {
			v := page.Items[i+1]
			if v.Likes != r.Likes || v.Cosigns != 0 || !v.CreatedAt.Equal(r.At) || v.State != rules.TopicTriage {
				t.Errorf("message %s became %+v", r.ID, v.Topic)
			}
		}
	})
}

// TestAnsweredMessages takes in past conversations: the question with its time, the
// answer with its own, for the desk to read and for nobody else, and never into the
// queue. A preview tells the same and changes nothing.
func TestAnsweredMessages(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, me := t.Context(), s.City.Secretary(huaiying), someone(s, 1)
		asked := time.Date(2019, 4, 25, 9, 32, 9, 0, rules.Beijing)
		rows := []models.MessageRow{
			{Row: 2, ID: "1", At: asked, Title: "(示例)物业要走", Body: "水电改造谁来管?", Likes: 3, Reply: "(示例)已经请街道协调。", Replied: asked.AddDate(0, 0, 15)},
			{Row: 3, ID: "2", At: asked, Title: "(示例)路没修好", Body: "挖开了不动工。"},
			{Row: 4, ID: "3", At: asked, Title: "(示例)回复太长", Body: "x", Reply: strings.Repeat("长", rules.MaxBody+1), Replied: asked},
			{Row: 5, ID: strings.Repeat("9", 130), At: asked, Title: "(示例)编号太长", Body: "x"},
		}
		seen := forumtest.Fingerprints(t, s.DSN)
		before := seen()
		would := must[*models.Imported](t)(s.PreviewMessages(ctx, models.Operator, "old", rows))
		if changed := seen().Changed(before); changed != nil {
			t.Errorf("a preview changed %v", changed)
		}
		got := take(t, s, "old", rows)
		for _, i := range []models.Imported{*would, got} {
			if i.Added != 2 || i.Answered != 1 || i.Already != 0 || len(i.Refused) != 2 || i.Refused[0].Reason.Code != "text.long" || i.Refused[1].Reason.Code != "import.source" {
				t.Errorf("%+v", i)
			}
		}
		if again := must[*models.Imported](t)(s.PreviewMessages(ctx, models.Operator, "old", rows)); again.Added != 0 || again.Already != 2 {
			t.Errorf("a preview of what is there: %+v", again)
		}
		refused(t, "org.unknown")(s.PreviewMessages(ctx, desk, "old", rows))
		page := must[models.Page[models.TopicView]](t)(s.Queue(ctx, desk, models.Wanted{OrgID: s.Org(huaiying), States: []rules.State{rules.TopicClosed}}))
		if len(page.Items) != 1 {
			t.Fatalf("%d closed", len(page.Items))
		}
		v := page.Items[0]
		if v.Title != rows[0].Title || v.Likes != 3 || v.DueAt != nil || !v.CreatedAt.Equal(asked) || !v.ChangedAt.Equal(rows[0].Replied) {
			t.Errorf("became %+v", v.Topic)
		}
		hops := must[[]models.Hop](t)(s.Timeline(ctx, desk, v.ID))
		if len(hops) != 1 || hops[0].Words != rows[0].Reply || !hops[0].At.Equal(rows[0].Replied) || hops[0].ToState != rules.TopicClosed {
			t.Errorf("its timeline: %+v", hops)
		}
		refused(t, "topic.unknown")(s.Topic(ctx, me, v.ID))
		refused(t, "topic.unknown")(s.Timeline(ctx, me, v.ID))
		if open := must[models.Page[models.TopicView]](t)(s.Topics(ctx, me, models.Wanted{OrgID: s.Org(huaiying)})); len(open.Items) != 0 {
			t.Errorf("neighbours read %s", open.Items[0].Title)
		}
		s.Clock.Pass(30 * day)
		must[int](t)(s.LapseClocks(ctx, 100))
		if v := must[*models.TopicView](t)(s.Topic(ctx, desk, v.ID)); v.LapsedAt != nil {
			t.Error("what was answered long ago is late")
		}
	})
}

// TestRealReplies takes in what authorities really answered, where the file is.
func TestRealReplies(t *testing.T) {
	file, err := os.Open("../../shared/data/replies.csv")
	if err != nil {
		t.Skipf("NOT RUN: the real replies are not here: %v", err)
	}
	defer func() { _ = file.Close() }()
	found, bad, err := data.Messages(file)
	if err != nil || len(bad) > 0 {
		t.Fatalf("%v, %v", err, bad)
	}
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		rows := messageRows(found)
		if got := take(t, s, "replies", rows); got.Added != len(rows) || got.Answered != len(rows) || len(got.Refused) > 0 {
			t.Errorf("%d added, %d answered, refused %+v", got.Added, got.Answered, got.Refused)
		}
		if got := take(t, s, "replies", rows); got.Added != 0 || got.Already != len(rows) {
			t.Errorf("a second run added %d", got.Added)
		}
	})
}

// TestRealMessages takes in what residents really wrote, where the file is.
func TestRealMessages(t *testing.T) {
	file, err := os.Open("../../shared/data/messages.csv")
	if err != nil {
		t.Skipf("NOT RUN: the real messages are not here: %v", err)
	}
	defer func() { _ = file.Close() }()
	found, bad, err := data.Messages(file)
	if err != nil || len(bad) > 0 {
		t.Fatalf("%v, %v", err, bad)
	}
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		rows := messageRows(found)
		if got := take(t, s, "messages", rows); got.Added != len(rows) || len(got.Refused) > 0 {
			t.Errorf("%d added, refused %+v", got.Added, got.Refused)
		}
		if got := take(t, s, "messages", rows); got.Added != 0 || got.Already != len(rows) {
			t.Errorf("a second run added %d", got.Added)
		}
		desk, seen, after := s.City.Secretary(huaiying), map[int64]bool{}, int64(0)
		for {
			page := must[models.Page[models.TopicView]](t)(s.Queue(t.Context(), desk, models.Wanted{OrgID: s.Org(huaiying), After: after, Size: 100}))
			for _, v := range page.Items {
				if seen[v.ID] {
					t.Fatalf("topic %d came twice", v.ID)
				}
				seen[v.ID] = true
			}
			if after = page.Next; after == 0 {
				break
			}
		}
		if len(seen) != len(rows) {
			t.Errorf("the pages hold %d of %d", len(seen), len(rows))
		}
		hits := must[models.Page[models.TopicView]](t)(s.Queue(t.Context(), desk, models.Wanted{OrgID: s.Org(huaiying), Search: "电梯", Size: 5}))
		for _, v := range hits.Items {
			if !strings.Contains(v.Title+v.Body, "电梯") {
				t.Errorf("found %q", v.Title)
			}
		}
		none := must[models.Page[models.TopicView]](t)(s.Queue(t.Context(), desk, models.Wanted{OrgID: s.Org(huaiying), Search: "100%_!'\""}))
		if len(none.Items) != 0 {
			t.Errorf("%d found for what nobody wrote: %s", len(none.Items), none.Items[0].Title)
		}
	})
}
