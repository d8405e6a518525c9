// Package configs is the configuration of one deployment: typed, with its
// defaults in code, changed by one YAML file and then by YISHI_* variables.
package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
)

// Config is everything that differs between two deployments. example.yaml
// explains each setting to those who run one.
type Config struct {
	Listen         string   `koanf:"listen"`          // residents and staff, behind a TLS proxy
	Private        string   `koanf:"private"`         // health and metrics
	TrustedProxies []string `koanf:"trusted_proxies"` // whose X-Forwarded-For counts
	PublicURL      string   `koanf:"public_url"`      // how the outside reaches Listen
	KeyFile        string   `koanf:"key_file"`        // see LoadKey
	Database       Database `koanf:"database"`
	Photos         Photos   `koanf:"photos"`
	WeChat         WeChat   `koanf:"wechat"`
	Limits         Limits   `koanf:"limits"`
	Log            Log      `koanf:"log"`
	Backup         Backup   `koanf:"backup"`
}

// Database names the database: a file of SQLite, or
// "mysql://user:password@tcp(host:3306)/name".
type Database struct {
	DSN Secret `koanf:"dsn"`
}

// Photos says where photos are kept and how large they may be. A store in S3
// is used when it names an endpoint, the folder otherwise.
type Photos struct {
	Folder    string `koanf:"folder"`
	S3        S3     `koanf:"s3"`
	MaxBytes  int64  `koanf:"max_bytes"`
	MaxPixels int64  `koanf:"max_pixels"`
}

// S3 is a store that speaks the S3 protocol.
type S3 struct {
	Endpoint  string `koanf:"endpoint"` // http(s)://host[:port]
	Bucket    string `koanf:"bucket"`
	Region    string `koanf:"region"`
	AccessKey string `koanf:"access_key"`
	SecretKey Secret `koanf:"secret_key"`
}

// WeChat is the mini-program and the official account. Either may be left out.
type WeChat struct {
	Endpoint  string              `koanf:"endpoint"` // a stand-in for WeChat on this machine; empty in production
	Mini      App                 `koanf:"mini"`     // Token and AESKey are needed for its pushes alone
	Official  App                 `koanf:"official"`
	Templates map[string]Template `koanf:"templates"` // by notice code, or app id/notice code
}

// Template is a template that an app has at WeChat. In the file its id alone may stand
// for it.
type Template struct {
	ID string `koanf:"id"`
	// Consented says, of the official account's, that it is of subscribe notices, each
	// with consent, and not of template messages to followers. The mini-program's always
	// are.
	Consented bool              `koanf:"consented"`
	Fields    map[string]string `koanf:"fields"` // field to what it holds; none: thing1 holds the sentence
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Template) UnmarshalText(id []byte) error {
	*t = Template{ID: string(id)}
	return nil
}

// App is one app at WeChat. AESKeyOld is accepted beside AESKey while the key
// is changed.
type App struct {
	AppID     string `koanf:"app_id"`
	Secret    Secret `koanf:"secret"`
	Token     Secret `koanf:"token"`
	AESKey    Secret `koanf:"aes_key"`
	AESKeyOld Secret `koanf:"aes_key_old"`
}

// Limits bound what one client may ask.
type Limits struct {
	BodyBytes  int64 `koanf:"body_bytes"`  // of a request without photo
	PerMinute  int   `koanf:"per_minute"`  // requests of one person
	PerAddress int   `koanf:"per_address"` // requests a minute from one address, behind which many may live
}

// Log says how much is logged: debug, info, warn or error.
type Log struct {
	Level string `koanf:"level"`
}

// Backup says where "yishi backup" writes.
type Backup struct {
	Folder string `koanf:"folder"`
}

// Default returns the configuration that needs no file: SQLite and photos in
// var/, reachable from this machine alone, without WeChat.
func Default() Config {
	return Config{
		Listen:         "127.0.0.1:8080",
		Private:        "127.0.0.1:8081",
		TrustedProxies: []string{},
		PublicURL:      "http://127.0.0.1:8080",
		KeyFile:        "var/yishi.key",
		Database:       Database{DSN: "var/yishi.db"},
		Photos:         Photos{Folder: "var/photos", MaxBytes: 10 << 20, MaxPixels: 40_000_000},
		WeChat:         WeChat{Templates: map[string]Template{}},
		Limits:         Limits{BodyBytes: 1 << 20, PerMinute: 120, PerAddress: 3000},
		Log:            Log{Level: "info"},
		Backup:         Backup{Folder: "var/backup"},
	}
}

const (
	delim     = "|" // what templates are for contains dots and slashes
	prefix    = "YISHI_"
	templates = "wechat" + delim + "templates" + delim
)

// Load returns the defaults, changed by the YAML file at path ("" for none) and
// then by environ ("YISHI_DATABASE_DSN=…", lists separated by commas). A key of
// the file that means nothing is an error that names it; a variable that means
// nothing is left alone, since platforms set their own. The result is not yet
// validated.
func Load(path string, environ []string) (Config, error) {
	defaults := koanf.New(delim)
	if err := defaults.Load(structs.Provider(Default(), "koanf"), nil); err != nil {
		return Config{}, fmt.Errorf("config defaults: %w", err)
	}
	k := defaults.Copy()
	if path != "" {
		if err := loadFile(k, path, defaults.Keys()); err != nil {
			return Config{}, err
		}
	}
	if err := k.Load(variables(defaults, environ), nil); err != nil {
		return Config{}, fmt.Errorf("config variables: %w", err)
	}
	c := Default()
	if err := k.Unmarshal("", &c); err != nil {
		return Config{}, fmt.Errorf("config: a value does not fit its key: %w", err)
	}
	return c, nil
}

func loadFile(k *koanf.Koanf, path string, known []string) error {
	body, err := os.ReadFile(filepath.Clean(path))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("config: there is no file %s", path)
	}
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	file := koanf.New(delim)
	if err := file.Load(rawbytes.Provider(body), yaml.Parser()); err != nil {
		return fmt.Errorf("config %s: not valid YAML: %w", path, err)
	}
	var unknown []error
	set := map[string]any{}
	for key, value := range file.All() {
		switch {
		case isGroup(key, known) && value == nil: // a heading with nothing under it
		case isKnown(key, known):
			set[key] = value
		default:
			unknown = append(unknown, fmt.Errorf("config %s: unknown key %q", path, dotted(key)))
		}
	}
	if len(unknown) > 0 {
		slices.SortFunc(unknown, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return errors.Join(unknown...)
	}
	return k.Load(confmap.Provider(set, delim), nil)
}

func isKnown(key string, known []string) bool {
	template, ok := strings.CutPrefix(key, templates)
	return slices.Contains(known, key) || ok && isTemplate(template)
}

// isTemplate reports whether a key is that of a template, or of a part of one.
func isTemplate(key string) bool {
	_, part, parts := strings.Cut(key, delim)
	return !parts || part == "id" || part == "consented" || strings.HasPrefix(part, "fields"+delim)
}

func isGroup(key string, known []string) bool {
	return slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, key+delim) })
}

func dotted(key string) string { return strings.ReplaceAll(key, delim, ".") }

// variables reads YISHI_A_B as the key a.b, whichever of its underscores are
// part of a name.
func variables(defaults *koanf.Koanf, environ []string) *env.Env {
	names := map[string]string{}
	for _, key := range defaults.Keys() {
		names[prefix+strings.ToUpper(strings.ReplaceAll(key, delim, "_"))] = key
	}
	return env.Provider(delim, env.Opt{
		Prefix:      prefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			key := names[name]
			if _, list := defaults.Get(key).([]string); list {
				return key, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
			}
			return key, value
		},
	})
}
