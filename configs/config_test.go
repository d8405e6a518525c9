package configs_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yishi/configs"
)

func TestTheExampleSaysExactlyTheDefaults(t *testing.T) {
	c, err := configs.Load("example.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(configs.Default(), c); diff != "" {
		t.Error(diff)
	}
	if err := c.Validate(); err != nil {
		t.Errorf("the defaults must do: %v", err)
	}
}

// A new setting must be explained in the example.
func TestTheExampleExplainsEverySetting(t *testing.T) {
	body, err := os.ReadFile("example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	blank := filepath.Join(t.TempDir(), "blank.yaml")
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		name, _, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if err := os.WriteFile(blank, []byte(strings.Replace(string(body), name+":", name+"x:", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := configs.Load(blank, nil); err == nil || !strings.Contains(err.Error(), name+"x") {
			t.Errorf("%sx: want an error that names it, got %v", name, err)
		}
	}
}

func write(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheFileChangesTheDefaultsAndTheEnvironmentTheFile(t *testing.T) {
	path := write(t, `
listen: 0.0.0.0:9000
trusted_proxies: [10.0.0.1]
photos: {max_bytes: 2048}
wechat:
  mini:
  official: {app_id: from-file}
  templates:
    topic.accepted: T1
    wx-mini/topic.accepted: T2
    wx-oa/topic.accepted: {id: T3, consented: true, fields: {thing1: title, time2: due}}
`)
	c, err := configs.Load(path, []string{
		"YISHI_WECHAT_OFFICIAL_APP_ID=from-env", "YISHI_TRUSTED_PROXIES=10.0.0.2, 10.0.1.0/24",
		"YISHI_LIMITS_PER_MINUTE=7", "YISHI_PORT_8080_TCP=of-the-platform", "HOME=/nowhere",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := configs.Default()
	want.Listen = "0.0.0.0:9000"
	want.TrustedProxies = []string{"10.0.0.2", "10.0.1.0/24"}
	want.Photos.MaxBytes = 2048
	want.WeChat.Official.AppID = "from-env"
	want.WeChat.Templates = map[string]configs.Template{
		"topic.accepted": {ID: "T1"}, "wx-mini/topic.accepted": {ID: "T2"},
		"wx-oa/topic.accepted": {ID: "T3", Consented: true, Fields: map[string]string{"thing1": "title", "time2": "due"}},
	}
	want.Limits.PerMinute = 7
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestLoadNamesWhatIsWrong(t *testing.T) {
	for name, row := range map[string]struct {
		body string
		env  string
		want string
	}{
		"a key of no template":          {body: "wechat: {templates: {topic.accepted: {idd: T1}}}", want: `unknown key "wechat.templates.topic.accepted.idd"`},
		"a key that does not exist":     {body: "photo: {folder: x}", want: `unknown key "photo.folder"`},
		"a misspelt key inside a group": {body: "photos: {foldr: x}", want: `unknown key "photos.foldr"`},
		"a group written as a value":    {body: "photos: here", want: `unknown key "photos"`},
		"a key written twice":           {body: "listen: a\nlisten: b", want: "not valid YAML"},
		"a word for a number":           {body: "limits: {per_minute: many}", want: "per_minute"},
		"a word for a number by env":    {env: "YISHI_LIMITS_PER_MINUTE=many", want: "per_minute"},
		"no YAML at all":                {body: "\tlisten", want: "not valid YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := configs.Load(write(t, row.body), []string{row.env})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
	if _, err := configs.Load(filepath.Join(t.TempDir(), "none.yaml"), nil); err == nil {
		t.Error("a file that is not there must be told")
	}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	good := func() configs.Config {
		c := configs.Default()
		c.PublicURL = "https://yishi.example.gov.cn"
		c.Database.DSN = "mysql://yishi:x@tcp(db:3306)/yishi"
		c.WeChat.Mini = configs.App{
			AppID: "wx1", Secret: "8f2c0e1d9ab34f56", Token: "7c1b9e2f0a8d3456", AESKey: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg",
		}
		c.WeChat.Official = configs.App{
			AppID: "wx2", Secret: "8f2c0e1d9ab34f57", Token: "k3J9xQ2mZ7",
			AESKey: configs.Secret(strings.Repeat("aB3", 14) + "A"),
		}
		return c
	}
	if err := good().Validate(); err != nil {
		t.Fatal(err)
	}
	for key, spoil := range map[string]func(*configs.Config){
		"listen":                      func(c *configs.Config) { c.Listen = "8080" },
		"private":                     func(c *configs.Config) { c.Private = c.Listen },
		"trusted_proxies":             func(c *configs.Config) { c.TrustedProxies = []string{"0.0.0.0/0"} },
		"public_url":                  func(c *configs.Config) { c.PublicURL = "http://yishi.example.gov.cn" },
		"database.dsn":                func(c *configs.Config) { c.Database.DSN = "postgres://x" },
		"key_file":                    func(c *configs.Config) { c.KeyFile = "" },
		"backup.folder":               func(c *configs.Config) { c.Backup.Folder = "" },
		"photos.folder":               func(c *configs.Config) { c.Photos.Folder = "" },
		"photos: ":                    func(c *configs.Config) { c.Photos.MaxBytes = 0 },
		"photos.s3":                   func(c *configs.Config) { c.Photos.S3.Endpoint = "https://s3" },
		"photos.s3.endpoint":          func(c *configs.Config) { c.Photos.S3.Endpoint = "s3.example" },
		"wechat.endpoint":             func(c *configs.Config) { c.WeChat.Endpoint = "https://elsewhere.example" },
		"wechat.mini.secret":          func(c *configs.Config) { c.WeChat.Mini.Secret = "" },
		"wechat.mini.token":           func(c *configs.Config) { c.WeChat.Mini.Token = "" },
		"wechat.mini.aes_key":         func(c *configs.Config) { c.WeChat.Mini.AESKey = "" },
		"wechat.mini.aes_key_old":     func(c *configs.Config) { c.WeChat.Mini.AESKeyOld = "short" },
		"wechat.official.secret":      func(c *configs.Config) { c.WeChat.Official.Secret = "Password123" },
		"wechat.official.token":       func(c *configs.Config) { c.WeChat.Official.Token = "aaaaaaaaaa" },
		"wechat.official.aes_key":     func(c *configs.Config) { c.WeChat.Official.AESKey = "short" },
		"wechat.official.aes_key_old": func(c *configs.Config) { c.WeChat.Official.AESKeyOld = "short" },
		"limits.body_bytes":           func(c *configs.Config) { c.Limits.BodyBytes = 1 },
		"limits.per_minute":           func(c *configs.Config) { c.Limits.PerMinute = 0 },
		"limits.per_address":          func(c *configs.Config) { c.Limits.PerAddress = c.Limits.PerMinute - 1 },
		"log.level":                   func(c *configs.Config) { c.Log.Level = "loud" },
	} {
		t.Run(key, func(t *testing.T) {
			c := good()
			spoil(&c)
			err := c.Validate()
			if err == nil || !strings.Contains(err.Error(), key) {
				t.Errorf("got %v, want a problem with %s", err, key)
			}
		})
	}
	c := good()
	c.Listen, c.KeyFile, c.Log.Level = "", "", ""
	if got := strings.Count(c.Validate().Error(), "\n"); got != 2 {
		t.Errorf("want three problems at once, got:\n%v", c.Validate())
	}
}

func TestASecretShowsItselfToNobody(t *testing.T) {
	c := configs.Default()
	c.Database.DSN = "mysql://root:canary@tcp(db)/x"
	c.WeChat.Official.AESKey = "canary"
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", configs.Secret("canary"), "config", c)
	body, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprintf("%v %+v %#v %q %x", c, c, c, c.Database.DSN, c.Database.DSN), log.String(), string(body)} {
		if strings.Contains(s, "canary") || strings.Contains(s, "63616e617279") {
			t.Errorf("leaked: %s", s)
		}
	}
}

func TestTheKeyIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "var", "yishi.key")
	if err := configs.MakeKey(path); err != nil {
		t.Fatal(err)
	}
	key, err := configs.LoadKey(path)
	if err != nil || len(key) != 32 {
		t.Fatalf("%d bytes, %v", len(key), err)
	}
	if err := configs.MakeKey(path); err == nil {
		t.Error("a key must never be replaced")
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := configs.LoadKey(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others may read: %v", err)
	}
	for name, body := range map[string]string{"short": "abcd", "no digits": strings.Repeat("z", 64), "long": strings.Repeat("a", 70), "empty": ""} {
		bad := filepath.Join(t.TempDir(), "bad.key")
		if err := os.WriteFile(bad, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := configs.LoadKey(bad); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
	if _, err := configs.LoadKey(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a key that is not there must be told")
	}
}
