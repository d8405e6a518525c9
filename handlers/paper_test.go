package handlers_test

import (
	"fmt"
	"net/http"
	"testing"

	"yishi/handlers"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestPaperAtTheDoor redeems a code at a device on which nobody is logged in, with
// no key for retries, enters a sheet at two consoles, and lets nobody guess codes
// for long.
func TestPaperAtTheDoor(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	f := furnish(t, s, huaiying)
	poll := fmt.Sprintf("/api/v1/polls/%d", f.nouns["polls"])
	unit := fmt.Sprintf("p%d", f.nouns["persons"])
	desk := d.staff(t, loginOf(s, rules.Secretary, huaiying))
	codes := must[[]models.IssuedCode](t, d, "POST", poll+"/codes", desk, map[string]any{"units": []string{unit}})
	in := map[string]any{"code": codes[0].Code, "choice": "yes"}
	first := d.ask("POST", poll+"/codes/redeem", "", in, "Idempotency-Key", "")
	again := d.ask("POST", poll+"/codes/redeem", "", in, "Idempotency-Key", "")
	if first.status != http.StatusOK || first.String() != again.String() {
		t.Errorf("redeemed: %s, then %s", first, again)
	}
	if got := d.ask("POST", poll+"/codes/redeem", "", map[string]any{"code": codes[0].Code, "choice": "no"}); got.status != http.StatusConflict || got.code() != "paper.spent" {
		t.Errorf("the same code with another choice: %s", got)
	}
	for _, c := range must[[]models.PaperCode](t, d, "GET", poll+"/codes", desk, nil) {
		if c.SpentAt == nil || c.Unit != unit {
			t.Errorf("the code is listed as %+v", c)
		}
	}
	if got := d.ask("POST", poll+"/sheets", desk, map[string]any{"number": "1", "unit": unit}); got.code() != "paper.voted" {
		t.Errorf("a sheet of a unit that has voted: %s", got)
	}
	guesses := 0
	for range handlers.RedeemsPerMinute {
		guesses++
		if got := d.ask("POST", poll+"/codes/redeem", "", map[string]any{"code": rules.PaperCode(uint64(guesses)), "choice": "yes"}); got.status == http.StatusTooManyRequests {
			if got.code() != "request.many" || got.header.Get("Retry-After") == "" {
				t.Errorf("who guesses is told %s", got)
			}
			return
		}
	}
	t.Errorf("%d codes could be guessed at once", guesses)
}
