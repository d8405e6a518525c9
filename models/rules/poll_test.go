package rules_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestCheckQuick(t *testing.T) {
	quick := rules.Pack{QuickTrack: true}
	for _, tt := range []struct {
		level string
		pack  rules.Pack
		want  string
	}{
		{rules.LevelGrid, quick, ""},
		{rules.LevelEstate, quick, ""},
		{rules.LevelCommunity, quick, "topic.quick"},
		{rules.LevelStreet, quick, "topic.quick"},
		{"", quick, "topic.quick"},
		{rules.LevelGrid, rules.Pack{}, "topic.quick"},
	} {
		if got := codeOf(t, rules.CheckQuick(tt.level, tt.pack)); got != tt.want {
			t.Errorf("at level %q, quick %v: refused with %q, want %q", tt.level, tt.pack.QuickTrack, got, tt.want)
		}
	}
}

func TestCheckQuorum(t *testing.T) {
	for _, tt := range []struct {
		name         string
		pack         rules.Pack
		present, due int64
		want         string
	}{
		{"just more than half", consult, 6, 10, ""},
		{"half", consult, 5, 10, "session.quorum"},
		{"exactly two thirds", consult23, 6, 9, ""},
		{"one short of two thirds", consult23, 5, 9, "session.quorum"},
		{"half, inclusive", halfRoll, 5, 10, ""},
		{"nobody is due", consult, 0, 0, "session.quorum"},
		{"views need no quorum", adv, 0, 10, ""},
		{"signatures need no quorum", stake, 0, 10, ""},
		{"a pack without numbers", pack(rules.Share{}, overHalf, rules.BaseCast), 10, 10, "session.quorum"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckQuorum(tt.pack, tt.present, tt.due)); got != tt.want {
				t.Errorf("CheckQuorum refused with %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSample(t *testing.T) {
	for _, tt := range []struct {
		name string
		ids  []int64
		most int
		want []int64
	}{
		{"nobody", nil, 3, nil},
		{"fewer than asked", []int64{5, 6}, 3, []int64{5, 6}},
		{"exactly as many", []int64{5, 6, 7}, 3, []int64{5, 6, 7}},
		{"every other", []int64{1, 2, 3, 4, 5, 6}, 3, []int64{1, 3, 5}},
		{"spread over all", []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 4, []int64{1, 3, 6, 8}},
		{"none wanted", []int64{1, 2}, 0, []int64{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, rules.Sample(tt.ids, tt.most)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSampleHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, most := rapid.IntRange(0, 200).Draw(t, "signers"), rapid.IntRange(1, 30).Draw(t, "most")
		ids := make([]int64, n)
		for i := range ids {
			ids[i] = int64(i)
		}
		got := rules.Sample(ids, most)
		if len(got) != min(n, most) || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("of %d, %d at most: %v, want distinct ones in order", n, most, got)
		}
		if n > 0 && got[0] != 0 || n > most && most > 1 && got[len(got)-1] < int64(n)/2 {
			t.Fatalf("of %d, %d at most: %v, want early and late ones", n, most, got)
		}
	})
}

func definition(closes time.Time) rules.Definition {
	return rules.Definition{
		Topic: 1, Session: 2, Question: "电梯装在哪里", Ask: rules.Ask{Method: rules.MethodChoose, Options: []string{"东头", "西头"}, Most: 1},
		Pack: consult, Due: 3, Area: 30, ClosesAt: &closes, Secret: &rules.Secrecy{Disclosure: rules.DiscloseKey, Crowd: 10}, Roll: rules.RollHash([]rules.RollEntry{{"h1", 10}, {"h2", 20}}),
	}
}

func hash(t interface{ Fatal(...any) }, d rules.Definition) string {
	h, err := d.Hash()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestHashKnowsEveryField changes one field after another, those of the pack
// too, and wants another hash each time.
func TestHashKnowsEveryField(t *testing.T) {
	closes := at(t, "2026-03-01 20:00")
	seen := map[string]string{hash(t, definition(closes)): "nothing"}
	tell := func(what string, d rules.Definition) {
		h := hash(t, d)
		if len(h) != 64 {
			t.Errorf("the hash is %q", h)
		}
		if other, ok := seen[h]; ok {
			t.Errorf("a change of %s gives the same hash as a change of %s", what, other)
		}
		seen[h] = what
	}
	var walk func(path string, pick func(*rules.Definition) reflect.Value)
	walk = func(path string, pick func(*rules.Definition) reflect.Value) {
		d := definition(closes)
		v := pick(&d)
		switch kind := v.Kind(); {
		case kind == reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, func(d *rules.Definition) reflect.Value { return pick(d).Field(i) })
			}
			return
		case v.CanInt():
			v.SetInt(v.Int() + 7)
		case kind == reflect.String:
			v.SetString(v.String() + "!")
		case kind == reflect.Bool:
			v.SetBool(!v.Bool())
		case kind == reflect.Slice:
			v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
		case kind == reflect.Pointer:
			v.SetZero()
			tell(path, d)
			if e := v.Type().Elem(); e.Kind() == reflect.Struct && e != reflect.TypeFor[time.Time]() {
				walk(path, func(d *rules.Definition) reflect.Value { return pick(d).Elem() })
			}
			return
		default:
			t.Fatalf("%s is a %s, which this test cannot change", path, kind)
		}
		tell(path, d)
	}
	walk("definition", func(d *rules.Definition) reflect.Value { return reflect.ValueOf(d).Elem() })

	d := definition(closes)
	d.Options = []string{"西头", "东头"}
	tell("the order of the options", d)
	tell("the closing time", definition(closes.Add(time.Second)))
}

// TestDefinitionBytes holds the form in which a definition is shown: what is
// hashed can be written down by anybody, and no list reads like an empty one.
func TestDefinitionBytes(t *testing.T) {
	d := definition(at(t, "2026-03-01 20:00"))
	d.Ask, d.Pack, d.Secret = rules.Ask{Method: rules.MethodYesNo}, rules.Pack{Code: "X"}, nil
	body, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"method":"yesno","options":[],"most":0`, `"methods":[]`, `"secret":null`, `"due":3,"area":30`} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s does not hold %s", body, want)
		}
	}
	sum := sha256.Sum256(body)
	if got := hash(t, d); got != hex.EncodeToString(sum[:]) {
		t.Errorf("the hash %s is not that of the bytes", got)
	}
}

// TestHashSurvivesStorage writes a definition down and reads it again.
func TestHashSurvivesStorage(t *testing.T) {
	d := definition(at(t, "2026-03-01 20:00"))
	body, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var back rules.Definition
	if err := json.Unmarshal(body, &back); err != nil {
		t.Fatal(err)
	}
	if hash(t, d) != hash(t, back) {
		t.Errorf("the hash changed on the way through %s", body)
	}
}

func TestCheckOutcome(t *testing.T) {
	loose, binding := rules.Pack{}, rules.Pack{Binding: true}
	said := func(r rules.Result) *rules.Verdict { return &rules.Verdict{Result: r} }
	for _, tt := range []struct {
		name    string
		outcome rules.State
		pack    rules.Pack
		verdict *rules.Verdict
		want    string
	}{
		{"agreed without a poll", rules.TopicAgreed, loose, nil, ""},
		{"agreed as the poll says", rules.TopicAgreed, loose, said(rules.ResultPassed), ""},
		{"agreed after views were heard", rules.TopicPartlyAgreed, loose, said(rules.ResultOpinion), ""},
		{"agreed against the poll", rules.TopicAgreed, loose, said(rules.ResultFailed), "outcome.verdict"},
		{"agreed in part against the poll", rules.TopicPartlyAgreed, loose, said(rules.ResultFailed), "outcome.verdict"},
		{"agreed without a quorum", rules.TopicAgreed, loose, said(rules.ResultNoQuorum), "outcome.verdict"},
		{"agreed while signatures are missing", rules.TopicAgreed, loose, said(rules.ResultPending), "outcome.verdict"},
		{"agreed in part as the poll says", rules.TopicPartlyAgreed, loose, said(rules.ResultPartly), ""},
		{"agreed on all that passed in part", rules.TopicAgreed, loose, said(rules.ResultPartly), "outcome.verdict"},
		{"agreed in part although all passed", rules.TopicPartlyAgreed, loose, said(rules.ResultPassed), ""},
		{"no consensus although a part passed", rules.TopicNoConsensus, loose, said(rules.ResultPartly), ""},
		{"agreed as the binding poll says", rules.TopicAgreed, binding, said(rules.ResultPassed), ""},
		{"agreed against the binding poll", rules.TopicAgreed, binding, said(rules.ResultNoQuorum), "outcome.verdict"},
		{"agreed without the poll that binds", rules.TopicAgreed, binding, nil, "outcome.binding"},
		{"agreed in part without the poll that binds", rules.TopicPartlyAgreed, binding, nil, "outcome.binding"},
		{"no consensus where a poll would have bound", rules.TopicNoConsensus, binding, nil, ""},
		{"no consensus without a poll", rules.TopicNoConsensus, loose, nil, ""},
		{"no consensus after a failed poll", rules.TopicNoConsensus, loose, said(rules.ResultFailed), ""},
		{"no outcome of a meeting", rules.TopicConfirmed, loose, nil, "outcome.kind"},
		{"nothing", "", loose, said(rules.ResultPassed), "outcome.kind"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckOutcome(tt.outcome, tt.pack, tt.verdict)); got != tt.want {
				t.Errorf("CheckOutcome refused with %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCheckSettled(t *testing.T) {
	for _, tt := range []struct {
		name        string
		outcome     rules.State
		commitments int64
		words       string
		want        string
	}{
		{"agreed, with a commitment", rules.TopicAgreed, 1, "", ""},
		{"agreed, and nobody does anything", rules.TopicAgreed, 0, "同意", "session.commitment"},
		{"agreed in part, and nobody does anything", rules.TopicPartlyAgreed, 0, "同意", "session.commitment"},
		{"no consensus, because", rules.TopicNoConsensus, 0, "低层住户不同意", ""},
		{"no consensus, without a reason", rules.TopicNoConsensus, 0, "", "session.reason"},
		{"no consensus, with a reason that says nothing", rules.TopicNoConsensus, 0, " \u200b", "session.reason"},
		{"still in the meeting", rules.TopicMeeting, 1, "同意", "session.outcome"},
		{"adjourned", rules.TopicAnnounced, 0, "人数不够", "session.outcome"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckSettled(tt.outcome, tt.commitments, tt.words)); got != tt.want {
				t.Errorf("CheckSettled refused with %q, want %q", got, tt.want)
			}
		})
	}
}
