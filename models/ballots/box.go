package ballots

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"sync"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// box is an open poll as the engine holds it.
type box struct {
	poll   int64
	def    rules.Definition
	hash   [32]byte
	mask   masker
	units  []unit           // by name
	seats  []seat           // by person
	casual sync.RWMutex     // guards late
	late   map[int64][]seat // seats given after the poll was loaded, to proxies
	hand   sync.RWMutex     // held for reading by each ballot under way, for writing by closing
	used   int64            // when it was last asked for; guarded by the engine's mutex
}

// unit is a voting unit and its ballots in the order of their turns. Those belong
// to the writer that the unit is given to, and may be behind the database.
type unit struct {
	name string
	area int64
	mask string
	rows []*Ballot
}

// last is the ballot that counts, nil if there is none.
func (u *unit) last() *Ballot {
	if len(u.rows) == 0 {
		return nil
	}
	return u.rows[len(u.rows)-1]
}

// asked finds the ballot that a request became.
func (u *unit) asked(request string) *Ballot {
	for _, row := range u.rows {
		if row.Request == request {
			return row
		}
	}
	return nil
}

// follow takes in a row that stands in the database.
func (u *unit) follow(row *Ballot) {
	if row.Turn == len(u.rows) {
		u.rows = append(u.rows, row)
	}
}

// seat is a person's right to vote for a unit.
type seat struct {
	person   int64
	unit     int
	capacity string
}

// CapacityProxy is the capacity of a seat that its holder has from another. It
// mixes with any other.
const CapacityProxy = "proxy"

// load reads an open poll with its roll and the ballots that are there already.
func (e *Engine) load(ctx context.Context, poll int64) (*box, error) {
	db := e.store.DB(ctx)
	b, state, err := e.frame(db, poll)
	if err != nil {
		return nil, err
	}
	if state == rules.PollClosed {
		return nil, rules.Refuse(rules.Conflict, "poll.closed")
	}
	if err := b.seat(db); err != nil {
		return nil, err
	}
	return b, b.recall(db)
}

// frame reads what is asked on a poll.
func (e *Engine) frame(db *gorm.DB, poll int64) (*box, rules.PollState, error) {
	var row struct {
		ID         int64
		Definition string
		State      rules.PollState
	}
	if err := db.Table("polls").Where("id = ?", poll).Limit(1).Find(&row).Error; err != nil {
		return nil, "", err
	}
	if row.ID == 0 {
		return nil, "", rules.Refuse(rules.NotFound, "poll.unknown")
	}
	b := &box{poll: poll, mask: e.Mask(poll), late: map[int64][]seat{}}
	if err := json.Unmarshal([]byte(row.Definition), &b.def); err != nil {
		return nil, "", fmt.Errorf("poll %d: %w", poll, err)
	}
	if b.def.Secret != nil {
		return nil, "", rules.Refuse(rules.Conflict, "secret.page")
	}
	hash, err := b.def.Hash()
	if err != nil {
		return nil, "", err
	}
	b.hash, err = digest(hash)
	return b, row.State, err
}

// seatRow is a row of the frozen roll.
type seatRow struct {
	Unit     string
	PersonID int64
	Capacity string
	Area     int64
}

// seat reads the roll.
func (b *box) seat(db *gorm.DB) error {
	var rows []seatRow
	if err := db.Table("seats").Where("poll_id = ?", b.poll).Find(&rows).Error; err != nil {
		return err
	}
	h := b.mask.hand()
	slices.SortFunc(rows, func(x, y seatRow) int { return cmp.Compare(x.Unit, y.Unit) })
	for _, r := range rows {
		if n := len(b.units); n == 0 || b.units[n-1].name != r.Unit {
			b.units = append(b.units, unit{name: r.Unit, area: r.Area, mask: h.unit(r.Unit)})
		}
		if r.PersonID != 0 {
			b.seats = append(b.seats, seat{r.PersonID, len(b.units) - 1, r.Capacity})
		}
	}
	slices.SortStableFunc(b.seats, func(x, y seat) int { return cmp.Compare(x.person, y.person) })
	return nil
}

// recall reads the ballots that are there so far.
func (b *box) recall(db *gorm.DB) error {
	var rows []Ballot
	if err := db.Where("poll_id = ?", b.poll).Order("turn").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		if at, ok := b.find(rows[i].Unit); ok {
			b.units[at].follow(&rows[i])
		}
	}
	return nil
}

func (b *box) find(name string) (int, bool) {
	i := sort.Search(len(b.units), func(i int) bool { return b.units[i].name >= name })
	return i, i < len(b.units) && b.units[i].name == name
}

// held returns the seats of a person that are known: a proxy may have been named
// since the poll was loaded.
func (b *box) held(person int64) []seat {
	from := sort.Search(len(b.seats), func(i int) bool { return b.seats[i].person >= person })
	to := from
	for to < len(b.seats) && b.seats[to].person == person {
		to++
	}
	b.casual.RLock()
	defer b.casual.RUnlock()
	return append(b.seats[from:to:to], b.late[person]...)
}

// sit finds the seat for which somebody votes, and reports whether they act in
// several capacities.
func (e *Engine) sit(ctx context.Context, b *box, person int64, name string) (s seat, found, mix bool, err error) {
	seats := b.held(person)
	if s, found, err = b.take(seats, name); err == nil && !found {
		if seats, err = e.given(ctx, b, person); err == nil {
			s, found, err = b.take(seats, name)
		}
	}
	return s, found, mixed(seats), err
}

// given asks the database for the seats of a person.
func (e *Engine) given(ctx context.Context, b *box, person int64) ([]seat, error) {
	var rows []seatRow
	err := e.store.DB(ctx).Table("seats").Where("poll_id = ? AND person_id = ?", b.poll, person).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	known := b.held(person)
	var late []seat
	for _, r := range rows {
		if i, ok := b.find(r.Unit); ok && !slices.ContainsFunc(known, func(s seat) bool { return s.unit == i }) {
			late = append(late, seat{person, i, r.Capacity})
		}
	}
	b.casual.Lock()
	b.late[person] = append(b.late[person], late...)
	b.casual.Unlock()
	return b.held(person), nil
}

// take picks the seat for which somebody votes. Who has several must say for
// which.
func (b *box) take(seats []seat, name string) (seat, bool, error) {
	if name != "" {
		seats = slices.DeleteFunc(slices.Clone(seats), func(s seat) bool { return b.units[s.unit].name != name })
	}
	if len(seats) == 0 {
		return seat{}, false, nil
	}
	if len(seats) > 1 {
		names := make([]string, len(seats))
		for i, s := range seats {
			names[i] = b.units[s.unit].name
		}
		slices.Sort(names)
		return seat{}, false, rules.Refuse(rules.Invalid, "poll.unit", "units", names)
	}
	return seats[0], true, nil
}

// mixed reports whether seats are held in several capacities, of which the
// first ballot will fix one.
func mixed(seats []seat) bool {
	own := ""
	for _, s := range seats {
		switch {
		case s.capacity == CapacityProxy:
		case own == "":
			own = s.capacity
		case own != s.capacity:
			return true
		}
	}
	return false
}
