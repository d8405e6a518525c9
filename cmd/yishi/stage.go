package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"yishi/configs"
	"yishi/models"
	"yishi/models/rules"
	"yishi/models/samplecity"
	"yishi/proving"
	"yishi/wechat/wechattest"
)

// The apps of the fake WeChat.
const (
	sampleMini     = "wx-sample-mini"
	sampleOfficial = "wx-sample-official"
)

// stage is a house with the sample city and the fake WeChat in it, in a folder
// of its own that goes with it. Nothing of it can reach the real WeChat.
type stage struct {
	*house
	fake      *wechattest.Fake
	city      *samplecity.City
	residents map[string]*wechattest.Resident
	folder    string
	beside    map[string]http.Handler // doors that a bench measures against, by path
	public    net.Listener
	private   net.Listener
	slow      atomic.Int64 // how much longer a transaction takes, in nanoseconds
}

// newStage builds a stage; dsn "" is a database in its folder.
func newStage(ctx context.Context, dsn, listen string, now func() time.Time) (*stage, error) {
	folder, err := os.MkdirTemp("", "yishi-")
	if err != nil {
		return nil, err
	}
	s := &stage{folder: folder, residents: map[string]*wechattest.Resident{}, fake: wechattest.New(now)}
	if err := s.raise(ctx, dsn, listen, now); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *stage) raise(ctx context.Context, dsn, address string, now func() time.Time) error {
	var err error
	if s.public, err = listen(ctx, address, "--listen"); err != nil {
		return err
	}
	if s.private, err = listen(ctx, "127.0.0.1:0", ""); err != nil {
		return err
	}
	if err := s.fake.Start(); err != nil {
		return err
	}
	cfg := s.config(dsn)
	if err := makeKey(cfg.KeyFile); err != nil {
		return err
	}
	forum, err := openSlow(ctx, cfg, now, s.wait)
	if err != nil {
		return err
	}
	if s.house, err = build(cfg, forum, now); err != nil {
		return errors.Join(err, forum.Close())
	}
	w := wechatConfig(cfg.WeChat)
	s.fake.AddMini(w.Mini, cfg.PublicURL+miniCallback, true)
	s.fake.AddApp(w.Official, cfg.PublicURL+officialCallback)
	for _, t := range cfg.WeChat.Templates {
		s.fake.AddTemplate(sampleMini, t.ID, "thing1")
	}
	if s.city, err = samplecity.Settle(ctx, forum, s.identify); err != nil {
		return err
	}
	for _, p := range s.city.Points {
		s.fake.AddScene(p.Scene, p.Name)
	}
	return nil
}

// wait makes transactions slow, where that is wanted.
func (s *stage) wait(ctx context.Context) error {
	longer := time.Duration(s.slow.Load())
	if longer == 0 {
		return nil
	}
	select {
	case <-time.After(longer):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// config is the configuration of a stage: loopback alone, made-up apps, fresh
// secrets, and no bound on how fast its few users may be.
func (s *stage) config(dsn string) configs.Config {
	cfg := configs.Default()
	cfg.PublicURL = "http://" + s.public.Addr().String()
	cfg.KeyFile = filepath.Join(s.folder, "key")
	cfg.Photos.Folder = filepath.Join(s.folder, "photos")
	cfg.Limits.PerMinute, cfg.Limits.PerAddress = 0, 0
	if dsn == "" {
		dsn = filepath.Join(s.folder, "yishi.db")
	}
	cfg.Database.DSN = configs.Secret(dsn)
	cfg.WeChat.Endpoint = s.fake.URL()
	cfg.WeChat.Mini, cfg.WeChat.Official = sampleApp(sampleMini), sampleApp(sampleOfficial)
	cfg.WeChat.Templates = sampleTemplates()
	return cfg
}

// sampleTemplates are what the mini-program may ask consent for: the notices of the
// sheets of every tap.
func sampleTemplates() map[string]configs.Template {
	all := map[string]configs.Template{}
	for _, tap := range []rules.Tap{rules.TapRaise, rules.TapVote, rules.TapJoin} {
		for _, code := range rules.ConsentPlan(tap, func(string) bool { return true }, func(string) int { return 0 }) {
			all[sampleMini+"/"+code] = configs.Template{ID: "sample-" + strings.TrimPrefix(code, "notice.")}
		}
	}
	return all
}

// sampleApp is an app with fresh secrets.
func sampleApp(id string) configs.App {
	return configs.App{
		AppID: id, Secret: configs.Secret(secret()), Token: configs.Secret(secret()), AESKey: configs.Secret(secret() + secret()[:11]),
	}
}

// secret is 32 random hexadecimal digits.
func secret() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails, by its contract
	return hex.EncodeToString(b)
}

// identify makes somebody of the sample known to the fake WeChat. Both apps know
// them by one union id.
func (s *stage) identify(name string) models.Identity {
	r := s.fake.AddResident(name, fmt.Sprintf("1390000%04d", len(s.residents)))
	s.residents[name] = r
	return models.Identity{AppID: sampleOfficial, OpenID: r.OpenID(sampleOfficial), UnionID: r.UnionID}
}

func (s *stage) close() error {
	var errs []error
	if s.house != nil {
		errs = append(errs, s.forum.Close())
	}
	errs = append(errs, s.hangUp())
	s.fake.Close()
	return errors.Join(append(errs, os.RemoveAll(s.folder))...)
}

// hangUp closes the addresses, unless that was done.
func (s *stage) hangUp() error {
	var errs []error
	for _, l := range []net.Listener{s.public, s.private} {
		if l != nil {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// clock is a clock that stands still until somebody lets time pass.
type clock struct{ at chan time.Time }

func newClock(at time.Time) clock {
	c := clock{make(chan time.Time, 1)}
	c.at <- at
	return c
}

func (c clock) now() time.Time {
	at := <-c.at
	c.at <- at
	return at
}

func (c clock) pass(d time.Duration) { c.at <- (<-c.at).Add(d) }

// start starts a server for proving. set may put doors beside the public one.
func start(ctx context.Context, dsn string, set func(*stage) error) (*proving.Server, error) {
	clock := newClock(time.Now())
	s, err := newStage(ctx, dsn, "127.0.0.1:0", clock.now)
	if err != nil {
		return nil, err
	}
	if set != nil {
		if err := set(s); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	p, shut := s.play(ctx, clock)
	p.Stop = func() error { return errors.Join(shut(), s.close()) }
	return p, nil
}

// play opens the doors of a stage, whose clock it is, until they are shut.
func (s *stage) play(ctx context.Context, clock clock) (p *proving.Server, shut func() error) {
	front := server(s.doors())
	done := make(chan error, 1)
	go func() { done <- front.Serve(s.public) }()
	p = s.proven(clock.now)
	p.Pass = func(ctx context.Context, d time.Duration) error {
		clock.pass(d)
		_, err := s.jobs.Tick(ctx)
		return err
	}
	p.Run = s.command
	p.Slow = func(longer time.Duration) { s.slow.Store(int64(longer)) }
	return p, func() error {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		err := front.Shutdown(end)
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
}

// doors are the public door and whatever a bench has put beside it.
func (s *stage) doors() http.Handler {
	mux := http.NewServeMux()
	for path, door := range s.beside {
		mux.Handle(path+"/", http.StripPrefix(path, door))
	}
	mux.Handle("/", s.house.public)
	return mux
}

// proven is what proving may know of a stage.
func (s *stage) proven(now func() time.Time) *proving.Server {
	p := &proving.Server{
		URL: s.cfg.PublicURL, Fake: s.fake, Mini: sampleMini, Official: sampleOfficial, Residents: s.residents,
		Staff: map[string]proving.Staff{}, Orgs: map[string]int64{}, Points: map[string]int64{}, Alliance: s.city.Alliance.ID, Now: now,
	}
	for login, c := range s.city.Staff {
		p.Staff[login] = proving.Staff{Login: c.Login, Password: c.Password, Secret: c.Secret}
	}
	for code, o := range s.city.Orgs {
		p.Orgs[code] = o.ID
	}
	for code, point := range s.city.Points {
		p.Points[code] = point.ID
	}
	return p
}

// command runs a command of this program on the stage's database.
func (s *stage) command(ctx context.Context, args ...string) (string, error) {
	file := filepath.Join(s.folder, "config.yaml")
	body := fmt.Sprintf("key_file: %q\ndatabase:\n  dsn: %q\n", s.cfg.KeyFile, string(s.cfg.Database.DSN))
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		return "", err
	}
	var out bytes.Buffer
	c := root()
	c.SetArgs(slices.Concat([]string{"--config", file}, args))
	c.SetOut(&out)
	c.SetErr(&out)
	err := c.ExecuteContext(ctx)
	return out.String(), err
}

func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
