package jobs_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yishi/configs/locale"
	"yishi/jobs"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/photos"
	"yishi/wechat"
	"yishi/wechat/wechattest"
)

const mediaGet = "/cgi-bin/media/get"

// darkroom is a forum whose clock fetches pictures from WeChat.
type darkroom struct {
	*forumtest.Stage
	fake   *wechattest.Fake
	clock  *jobs.Jobs
	folder string
	me     models.Actor
}

func newDarkroom(t *testing.T, s *forumtest.Stage) *darkroom {
	t.Helper()
	text, err := locale.Load("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	d := &darkroom{Stage: s, fake: wechattest.New(s.Clock.Now), folder: t.TempDir(), me: s.City.Residents[s.City.Sample.Residents[1].Name]}
	if err := d.fake.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.fake.Close)
	app := wechat.App{ID: forumtest.App, Secret: "s"}
	d.fake.AddApp(app, "")
	client, err := wechat.New(wechat.Config{Official: app, Endpoint: d.fake.URL()}, wechat.NewMemoryTokens(), s.Clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	shelf, err := photos.Open(photos.Config{Folder: d.folder, MaxBytes: 1 << 20, MaxPixels: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	d.clock = jobs.New(s.Forum, text, nil).Fetching(jobs.Media{Fetch: client.Media, Shelf: shelf})
	return d
}

func (d *darkroom) tick(t *testing.T) {
	t.Helper()
	if _, err := d.clock.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (d *darkroom) raise(t *testing.T, media ...string) int64 {
	t.Helper()
	r, err := d.RaiseTopic(t.Context(), d.me, models.NewTopic{OrgID: d.Org(huaiying), Text: "灯坏了", Media: media})
	if err != nil {
		t.Fatal(err)
	}
	return r.Topic.ID
}

// has checks how many pictures a topic has, how many files there are, and whether the
// raiser was told that one is missing.
func (d *darkroom) has(t *testing.T, topic int64, want int, missed bool) {
	t.Helper()
	all, err := d.Photos(t.Context(), d.me, topic)
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, pattern := range []string{"*", "*/*", "*/*/*"} {
		found, err := filepath.Glob(filepath.Join(d.folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() {
				files++
			}
		}
	}
	told := false
	page, err := d.Notices(t.Context(), d.me, 0, models.MaxPageSize)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range page.Items {
		told = told || n.Code == "notice.photo_missed"
	}
	if len(all) != want || files != want || told != missed {
		t.Errorf("%d pictures, %d files, told %v", len(all), files, told)
	}
}

func square(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPhotosByChat fetches what was sent by chat, once, as soon as WeChat gives it.
func TestPhotosByChat(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		d := newDarkroom(t, s)
		topic := d.raise(t, d.fake.AddMedia(square(t)), d.fake.AddMedia(square(t)))
		d.tick(t)
		d.has(t, topic, 2, false)
		d.tick(t)
		d.has(t, topic, 2, false)

		d.fake.Fail(mediaGet, 45009, 1)
		if _, err := d.AwaitPhoto(t.Context(), d.me, topic, d.fake.AddMedia(square(t))); err != nil {
			t.Fatal(err)
		}
		d.tick(t)
		d.has(t, topic, 2, false)
		s.Clock.Pass(24 * time.Hour)
		d.tick(t)
		d.has(t, topic, 3, false)
	})
}

// TestPhotosThatCannotBeHad are told to whoever sent them.
func TestPhotosThatCannotBeHad(t *testing.T) {
	for name, tt := range map[string]struct {
		data  []byte
		fault int
		pass  time.Duration
		told  bool
	}{
		"no picture":                     {[]byte("#!AMR\nabc"), 0, 0, true},
		"broken":                         {square(t)[:40], 0, 0, true},
		"WeChat knows it no more":        {nil, 0, 0, true},
		"the whitelist has to be mended": {square(t), 40164, 0, false},
		"for longer than WeChat keeps":   {square(t), 40164, models.MediaFor, true},
	} {
		t.Run(name, func(t *testing.T) {
			forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
				d := newDarkroom(t, s)
				id := "unknown-medium"
				if tt.data != nil {
					id = d.fake.AddMedia(tt.data)
				}
				topic := d.raise(t, id)
				if tt.fault != 0 {
					d.fake.Fail(mediaGet, tt.fault, 1000)
				}
				d.tick(t)
				s.Clock.Pass(tt.pass)
				d.tick(t)
				d.has(t, topic, 0, tt.told)
			})
		})
	}
}

// TestPhotosByTwo: two instances that fetch the same picture keep it once; and what
// is awaited has its place among the nine.
func TestPhotosByTwo(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		d, ctx := newDarkroom(t, s), t.Context()
		media := make([]string, models.MaxPhotos+1)
		for i := range media {
			media[i] = d.fake.AddMedia(square(t))
		}
		topic := d.raise(t, media...)
		_, err := d.AwaitPhoto(ctx, d.me, topic, media[0])
		if r, ok := rules.AsRefusal(err); !ok || r.Code != "photo.many" {
			t.Errorf("a tenth picture: %v", err)
		}
		late, err := d.ClaimPhotos(ctx, 100)
		if err != nil || len(late) != models.MaxPhotos {
			t.Fatalf("claimed %d: %v", len(late), err)
		}
		d.tick(t)
		d.has(t, topic, 0, false) // the others are at it
		s.Clock.Pass(time.Hour)
		d.tick(t)
		d.has(t, topic, models.MaxPhotos, false)
		for _, w := range late {
			if err := jobs.Fetch(d.clock, ctx, w); err != nil {
				t.Fatal(err)
			}
		}
		d.has(t, topic, models.MaxPhotos, false)
	})
}
