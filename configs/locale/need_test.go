package locale_test

import (
	"strings"
	"testing"

	"yishi/configs/data"
	"yishi/models/rules"
)

// TestNeeds reads to people what each shipped pack asks of an open poll.
func TestNeeds(t *testing.T) {
	text := sentences(t)
	packs := map[string]rules.Pack{}
	all, err := data.RulePacks()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		packs[p.Code] = p
	}
	ofAll := packs["RES"]
	ofAll.Approval.Base = rules.BaseRoll
	packs["RES of all"] = ofAll
	for _, tt := range []struct {
		pack          string
		method        rules.Method
		due, attended int64
		want          string
	}{
		{"CONSULT", rules.MethodYesNo, 12, 8, "到场8人，5人同意就通过。"},
		{"CONSULT", rules.MethodChoose, 12, 8, "到场8人，一项有5人选就算选上。"},
		{"CONSULT23", rules.MethodEach, 12, 9, "到场9人，一项有6人同意就算通过。"},
		{"CONSULT", rules.MethodRank, 12, 8, "到场8人，一轮一轮计票，每轮去掉票最少的，过半数的选上。"},
		{"CONSULT", rules.MethodScore, 12, 8, "到场8人，得分最高的选上。"},
		{"ADV", rules.MethodYesNo, 12, 8, "只听取意见，不作决定。"},
		{"STAKE", rules.MethodYesNo, 3, 1, "3方都同意才算签成。"},
		{"REP", rules.MethodYesNo, 30, 19, "应参加30位代表，至少20位代表参加才有结果，还差1位代表；参加的过半数同意就通过。"},
		{"REP", rules.MethodYesNo, 30, 20, "参加的够20位代表了；参加的过半数同意就通过。"},
		{"RES of all", rules.MethodYesNo, 60, 30, "应参加60户，至少31户参加才有结果，还差1户；31户同意就通过。"},
		{"ALLIANCE", rules.MethodChoose, 7, 0, "应参加7家，至少4家参加才有结果，还差4家；一项有参加的过半数选就算选上。"},
		{"OWN_GEN", rules.MethodYesNo, 90, 0, "应参加90位业主，至少60位参加、他们的面积也占三分之二以上才有结果，还差60位；投票的业主里，同意的人数和面积都要过半数才通过。"},
		{"OWN_SPE", rules.MethodYesNo, 90, 61, "参加的够60位业主了，他们的面积也要占三分之二以上；投票的业主里，同意的人数和面积都要四分之三以上才通过。"},
	} {
		n := rules.Needs(packs[tt.pack], rules.Ask{Method: tt.method}, rules.Turnout{Due: tt.due, Attended: tt.attended})
		if got := text.Say(n.Code, n.Params); got != tt.want {
			t.Errorf("%s by %s: %s, want %s", tt.pack, tt.method, got, tt.want)
		}
	}
	for code, want := range map[string]string{
		"CONSULT":   "到场的人投票，过半数参加才有结果，参加的过半数同意就通过。提前3天公布。",
		"CONSULT23": "到场的人投票，三分之二以上参加才有结果，参加的三分之二以上同意就通过。提前3天公布。",
		"DOOR":      "名册上一户一票，三分之二以上参加才有结果，参加的过半数同意就通过。提前3天公布。",
		"STAKE":     "列名的各方签约，全部同意才算。",
		"OWN_SPE":   "业主投票，人数和面积都要三分之二以上参加才有结果，投票的业主里同意的人数和面积都要四分之三以上才通过。",
		"ADV":       "到场的人投票，只听取意见，不作决定。",
		"ALLIANCE":  "联盟成员一家一票，过半数参加才有结果，参加的过半数同意就通过。",
		"REP":       "居民代表投票，三分之二以上参加才有结果，参加的过半数同意就通过。",
	} {
		n := packs[code].Rule()
		if got := text.Say(n.Code, n.Params); !strings.HasPrefix(got, want) {
			t.Errorf("%s asks: %s, want %s", code, got, want)
		}
	}
	for code, p := range packs { // what is not read out above has its words too
		for _, m := range p.Methods {
			n := rules.Needs(p, rules.Ask{Method: m}, rules.Turnout{Due: 10, Attended: 6, DueArea: 10, AttendedArea: 5})
			got := text.Say(n.Code, n.Params)
			if !strings.HasSuffix(got, "。") || strings.ContainsAny(got, "{}|") || strings.Contains(got, "，，") || strings.Contains(got, "need") {
				t.Errorf("%s by %s: %s", code, m, got)
			}
		}
	}
}
