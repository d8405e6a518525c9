package locale_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yishi/models"
	"yishi/models/rules"
)

// source is one file of the house that is not a test.
type source struct {
	path string // from the root of the house
	*ast.File
}

// house parses every file of the house that is not a test.
func house(t *testing.T) []source {
	t.Helper()
	const root = "../.."
	var all []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != root && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		rel, _ := filepath.Rel(root, name)
		all = append(all, source{filepath.ToSlash(rel), f})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("found %d files only", len(all))
	}
	return all
}

// called returns the name of the function or method that a call is to.
func called(c *ast.CallExpr) string {
	fun := c.Fun
	if x, ok := fun.(*ast.IndexExpr); ok {
		fun = x.X
	}
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// use is one place where a code is told, and the params that come with it.
type use struct {
	at     string
	params []string
	fixed  map[string]string // params whose value stands in the source
	open   bool              // more params come in a slice
}

// told is every code that the house tells, with where it does.
type told struct {
	t    *testing.T
	uses map[string][]use
}

func (w *told) add(code string, u use) { w.uses[code] = append(w.uses[code], u) }

// passed are the places that tell a code which they were handed, or make one.
var passed = map[string]string{
	"models/forum.go:noun + \".unknown\"":            "found and unknown, whose nouns are collected",
	"models/rules/permit.go:d.noun() + \".unknown\"": "the nouns of all deeds are collected",
	"models/org.go:r.Code":                           "another refusal with the row of the file",
	"cmd/yishi/house.go:code":                        "the codes that are handed to asked",
}

// refusals finds the codes of every refusal.
func refusals(t *testing.T) *told {
	t.Helper()
	w := &told{t, map[string][]use{}}
	for _, f := range house(t) {
		ast.Inspect(f.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				w.refused(f.path, n)
			case *ast.CompositeLit:
				w.badRow(f.path, n)
			case *ast.ValueSpec:
				w.constant(f.path, n)
			}
			return true
		})
	}
	return w
}

var shape = regexp.MustCompile(`^[a-z]+(\.[a-z_]+)?$`)

func (w *told) refused(file string, c *ast.CallExpr) {
	switch name := called(c); name {
	case "Refuse":
		code, ok := literal(c.Args[1])
		if expr := types.ExprString(c.Args[1]); !ok && passed[file+":"+expr] == "" {
			w.t.Errorf("%s: nobody knows the sentences of Refuse(…, %s)", file, expr)
		}
		if ok {
			w.add(code, withParams(file, c))
		}
	case "refuse", "newProblem", "asked":
		for _, arg := range c.Args {
			if code, ok := literal(arg); ok && shape.MatchString(code) {
				w.add(code, use{at: file})
			}
		}
	case "found", "unknown":
		if noun, ok := literal(c.Args[len(c.Args)-1]); ok {
			w.add(noun+".unknown", use{at: file})
		}
	case "wrong":
		if code, ok := literal(c.Args[len(c.Args)-1]); ok {
			w.add(code, use{at: file, params: []string{"row", "column"}})
		}
	}
}

// withParams reads the alternating names and values of a Refuse call.
func withParams(file string, c *ast.CallExpr) use {
	u := use{at: file, fixed: map[string]string{}, open: c.Ellipsis.IsValid()}
	for i := 2; i+1 < len(c.Args); i += 2 {
		name, ok := literal(c.Args[i])
		if !ok {
			continue
		}
		u.params = append(u.params, name)
		if value, ok := literal(c.Args[i+1]); ok {
			u.fixed[name] = value
		}
	}
	return u
}

// badRow reads the code of a RowError.
func (w *told) badRow(file string, c *ast.CompositeLit) {
	if name, ok := c.Type.(*ast.Ident); !ok || name.Name != "RowError" {
		return
	}
	for _, e := range c.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok || types.ExprString(kv.Key) != "Code" {
			continue
		}
		if code, ok := literal(kv.Value); ok {
			w.add(code, use{at: file, params: []string{"row", "column"}})
		}
	}
}

// constant reads the nouns of deeds, and the codes of what the HTTP door
// refuses before a handler sees it.
func (w *told) constant(file string, v *ast.ValueSpec) {
	if v.Type != nil && types.ExprString(v.Type) == "Deed" {
		deed, _ := literal(v.Values[0])
		noun, _, _ := strings.Cut(deed, ".")
		w.add(noun+".unknown", use{at: file})
	}
	if v.Names[0].Name != "malformed" || len(v.Values) == 0 {
		return
	}
	if table, ok := v.Values[0].(*ast.CompositeLit); ok {
		for _, e := range table.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				code, _ := literal(kv.Value)
				w.add(code, use{at: file})
			}
		}
	}
}

// teller is a function that puts a notice into the outbox: where its code and
// its params stand among its arguments, and what it adds.
type teller struct {
	code, params int
	adds         []string
}

var aboutTopic = []string{"receipt", "title", "topic"}

var tellers = map[string]teller{
	"notify":        {1, 2, nil},
	"notifyOrg":     {1, 2, nil},
	"notifyAll":     {1, 2, nil},
	"tell":          {1, 2, aboutTopic},
	"tellOrder":     {2, -1, append([]string{"what", "org", "promised_at", "report"}, aboutTopic...)},
	"tellUnit":      {2, 3, []string{"poll", "question"}},
	"tellSigners":   {1, 2, []string{"petition", "purpose"}},
	"tellDesk":      {1, -1, []string{"receipt", "title", "call"}},
	"tellConcerned": {2, -1, append([]string{"session", "starts_at", "point", "reason"}, aboutTopic...)},
}

// made are the codes of notices that are put together.
var made = map[string][]string{
	"step.go:\"notice.topic_\" + string(turn.On)":           {string(rules.OnAnnounce), string(rules.OnPostpone), string(rules.OnAdjourn), string(rules.OnCallOff)},
	"outcome.go:\"notice.topic_\" + string(events[result])": {string(rules.OnAgree), string(rules.OnAgreePartly), string(rules.OnNoConsensus)},
	"triage.go:\"notice.topic_\" + string(on)":              {string(rules.OnRefer), string(rules.OnPassed), string(rules.OnFailed), string(rules.OnStudy), string(rules.OnStudied)},
	"capacity.go:\"notice.capacity_\" + string(c.State)":    {string(models.CapacityConfirmed), string(models.CapacityRefused)},
	"member.go:\"notice.member_\" + string(m.State)":        {string(models.MemberConfirmed), string(models.MemberRefused)},
}

// notices finds the codes of every notice.
func notices(t *testing.T) *told {
	t.Helper()
	w := &told{t, map[string][]use{}}
	for _, f := range house(t) {
		if path.Dir(f.path) != "models" {
			continue
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				if c, ok := n.(*ast.CallExpr); ok {
					w.noticed(path.Base(f.path), fn, c)
				}
				return true
			})
		}
	}
	return w
}

func (w *told) noticed(file string, fn *ast.FuncDecl, c *ast.CallExpr) {
	how, ok := tellers[called(c)]
	if !ok || len(c.Args) <= how.code {
		return
	}
	expr := types.ExprString(c.Args[how.code])
	if _, own := tellers[fn.Name.Name]; own && expr == "code" {
		return // a teller that calls another
	}
	u := use{at: file, params: slices.Clone(how.adds)}
	if how.params >= 0 {
		names, ok := w.keys(fn, c.Args[how.params])
		if !ok {
			w.t.Errorf("%s: nobody knows the params of %s", file, expr)
		}
		u.params = append(u.params, names...)
	}
	if code, ok := literal(c.Args[how.code]); ok {
		w.add(code, u)
		return
	}
	tails, ok := made[file+":"+expr]
	if !ok {
		w.t.Errorf("%s: nobody knows the sentences of the notice %s", file, expr)
	}
	head, _, _ := strings.Cut(strings.TrimPrefix(expr, `"`), `"`)
	for _, tail := range tails {
		w.add(head+tail, u)
	}
}

// keys returns the names in a set of params: one that stands there, none, or a
// variable that the function has filled before.
func (w *told) keys(fn *ast.FuncDecl, e ast.Expr) ([]string, bool) {
	switch e := e.(type) {
	case *ast.CompositeLit:
		var names []string
		for _, x := range e.Elts {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				name, _ := literal(kv.Key)
				names = append(names, name)
			}
		}
		return names, true
	case *ast.Ident:
		if e.Name == "nil" {
			return nil, true
		}
		var names []string
		found := false
		ast.Inspect(fn, func(n ast.Node) bool {
			a, ok := n.(*ast.AssignStmt)
			if ok && len(a.Lhs) == 1 && len(a.Rhs) == 1 && types.ExprString(a.Lhs[0]) == e.Name {
				if lit, ok := a.Rhs[0].(*ast.CompositeLit); ok {
					names, found = w.keys(fn, lit)
				}
			}
			return true
		})
		return names, found
	}
	return nil, false
}

func file(t *testing.T, name string) map[string]string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("zh-CN", name))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]string
	if err := json.Unmarshal(body, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// check holds a file of sentences against what the house tells: a sentence for
// each code, no sentence that nobody tells, no placeholder that stays empty.
func (w *told) check(name string, besides ...string) {
	w.t.Helper()
	all := file(w.t, name)
	for _, code := range slices.Sorted(maps.Keys(w.uses)) {
		sentence, ok := all[code]
		if !ok {
			w.t.Errorf("%s has no sentence for %q (%s)", name, code, w.uses[code][0].at)
		}
		for _, u := range w.uses[code] {
			for _, hole := range holes.FindAllStringSubmatch(sentence, -1) {
				if !u.open && !slices.Contains(u.params, hole[1]) {
					w.t.Errorf("%s: %q asks for {%s}, which %s does not give: %s", name, code, hole[1], u.at, sentence)
				}
			}
		}
	}
	for code := range all {
		if _, ok := w.uses[code]; !ok && !slices.Contains(besides, code) {
			w.t.Errorf("%s: nobody tells %q", name, code)
		}
	}
}

func TestRefusalsHaveSentences(t *testing.T) { refusals(t).check("refusals.json", "at.row") }

func TestNoticesHaveSentences(t *testing.T) { notices(t).check("notices.json") }

func TestSaidCodesHaveSentences(t *testing.T) {
	text := sentences(t)
	for _, f := range house(t) {
		ast.Inspect(f.File, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || called(c) != "Say" || len(c.Args) != 2 {
				return true
			}
			if code, ok := literal(c.Args[0]); ok && text[code] == "" {
				t.Errorf("%s: there is no sentence for %q", f.path, code)
			}
			return true
		})
	}
}
