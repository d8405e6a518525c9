package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
)

// asProgram in the environment makes the test binary the program itself.
const asProgram = "TEST_AS_YISHI"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program is a run of the program with a configuration.
func program(ctx context.Context, t *testing.T, config string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(ctx, self, append([]string{"--config", file}, args...)...)
	c.Env = []string{asProgram + "=1", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}
	return c
}

// ran runs the program to its end and returns what it printed.
func ran(t *testing.T, config string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	c := program(ctx, t, config, args...)
	var problem bytes.Buffer
	c.Stderr = &problem
	out, err := c.Output()
	if err != nil {
		return string(out), fmt.Errorf("%w: %s", err, problem.String())
	}
	return string(out), nil
}

// TestDemoRefusesRealPeople keeps the demonstration away from credentials and
// from other machines.
func TestDemoRefusesRealPeople(t *testing.T) {
	for _, tt := range []struct{ name, config, listen, want string }{
		{"an app of the mini-program", "wechat: {mini: {app_id: wx0123456789abcdef, secret: 0123456789abcdef0123456789abcdef}}", "127.0.0.1:0", "real ones"},
		{"an official account", "wechat: {official: {app_id: wx0123456789abcdef, secret: 0123456789abcdef0123456789abcdef, token: a-token-of-22-characters, aes_key: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG}}", "127.0.0.1:0", "real ones"},
		{"every address", "", "0.0.0.0:0", "no loopback"},
		{"every address, unsaid", "", ":0", "no loopback"},
		{"every address of IPv6", "", "[::]:0", "no loopback"},
		{"another machine", "", "192.0.2.1:0", "no loopback"},
		{"a name", "", "yishi.example:0", "no loopback"},
		{"no address", "", "8080", "no loopback"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := ran(t, tt.config, "demo", "--listen", tt.listen)
			if err == nil || !strings.Contains(err.Error(), tt.want) || out != "" {
				t.Errorf("printed %q, %v; want a refusal with %q", out, err, tt.want)
			}
		})
	}
}

// TestDemoSaysWhatListens names the way out where the address is taken.
func TestDemoSaysWhatListens(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(taken.Close)
	_, err := ran(t, "", "demo", "--listen", taken.Listener.Addr().String())
	if err == nil || !strings.Contains(err.Error(), "choose another address with --listen") {
		t.Errorf("on an address that is taken the demo says %v", err)
	}
}

// TestDemoRuns starts the demonstration, opens what it names, and stops it.
func TestDemoRuns(t *testing.T) {
	for _, listen := range []string{"127.0.0.1:0", "localhost:0"} {
		t.Run(listen, func(t *testing.T) {
			c := program(t.Context(), t, "", "demo", "--listen", listen)
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			url := ""
			for lines := bufio.NewScanner(out); url == "" && lines.Scan(); {
				if _, after, ok := strings.Cut(lines.Text(), "the HTTP door"); ok {
					url = strings.TrimSpace(after)
				}
			}
			if status := get(t, url); status != http.StatusOK {
				t.Errorf("%s answers %d", url, status)
			}
			if err := c.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, out)
			if err := c.Wait(); err != nil {
				t.Errorf("stopped with %v", err)
			}
		})
	}
}

func get(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// settings is a configuration over a database of the tests.
func settings(t *testing.T, dsn string) string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, fmt.Appendf(nil, "%x\n", forumtest.Key), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("key_file: %q\ndatabase: {dsn: %q}\nphotos: {folder: %q}\nbackup: {folder: %q}\nlisten: %q\nprivate: %q\n",
		key, dsn, filepath.Join(t.TempDir(), "photos"), filepath.Join(t.TempDir(), "backups"), free(t), free(t))
}

// free is an address on which nobody listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// load raises matters until it is stopped.
type load struct {
	mu           sync.Mutex
	acknowledged []int64
	enough       chan struct{} // closed when it is well under way
	stop         context.CancelFunc
	done         sync.WaitGroup
}

func (l *load) count() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]int64(nil), l.acknowledged...)
}

func startLoad(t *testing.T, s *forumtest.Stage) *load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	l := &load{stop: stop, enough: make(chan struct{})}
	for name, who := range s.City.Residents {
		l.done.Go(func() {
			for ctx.Err() == nil {
				r, err := s.RaiseTopic(ctx, who, models.NewTopic{Text: "灯坏了"})
				if err != nil {
					if ctx.Err() == nil {
						t.Errorf("%s: %v", name, err)
					}
					return
				}
				l.mu.Lock()
				if l.acknowledged = append(l.acknowledged, r.Topic.ID); len(l.acknowledged) == 20 {
					close(l.enough)
				}
				l.mu.Unlock()
			}
		})
	}
	return l
}

// TestBackupAndRestore runs the two commands while people go on raising matters:
// every matter acknowledged before the copy began is in what was restored, and
// the load never noticed.
func TestBackupAndRestore(t *testing.T) {
	for name, dsn := range map[string]func(*testing.T) string{"sqlite": forumtest.SQLite, "mariadb": forumtest.MariaDB} {
		t.Run(name, func(t *testing.T) {
			s := forumtest.New(t, dsn(t))
			from := settings(t, s.DSN)
			l := startLoad(t, s)
			defer l.done.Wait()
			defer l.stop()
			select {
			case <-l.enough:
			case <-time.After(time.Minute):
				t.Fatal("nobody raises anything")
			}
			before := l.count()
			out, err := ran(t, from, "backup")
			if err != nil {
				t.Fatal(err)
			}
			file := strings.TrimSpace(out)
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the backup is %v, %v; want it for the forum alone", info, err)
			}
			if _, err := ran(t, from, "backup", file); err == nil {
				t.Error("a backup was written over another")
			}
			if _, err := ran(t, from, "restore", file); err == nil {
				t.Error("restored into the database that is in use")
			}
			target := dsn(t)
			if _, err := ran(t, settings(t, target), "restore", file); err != nil {
				t.Fatal(err)
			}
			after := len(l.count())
			l.stop()
			l.done.Wait()
			if after == len(before) {
				t.Error("nothing was raised meanwhile: the load proves nothing")
			}
			f := forumtest.Bare(t, target, s.Clock)
			for _, id := range before {
				if hops, err := f.Timeline(t.Context(), models.Operator, id); err != nil || len(hops) == 0 {
					t.Fatalf("topic %d of %d is lost: %v", id, len(before), err)
				}
			}
			if _, err := ran(t, strings.Replace(settings(t, dsn(t)), "key_file: \"", "key_file: \"/nowhere", 1), "restore", file); err == nil {
				t.Error("restored without the key")
			}
		})
	}
}

// TestDraining tells a server to stop while a request is under way: it says that
// it is leaving, takes nobody new, finishes the request and ends well.
func TestDraining(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := program(ctx, t, settings(t, forumtest.SQLite(t)), "serve")
	logs, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	public, private := listening(t, logs)
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", public)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	body := `{"login":"nobody","password":"x","code":"000000"}`
	head := fmt.Sprintf("POST /api/v1/logins/staff HTTP/1.1\r\nHost: yishi\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:10])
	if _, err := io.WriteString(conn, head); err != nil {
		t.Fatal(err)
	}
	if status := get(t, "http://"+private+"/readyz"); status != http.StatusNoContent {
		t.Errorf("ready: %d", status)
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for get(t, "http://"+private+"/readyz") == http.StatusNoContent {
		if ctx.Err() != nil {
			t.Fatal("it does not leave")
		}
	}
	for { // the listener closes just after
		late, err := (&net.Dialer{}).DialContext(ctx, "tcp", public)
		if errors.Is(err, syscall.ECONNREFUSED) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = late.Close()
	}
	if _, err := io.WriteString(conn, body[10:]); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("the request under way was dropped: %v", err)
	}
	answer, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode != http.StatusUnauthorized || !bytes.Contains(answer, []byte("login.wrong")) {
		t.Errorf("the request under way was answered %d %s, %v", res.StatusCode, answer, err)
	}
	_, _ = io.Copy(io.Discard, logs)
	if err := c.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// listening reads from the log of a server where it listens.
func listening(t *testing.T, logs io.Reader) (public, private string) {
	t.Helper()
	all := ""
	for lines := bufio.NewReader(logs); ; {
		line, err := lines.ReadString('\n')
		all += line
		var said struct{ Msg, Public, Private string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "listening" {
			return said.Public, said.Private
		}
		if err != nil {
			t.Fatalf("it does not listen: %s", all)
		}
	}
}

// TestImportData hands in time limits as somebody at the command line does: what
// would change is told and nothing done, what is wrong is named by its line, and
// a server says at its start that the calendar ends.
func TestImportData(t *testing.T) {
	dsn := forumtest.SQLite(t)
	config := settings(t, dsn)
	if _, err := ran(t, config, "migrate"); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile("../../configs/data/clocks.json")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, body string) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	seen := forumtest.Fingerprints(t, dsn)
	before := seen()
	slow := write("slow.json", strings.Replace(string(body), `"triage.reply", "amount": 2`, `"triage.reply", "amount": 3`, 1))
	for _, tt := range []struct {
		args []string
		want string // in what is printed, or in the problem
		ok   bool
	}{
		{[]string{"import", "clocks", slow, "--version", "slow", "--dry-run"}, "triage.reply (amount)", true},
		{[]string{"import", "clocks", slow}, `"version" not set`, false},
		{[]string{"import", "words", write("words.csv", "word,category,action\n坏话,slur,hold\n"), "--version", "x", "--dry-run"}, "new: 坏话", true},
		{[]string{"import", "words", write("words.csv", "word,category,action\n坏话,slur,hold\n")}, "[version try]", false},
		{[]string{"import", "words", write("words.csv", "word,category,action\n坏,slur,hold\n坏话,rude,hold\n"), "--version", "x"}, "第2行：“word”至少要有两个字", false},
		{[]string{"import", "words", write("words.csv", "word,category,action\n坏话,slur,hold\n好人,slur,warn\n"), "--try", write("said.csv", "id,time,title,body,likes,dislikes\n1,2019/2/28 11:25:05,坏　话,一,0,0\n2,2019/2/28 11:25:05,好人,二,0,0\n3,2019/2/28 11:25:05,三,三,0,0\n")}, "hold  row 2  坏话\nwarn  row 3  好人\n3 messages: 1 held (33.33 %), 1 with a warning (33.33 %)", true},
		{[]string{"import", "clocks", slow, "--version", "2026-11"}, "请换一个版本号", false},
		{[]string{"import", "clocks", "nowhere.json", "--version", "x"}, "no such file", false},
		{[]string{"import", "clocks", write("short.json", "[\n{\"verb\": \"a.b\", \"amount\": 0, \"unit\": \"days\"}]"), "--version", "x"}, "第2行：“amount”", false},
		{[]string{"import", "calendar", write("year.csv", "day,worked\n2027-01-01,休\n2027-01-04,班\n"), "--version", "x"}, "第3行：2027-01-04是星期一到星期五", false},
		{[]string{"import", "calendar", write("year.csv", "day,worked\n2027-01-01,休\n"), "--version", "x"}, "2027-05-01没有写成放假", false},
		{[]string{"import", "packs", slow, "--version", "x"}, "第2行", false},
	} {
		out, err := ran(t, config, tt.args...)
		if err != nil {
			out = err.Error()
		}
		if tt.ok != (err == nil) || !strings.Contains(out, tt.want) {
			t.Errorf("%v: %s; want %q", tt.args, out, tt.want)
		}
		if changed := seen().Changed(before); changed != nil {
			t.Errorf("%v changed %v", tt.args, changed)
		}
	}
	if out, err := ran(t, config, "import", "clocks", slow, "--version", "slow"); err != nil || !strings.Contains(out, "slow is in force") {
		t.Errorf("%s, %v", out, err)
	}
	if changed := seen().Changed(before); len(changed) != 2 { // and a line of the audit
		t.Errorf("an import changed %v", changed)
	}
}

// TestDryRunOfMessages: it needs neither a community nor a prepared machine, tells
// what would be new, there already and left out, and leaves nothing behind.
func TestDryRunOfMessages(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "old.csv")
	body := "id,time,title,body,reply,reply_time\n1,2019/4/25 9:32:09,(示例)一,x,(示例)答,2019/5/10\n2,43419.67,(示例)二,x,,\n3,2019/4/25,(示例)三," +
		strings.Repeat("长", 8001) + ",,\n4,soon,(示例)四,x,,\n5,2019/4/25,(示例)五,x,(示例)答,soon\n"
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(t.TempDir(), "new")
	bare := fmt.Sprintf("key_file: %q\ndatabase: {dsn: %q}\n", filepath.Join(nowhere, "key"), filepath.Join(nowhere, "yishi.db"))
	if _, err := ran(t, bare, "import", "messages", file, "--dry-run"); err == nil || !strings.Contains(err.Error(), "yishi migrate") {
		t.Errorf("without a database: %v", err)
	}
	if _, err := os.Stat(nowhere); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a dry run prepared %s", nowhere)
	}
	s := forumtest.New(t, forumtest.SQLite(t))
	config := settings(t, s.DSN)
	seen := forumtest.Fingerprints(t, s.DSN)
	dry := func(want string) {
		t.Helper()
		before := seen()
		out, err := ran(t, config, "import", "messages", file, "--dry-run")
		if err != nil || !strings.HasPrefix(out, "would be: "+want) {
			t.Errorf("%s, %v; want %s", out, err, want)
		}
		if changed := seen().Changed(before); changed != nil {
			t.Errorf("a dry run changed %v", changed)
		}
	}
	dry("2 new, 0 there already, 3 left out; 1 of the new with their answer")
	if _, err := ran(t, config, "import", "messages", file); err == nil || !strings.Contains(err.Error(), "--org") {
		t.Errorf("imported into no community: %v", err)
	}
	if out, err := ran(t, config, "import", "messages", file, "--org", "YD-YS-TX-HY"); err != nil || !strings.HasPrefix(out, "2 new, 0 there already, 3 left out; 1 of") {
		t.Errorf("%s, %v", out, err)
	}
	dry("0 new, 2 there already, 3 left out; 0 of")
}
