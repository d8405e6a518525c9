package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"yishi/apps/ballot"
	"yishi/apps/board"
	"yishi/apps/console"
	"yishi/apps/resident"
	"yishi/bot"
	"yishi/configs"
	"yishi/configs/locale"
	"yishi/handlers"
	"yishi/jobs"
	"yishi/models"
	"yishi/models/rules"
	"yishi/photos"
	"yishi/wechat"
)

// house is the rooms, wired together.
type house struct {
	cfg    configs.Config
	forum  *models.Forum
	client *wechat.Client
	api    *handlers.API
	public http.Handler
	door   handlers.Options // of the public door
	meters *handlers.Meters
	jobs   *jobs.Jobs
	now    func() time.Time
}

// configured reads the configuration that a command was given.
func configured(c *cobra.Command) (configs.Config, error) {
	path, err := c.Flags().GetString("config")
	if err != nil {
		return configs.Config{}, err
	}
	cfg, err := configs.Load(path, os.Environ())
	if err != nil {
		return cfg, err
	}
	return cfg, cfg.Validate()
}

// openForum opens the forum of a configuration, with its key.
func openForum(ctx context.Context, cfg configs.Config, now func() time.Time) (*models.Forum, error) {
	return openSlow(ctx, cfg, now, nil)
}

// openSlow opens a forum with something to be done before each commit.
func openSlow(ctx context.Context, cfg configs.Config, now func() time.Time, before func(context.Context) error) (*models.Forum, error) {
	key, err := configs.LoadKey(cfg.KeyFile)
	if err != nil {
		return nil, err
	}
	return models.Open(ctx, models.Options{DSN: string(cfg.Database.DSN), Key: key, Now: now, BeforeCommit: before})
}

// build wires the rooms.
func build(cfg configs.Config, forum *models.Forum, now func() time.Time) (*house, error) {
	text, err := locale.Load("zh-CN")
	if err != nil {
		return nil, err
	}
	h := &house{cfg: cfg, forum: forum, now: now, meters: handlers.NewMeters()}
	if h.client, err = wechat.New(wechatConfig(cfg.WeChat), tokens{forum}, now); err != nil {
		return nil, err
	}
	shelf, err := photos.Open(photoConfig(cfg.Photos))
	if err != nil {
		return nil, err
	}
	handlers.Speak(text)
	h.door = handlers.Options{
		Forum: forum, Text: text, Photos: shelf, Identify: h.identify, Phone: h.phone, Print: h.printing(),
		MiniApp: cfg.WeChat.Mini.AppID, Reported: cfg.WeChat.Mini.AESKey != "", Template: func(code string) string { return h.client.TemplateID(cfg.WeChat.Mini.AppID, code) },
		PublicURL: cfg.PublicURL, Proxies: cfg.TrustedProxies, BodyBytes: cfg.Limits.BodyBytes, PhotoSize: cfg.Photos.MaxBytes,
		PerMinute: cfg.Limits.PerMinute, PerAddress: cfg.Limits.PerAddress, Deadline: requestFor,
		Measure: h.meters.Measure, Clock: now,
	}
	if cfg.WeChat.Official.AppID != "" {
		h.door.Web = h.web()
	}
	api, door, err := handlers.New(h.door)
	if err != nil {
		return nil, err
	}
	chat, err := bot.New(forum, text, h.cfg.PublicURL)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(officialCallback, h.client.Callback(h.answering(chat.Answer)))
	mux.Handle(miniCallback, h.client.MiniCallback(h.pushed))
	mux.Handle("/ballot/", ballot.Page.Handler())
	mux.Handle("/board/", board.Page.Handler())
	mux.Handle("/app/", resident.App.Handler(text.Say("client.absent", nil)))
	mux.Handle("/console/", console.App.Handler(text.Say("client.absent", nil)))
	mux.Handle("/", door)
	h.api, h.public = api, mux
	h.jobs = jobs.New(forum, text, h.client, apps(cfg.WeChat)...).
		Judged(h.judge()).Asking(jobs.Asks{App: cfg.WeChat.Official.AppID, Follower: h.client.Follower})
	if cfg.WeChat.Official.AppID != "" {
		h.jobs.Fetching(jobs.Media{Fetch: h.client.Media, Shelf: shelf})
	}
	return h, nil
}

// judge is WeChat, for what residents write in the mini-program, if there is one.
func (h *house) judge() jobs.Judge {
	return jobs.Judge{
		App: h.cfg.WeChat.Mini.AppID, Text: h.client.CheckText, Image: h.client.CheckImage,
		URL: func(file string) string { return h.cfg.PublicURL + handlers.PicturePath + file },
	}
}

// apps are the WeChat apps that may carry a notice, the official account first:
// its messages need no consent for each.
func apps(w configs.WeChat) []string {
	var ids []string
	for _, id := range []string{w.Official.AppID, w.Mini.AppID} {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// identify asks WeChat who opened the mini-program.
func (h *house) identify(ctx context.Context, code string) (models.Identity, error) {
	id, err := h.client.Code2Session(ctx, code)
	if err != nil {
		return models.Identity{}, h.asked(ctx, err, "login.code")
	}
	return models.Identity{AppID: id.AppID, OpenID: id.OpenID, UnionID: id.UnionID}, nil
}

func (h *house) phone(ctx context.Context, code string) (string, error) {
	number, err := h.client.PhoneNumber(ctx, code)
	if err != nil {
		return "", h.asked(ctx, err, "phone.code")
	}
	return number, nil
}

// web is the official account for web pages. Their visitors are asked who they are
// across apps only where there are two: they have tapped for it, and WeChat asks them.
func (h *house) web() *handlers.Web {
	return &handlers.Web{
		Authorize: func(back, state string) (string, error) {
			return h.client.AuthorizeURL(back, state, h.cfg.WeChat.Mini.AppID != "")
		},
		Identify: func(ctx context.Context, code string) (models.Identity, error) {
			id, err := h.client.Authorized(ctx, code)
			if errors.Is(err, wechat.ErrSnapshot) {
				return models.Identity{}, rules.Refuse(rules.Forbidden, "web.snapshot")
			}
			if err != nil {
				return models.Identity{}, h.asked(ctx, err, "web.code")
			}
			return models.Identity{AppID: id.AppID, OpenID: id.OpenID, UnionID: id.UnionID}, nil
		},
		Sign: func(ctx context.Context, page string) (handlers.PageSignature, error) {
			signed, err := h.client.PageConfig(ctx, page)
			if err != nil {
				return handlers.PageSignature{}, h.asked(ctx, err, "web.code")
			}
			return handlers.PageSignature(signed), nil
		},
	}
}

// asked tells a fault of WeChat in a resident's words, and logs it.
func (h *house) asked(ctx context.Context, err error, code string) error {
	if wechat.NeedsOperator(err) {
		slog.ErrorContext(ctx, "WeChat needs the operator", "advice", h.door.Text.Say(wechat.Advice(err), nil), "err", err)
	} else {
		slog.WarnContext(ctx, "wechat", "err", err)
	}
	if wechat.Retryable(err) {
		return rules.Refuse(rules.TooMany, "wechat.busy")
	}
	return rules.Refuse(rules.Unauthenticated, code)
}

// pushed takes what WeChat tells the mini-program.
func (h *house) pushed(ctx context.Context, p wechat.Push) error {
	switch p.Kind {
	case wechat.PushConsent:
		return h.consents(ctx, p)
	case wechat.PushMedia:
		_, err := h.forum.JudgePicture(ctx, p.Media.Trace, string(p.Media.Verdict))
		if _, unknown := rules.AsRefusal(err); unknown {
			return nil // of a picture that is not ours, or no more
		}
		return err
	case wechat.PushReceipt, wechat.PushOther:
	}
	slog.InfoContext(ctx, "wechat push", "kind", string(p.Kind))
	return nil
}

// answering has the bot answer, but for what residents answered to the sheets of the
// official account's subscribe notices: that is counted.
func (h *house) answering(bot func(context.Context, wechat.Event) (string, error)) func(context.Context, wechat.Event) (string, error) {
	return func(ctx context.Context, e wechat.Event) (string, error) {
		if len(e.Consents) > 0 {
			return "", h.consents(ctx, wechat.Push{AppID: e.AppID, OpenID: e.OpenID, ID: e.MsgID, Consents: e.Consents})
		}
		return bot(ctx, e)
	}
}

// consents counts what residents answered to the sheets of either app.
func (h *house) consents(ctx context.Context, p wechat.Push) error {
	var answers []models.Consent
	for _, c := range p.Consents {
		code := h.client.Code(p.AppID, c.Template)
		switch {
		case code == "":
		case c.Accepted:
			answers = append(answers, models.Consent{Code: code, Answer: "accept"})
		case c.Revoked:
			answers = append(answers, models.Consent{Code: code, Answer: "ban"})
		}
	}
	by := rules.ChannelSubscribe
	if p.AppID == h.cfg.WeChat.Official.AppID {
		by = rules.ChannelConsented
	}
	_, err := h.forum.HearConsents(ctx, models.Account{AppID: p.AppID, OpenID: p.OpenID}, by, p.ID, answers)
	return err
}

// printing asks the official account for the codes of points, if there is one.
func (h *house) printing() func(context.Context, string) (string, error) {
	if h.cfg.WeChat.Official.AppID == "" {
		return nil
	}
	return h.client.PointTicket
}

// tokens keeps WeChat's access tokens in the forum.
type tokens struct{ forum *models.Forum }

func (t tokens) Load(ctx context.Context, appID string) (wechat.Token, error) {
	value, expires, err := t.forum.Token(ctx, appID)
	return wechat.Token{Value: value, Expires: expires}, err
}

func (t tokens) Keep(ctx context.Context, appID string, token wechat.Token) error {
	return t.forum.KeepToken(ctx, appID, token.Value, token.Expires)
}

func wechatConfig(w configs.WeChat) wechat.Config {
	c := wechat.Config{
		Endpoint:  w.Endpoint,
		Mini:      wechatApp(w.Mini),
		Official:  wechatApp(w.Official),
		Templates: make(map[string]wechat.Template, len(w.Templates)),
	}
	for code, t := range w.Templates {
		fields := t.Fields
		if len(fields) == 0 {
			fields = map[string]string{"thing1": "title"}
		}
		c.Templates[code] = wechat.Template{ID: t.ID, Fields: fields, Consented: t.Consented}
	}
	return c
}

func wechatApp(a configs.App) wechat.App {
	return wechat.App{
		ID: a.AppID, Secret: string(a.Secret), Token: string(a.Token),
		AESKey: string(a.AESKey), AESKeyOld: string(a.AESKeyOld),
	}
}

func photoConfig(p configs.Photos) photos.Config {
	return photos.Config{
		Folder: p.Folder, MaxBytes: p.MaxBytes, MaxPixels: p.MaxPixels,
		S3: photos.S3{Endpoint: p.S3.Endpoint, Bucket: p.S3.Bucket, Region: p.S3.Region, AccessKey: p.S3.AccessKey, SecretKey: string(p.S3.SecretKey)},
	}
}

// makeKey makes the key of a new deployment and leaves an old one alone.
func makeKey(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := configs.MakeKey(path); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return nil
}
