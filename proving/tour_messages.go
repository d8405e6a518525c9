package proving

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"yishi/configs/data"
)

// messages brings real messages in: the whole file by the command line, the
// first of it raised by residents.
func (t *tour) messages(file string) {
	t.chapter("messages")
	t.step("messages.read")
	rows, bad, err := readMessages(file)
	t.ok(err)
	t.holds("there are messages in the file", len(rows) > 0, file)
	t.tell("n", len(rows), "bad", len(bad))

	before := t.queue("")
	t.step("messages.imported")
	first := t.takeIn(file)
	same(t, "rows", first.added+first.left, len(rows)+len(bad))
	same(t, "rows that were there", first.already, 0)
	again := t.takeIn(file)
	same(t, "rows of the second run", again, imported{added: 0, already: first.added, left: first.left})
	t.tell("n", first.added, "left", first.left)

	t.step("messages.raised")
	calls := t.raiseEach(rows[:min(len(rows), 30)])
	t.tell("n", min(len(rows), 30), "calls", calls)

	t.step("messages.queue")
	all := t.queue("")
	same(t, "topics in the queue", len(all), len(before)+first.added+min(len(rows), 30))
	for _, v := range before {
		t.holds("what was there is there", has(all, v.ID), v.ID)
	}
	t.tell("n", len(all))

	t.step("messages.search")
	word := t.words("search")
	want := slices.DeleteFunc(slices.Clone(all), func(v topic) bool { return !strings.Contains(v.Title+"\n"+v.Body, word) })
	got := t.queue(word)
	t.holds("the search finds what the queue holds", slices.EqualFunc(got, want, func(a, b topic) bool { return a.ID == b.ID }), len(got))
	same(t, "topics found without sense", len(t.queue("%_%")), 0)
	t.tell("word", word, "n", len(got))
}

func readMessages(file string) ([]data.Message, []data.RowError, error) {
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return nil, nil, err
	}
	rows, bad, err := data.Messages(f)
	return rows, bad, errors.Join(err, f.Close())
}

// imported is what the import of messages tells at its end.
type imported struct{ added, already, left int }

var importLine = regexp.MustCompile(`(\d+) new, (\d+) there already, (\d+) left out`)

func readImport(out string) (imported, error) {
	m := importLine.FindStringSubmatch(out)
	if m == nil {
		return imported{}, fmt.Errorf("the import tells no counts: %s", brief([]byte(out)))
	}
	var n [3]int
	for i := range n {
		var err error
		if n[i], err = strconv.Atoi(m[i+1]); err != nil {
			return imported{}, err
		}
	}
	return imported{n[0], n[1], n[2]}, nil
}

func (t *tour) takeIn(file string) imported {
	out, err := t.Run(t.ctx, "import", "messages", file, "--org", wangta)
	t.ok(err)
	got, err := readImport(out)
	t.ok(err)
	return got
}

// raiseEach raises messages as residents would, and counts those that are told a
// number to call.
func (t *tour) raiseEach(rows []data.Message) (calls int) {
	receipts := map[string]bool{}
	for i, row := range rows {
		title := []rune(row.Title)
		body := []rune(row.Body)
		if strings.TrimSpace(row.Body) == "" {
			body = title
		}
		p := t.neighbour(wangta, i%5)
		r := do[raised](t, p, at("topics"), set{"title": string(title[:min(len(title), 60)]), "text": string(body[:min(len(body), 8000)])})
		t.holds("every receipt number is its own", !receipts[r.Topic.Receipt], r.Topic.Receipt)
		receipts[r.Topic.Receipt] = true
		if r.Call != "" {
			calls++
		}
		same(t, "found by its number", see[topic](t, p, at("receipts", r.Topic.Receipt)).ID, r.Topic.ID)
	}
	t.round()
	return calls
}

// queue pages through all of a community's queue.
func (t *tour) queue(search string) []topic {
	var all []topic
	for after, last := int64(0), int64(0); ; {
		got := see[page[topic]](t, t.officer("wangta"), at("queue")+query("org", t.Orgs[wangta], "search", search, "size", 100, "after", after))
		for _, v := range got.Items {
			if v.ID <= last {
				t.fail(fmt.Errorf("topic %d comes after %d", v.ID, last))
			}
			last = v.ID
		}
		all = append(all, got.Items...)
		if after = got.Next; after == 0 {
			t.checked++
			return all
		}
	}
}
