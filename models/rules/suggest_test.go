package rules_test

import (
	"slices"
	"testing"

	"yishi/models/rules"
)

func TestSuggest(t *testing.T) {
	shelf := rules.NewShelf([]rules.Shelved{
		{Code: "lamp", Text: "道路照明调整", Words: []string{"路灯"}},
		{Code: "dog", Text: "文明养犬管理", Words: []string{"狗", "遛狗"}},
		{Code: "tree", Text: "绿化养护管理", Words: []string{"树"}},
	})
	for _, tt := range []struct {
		title, body string
		n           int
		want        []string
	}{
		{"路灯不亮", "", 3, []string{"lamp"}},
		{"晚上太黑", "狗在路灯下面", 3, []string{"lamp", "dog"}}, // the longer word says more
		{"狗很多", "路灯下面也有", 3, []string{"dog", "lamp"}},  // a title says more
		{"路灯和狗和树", "遛狗", 1, []string{"dog"}},
		{"电梯", "坏了", 3, []string{}},
		{"", "", 3, []string{}},
		{"养犬", "", 3, []string{"dog"}},
	} {
		if got := shelf.Suggest(tt.title, tt.body, tt.n); !slices.Equal(got, tt.want) {
			t.Errorf("%s, %s: %v", tt.title, tt.body, got)
		}
	}
}
