package handlers_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// watched opens the feed of a poll and returns what comes next on it.
func watched(t *testing.T, url string) func() string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("%d %s", res.StatusCode, kind)
	}
	lines := bufio.NewScanner(res.Body)
	return func() string {
		for lines.Scan() {
			if body, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return body
			}
		}
		t.Fatalf("the feed ended: %v", lines.Err())
		return ""
	}
}

// TestFeed watches a poll from before a ballot until after the close. Whoever
// comes later begins with what is so by then.
func TestFeed(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		d := newDoor(t, s)
		server := httptest.NewServer(d.handler)
		defer server.Close()
		defer server.CloseClientConnections()
		f := furnish(t, s, huaiying)
		poll := fmt.Sprintf("/api/v1/polls/%d", f.nouns["polls"])
		desk := d.staff(t, loginOf(s, rules.Secretary, huaiying))
		codes := must[[]models.IssuedCode](t, d, "POST", poll+"/codes", desk, map[string]any{"units": []string{fmt.Sprintf("p%d", f.nouns["persons"])}})

		next := watched(t, server.URL+poll+"/feed")
		says := func(what, got string, want ...string) {
			t.Helper()
			for _, w := range want {
				if !strings.Contains(got, w) {
					t.Errorf("%s the feed says %s without %s", what, got, w)
				}
			}
		}
		says("at first", next(), `"state":"open"`, `"cast":0`)
		must[models.Ballot](t, d, "POST", poll+"/codes/redeem", "", map[string]any{"code": codes[0].Code, "choice": "yes"})
		says("after a ballot", next(), `"state":"open"`, `"cast":1`)
		must[models.PollView](t, d, "POST", poll+"/close", desk, nil)
		last := next()
		says("after the close", last, `"state":"closed"`, `"verdict":`)
		if later := watched(t, server.URL+poll+"/feed")(); later != last {
			t.Errorf("whoever comes later is told %s, not %s", later, last)
		}
	})
}
