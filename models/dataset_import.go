package models

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/wordlist"
)

// ImportData adds a version of a dataset, which is in force from then on, in
// every instance. The whole of it is checked first. A version that is there
// already is left as it is when the body is the same, and refused otherwise
// (data.version), as is one that another has taken the place of
// (data.superseded). What came with the program is not taken in once a city has
// imported its own. A calendar is added to what is known of other years.
func (f *Forum) ImportData(ctx context.Context, who Actor, d Dataset) (Dataset, error) {
	return do(ctx, f, who, rules.DataImport, root(), func(t *tx) (Dataset, error) {
		last, err := t.inForce(d.Kind)
		if err != nil || d.Shipped && last.ID != 0 && !last.Shipped {
			return last, err
		}
		there, err := t.admitData(&d, last)
		if err != nil || there.ID != 0 {
			return there, err
		}
		if err := t.keepData(&d); err != nil {
			return d, err
		}
		if d.Kind == DataCalendar && last.ID != 0 {
			return d, t.recountClocks(last, d)
		}
		return d, nil
	})
}

// DataDiff is what an import would change against what is in force: the codes of
// the entries, and of a changed one the fields.
type DataDiff struct {
	InForce string // the version that it would take the place of; "": none
	Entries int
	Added   []string
	Changed []string
	Removed []string
	Same    int
}

// PreviewData checks a dataset as ImportData does and returns what would change.
// It changes nothing.
func (f *Forum) PreviewData(ctx context.Context, who Actor, d Dataset) (*DataDiff, error) {
	return see(ctx, f, who, rules.DataImport, root(), func(t *tx) (*DataDiff, error) {
		last, err := t.inForce(d.Kind)
		if err != nil {
			return nil, err
		}
		if _, err := t.admitData(&d, last); err != nil {
			return nil, err
		}
		return diffData(last, d)
	})
}

// admitData refuses a dataset that may not come after the last one. It returns
// the version that is there already, if it is the same.
func (t *tx) admitData(d *Dataset, last Dataset) (Dataset, error) {
	if err := d.named(); err != nil {
		return Dataset{}, err
	}
	if err := d.check(); err != nil {
		return Dataset{}, err
	}
	if err := d.join(last); err != nil {
		return Dataset{}, err
	}
	if err := t.fits(*d); err != nil {
		return Dataset{}, err
	}
	var old Dataset
	err := t.Where("kind = ? AND version = ?", d.Kind, d.Version).Take(&old).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return Dataset{}, nil
	case err != nil:
		return old, err
	case old.Body != d.Body:
		return old, rules.Refuse(rules.Conflict, "data.version", "version", d.Version)
	case old.ID != last.ID && !d.Shipped:
		return old, rules.Refuse(rules.Conflict, "data.superseded", "version", d.Version, "last", last.Version)
	}
	return old, nil
}

// named checks how a dataset is called.
func (d *Dataset) named() error {
	d.Version, d.Status, d.Source = rules.Clean(d.Version), rules.Clean(d.Status), rules.Clean(d.Source)
	switch {
	case d.Version == "":
		return rules.Refuse(rules.Invalid, "data.nameless")
	case utf8.RuneCountInString(d.Version) > 64, utf8.RuneCountInString(d.Status) > 32, utf8.RuneCountInString(d.Source) > 255:
		return rules.Refuse(rules.Invalid, "data.named")
	}
	return nil
}

// check refuses a body that cannot be read, an entry that is not right, and a
// whole that lacks something.
func (d *Dataset) check() error {
	value, err := parseData(d.Kind, d.Body)
	if _, refused := rules.AsRefusal(err); refused {
		return err
	}
	if err != nil {
		return rules.Refuse(rules.Invalid, "data.broken", "kind", d.Kind)
	}
	switch v := value.(type) {
	case []Item:
		return checkEntries(d.Kind, v, Item.flaws, func(i Item) string { return i.Code })
	case []rules.Pack:
		return checkEntries(d.Kind, v, rules.Pack.Flaws, func(p rules.Pack) string { return p.Code })
	case []rules.Clock:
		if err := checkEntries(d.Kind, v, rules.Clock.Flaws, func(c rules.Clock) string { return c.Verb }); err != nil {
			return err
		}
		return rules.CheckClocks(v)
	case rules.Negative:
		if err := checkEntries(d.Kind, v.Reasons, rules.Reason.Flaws, func(r rules.Reason) string { return r.Code }); err != nil {
			return err
		}
		if err := checkEntries(d.Kind, v.Alarms, rules.Alarm.Flaws, func(a rules.Alarm) string { return a.Number }); err != nil {
			return err
		}
		return rules.CheckNegative(v)
	case map[string]bool:
		return checkDays(v)
	case *wordlist.List:
		if n := len(v.Words()); n > rules.MaxWords {
			return rules.Refuse(rules.TooMany, "data.words", "max", rules.MaxWords, "has", n)
		}
		return checkEntries(d.Kind, v.Words(), rules.Word.Flaws, func(w rules.Word) string { return w.Word })
	}
	return nil
}

func (i Item) flaws() []rules.Flaw {
	if i.Code == "" || i.Name == "" || i.Pack == "" {
		return []rules.Flaw{{Field: "code", Code: "row.empty"}}
	}
	return nil
}

func checkDays(days map[string]bool) error {
	for _, day := range slices.Sorted(maps.Keys(days)) {
		if wrong := rules.DayFlaws(day, days[day]); len(wrong) > 0 {
			return refuseEntry(DataCalendar, day, wrong[0])
		}
	}
	return rules.CheckYears(rules.Calendar{Days: days})
}

// checkEntries refuses the first entry that is not right, and two of one key.
func checkEntries[T any](kind DataKind, entries []T, flaws func(T) []rules.Flaw, key func(T) string) error {
	if len(entries) == 0 {
		return rules.Refuse(rules.Invalid, "data.empty")
	}
	seen := map[string]bool{}
	for _, e := range entries {
		k := key(e)
		if wrong := flaws(e); len(wrong) > 0 {
			return refuseEntry(kind, k, wrong[0])
		}
		if seen[k] {
			return refuseEntry(kind, k, rules.Flaw{Field: k, Code: "row.duplicate"})
		}
		seen[k] = true
	}
	return nil
}

func refuseEntry(kind DataKind, key string, f rules.Flaw) error {
	return rules.Refuse(rules.Invalid, "data.entry", "kind", kind, "entry", key, "column", f.Field, "why", f.Code)
}

// join adds to a calendar what is known of the years that it does not speak of.
func (d *Dataset) join(last Dataset) error {
	if d.Kind != DataCalendar {
		return nil
	}
	known, err := last.days()
	if err != nil {
		return err
	}
	more, err := d.days()
	if err != nil {
		return err
	}
	body, err := json.Marshal(known.Known(more).Days)
	d.Body = string(body)
	return err
}

// days reads a calendar; one that is not there knows nothing.
func (d *Dataset) days() (rules.Calendar, error) {
	if d.Body == "" {
		return rules.Calendar{}, nil
	}
	days, err := decode[map[string]bool](d.Body)
	return rules.Calendar{Days: days}, err
}

// fits refuses a catalogue that suggests rule packs which are not in force, and
// rule packs without one that the catalogue suggests or an open topic has.
func (t *tx) fits(d Dataset) error {
	switch d.Kind {
	case DataCatalogue:
		return t.fitsPacks(d)
	case DataPacks:
		return t.fitsTopics(d)
	case DataNegative, DataClocks, DataCalendar, DataWords:
	}
	return nil
}

func (t *tx) fitsPacks(d Dataset) error {
	last, err := t.inForce(DataPacks)
	if err != nil || last.ID == 0 {
		return err
	}
	known, err := enabled(last.Body)
	if err != nil {
		return err
	}
	items, err := decode[[]Item](d.Body)
	for _, i := range items {
		if !known[i.Pack] {
			return rules.Refuse(rules.Conflict, "data.pack", "item", i.Code, "pack", i.Pack)
		}
	}
	return err
}

func (t *tx) fitsTopics(d Dataset) error {
	known, err := enabled(d.Body)
	if err != nil {
		return err
	}
	var used []string
	err = t.Model(&Topic{}).Where("pack <> '' AND state NOT IN ?", rules.Ends).Distinct().Order("pack").Pluck("pack", &used).Error
	if err != nil {
		return err
	}
	last, err := t.inForce(DataCatalogue)
	if err != nil {
		return err
	}
	if last.ID != 0 {
		items, err := decode[[]Item](last.Body)
		if err != nil {
			return err
		}
		for _, i := range items {
			used = append(used, i.Pack)
		}
	}
	if i := slices.IndexFunc(used, func(code string) bool { return !known[code] }); i >= 0 {
		return rules.Refuse(rules.Conflict, "data.pack_used", "pack", used[i])
	}
	return nil
}

// enabled are the codes of the rule packs that may be chosen.
func enabled(body string) (map[string]bool, error) {
	packs, err := decode[[]rules.Pack](body)
	codes := make(map[string]bool, len(packs))
	for _, p := range packs {
		codes[p.Code] = p.Enabled
	}
	return codes, err
}

// diffData compares what is in force with what would be.
func diffData(last, d Dataset) (*DataDiff, error) {
	before, err := last.entries()
	if err != nil {
		return nil, err
	}
	after, err := d.entries()
	if err != nil {
		return nil, err
	}
	diff := &DataDiff{InForce: last.Version, Entries: len(after)}
	for _, key := range slices.Sorted(maps.Keys(after)) {
		old, there := before[key]
		switch {
		case !there:
			diff.Added = append(diff.Added, key)
		case bytes.Equal(old, after[key]):
			diff.Same++
		default:
			diff.Changed = append(diff.Changed, key+fieldsOf(old, after[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, there := after[key]; !there {
			diff.Removed = append(diff.Removed, key)
		}
	}
	return diff, nil
}

// entries are the entries of a dataset as JSON, by their keys.
func (d Dataset) entries() (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	if d.Body == "" {
		return out, nil
	}
	value, err := parseData(d.Kind, d.Body)
	if err != nil {
		return nil, err
	}
	switch v := value.(type) {
	case []Item:
		return keyed(v, func(i Item) string { return i.Code })
	case []rules.Pack:
		return keyed(v, func(p rules.Pack) string { return p.Code })
	case []rules.Clock:
		return keyed(v, func(c rules.Clock) string { return c.Verb })
	case rules.Negative:
		reasons, bad := keyed(v.Reasons, func(r rules.Reason) string { return r.Code })
		alarms, err := keyed(v.Alarms, func(a rules.Alarm) string { return a.Number })
		maps.Copy(reasons, alarms)
		return reasons, errors.Join(bad, err)
	case *wordlist.List:
		return keyed(v.Words(), func(w rules.Word) string { return w.Word })
	case map[string]bool:
		for day, worked := range v {
			out[day] = json.RawMessage(strconv.FormatBool(worked))
		}
	}
	return out, nil
}

// keyed are entries as JSON, by their keys.
func keyed[T any](entries []T, key func(T) string) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(entries))
	for _, e := range entries {
		body, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		out[key(e)] = body
	}
	return out, nil
}

// fieldsOf names the fields in which two entries differ, in brackets.
func fieldsOf(before, after json.RawMessage) string {
	var old, now map[string]json.RawMessage
	if json.Unmarshal(before, &old) != nil || json.Unmarshal(after, &now) != nil {
		return "" // a day has no fields
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if !bytes.Equal(old[name], now[name]) {
			names = append(names, strings.ToLower(name))
		}
	}
	return " (" + strings.Join(names, ", ") + ")"
}
