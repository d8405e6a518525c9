// Package yishi_test holds the plan of the house.
package yishi_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "yishi"

// anyRoom in the plan stands for every room of the house.
const anyRoom = "*"

// rooms is the plan of the house: every folder that holds Go code, and whom it
// may call besides the standard library. A folder that is not listed may not
// exist; a call that is not listed may not be made. A room allows itself alone,
// a library everything below it. Tests may call whom they like.
var rooms = map[string][]string{
	"models/typed":      {},
	"models/rules":      {"models/typed"},
	"models/board":      {"models/typed", "github.com/transparency-dev/merkle", "golang.org/x/mod"},
	"models/store":      {"gorm.io", "github.com/go-sql-driver/mysql", "modernc.org/sqlite"},
	"models/migrations": {"github.com/pressly/goose/v3"},
	"models/ballots":    {"models/rules", "models/store", "models/board", "gorm.io/gorm"},
	"models/secret":     {"models/typed", "github.com/cloudflare/circl"},
	"models/hanzi":      {"github.com/mozillazg/go-pinyin", "github.com/longbridgeapp/opencc"},
	"models/wordlist":   {"models/rules", "models/hanzi", "github.com/coregx/ahocorasick", "golang.org/x/text"},
	"models/yardstick":  {"models/store", "gorm.io/gorm"},
	"models": {
		"models/rules", "models/store", "models/migrations", "models/ballots", "models/board", "models/secret", "models/wordlist",
		"gorm.io/gorm", "golang.org/x/crypto", "github.com/pquerna/otp", "github.com/maypok86/otter/v2",
	},
	"models/samplecity": {"models", "models/rules", "configs/data"},
	"models/forumtest":  {"models", "models/rules", "models/secret", "models/samplecity", "github.com/go-sql-driver/mysql"},

	"configs":        {"github.com/knadh/koanf"},
	"configs/data":   {"models/rules", "golang.org/x/text"},
	"configs/locale": {},

	"photos": {
		"models/rules",
		"github.com/disintegration/imaging", "github.com/gabriel-vasile/mimetype", "github.com/minio/minio-go/v7",
	},
	"wechat":            {"github.com/silenceper/wechat/v2"},
	"wechat/yardstick":  {"wechat", "github.com/silenceper/wechat/v2"},
	"wechat/wechattest": {"wechat", "github.com/boombuler/barcode"},

	// The pages that stand by themselves: of secret ballots, and of a poll's public
	// record. What they run in the browser is voter, and the verifier.
	"apps/page":         {},
	"apps/resident":     {"apps/page"},
	"apps/console":      {"apps/page"},
	"apps/ballot":       {"apps/page"},
	"apps/board":        {"apps/page"},
	"apps/ballot/voter": {"models/secret"},

	"handlers": {
		"models", "models/rules", "models/secret", "configs/locale", "photos",
		"github.com/gin-gonic/gin", "github.com/danielgtaylor/huma/v2", "github.com/maypok86/otter/v2",
		"golang.org/x/time", "github.com/prometheus/client_golang", "github.com/boombuler/barcode",
	},
	"bot":  {"models", "models/rules", "models/hanzi", "configs/locale", "wechat", "golang.org/x/text"},
	"jobs": {"models", "models/rules", "configs/locale", "photos", "wechat"},

	// Proving comes in through the doors, as users do: it may know neither what
	// is behind them nor how they are built.
	"proving": {
		"models/secret", // what a voter's phone reckons
		"configs/data", "configs/locale", "wechat/wechattest",
		"github.com/schollz/progressbar/v3", "github.com/pquerna/otp",
	},

	"proving/torture": {}, // tests alone

	"cmd/yishi": {anyRoom, "github.com/spf13/cobra", "github.com/schollz/progressbar/v3", "github.com/pquerna/otp"},

	// The verifier checks what the others did, and so shares nothing with them.
	"cmd/yishi-verify": {},
}

func TestRooms(t *testing.T) {
	there := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		room := filepath.ToSlash(filepath.Dir(path))
		there[room] = true
		checkFile(t, path, room)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for room, may := range rooms {
		if !there[room] {
			t.Errorf("the plan has a room %q that is not there", room)
		}
		for _, m := range may {
			if _, ok := rooms[m]; !ok && m != anyRoom && !outside(m) {
				t.Errorf("the plan lets %s call a room %q that is not there", room, m)
			}
		}
	}
}

func checkFile(t *testing.T, path, room string) {
	t.Helper()
	may, ok := rooms[room]
	if !ok {
		t.Errorf("%s: the plan has no room %q", path, room)
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !allowed(name, may) {
			t.Errorf("%s: %s may not call %s", path, room, name)
		}
	}
}

// allowed says whether a room that may call these may call name. What is ours is
// told apart first: its name has no dot and would pass for the standard library.
func allowed(name string, may []string) bool {
	if name == module {
		return false
	}
	if ours, ok := strings.CutPrefix(name, module+"/"); ok {
		return slices.Contains(may, ours) || slices.Contains(may, anyRoom)
	}
	if !outside(name) {
		return name != "C" && name != "unsafe"
	}
	return slices.ContainsFunc(may, func(m string) bool {
		return outside(m) && (name == m || strings.HasPrefix(name, m+"/"))
	})
}

// outside reports whether a path names a library that is neither ours nor of the
// standard library.
func outside(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

func TestAllowed(t *testing.T) {
	for _, tt := range []struct {
		room, name string
		want       bool
	}{
		{"models/rules", "strings", true},
		{"models/rules", "encoding/json", true},
		{"models/rules", "yishi/models", false},
		{"models/rules", "yishi/models/rules", false},
		{"models/rules", "yishi", false},
		{"models/rules", "unsafe", false},
		{"models/rules", "C", false},
		{"models/rules", "gorm.io/gorm", false},
		{"models", "gorm.io/gorm/clause", true},
		{"models", "gorm.io/gorm", true},
		{"models", "gorm.io/gormless", false},
		{"models", "gorm.io/driver/mysql", false},
		{"models", "yishi/models/rules", true},
		{"models", "yishi/models/rules/more", false},
		{"models", "yishi/models/rulesx", false},
		{"models", "yishi/handlers", false},
		{"models", "example.com/yishi/models/rules", false},
		{"handlers", "yishi/models", true},
		{"handlers", "yishi/models/store", false},
		{"handlers", "yishi/bot", false},
		{"handlers", "yishi/wechat", false},
		{"handlers", "gorm.io/gorm", false},
		{"handlers", "github.com/silenceper/wechat/v2", false},
		{"handlers", "github.com/gin-gonic/gin", true},
		{"handlers", "github.com/gin-gonic/gin/binding", true},
		{"handlers", "github.com/gin-gonic/ginx", false},
		{"bot", "github.com/gin-gonic/gin", false},
		{"wechat", "yishi/models", false},
		{"proving", "yishi/wechat/wechattest", true},
		{"proving", "yishi/models", false},
		{"proving", "yishi/handlers", false},
		{"cmd/yishi", "yishi/handlers", true},
		{"cmd/yishi", "github.com/gin-gonic/gin", false},
		{"cmd/yishi-verify", "net/http", true},
		{"cmd/yishi-verify", "yishi/models/board", false},
		{"cmd/yishi-verify", "yishi/models/rules", false},
		{"cmd/yishi-verify", "golang.org/x/mod/sumdb/note", false},
		{"models/board", "golang.org/x/mod/sumdb/note", true},
		{"models/board", "gorm.io/gorm", false},
	} {
		if got := allowed(tt.name, rooms[tt.room]); got != tt.want {
			t.Errorf("may %s call %s: got %v, want %v", tt.room, tt.name, got, tt.want)
		}
	}
}
