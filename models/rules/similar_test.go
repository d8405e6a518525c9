package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestGrams(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"pairs of neighbours", "电梯坏", []string{"梯坏", "电梯"}},
		{"blanks and stops are left out", "电 梯，坏！", []string{"梯坏", "电梯"}},
		{"each once", "坏坏坏坏", []string{"坏坏"}},
		{"letters of either case", "Ab", []string{"ab"}},
		{"one letter has no neighbour", "坏", nil},
		{"nothing", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, rules.Grams(tt.in)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAlike(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		want       int
	}{
		{"the same words", "三号楼电梯坏了", "三号楼电梯坏了", 1000},
		{"a short sentence finds its long twin", "三号楼电梯", "我们小区三号楼电梯坏了三天没人修", 1000},
		{"half of the shorter one", "电梯坏了很久", "电梯坏", 0}, // two pairs are too few
		{"three of five pairs", "三号楼电梯坏", "三号楼电视响", 600},
		{"nothing shared", "三号楼电梯坏了", "门口垃圾太多", 0},
		{"too short to tell", "电梯", "电梯", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rules.Alike(rules.Grams(tt.a), rules.Grams(tt.b)); got != tt.want {
				t.Errorf("Alike = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestAlikeHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringOfN(rapid.SampledFrom([]rune("电梯坏灯楼A1 。")), 0, 20, -1)
		a, b := rules.Grams(words.Draw(t, "a")), rules.Grams(words.Draw(t, "b"))
		ab, ba := rules.Alike(a, b), rules.Alike(b, a)
		if ab != ba || ab < 0 || ab > 1000 {
			t.Fatalf("Alike = %d one way and %d the other", ab, ba)
		}
		if self := rules.Alike(a, a); len(a) >= 3 && self != 1000 {
			t.Fatalf("a text is alike to itself by %d", self)
		}
	})
}
