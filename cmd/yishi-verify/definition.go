package main

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// definition is what was frozen when the poll opened, as far as the verdict
// depends on it.
type definition struct {
	Question string     `json:"question"`
	Method   string     `json:"method"`
	Options  []string   `json:"options"`
	Most     int        `json:"most"`
	Pack     pack       `json:"pack"`
	Due      int64      `json:"due"`
	Area     int64      `json:"area"` // of the roll in cm²
	ClosesAt *time.Time `json:"closes_at"`
	Secret   *secrecy   `json:"secret"` // nil: ballots are named
	Roll     string     `json:"roll"`   // hash of the roll
}

// pack is the rule by which the poll is judged.
type pack struct {
	Code          string   `json:"code"`
	Name          string   `json:"name"`
	Roll          string   `json:"roll"`
	Unit          string   `json:"unit"`
	Participation share    `json:"participation"`
	Approval      approval `json:"approval"`
	ByArea        bool     `json:"by_area"`
	AllMustSign   bool     `json:"all_must_sign"`
	Verdict       bool     `json:"verdict"`
	Methods       []string `json:"methods"`
	Secret        bool     `json:"secret"`
	Revote        bool     `json:"revote"`
}

// share is a fraction; strict means more than it, else it is enough itself.
type share struct {
	Num    int64 `json:"num"`
	Den    int64 `json:"den"`
	Strict bool  `json:"strict"`
}

type approval struct {
	share
	Base string `json:"base"`
}

// Bounds within which all sums and products stay exact.
const (
	mostUnits = 1_000_000_000
	mostArea  = 100_000_000_000_000 // cm²
)

// checkDefinition reads the definition and asks whether such a question may be
// put at all.
func (v *verifier) checkDefinition() {
	text := v.board.Definition
	var d definition
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		v.faultAt(0, "definition.form", "why", err.Error())
		return
	}
	if name := keyTwice(text); name != "" {
		v.faultAt(0, "definition.twice", "name", name)
		return
	}
	before := v.faults
	for _, c := range []struct {
		code string
		bad  bool
	}{
		{"definition.method", !d.methodHolds()},
		{"definition.options", !d.optionsHold()},
		{"definition.most", !d.mostHolds()},
		{"definition.due", d.Due < 1 || d.Due > mostUnits || d.Area < 0 || d.Area > mostArea},
		{"definition.pack", !d.Pack.holds()},
		{"definition.secret", !d.secretHolds()},
	} {
		if c.bad {
			v.faultAt(0, c.code)
		}
	}
	if v.faults == before {
		v.def = &d
		v.good("definition.good", "question", d.Question, "hash", sumHex(text))
		v.good("definition.rule", "pack", d.Pack.Name, "code", d.Pack.Code, "method", sentence("method."+d.Method))
	}
}

// The methods.
const (
	yesNo  = "yesno"
	choose = "choose"
	rank   = "rank"
	scores = "score"
	each   = "each"
)

// methodHolds reports whether the rule admits the method. Signatures and areas
// stand behind a yes or a no.
func (d *definition) methodHolds() bool {
	known := []string{yesNo, choose, rank, scores, each}
	switch {
	case d.Pack.AllMustSign:
		known = known[:1]
	case d.Pack.ByArea:
		known = []string{yesNo, each}
	}
	return slices.Contains(known, d.Method) && slices.Contains(d.Pack.Methods, d.Method)
}

func (d *definition) optionsHold() bool {
	least, most := 2, 9
	switch d.Method {
	case yesNo:
		least, most = 0, 0
	case each:
		least = 1
	}
	named := map[string]bool{}
	for _, o := range d.Options {
		named[strings.TrimSpace(o)] = true
	}
	return len(d.Options) >= least && len(d.Options) <= most && len(named) == len(d.Options) && !named[""]
}

func (d *definition) mostHolds() bool {
	switch d.Method {
	case choose:
		return d.Most >= 1 && d.Most <= len(d.Options)
	case scores:
		return d.Most >= 1 && d.Most <= 10
	}
	return d.Most == 0
}

// holds reports whether the rule's numbers can be reckoned with, where it has
// any use for them.
func (p pack) holds() bool {
	if !p.Verdict || p.AllMustSign {
		return true
	}
	return p.Participation.holds() && p.Approval.holds() && slices.Contains([]string{"present", "cast", "roll"}, p.Approval.Base)
}

// of is the word by which voting units are counted.
func (p pack) of() string {
	if of, ok := sentences["unit."+p.Unit]; ok {
		return of
	}
	return p.Unit
}

func (s share) holds() bool { return s.Num >= 0 && s.Den > 0 && s.Num <= s.Den }

// keyTwice returns a name that stands twice in one object of a JSON text, "" if
// none does. Such a text says one thing to one reader and another to the next.
func keyTwice(text string) string {
	name, err := twiceIn(json.NewDecoder(strings.NewReader(text)))
	if err != nil {
		return ""
	}
	return name
}

// twiceIn reads one value and returns a name that stands twice in an object of
// it. Where the text breaks it stops.
func twiceIn(d *json.Decoder) (string, error) {
	start, err := d.Token()
	delim, opens := start.(json.Delim)
	if err != nil || !opens {
		return "", err
	}
	names := map[string]bool{}
	for d.More() {
		if delim == '{' {
			token, err := d.Token()
			if err != nil {
				return "", err
			}
			name, _ := token.(string)
			folded := strings.ToLower(name)
			if names[folded] {
				return name, nil
			}
			names[folded] = true
		}
		if name, err := twiceIn(d); name != "" || err != nil {
			return name, err
		}
	}
	_, err = d.Token() // the end of the object or list
	return "", err
}
