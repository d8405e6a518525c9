package models_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/models/store"
)

// TestSecretsAreNotKept hands out credentials to requests that may come again:
// a retry gets them too, the database and its backups do not hold them, and a
// week later nobody can have them again.
func TestSecretsAreNotKept(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		n := models.NewStaff{Name: "某某", Login: "fresh", Role: rules.Supervisor, OrgID: s.Org(huaiying)}
		by := s.City.Officer(rules.District, "YD-YS")
		by.Key, by.Digest = "create", "d"
		made := must[*models.Credentials](t)(s.CreateStaff(ctx, by, n))
		must[*models.Reset](t)(s.AskReset(ctx, s.City.Officer(rules.Street, tengxiang), made.PersonID, "忘了"))
		by.Key = "reset"
		renewed := must[*models.Credentials](t)(s.ApproveReset(ctx, by, made.PersonID))
		if again := must[*models.Credentials](t)(s.ApproveReset(ctx, by, made.PersonID)); *again != *renewed {
			t.Errorf("a retry got %+v, want %+v", again, renewed)
		}
		copied := t.TempDir() + "/copy"
		if err := store.Backup(ctx, s.DSN, copied); err != nil {
			t.Fatal(err)
		}
		body := must[[]byte](t)(os.ReadFile(copied))
		if !bytes.Contains(body, []byte(made.Login)) {
			t.Fatal("the copy cannot be read")
		}
		for name, secret := range map[string]string{
			"password": made.Password, "code key": made.Secret, "new password": renewed.Password, "new code key": renewed.Secret,
		} {
			if bytes.Contains(body, []byte(secret)) {
				t.Errorf("the %s stands in the database", name)
			}
		}
		s.Clock.Pass(models.AnswersFor + time.Second)
		must[int](t)(s.SweepLogins(ctx))
		refused(t, "reset.unknown")(s.ApproveReset(ctx, by, made.PersonID))
	})
}
