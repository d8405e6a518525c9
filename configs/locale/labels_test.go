package locale_test

import (
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strings"
	"testing"

	"yishi/configs/data"
	"yishi/models/ballots"
	"yishi/models/rules"
)

// shown says under which kind the constants of a type have their labels.
var shown = map[string]string{
	"State": "state", "Event": "event", "Step": "event", "Role": "role", "Choice": "choice", "Result": "result", "Answer": "answer",
	"PollState": "poll", "SessionState": "session", "OrderState": "order", "CapacityState": "capacity", "MemberState": "member",
	"OrgKind": "kind", "CapacityKind": "kind", "MemberKind": "kind", "PointKind": "kind", "DataKind": "kind",
	"Method": "method", "Disclosure": "disclosure", "Keeper": "keeper", "PetitionKind": "petition", "PetitionState": "petition_state",
	"WordCategory": "word", "Screened": "noun", "ScreeningState": "screening", "RollKind": "roll", "UnitKind": "unit", "Unit": "span", "Stance": "stance", "Part": "part", "Door": "door",
}

// unshown are types whose constants no person reads.
var unshown = []string{"Deed", "ScreenState", "Base", "ShareState", "Channel", "Tap", "WordAction"}

// labels returns the label that each constant, field and verb must have.
func labels(t *testing.T) map[string]string {
	t.Helper()
	want := map[string]string{"label.upheld.true": "a ruling", "label.upheld.false": "a ruling"}
	for _, door := range []string{ballots.DoorPaper, ballots.DoorAssisted, ballots.DoorProxy} {
		want["label.door."+door] = "models/ballots"
	}
	for _, f := range house(t) {
		if dir := path.Dir(f.path); dir != "models" && dir != "models/rules" {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				labelOf(t, want, f.path, n)
			case *ast.CallExpr:
				spoken(want, f.path, n)
			case *ast.KeyValueExpr:
				key, _ := literal(n.Key)
				if verb, ok := literal(n.Value); ok && key == "due_verb" && verb != "" {
					want["label.verb."+verb] = f.path
				}
			}
			return true
		})
	}
	clocks, err := data.Clocks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clocks {
		want["label.verb."+c.Verb] = "clocks.json"
	}
	packs, err := data.RulePacks()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packs {
		want["label.pack."+p.Code] = "rulepacks.json"
	}
	refused, text := refusals(t), sentences(t)
	for code, uses := range refused.uses {
		for _, hole := range holes.FindAllStringSubmatch(text[code], -1) {
			for _, u := range uses {
				if value := u.fixed[hole[1]]; hole[2] != "" && value != "" {
					want["label."+hole[2]+"."+value] = u.at
				}
			}
		}
	}
	return want
}

func labelOf(t *testing.T, want map[string]string, at string, v *ast.ValueSpec) {
	t.Helper()
	if len(v.Values) != 1 {
		return
	}
	value, ok := literal(v.Values[0])
	if !ok || value == "" {
		return
	}
	if v.Type == nil {
		if strings.HasPrefix(v.Names[0].Name, "Level") {
			want["label.level."+value] = at
		}
		return
	}
	name := types.ExprString(v.Type)
	kind, ok := shown[name]
	switch {
	case ok:
		want["label."+kind+"."+value] = at
	case !slices.Contains(unshown, name):
		t.Errorf("%s: nobody knows what the constants of %s are called", at, name)
	}
}

// spoken reads the fields that are checked and the verbs of clocks.
func spoken(want map[string]string, at string, c *ast.CallExpr) {
	if len(c.Args) == 0 {
		return
	}
	name, ok := literal(c.Args[0])
	if !ok {
		return
	}
	switch called(c) {
	case "CheckText", "CheckOptional":
		want["label.field."+name] = at
	case "clock", "due":
		want["label.verb."+name] = at
	}
}

func TestLabels(t *testing.T) {
	want, all := labels(t), file(t, "labels.json")
	for code, at := range want {
		if all[code] == "" {
			t.Errorf("labels.json has no %q (%s)", code, at)
		}
	}
	kinds := map[string]bool{"code": true, "area": true, "share": true}
	for code, label := range all {
		if !strings.HasPrefix(code, "label.") {
			continue
		}
		kinds[strings.Split(code, ".")[1]] = true
		if want[code] == "" {
			t.Errorf("labels.json: nothing is called by %q", code)
		}
		if holes.MatchString(label) {
			t.Errorf("labels.json: %q has placeholders: %s", code, label)
		}
	}
	for code, sentence := range sentences(t) {
		for _, hole := range holes.FindAllStringSubmatch(sentence, -1) {
			if hole[2] != "" && !kinds[hole[2]] {
				t.Errorf("%s asks for labels of the kind %q, of which there are none", code, hole[2])
			}
		}
	}
}

// TestVerdicts holds the sentences of verdicts against what a verdict tells.
func TestVerdicts(t *testing.T) {
	fields := rules.Verdict{Area: &rules.Side{}}.Params(rules.Ask{})
	text, reasons := sentences(t), map[string]bool{}
	for _, f := range house(t) {
		if path.Dir(f.path) != "models/rules" {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok {
				if reason, ok := literal(lit); ok && strings.HasPrefix(reason, "verdict.") {
					reasons[reason] = true
				}
			}
			return true
		})
	}
	for reason := range reasons {
		if text[reason] == "" {
			t.Errorf("there is no sentence for %q", reason)
		}
	}
	for code, sentence := range text {
		if !strings.HasPrefix(code, "verdict.") {
			continue
		}
		if !reasons[code] {
			t.Errorf("no verdict has the reason %q", code)
		}
		for _, hole := range holes.FindAllStringSubmatch(sentence, -1) {
			if _, ok := fields[hole[1]]; !ok {
				t.Errorf("%s asks for {%s}, which no verdict tells", code, hole[1])
			}
		}
	}
}
