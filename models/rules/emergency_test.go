package rules_test

import (
	"testing"

	"yishi/models/rules"
)

func TestEmergency(t *testing.T) {
	alarms := []rules.Alarm{
		{Number: "119", Words: []string{"着火", "起火", "煤气泄漏"}, Past: []string{"已扑灭", "上次", "预防"}},
		{Number: "120", Words: []string{"晕倒", "没有呼吸"}},
		{Number: "110", Words: []string{"持刀"}},
	}
	for _, tt := range []struct{ name, text, want string }{
		{"fire", "三号楼二单元着火了", "119"},
		{"a person", "楼下有位老人晕倒", "120"},
		{"crime", "有人持刀", "110"},
		{"two dangers: the first listed", "着火了，有人晕倒", "119"},
		{"it is over", "昨晚着火的地方已扑灭，请清理", ""},
		{"it is feared", "建议开展预防起火的宣传", ""},
		{"what is over for one is not for another", "上次着火，现在有人晕倒", "120"},
		{"no danger", "路灯不亮", ""},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := rules.Emergency(alarms, tt.text)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("Emergency(%q) = %q, %v, want %q", tt.text, got, ok, tt.want)
			}
		})
	}
	if got, ok := rules.Emergency(nil, "着火了"); ok {
		t.Errorf("without alarms, Emergency = %q", got)
	}
}
