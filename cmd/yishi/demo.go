package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"yishi/apps/resident"
	"yishi/configs"
	"yishi/configs/locale"
	"yishi/models/samplecity"
)

func demoCommand() *cobra.Command {
	listen := "127.0.0.1:8080"
	cmd := &cobra.Command{
		Use: "demo", Short: "the whole product with sample people, on this machine alone, with a stand-in for WeChat", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := configured(c)
			if err != nil {
				return err
			}
			if err := refuseRealPeople(cfg, listen); err != nil {
				return err
			}
			if err := logTo("warn"); err != nil {
				return err
			}
			return demo(c.Context(), c.OutOrStdout(), listen)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", listen, "a loopback address")
	return cmd
}

// refuseRealPeople keeps the demonstration away from everything real: it runs on
// loopback alone, and not where credentials of WeChat are configured.
func refuseRealPeople(cfg configs.Config, listen string) error {
	w := cfg.WeChat
	if w.Mini.AppID != "" || w.Mini.Secret != "" || w.Official.AppID != "" || w.Official.Secret != "" || w.Official.AESKey != "" {
		return errors.New("this configuration holds credentials of WeChat: the demonstration does not run with real ones; use yishi serve")
	}
	if !isLoopback(listen) {
		return fmt.Errorf("the demonstration is for this machine alone: %s is no loopback address", listen)
	}
	return nil
}

func demo(ctx context.Context, out io.Writer, listen string) error {
	late := &lateClock{}
	late.by.Store(int64(samplecity.Past))
	s, err := newStage(ctx, "", listen, late.now, tellAll)
	if err != nil {
		return err
	}
	if err := s.live(ctx, late); err != nil {
		return errors.Join(err, s.close())
	}
	s.showPhones()
	s.strangers()
	if err := s.greet(out); err != nil {
		return errors.Join(err, s.close())
	}
	shown, end := context.WithCancel(ctx)
	followed := make(chan struct{})
	go func() { defer close(followed); s.settle(shown) }()
	err = s.run(ctx, s.public, s.private)
	end()
	<-followed
	return errors.Join(err, s.close())
}

// showPhones puts the residents' telephones beside the public door.
func (s *stage) showPhones() {
	mux := http.NewServeMux()
	mux.Handle("/phone/mini/", resident.Phone.Handler(s.door.Text.Say("client.absent", nil)))
	mux.Handle("/phone/", http.StripPrefix("/phone", s.fake.Phone()))
	mux.Handle("/", s.house.public)
	s.house.public = mux
}

// strangers adds telephones of people whom the forum does not know yet: somebody who
// is new, and the secretary, who can tie it to the console's login. Neither follows.
func (s *stage) strangers() {
	for i, who := range []string{"demo.newcomer", "demo.secretary"} {
		s.fake.AddResident(s.door.Text.Say(who, nil), fmt.Sprintf("1380000%04d", i))
	}
}

// tellAll gives both apps a template for every notice they may send, as apps have that
// are well set up.
func tellAll(cfg *configs.Config) {
	text, err := locale.Load("zh-CN")
	if err != nil {
		return // what is built next says so
	}
	for code, sentence := range text {
		if strings.HasPrefix(code, "notice.") {
			fields, _ := worded(sentence)
			cfg.WeChat.Templates[sampleOfficial+"/"+code] = configs.Template{ID: "sample-oa-" + strings.TrimPrefix(code, "notice."), Fields: fields}
		}
	}
	for key, t := range cfg.WeChat.Templates {
		if t.Fields == nil {
			t.Fields, _ = worded(text[strings.TrimPrefix(key, sampleMini+"/")])
			cfg.WeChat.Templates[key] = t
		}
	}
}

var placeholder = regexp.MustCompile(`\{(\w+)[^}]*\}`)

// worded makes of a sentence a template: its fields, and the words around them.
func worded(sentence string) (fields map[string]string, words string) {
	fields = map[string]string{}
	words = placeholder.ReplaceAllStringFunc(sentence, func(found string) string {
		field := fmt.Sprintf("thing%d", len(fields)+1)
		fields[field] = placeholder.FindStringSubmatch(found)[1]
		return "{{" + field + ".DATA}}"
	})
	return fields, words
}

// word has the phones show the templates with their words.
func (s *stage) word() {
	for key, t := range s.cfg.WeChat.Templates {
		app, code, _ := strings.Cut(key, "/")
		_, words := worded(s.door.Text[code])
		s.fake.Word(app, t.ID, words)
	}
}

// lateClock tells the time, by so many nanoseconds late.
type lateClock struct{ by atomic.Int64 }

func (c *lateClock) now() time.Time { return time.Now().Add(-time.Duration(c.by.Load())) }

// live has the city live for eight weeks until today, while everybody follows the
// official account.
func (s *stage) live(ctx context.Context, late *lateClock) error {
	s.word()
	for _, r := range s.residents {
		s.fake.Followed(r)
	}
	err := s.city.Live(ctx, s.forum, samplecity.Clock{Now: late.now, Pass: func(ctx context.Context, d time.Duration) error {
		late.by.Add(-int64(d))
		_, err := s.jobs.Tick(ctx)
		return err
	}})
	late.by.Store(0)
	return err
}

// settle has the fake WeChat push, every so often, what WeChat tells later.
func (s *stage) settle(ctx context.Context) {
	ticker := time.NewTicker(2 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.fake.Settle(); err != nil {
				slog.WarnContext(ctx, "not pushed", "err", err)
			}
		}
	}
}

// greet prints what to open and how to log in.
func (s *stage) greet(out io.Writer) error {
	text := &strings.Builder{}
	fmt.Fprintf(text, "A simulation: sample people, no real WeChat. It is gone when you stop it (Ctrl+C).\n\n")
	fmt.Fprintf(text, "  the residents' phone   %s/phone/\n", s.cfg.PublicURL)
	fmt.Fprintf(text, "  the residents' app     %s/app/\n", s.cfg.PublicURL)
	fmt.Fprintf(text, "  the secretary's desk   %s/console/\n", s.cfg.PublicURL)
	fmt.Fprintf(text, "  a web page with login  %s/ballot/?poll=1 (a secret poll)\n", s.cfg.PublicURL)
	fmt.Fprintf(text, "  the HTTP door          %s/api/v1/orgs\n", s.cfg.PublicURL)
	fmt.Fprintf(text, "  health and metrics     http://%s/metrics\n\n", s.private.Addr())
	fmt.Fprintf(text, "Staff log in at POST %s/api/v1/logins/staff; the code of the moment: %s code SECRET\n\n", s.cfg.PublicURL, os.Args[0])
	logins := make([]string, 0, len(s.city.Staff))
	for login := range s.city.Staff {
		logins = append(logins, login)
	}
	slices.Sort(logins)
	for _, login := range logins {
		c := s.city.Staff[login]
		fmt.Fprintf(text, "  %-12s password %s   secret %s\n", c.Login, c.Password, c.Secret)
	}
	_, err := io.WriteString(out, text.String())
	return err
}
