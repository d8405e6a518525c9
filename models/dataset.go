package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/wordlist"
)

// DataKind names a body of data that the rules need.
type DataKind string

// The kinds of dataset. Each is imported, versioned and never changed; the
// newest is in force, and topics keep the version they were accepted under.
const (
	DataCatalogue DataKind = "catalogue" // []Item
	DataNegative  DataKind = "negative"  // rules.Negative
	DataPacks     DataKind = "rulepacks" // []rules.Pack
	DataClocks    DataKind = "clocks"    // []rules.Clock
	DataCalendar  DataKind = "calendar"  // map of day to worked
	DataWords     DataKind = "words"     // []rules.Word
)

// Dataset is one version of a body of data.
type Dataset struct {
	ID       int64     `json:"id"`
	Kind     DataKind  `json:"kind"`
	Version  string    `json:"version"`
	Status   string    `json:"status"` // such as "draft_reconstruction" or "official"
	Source   string    `json:"source"`
	Body     string    `json:"-"`
	At       time.Time `json:"at"`
	PersonID int64     `json:"-"`

	Shipped  bool       `json:"shipped"` // came with the program: gives way to what a city imports
	WarnedAt *time.Time `json:"-"`       // when it was last told that the calendar ends
}

// Item is one item of the reference catalogue.
type Item struct {
	CategoryCode string `json:"category_code"`
	Category     string `json:"category"`
	Code         string `json:"code"`
	Name         string `json:"name"`
	Scope        string `json:"scope"`
	Level        string `json:"level"`
	Pack         string `json:"pack"` // code of the rule pack that is suggested
	Rule         string `json:"rule"` // the rule in words
	Parties      string `json:"parties"`
	Words        string `json:"words,omitempty"` // what people call it, with marks between
}

// Reason is one line of the negative list.
type Reason = rules.Reason

// dataCache keeps the newest dataset of each kind, parsed.
type dataCache struct {
	mu   sync.Mutex
	rows map[DataKind]parsed
}

type parsed struct {
	id      int64
	version string
	value   any
}

// Datasets returns every version of every dataset, newest first.
func (f *Forum) Datasets(ctx context.Context, who Actor) ([]Dataset, error) {
	return see(ctx, f, who, rules.DataRead, anywhere("data"), func(t *tx) ([]Dataset, error) {
		rows := []Dataset{}
		return rows, t.Omit("body").Order("id DESC").Find(&rows).Error
	})
}

// Catalogue returns the items in force.
func (f *Forum) Catalogue(ctx context.Context, who Actor) ([]Item, error) {
	return see(ctx, f, who, rules.DataRead, anywhere("data"), func(t *tx) ([]Item, error) {
		items, _, err := newest[[]Item](t, DataCatalogue)
		return items, err
	})
}

// Packs returns the rule packs in force.
func (f *Forum) Packs(ctx context.Context, who Actor) ([]rules.Pack, error) {
	return see(ctx, f, who, rules.DataRead, anywhere("data"), func(t *tx) ([]rules.Pack, error) {
		packs, _, err := newest[[]rules.Pack](t, DataPacks)
		return packs, err
	})
}

// Reasons returns the negative list in force.
func (f *Forum) Reasons(ctx context.Context, who Actor) ([]Reason, error) {
	return see(ctx, f, who, rules.DataRead, anywhere("data"), func(t *tx) ([]Reason, error) {
		list, _, err := newest[rules.Negative](t, DataNegative)
		return list.Reasons, err
	})
}

func parseData(kind DataKind, body string) (any, error) {
	switch kind {
	case DataCatalogue:
		return decode[[]Item](body)
	case DataNegative:
		return decode[rules.Negative](body)
	case DataPacks:
		return decode[[]rules.Pack](body)
	case DataClocks:
		return decode[[]rules.Clock](body)
	case DataCalendar:
		return decode[map[string]bool](body)
	case DataWords:
		words, err := decode[[]rules.Word](body)
		if err != nil {
			return nil, err
		}
		return wordlist.New(words)
	}
	return nil, rules.Refuse(rules.Invalid, "data.kind", "kind", kind)
}

func decode[T any](body string) (T, error) {
	var v T
	return v, json.Unmarshal([]byte(body), &v)
}

// newest returns the dataset of a kind that is in force, and its version.
func newest[T any](t *tx, kind DataKind) (T, string, error) {
	var row Dataset
	var value T
	err := t.Select("id", "version").Where("kind = ?", kind).Order("id DESC").Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return value, "", fmt.Errorf("no %s has been imported", kind)
	}
	if err != nil {
		return value, "", err
	}
	cache := &t.f.data
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if hit, ok := cache.rows[kind]; ok && hit.id == row.ID {
		value, _ = hit.value.(T)
		return value, hit.version, nil
	}
	if err := t.Where("id = ?", row.ID).Take(&row).Error; err != nil {
		return value, "", err
	}
	any, err := parseData(kind, row.Body)
	if err != nil {
		return value, "", err
	}
	if cache.rows == nil {
		cache.rows = map[DataKind]parsed{}
	}
	cache.rows[kind] = parsed{row.ID, row.Version, any}
	value, _ = any.(T)
	return value, row.Version, nil
}

func (t *tx) pack(code string) (rules.Pack, error) {
	packs, _, err := newest[[]rules.Pack](t, DataPacks)
	if err != nil {
		return rules.Pack{}, err
	}
	for _, p := range packs {
		if p.Code == code && p.Enabled {
			return p, nil
		}
	}
	return rules.Pack{}, rules.Refuse(rules.Invalid, "pack.unknown", "pack", code)
}

func (t *tx) item(code string) (Item, string, error) {
	items, version, err := newest[[]Item](t, DataCatalogue)
	if err != nil {
		return Item{}, "", err
	}
	i := slices.IndexFunc(items, func(i Item) bool { return i.Code == code })
	if i < 0 {
		return Item{}, "", rules.Refuse(rules.Invalid, "item.unknown", "item", code)
	}
	return items[i], version, nil
}

func (t *tx) reason(code string) (Reason, error) {
	list, _, err := newest[rules.Negative](t, DataNegative)
	if err != nil {
		return Reason{}, err
	}
	i := slices.IndexFunc(list.Reasons, func(r Reason) bool { return r.Code == code })
	if i < 0 {
		return Reason{}, rules.Refuse(rules.Invalid, "reason.unknown", "reason", code)
	}
	return list.Reasons[i], nil
}

// due returns when a clock with this verb runs out if it starts at from.
func (t *tx) due(verb string, from time.Time) (time.Time, error) {
	clocks, _, err := newest[[]rules.Clock](t, DataClocks)
	if err != nil {
		return from, err
	}
	i := slices.IndexFunc(clocks, func(c rules.Clock) bool { return c.Verb == verb })
	if i < 0 {
		return from, fmt.Errorf("no clock %q has been imported", verb)
	}
	return t.runOut(clocks[i], from)
}

func (t *tx) runOut(c rules.Clock, from time.Time) (time.Time, error) {
	calendar, _, err := t.calendar()
	if err != nil {
		return from, err
	}
	return calendar.Due(c, from)
}

// resting starts the clock of a state now: when it runs out, and its verb. A
// state in which nobody owes anything has none.
func (t *tx) resting(s rules.State) (*time.Time, string, error) {
	clocks, _, err := newest[[]rules.Clock](t, DataClocks)
	if err != nil {
		return nil, "", err
	}
	c, ok := rules.Resting(clocks, s)
	if !ok {
		return nil, "", nil
	}
	at, err := t.runOut(c, t.now)
	return &at, c.Verb, err
}

// Alarm returns the number to call at once when a text tells of danger to life,
// "" otherwise. It is asked before anything else is, also for who is shut out.
func (f *Forum) Alarm(ctx context.Context, text string) (string, error) {
	alarms, ok := f.known.alarms.GetIfPresent(DataNegative)
	if !ok {
		var err error
		alarms, err = see(ctx, f, Actor{}, rules.DataRead, anywhere("data"), func(t *tx) ([]rules.Alarm, error) {
			list, _, err := newest[rules.Negative](t, DataNegative)
			return list.Alarms, err
		})
		if err != nil {
			return "", err
		}
		f.known.alarms.Set(DataNegative, alarms)
	}
	call, _ := rules.Emergency(alarms, text)
	return call, nil
}

// inForce returns the newest version of a kind; its ID is 0 when there is none.
func (t *tx) inForce(kind DataKind) (Dataset, error) {
	var row Dataset
	return row, t.Where("kind = ?", kind).Order("id DESC").Limit(1).Find(&row).Error
}

// keepData writes a new version, which is in force from then on.
func (t *tx) keepData(d *Dataset) error {
	t.forget()
	d.ID, d.At, d.PersonID, d.WarnedAt = 0, t.now, t.who.PersonID, nil
	return again(t.Create(d).Error)
}

// claimWarning reports whether a version of the calendar has not been warned of
// for so long, and notes that it is now: of several instances one finds it so.
func (t *tx) claimWarning(version string, every time.Duration) (bool, error) {
	r := t.Model(&Dataset{}).Where("kind = ? AND version = ? AND (warned_at IS NULL OR warned_at <= ?)", DataCalendar, version, t.now.Add(-every)).
		Update("warned_at", t.now)
	return r.RowsAffected > 0, r.Error
}
