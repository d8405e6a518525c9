package configs

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Validate reports every setting with which the product would not be safe or
// could not run, all at once, each with what to do about it.
func (c Config) Validate() error {
	return errors.Join(
		c.checkAddresses(),
		c.checkStores(),
		c.WeChat.validate(),
		c.checkLimits(),
	)
}

func problem(key, format string, args ...any) error {
	return fmt.Errorf("%s: "+format, append([]any{key}, args...)...)
}

func (c Config) checkAddresses() error {
	errs := []error{checkListen("listen", c.Listen), checkListen("private", c.Private)}
	if c.Private == c.Listen {
		errs = append(errs, problem("private", "give health and metrics an address of their own"))
	}
	for _, p := range c.TrustedProxies {
		errs = append(errs, checkProxy(p))
	}
	return errors.Join(append(errs, checkPublic(c.PublicURL))...)
}

func checkListen(key, addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 {
		return problem(key, "write host:port, such as 127.0.0.1:8080")
	}
	return nil
}

func checkProxy(p string) error {
	if _, err := netip.ParseAddr(p); err == nil {
		return nil
	}
	net, err := netip.ParsePrefix(p)
	if err != nil {
		return problem("trusted_proxies", "%q is no address and no network; write 10.0.0.1 or 10.0.0.0/24", p)
	}
	if net.Bits() == 0 {
		return problem("trusted_proxies", "%s trusts everybody; name the proxy itself", p)
	}
	return nil
}

func checkPublic(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
		return problem("public_url", "write the address that residents see, such as https://yishi.example.gov.cn")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return problem("public_url", "use https; only this machine itself may do without")
	}
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (c Config) checkStores() error {
	var errs []error
	dsn := string(c.Database.DSN)
	scheme, rest, isURL := strings.Cut(dsn, "://")
	switch {
	case dsn == "":
		errs = append(errs, problem("database.dsn", "name a file such as var/yishi.db, or mysql://user:password@tcp(host:3306)/name"))
	case isURL && scheme != "mysql":
		errs = append(errs, problem("database.dsn", "only mysql:// and files of SQLite are known"))
	case isURL && (!strings.Contains(rest, "@") || strings.HasSuffix(rest, "/") || !strings.Contains(rest, "/")):
		errs = append(errs, problem("database.dsn", "write mysql://user:password@tcp(host:3306)/name"))
	}
	if c.KeyFile == "" {
		errs = append(errs, problem("key_file", "name the file of the key, such as var/yishi.key"))
	}
	if c.Backup.Folder == "" {
		errs = append(errs, problem("backup.folder", "name a folder, such as var/backup"))
	}
	return errors.Join(append(errs, c.Photos.validate())...)
}

func (p Photos) validate() error {
	var errs []error
	if p.MaxBytes < 1 || p.MaxPixels < 1 {
		errs = append(errs, problem("photos", "max_bytes and max_pixels are greater than zero"))
	}
	if p.S3.Endpoint == "" {
		if p.Folder == "" {
			errs = append(errs, problem("photos.folder", "name a folder, such as var/photos, or set photos.s3"))
		}
		return errors.Join(errs...)
	}
	u, err := url.Parse(p.S3.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" {
		errs = append(errs, problem("photos.s3.endpoint", "write https://host or http://host:port"))
	}
	if p.S3.Bucket == "" || p.S3.AccessKey == "" {
		errs = append(errs, problem("photos.s3", "bucket and access_key are needed with an endpoint"))
	}
	return errors.Join(append(errs, checkSecret("photos.s3.secret_key", p.S3.SecretKey))...)
}

func (w WeChat) validate() error {
	var errs []error
	if w.Endpoint != "" {
		u, err := url.Parse(w.Endpoint)
		if err != nil || !loopback(u.Hostname()) {
			errs = append(errs, problem("wechat.endpoint", "leave it empty; only a stand-in on this machine may be named"))
		}
	}
	listens := w.Mini.Token != "" || w.Mini.AESKey != "" || w.Mini.AESKeyOld != ""
	for key, t := range w.Templates {
		if t.ID == "" {
			errs = append(errs, problem("wechat.templates", "%s has no template id", key))
		}
	}
	errs = append(errs, w.Mini.validate("wechat.mini", listens), w.Official.validate("wechat.official", true))
	return errors.Join(errs...)
}

// validate checks an app that is there; one that listens takes callbacks.
func (a App) validate(key string, listens bool) error {
	if a.AppID == "" {
		return nil
	}
	errs := []error{checkSecret(key+".secret", a.Secret)}
	if listens {
		errs = append(errs, checkSecret(key+".token", a.Token), checkAES(key+".aes_key", a.AESKey))
	}
	if a.AESKeyOld != "" {
		errs = append(errs, checkAES(key+".aes_key_old", a.AESKeyOld))
	}
	return errors.Join(errs...)
}

// weak are what examples and tired people write for a secret.
var weak = []string{"secret", "password", "passwd", "changeme", "example", "token", "test", "admin", "weixin", "wechat", "yishi", "123456", "abcdef"}

// checkSecret refuses a secret that is missing, shorter than eight characters,
// of fewer than five different ones, or, digits at its end left out, known.
func checkSecret(key string, s Secret) error {
	if s == "" {
		return problem(key, "it is missing; set it here or as %s", variable(key))
	}
	plain := strings.ToLower(strings.TrimRight(string(s), "0123456789!._-"))
	different := map[rune]bool{}
	for _, r := range string(s) {
		different[r] = true
	}
	if len(s) < 8 || len(different) < 5 || plain == "" && len(s) < 16 || slices.Contains(weak, plain) {
		return problem(key, "it is too easy to guess; take a random one")
	}
	return nil
}

func checkAES(key string, s Secret) error {
	if s == "" {
		return problem(key, "it is missing; set it here or as %s", variable(key))
	}
	if b, err := base64.RawStdEncoding.DecodeString(string(s)); err != nil || len(b) != 32 {
		return problem(key, "it is the 43 letters and digits of WeChat's EncodingAESKey")
	}
	return nil
}

func variable(key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

func (c Config) checkLimits() error {
	var errs []error
	if c.Limits.BodyBytes < 1024 {
		errs = append(errs, problem("limits.body_bytes", "at least 1024"))
	}
	if c.Limits.PerMinute < 1 {
		errs = append(errs, problem("limits.per_minute", "at least 1"))
	}
	if c.Limits.PerAddress < c.Limits.PerMinute {
		errs = append(errs, problem("limits.per_address", "at least limits.per_minute"))
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		errs = append(errs, problem("log.level", "debug, info, warn or error"))
	}
	return errors.Join(errs...)
}
