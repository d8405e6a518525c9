package bot_test

import (
	"testing"

	"yishi/models"
)

func (s *stage) takeUp(t *testing.T, _ []string) {
	t.Helper()
	check[int](t)(s.TakeUpTopics(t.Context(), 100))
}

// deskLogin is the console login of the secretary of our community.
func (s *stage) deskLogin() models.Credentials {
	for _, c := range s.City.Staff {
		if c.PersonID == s.desk().PersonID {
			return c
		}
	}
	return models.Credentials{}
}

// appoint gives somebody's account to the secretary, whose password is their own by
// now.
func (s *stage) appoint(t *testing.T, words []string) {
	t.Helper()
	ctx, c := t.Context(), s.deskLogin()
	who := check[models.Actor](t)(s.RecognizeChat(ctx, s.identity(words[0])))
	check[models.None](t)(s.MoveAccount(ctx, models.Operator, who.PersonID, c.PersonID))
	if len(words) > 1 && words[1] == "new" {
		return
	}
	me := s.desk()
	me.Renew = true
	check[*models.Pass](t)(s.RenewPassword(ctx, me, c.Password, "Sample-Password-7"))
}
