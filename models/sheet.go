package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/ballots"
	"yishi/models/rules"
)

// Sheet is a sheet of paper that was handed in for a unit while its poll was
// open. It locks the unit. What it says is entered once the poll has ended, by
// two people.
type Sheet struct {
	PollID       int64     `json:"poll_id" gorm:"primaryKey;autoIncrement:false"`
	Number       string    `json:"number" gorm:"primaryKey"`
	Unit         string    `json:"unit"`
	RegisteredBy int64     `json:"registered_by"`
	At           time.Time `json:"at"`
}

// SheetEntry is what one person read on a sheet. It belongs to the registration
// with the same turn.
type SheetEntry struct {
	PollID   int64        `json:"-" gorm:"primaryKey;autoIncrement:false"`
	Number   string       `json:"-" gorm:"primaryKey"`
	Turn     int          `json:"turn" gorm:"primaryKey;autoIncrement:false"`
	PersonID int64        `json:"person_id" gorm:"primaryKey;autoIncrement:false"`
	Choice   rules.Choice `json:"choice,omitempty" doc:"not told as long as somebody is still to read the sheet"`
	At       time.Time    `json:"at"`
}

// SheetCorrection is that a sheet is to be entered again, and why. Turn is that
// of the registration that follows.
type SheetCorrection struct {
	PollID   int64     `json:"-" gorm:"primaryKey;autoIncrement:false"`
	Number   string    `json:"-" gorm:"primaryKey"`
	Turn     int       `json:"turn" gorm:"primaryKey;autoIncrement:false"`
	PersonID int64     `json:"person_id"`
	Reason   string    `json:"reason"`
	At       time.Time `json:"at"`
}

// SheetWithdrawal is that a sheet was taken back, and why: it was registered for
// the wrong unit. Turn is that of the ballot that says so.
type SheetWithdrawal struct {
	PollID       int64     `json:"-" gorm:"primaryKey;autoIncrement:false"`
	Unit         string    `json:"-" gorm:"primaryKey"`
	Turn         int       `json:"turn" gorm:"primaryKey;autoIncrement:false"`
	Number       string    `json:"-"`
	RegisteredBy int64     `json:"-"`
	RegisteredAt time.Time `json:"-"`
	PersonID     int64     `json:"person_id"`
	Reason       string    `json:"reason"`
	At           time.Time `json:"at"`
}

// SheetView is a sheet with all that was done with it.
type SheetView struct {
	Sheet
	PollState   rules.PollState   `json:"poll_state"`
	Waiting     bool              `json:"waiting" doc:"still to be entered"`
	Choice      rules.Choice      `json:"choice,omitempty" doc:"what two people have read alike"`
	Receipt     string            `json:"receipt" doc:"of the ballot that stands for the unit now; of a sheet that was taken back it is told once"`
	Proof       string            `json:"proof,omitempty" doc:"the full receipt, when it is new"`
	Entries     []SheetEntry      `json:"entries" nullable:"false"`
	Corrections []SheetCorrection `json:"corrections" nullable:"false"`
	Withdrawn   *SheetWithdrawal  `json:"withdrawn,omitempty" doc:"it was taken back; its number is free again, and so was its unit"`
}

// countingRoles are those at a community who are told that sheets wait.
var countingRoles = []rules.Role{rules.Secretary, rules.Supervisor, rules.Leader}

// RegisterSheet takes in a sheet for a unit that has not voted, while the poll is
// open. From then on the unit votes by no other door.
func (f *Forum) RegisterSheet(ctx context.Context, who Actor, pollID int64, number, unit string) (*SheetView, error) {
	return do(ctx, f, who, rules.SheetRegister, onPoll(pollID), func(t *tx) (*SheetView, error) {
		number, err := rules.CheckText("sheet_number", number, 32)
		if err != nil {
			return nil, err
		}
		p, err := t.lockOpenPoll(pollID)
		if err != nil {
			return nil, err
		}
		s := Sheet{PollID: pollID, Number: number, Unit: unit, RegisteredBy: who.PersonID, At: t.now}
		if err := t.Create(&s).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil, rules.Refuse(rules.Conflict, "sheet.number", "number", number)
		} else if err != nil {
			return nil, err
		}
		b, err := t.enter(ballots.Entry{Poll: pollID, Unit: unit, Choice: rules.Sheet, Way: rules.BySheet, Request: requestOf(who)})
		if err != nil {
			return nil, err
		}
		if err := t.tellUnit(p, unit, "notice.sheet", set{"receipt": b.Receipt, "number": number}); err != nil {
			return nil, err
		}
		return t.sheetView(p, &s, b)
	})
}

// WithdrawSheet takes back a sheet that was registered for the wrong unit, while
// the poll is open. The unit is as free as before, and its people are told; the
// number may be registered again. Nobody takes back that of their own unit: it
// would let them change a vote that paper made final.
func (f *Forum) WithdrawSheet(ctx context.Context, who Actor, pollID int64, number, reason string) (*SheetView, error) {
	return do(ctx, f, who, rules.SheetWithdraw, onPoll(pollID), func(t *tx) (*SheetView, error) {
		reason, err := rules.CheckText("reason", reason, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		p, err := t.lockOpenPoll(pollID)
		if err != nil {
			return nil, err
		}
		s, err := t.sheet(pollID, number)
		if err != nil {
			return nil, err
		}
		if own, err := t.holdsUnit(pollID, s.Unit, who.PersonID); err != nil || own {
			return nil, firstError(err, rules.Refuse(rules.Conflict, "sheet.own"))
		}
		b, err := t.enter(ballots.Entry{Poll: pollID, Unit: s.Unit, Choice: rules.Withdrawn, Way: rules.ByWithdrawal, Request: requestOf(who)})
		if err != nil {
			return nil, err
		}
		w := SheetWithdrawal{
			PollID: pollID, Unit: s.Unit, Turn: b.Turn, Number: s.Number, RegisteredBy: s.RegisteredBy, RegisteredAt: s.At,
			PersonID: who.PersonID, Reason: reason, At: t.now,
		}
		if err := errors.Join(t.Where("poll_id = ? AND number = ?", pollID, s.Number).Delete(&Sheet{}).Error, t.Create(&w).Error); err != nil {
			return nil, err
		}
		v := w.view(p)
		v.Receipt, v.Proof = b.Receipt, b.Proof
		return &v, t.tellUnit(p, s.Unit, "notice.sheet_withdrawn", set{"receipt": b.Receipt, "number": s.Number, "reason": reason})
	})
}

// view tells of a sheet that was taken back.
func (w SheetWithdrawal) view(p *Poll) SheetView {
	return SheetView{
		Sheet:     Sheet{PollID: w.PollID, Number: w.Number, Unit: w.Unit, RegisteredBy: w.RegisteredBy, At: w.RegisteredAt},
		PollState: p.State, Entries: []SheetEntry{}, Corrections: []SheetCorrection{}, Withdrawn: &w,
	}
}

// EnterSheet enters what somebody reads on a sheet once the poll has ended: a mark
// of the question, or that it says nothing (rules.Void). What two people have read
// alike stands; where two differ, a third decides. With the last sheet the verdict
// falls.
func (f *Forum) EnterSheet(ctx context.Context, who Actor, pollID int64, number, choice string) (*SheetView, error) {
	return do(ctx, f, who, rules.SheetEnter, onPoll(pollID), func(t *tx) (*SheetView, error) {
		p, s, err := t.sheetCounted(pollID, number)
		if err != nil {
			return nil, err
		}
		d, err := p.definition()
		if err != nil {
			return nil, err
		}
		mark, err := rules.ReadEntry(d.Ask, choice)
		if err != nil {
			return nil, err
		}
		read, err := t.addEntry(s, mark)
		if err != nil {
			return nil, err
		}
		var b *Ballot
		if agreed, ok := rules.Agreed(read); ok {
			if b, err = t.settleSheet(p, s, agreed); err != nil {
				return nil, err
			}
		}
		return t.sheetView(p, s, b)
	})
}

// sheetCounted holds a poll that is counting and finds one of its sheets.
func (t *tx) sheetCounted(pollID int64, number string) (*Poll, *Sheet, error) {
	p, err := t.lockPoll(pollID)
	if err != nil {
		return nil, nil, err
	}
	switch p.State {
	case rules.PollOpen:
		return nil, nil, rules.Refuse(rules.Conflict, "sheet.early")
	case rules.PollClosed:
		return nil, nil, rules.Refuse(rules.Conflict, "poll.closed")
	case rules.PollCounting:
	}
	s, err := t.sheet(pollID, number)
	return p, s, err
}

func (t *tx) sheet(poll int64, number string) (*Sheet, error) {
	var s Sheet
	err := t.Where("poll_id = ? AND number = ?", poll, rules.Clean(number)).Take(&s).Error
	return &s, found(err, "sheet")
}

// addEntry writes down what whoever does this read, and returns what all have
// read who entered the sheet since it was last registered.
func (t *tx) addEntry(s *Sheet, mark rules.Choice) ([]rules.Entered, error) {
	last, err := t.lastOf(s)
	if err != nil {
		return nil, err
	}
	if last.Choice != rules.Sheet {
		return nil, rules.Refuse(rules.Conflict, "sheet.entered")
	}
	var rows []SheetEntry
	if err := t.Where("poll_id = ? AND number = ? AND turn = ?", s.PollID, s.Number, last.Turn).Find(&rows).Error; err != nil {
		return nil, err
	}
	read := make([]rules.Entered, 0, len(rows)+1)
	for _, r := range rows {
		read = append(read, rules.Entered{Person: r.PersonID, Choice: r.Choice})
	}
	own, err := t.holdsUnit(s.PollID, s.Unit, t.who.PersonID)
	if err != nil {
		return nil, err
	}
	if err := rules.CheckEntry(read, t.who.PersonID, own); err != nil {
		return nil, err
	}
	row := SheetEntry{PollID: s.PollID, Number: s.Number, Turn: last.Turn, PersonID: t.who.PersonID, Choice: mark, At: t.now}
	return append(read, rules.Entered{Person: row.PersonID, Choice: mark}), t.Create(&row).Error
}

// lastOf is the ballot that stands for the unit of a sheet.
func (t *tx) lastOf(s *Sheet) (b ballots.Ballot, err error) {
	err = t.Where("poll_id = ? AND unit = ?", s.PollID, s.Unit).Order("turn DESC").Limit(1).Take(&b).Error
	return b, err
}

// settleSheet casts what two people have read on a sheet, and lets the verdict fall
// when no other waits.
func (t *tx) settleSheet(p *Poll, s *Sheet, mark rules.Choice) (*Ballot, error) {
	b, err := t.castSheet(s, mark)
	if err != nil {
		return nil, err
	}
	if mark == rules.Void {
		err = t.tellUnit(p, s.Unit, "notice.sheet_void", set{"receipt": b.Receipt, "number": s.Number})
	} else {
		err = t.tellUnit(p, s.Unit, "notice.sheet_entered", set{"receipt": b.Receipt, "number": s.Number})
	}
	if err != nil {
		return nil, err
	}
	return b, t.endIfEntered(p)
}

func (t *tx) castSheet(s *Sheet, mark rules.Choice) (*Ballot, error) {
	return t.enter(ballots.Entry{Poll: s.PollID, Unit: s.Unit, Choice: mark, Way: rules.ByEntry, Request: requestOf(Actor{})})
}

// endIfEntered lets the verdict fall when no sheet waits any more.
func (t *tx) endIfEntered(p *Poll) error {
	waiting, err := t.sheetsWaiting(p.ID)
	if err != nil || len(waiting) > 0 {
		return err
	}
	if err := ballots.Shut(t.DB, p.ID, false); err != nil {
		return err
	}
	return t.givePoll(p)
}

// endCounting lets the verdict fall once the time for counting is over. The sheets
// that no two people have read alike by then say nothing; their units are told,
// and so are those who should have read them and the street.
func (t *tx) endCounting(p *Poll) error {
	if p.CountUntil == nil { // a secret poll waits for its shares instead
		return rules.Refuse(rules.Conflict, "poll.closed")
	}
	waiting, err := t.sheetsWaiting(p.ID)
	if err != nil {
		return err
	}
	if t.now.Before(*p.CountUntil) {
		return rules.Refuse(rules.Conflict, "poll.counting", "n", len(waiting), "until", *p.CountUntil)
	}
	for i := range waiting {
		s := &waiting[i]
		b, err := t.castSheet(s, rules.Void)
		if err != nil {
			return err
		}
		if err := t.tellUnit(p, s.Unit, "notice.sheet_lapsed", set{"receipt": b.Receipt, "number": s.Number}); err != nil {
			return err
		}
	}
	params := set{"poll": p.ID, "question": p.Question, "n": len(waiting)}
	if err := t.notifyOrg(p.OrgID, "notice.counting_lapsed", params, countingRoles...); err != nil {
		return err
	}
	o, err := t.org(p.OrgID)
	if err != nil {
		return err
	}
	if err := t.notifyOrg(o.ParentID, "notice.counting_lapsed", params, rules.Street, rules.District, rules.City); err != nil {
		return err
	}
	return t.endIfEntered(p)
}

// CorrectSheet lets a sheet be entered again whose entry turned out wrong, while
// the poll is still counting. What was entered stays on record, and so does why.
func (f *Forum) CorrectSheet(ctx context.Context, who Actor, pollID int64, number, reason string) (*SheetView, error) {
	return do(ctx, f, who, rules.SheetCorrect, onPoll(pollID), func(t *tx) (*SheetView, error) {
		reason, err := rules.CheckText("reason", reason, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		p, s, err := t.sheetCounted(pollID, number)
		if err != nil {
			return nil, err
		}
		b, err := t.enter(ballots.Entry{Poll: pollID, Unit: s.Unit, Choice: rules.Sheet, Way: rules.ByReopening, Request: requestOf(who)})
		if err != nil {
			return nil, err
		}
		row := &SheetCorrection{PollID: pollID, Number: s.Number, Turn: b.Turn, PersonID: who.PersonID, Reason: reason, At: t.now}
		if err := t.Create(row).Error; err != nil {
			return nil, err
		}
		return t.sheetView(p, s, b)
	})
}

// Sheets returns the sheets of a poll with what was done with them, by number;
// after them those that were taken back.
func (f *Forum) Sheets(ctx context.Context, who Actor, pollID int64) ([]SheetView, error) {
	return see(ctx, f, who, rules.SheetRead, onPoll(pollID), func(t *tx) ([]SheetView, error) {
		var p Poll
		if err := t.Where("id = ?", pollID).Take(&p).Error; err != nil {
			return nil, found(err, "poll")
		}
		var sheets []Sheet
		if err := t.Where("poll_id = ?", pollID).Order("number").Find(&sheets).Error; err != nil {
			return nil, err
		}
		views, err := t.sheetViews(&p, sheets)
		if err != nil {
			return nil, err
		}
		var back []SheetWithdrawal
		err = t.Where("poll_id = ?", pollID).Order("at, unit, turn").Find(&back).Error
		for _, w := range back {
			views = append(views, w.view(&p))
		}
		return views, err
	})
}

func (t *tx) sheetView(p *Poll, s *Sheet, fresh *Ballot) (*SheetView, error) {
	views, err := t.sheetViews(p, []Sheet{*s})
	if err != nil {
		return nil, err
	}
	if fresh != nil {
		views[0].Proof = fresh.Proof
	}
	return &views[0], nil
}

// sheetViews tells of sheets. What others have read is not told as long as the
// sheet waits: whoever reads it reads the paper, not them.
func (t *tx) sheetViews(p *Poll, sheets []Sheet) ([]SheetView, error) {
	views, at, of, numbers, units := make([]SheetView, len(sheets)), map[string]*SheetView{}, map[string]*SheetView{}, make([]string, len(sheets)), make([]string, len(sheets))
	for i, s := range sheets {
		views[i] = SheetView{Sheet: s, PollState: p.State, Entries: []SheetEntry{}, Corrections: []SheetCorrection{}}
		at[s.Number], of[s.Unit], numbers[i], units[i] = &views[i], &views[i], s.Number, s.Unit
	}
	var cast []ballots.Ballot
	var entries []SheetEntry
	var corrections []SheetCorrection
	for _, read := range []error{
		t.Where("poll_id = ? AND unit IN ?", p.ID, units).Order("turn").Find(&cast).Error,
		t.Where("poll_id = ? AND number IN ?", p.ID, numbers).Order("turn, at, person_id").Find(&entries).Error,
		t.Where("poll_id = ? AND number IN ?", p.ID, numbers).Order("turn").Find(&corrections).Error,
	} {
		if read != nil {
			return nil, read
		}
	}
	standing := map[string]int{}
	for _, b := range cast {
		v := of[b.Unit]
		v.Receipt, v.Choice, v.Waiting = b.Receipt, b.Choice, b.Choice == rules.Sheet
		if v.Waiting {
			v.Choice = ""
		}
		standing[b.Unit] = b.Turn
	}
	for _, e := range entries {
		v := at[e.Number]
		if v.Waiting && e.Turn == standing[v.Unit] {
			e.Choice = ""
		}
		v.Entries = append(v.Entries, e)
	}
	for _, c := range corrections {
		at[c.Number].Corrections = append(at[c.Number].Corrections, c)
	}
	return views, nil
}

// sheetsWaiting are the sheets of a poll that are registered and not entered.
func (t *tx) sheetsWaiting(poll int64) ([]Sheet, error) {
	var rows []Sheet
	return rows, t.Where("poll_id = ?", poll).Where(`(SELECT b.choice FROM ballots b WHERE b.poll_id = sheets.poll_id AND b.unit = sheets.unit
		ORDER BY b.turn DESC LIMIT 1) = ?`, rules.Sheet).Order("number").Find(&rows).Error
}
