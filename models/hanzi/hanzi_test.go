package hanzi_test

import (
	"testing"

	"yishi/models/hanzi"
)

func TestCharacters(t *testing.T) {
	for _, tt := range []struct {
		r, simple rune
		sound     string
		han       bool
	}{
		{'議', '议', "yi", true},
		{'议', '议', "yi", true},
		{'樓', '楼', "lou", true},
		{'行', '行', "xing", true},
		{'女', '女', "nv", true},
		{'a', 'a', "", false},
		{'１', '１', "", false},
		{'、', '、', "", false},
	} {
		if got := hanzi.Simple(tt.r); got != tt.simple {
			t.Errorf("%c is simply %c", tt.r, got)
		}
		if got, ok := hanzi.Sound(tt.r); got != tt.sound || ok != tt.han || hanzi.Is(tt.r) != tt.han {
			t.Errorf("%c is read %q, %v", tt.r, got, ok)
		}
	}
}
