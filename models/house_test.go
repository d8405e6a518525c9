package models_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yishi/models/rules"
)

// outside are the methods of the forum that are no deeds, and why.
var outside = map[string]string{
	"Close": "ends the forum", "Ready": "asks whether the database answers", "Now": "is the clock", "CheckClock": "compares it with the database's, before anything starts",
	"CastBallot": "is committed together with others; it asks the table of permissions itself", "CastBallotByChat": "the same",
	"Jointly": "is what deeds of one answer go through together", "Glimpse": "is made once for all who watch", "Glance": "makes it",
	"Recognize": "says who asks, before anything may be asked of them", "RecognizeChat": "the same, and lets a new face in by a deed",
	"MayAddPhoto": "asks the permission of a deed alone",
}

// runners are the functions through which a deed or a reading goes, with the
// position of the deed among their arguments.
var runners = map[string]int{"do": 3, "see": 3, "triage": 2, "during": 2, "rules.May": 1}

// source is the files of a package, by name.
type source map[string]*ast.File

func parsed(t *testing.T, files map[string]string) source {
	t.Helper()
	out := source{}
	for name, body := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, body, 0)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = f
	}
	return out
}

func ours(t *testing.T) source {
	t.Helper()
	out := source{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && path != "." {
			return firstOf(err, fs.SkipDir)
		}
		if strings.HasSuffix(path, "_test.go") || filepath.Ext(path) != ".go" {
			return nil
		}
		out[path], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// deeds returns what is wrong with the exported methods of the forum, and the
// deeds that they name.
func deeds(s source) (wrong, named []string) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		for _, d := range s[name].Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || receiver(fn) != "Forum" || fn.Body == nil {
				continue
			}
			calls := run(fn.Body)
			named = append(named, calls...)
			if fn.Name.IsExported() && outside[fn.Name.Name] == "" && (len(calls) != 1 || calls[0] == "") {
				wrong = append(wrong, fmt.Sprintf("%s: %s goes through %d deeds, or names none", name, fn.Name.Name, len(calls)))
			}
		}
	}
	return wrong, named
}

// run returns the deeds of the runners that a body calls, "" for one that is not
// named by a constant.
func run(body ast.Node) []string {
	var out []string
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		at, ok := runners[strings.TrimPrefix(nameOf(call.Fun), "f.")]
		if !ok || len(call.Args) <= at {
			return true
		}
		deed := ""
		if sel, ok := call.Args[at].(*ast.SelectorExpr); ok {
			deed = sel.Sel.Name
		}
		if id, ok := call.Args[at].(*ast.Ident); ok && id.Name == "deed" {
			return true // a runner that hands its deed on
		}
		out = append(out, deed)
		return true
	})
	return out
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return nameOf(e.X) + "." + e.Sel.Name
	case *ast.IndexExpr:
		return nameOf(e.X)
	}
	return ""
}

func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	return typeName(fn.Recv.List[0].Type)
}

// typeName is the bare name of a type: of *T, []T and T.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ArrayType:
		return typeName(e.Elt)
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return nameOf(e)
	}
	return ""
}

// writes returns the writes of tables outside the file of their noun.
func writes(s source) []string {
	home := map[string]string{}
	for name, f := range s {
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				for _, spec := range g.Specs {
					if t, ok := spec.(*ast.TypeSpec); ok {
						home[t.Name.Name] = name
					}
				}
			}
		}
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		for _, d := range s[name].Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			for _, table := range written(fn) {
				if home[table] != name {
					wrong = append(wrong, fmt.Sprintf("%s: %s writes %s, whose file is %q", name, fn.Name.Name, table, home[table]))
				}
			}
		}
	}
	return wrong
}

// written returns the tables that a function writes; "?" is one that cannot be
// told.
func written(fn *ast.FuncDecl) []string {
	known := locals(fn)
	var out []string
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		switch sel.Sel.Name {
		case "Create", "CreateInBatches", "Save", "Delete":
			if len(call.Args) > 0 {
				out = append(out, known.tableOf(call.Args[0]))
			}
		case "Update", "Updates", "UpdateColumn", "UpdateColumns":
			out = append(out, known.modelOf(sel.X))
		}
		return true
	})
	return out
}

// scope is the types of the names in a function.
type scope map[string]string

func locals(fn *ast.FuncDecl) scope {
	s := scope{}
	fields := slices.Clone(fn.Type.Params.List)
	if fn.Recv != nil {
		fields = append(fields, fn.Recv.List...)
	}
	for _, f := range fields {
		for _, n := range f.Names {
			s[n.Name] = typeName(f.Type)
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			for _, f := range n.Type.Params.List {
				for _, name := range f.Names {
					s[name.Name] = typeName(f.Type)
				}
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				s[name.Name] = typeName(n.Type)
			}
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && i < len(n.Rhs) && s[id.Name] == "" {
					s[id.Name] = s.tableOf(n.Rhs[i])
				}
			}
		}
		return true
	})
	return s
}

func (s scope) tableOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		return s.tableOf(e.X)
	case *ast.CompositeLit:
		return typeName(e.Type)
	case *ast.IndexExpr:
		return s.tableOf(e.X)
	case *ast.Ident:
		if t := s[e.Name]; t != "" {
			return t
		}
	case *ast.CallExpr:
		if nameOf(e.Fun) == "make" {
			return typeName(e.Args[0])
		}
		return s.modelOf(e)
	}
	return "?"
}

// modelOf finds the Model(&T{}) of a chain of calls.
func (s scope) modelOf(e ast.Expr) string {
	for {
		if id, ok := e.(*ast.Ident); ok {
			return s.tableOf(id)
		}
		call, ok := e.(*ast.CallExpr)
		if !ok {
			return "?"
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return "?"
		}
		if sel.Sel.Name == "Model" {
			return s.tableOf(call.Args[0])
		}
		e = sel.X
	}
}

// TestOneDeedEach checks that every exported method of the forum goes through
// one deed that it names, that the table knows it, and that no deed is dead.
func TestOneDeedEach(t *testing.T) {
	wrong, named := deeds(ours(t))
	for _, w := range wrong {
		t.Error(w)
	}
	rulebook, err := parser.ParseFile(token.NewFileSet(), "rules/deed.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(rulebook, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		deed := rules.Deed(strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))
		if !slices.Contains(named, spec.Names[0].Name) {
			t.Errorf("the deed %s is dead", deed)
		}
		if rules.Permits[deed] == nil {
			t.Errorf("the deed %s is not in the table of permissions", deed)
		}
		return true
	})
}

// TestEachTableFromItsFile checks that a table is written only from the file of
// its noun.
func TestEachTableFromItsFile(t *testing.T) {
	for _, w := range writes(ours(t)) {
		t.Error(w)
	}
}

// TestTheChecksCanFail gives the checks houses in which something is wrong.
func TestTheChecksCanFail(t *testing.T) {
	topic := "package models\ntype Topic struct{}\ntype Forum struct{}\n"
	for name, tt := range map[string]struct {
		order         string
		deeds, writes bool
	}{
		"nothing":         {"", false, false},
		"a deed":          {"func (f *Forum) Sign() { do(ctx, f, who, rules.OrderSign, on, fn) }", false, false},
		"two deeds":       {"func (f *Forum) Sign() { do(ctx, f, who, rules.OrderSign, on, fn); see(ctx, f, who, rules.OrderRead, on, fn) }", true, false},
		"no deed":         {"func (f *Forum) Sign() { f.db.Exec(\"x\") }", true, false},
		"a nameless deed": {"func (f *Forum) Sign() { do(ctx, f, who, rules.Deed(\"x\"), on, fn) }", true, false},
		"its own table":   {"type Order struct{}\nfunc (t *tx) sign(o *Order) { t.Create(o); t.Model(&Order{}).Where(\"x\").Update(\"y\", 1) }", false, false},
		"another table":   {"func (t *tx) sign() { t.Model(&Topic{}).Where(\"x\").Update(\"y\", 1) }", false, true},
		"by a variable":   {"func (t *tx) sign() { x := Topic{}; t.Create(&x) }", false, true},
		"by a parameter":  {"func (t *tx) sign(x []Topic) { t.CreateInBatches(x, 1) }", false, true},
		"by a chain":      {"func (t *tx) sign() { q := t.Model(&Topic{}).Where(\"x\"); q.Updates(y) }", false, true},
		"cannot be told":  {"func (t *tx) sign() { t.Create(f()) }", false, true},
		"deleted":         {"func (t *tx) sign() { t.Where(\"x\").Delete(&Topic{}) }", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := parsed(t, map[string]string{"topic.go": topic, "order.go": "package models\n" + tt.order})
			wrong, _ := deeds(s)
			if got := len(wrong) > 0; got != tt.deeds {
				t.Errorf("deeds: %v", wrong)
			}
			if got := len(writes(s)) > 0; got != tt.writes {
				t.Errorf("writes: %v", writes(s))
			}
		})
	}
}
