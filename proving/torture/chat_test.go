//go:build !race

package torture_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"yishi/models"
	"yishi/wechat"
	"yishi/wechat/wechattest"
)

// postponed is a notice that is sent at any hour, and its template.
const postponed, template = "notice.topic_postpone", "T-postpone"

// chatting is a stage whose people write to the official account.
type chatting struct {
	*stage
	fake   *wechattest.Fake
	app    wechat.App
	people []*wechattest.Resident
	ids    []int64 // of the people
	poll   int64
	web    *http.Client
}

// settleChat prepares a stage with n people who may vote by chat, and an open poll.
func settleChat(t *testing.T, d database, n int) *chatting {
	t.Helper()
	secret := strings.ToLower(rand.Text() + rand.Text())
	c := &chatting{
		fake: wechattest.New(time.Now), app: wechat.App{ID: "wx-torture", Secret: rand.Text(), Token: rand.Text(), AESKey: secret[:42] + "a"},
		web: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 4 * crowd}},
	}
	ok(t, c.fake.Start())
	t.Cleanup(c.fake.Close)
	t.Cleanup(c.web.CloseIdleConnections)
	c.stage = prepare(t, d, 1)
	c.fake.AddApp(c.app, "http://127.0.0.1:1/wechat/callback") // each letter is sent to an instance
	c.desk(func(f *models.Forum) {
		c.gather(f, n)
		p, err := f.OpenPoll(t.Context(), c.secretary, models.NewPoll{SessionID: c.session, TopicID: c.topic, Question: "清吗?(示例)"})
		ok(t, err)
		c.poll = p.ID
	})
	c.start(fmt.Sprintf("wechat: {endpoint: %q, official: {app_id: %q, secret: %q, token: %q, aes_key: %q}, templates: {%s: %q}}\n",
		c.fake.URL(), c.app.ID, c.app.Secret, c.app.Token, c.app.AESKey, postponed, template))
	return c
}

// gather makes n representatives who are known by their account at WeChat.
func (c *chatting) gather(f *models.Forum, n int) {
	c.t.Helper()
	ctx := c.t.Context()
	c.ids = make([]int64, n)
	for i := range n {
		c.people = append(c.people, c.fake.AddResident(fmt.Sprint("writer ", i), fmt.Sprintf("137%08d", i)))
	}
	each(c.t, n, 16, func(i int) error {
		who, err := f.RecognizeChat(ctx, models.Identity{AppID: c.app.ID, OpenID: c.people[i].OpenID(c.app.ID)})
		if err != nil {
			return err
		}
		c.ids[i] = who.PersonID
		capacity, err := f.BindCapacity(ctx, who, c.home, models.CapacityRepresentative, "")
		if err != nil {
			return err
		}
		_, err = f.ConfirmCapacity(ctx, c.secretary, capacity.ID, true)
		return err
	})
}

// send brings an act of somebody to an instance. It returns what is said to it, and
// whether it was answered.
func (c *chatting) send(person int, act wechattest.Act, at int) (string, bool, error) {
	req, err := c.fake.Letter(context.WithoutCancel(c.t.Context()), c.people[person], act)
	if err != nil {
		return "", false, err
	}
	req.URL.Host, req.Host = c.instances[at%len(c.instances)].public, ""
	res, err := c.web.Do(req)
	if err != nil {
		return "", false, nil // the instance is gone, or hurt
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode == http.StatusInternalServerError {
		return "", false, nil // the same
	}
	if res.StatusCode != http.StatusOK {
		return "", false, fmt.Errorf("a letter was answered with %d", res.StatusCode)
	}
	said, err := c.fake.Read(c.people[person], body)
	return said, err == nil, err
}

// counts runs a query of a number and how often, or of a number for each.
func (c *chatting) counts(query string) map[int64]int {
	c.t.Helper()
	rows, err := c.database.open(c.t).QueryContext(c.t.Context(), query)
	ok(c.t, err)
	defer func() { _ = rows.Close() }()
	out := map[int64]int{}
	for rows.Next() {
		var id int64
		var n int
		ok(c.t, rows.Scan(&id, &n))
		out[id] = n
	}
	ok(c.t, rows.Err())
	return out
}
