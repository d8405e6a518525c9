package bot_test

import (
	"testing"

	"yishi/models"
)

// tie has somebody be told a code in the mini-program.
func (s *stage) tie(t *testing.T, words []string) {
	t.Helper()
	who := check[models.Actor](t)(s.RecognizeChat(t.Context(), s.identity(words[0])))
	who.Door = models.DoorMini
	s.seen = check[*models.TieCode](t)(s.MakeTie(t.Context(), who)).Code
}
