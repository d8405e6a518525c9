package models

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Notice is a message to one person. It waits in the outbox until it is sent,
// and stays readable in the apps whether that worked or not. DueAt is when it
// is tried next, nil when it need not be tried any more.
type Notice struct {
	ID       int64      `json:"id"`
	PersonID int64      `json:"-"`
	Code     string     `json:"code"`
	Params   string     `json:"-"`
	At       time.Time  `json:"at"`
	DueAt    *time.Time `json:"-"`
	Attempts int        `json:"-"`
	Channel  string     `json:"channel"`
	Failure  string     `json:"failure,omitempty"`
	SentAt   *time.Time `json:"sent_at,omitempty"`
	Data     set        `json:"params" gorm:"-"`
}

// NoticeTries is how often the sending of a notice is tried, with waits that
// double from NoticeWait.
const (
	NoticeTries = 8
	NoticeWait  = 30 * time.Second
)

// notify puts a message into the outbox, in the transaction of the deed.
func (t *tx) notify(person int64, code string, params set) error {
	return t.notifyAll([]int64{person}, code, params)
}

// notifyOrg tells those who hold one of the roles at an org.
func (t *tx) notifyOrg(orgID int64, code string, params set, roles ...rules.Role) error {
	ids, err := t.officers(orgID, roles...)
	if err != nil {
		return err
	}
	return t.notifyAll(ids, code, params)
}

// notifyAll tells many people the same at once, each of them once.
func (t *tx) notifyAll(ids []int64, code string, params set) error {
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	seen := map[int64]bool{0: true} // nobody
	rows := make([]Notice, 0, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		rows = append(rows, Notice{PersonID: id, Code: code, Params: string(body), At: t.now, DueAt: &t.now})
	}
	if len(rows) == 0 {
		return nil
	}
	return t.CreateInBatches(rows, 100).Error
}

// Notices returns a page of one's own messages, newest first.
func (f *Forum) Notices(ctx context.Context, who Actor, before int64, size int) (Page[Notice], error) {
	return see(ctx, f, who, rules.NoticeRead, oneself(who), func(t *tx) (Page[Notice], error) {
		size = pageSize(size)
		q := t.Where("person_id = ?", who.PersonID)
		if before > 0 {
			q = q.Where("id < ?", before)
		}
		return readNotices(q.Order("id DESC"), size)
	})
}

// StuckNotices returns messages that could not be sent, for operators. One that
// went to the inbox of the apps alone, since no account can carry it, is not
// stuck.
func (f *Forum) StuckNotices(ctx context.Context, who Actor) (Page[Notice], error) {
	return see(ctx, f, who, rules.NoticeStuck, root(), func(t *tx) (Page[Notice], error) {
		return readNotices(t.Where("due_at IS NULL AND sent_at IS NULL AND failure <> '' AND channel <> 'inbox'").Order("id DESC"), MaxPageSize)
	})
}

func readNotices(q *gorm.DB, size int) (Page[Notice], error) {
	var rows []Notice
	if err := q.Limit(size + 1).Find(&rows).Error; err != nil {
		return Page[Notice]{}, err
	}
	for i := range rows {
		if err := json.Unmarshal([]byte(rows[i].Params), &rows[i].Data); err != nil {
			return Page[Notice]{}, err
		}
	}
	return paged(rows, size, func(n Notice) int64 { return n.ID }), nil
}

// Parcel is a notice on its way, with the accounts that it may go to. A digest
// carries the others of the day along.
type Parcel struct {
	Notice
	Also     []Notice
	Accounts []Account
}

// ClaimNotices takes up to n notices that are due, so that no other instance
// sends them too. One that is not settled becomes due again after its wait. What a
// person does not want to be told at this hour becomes due when they do, and does not
// keep what stands behind it waiting.
func (f *Forum) ClaimNotices(ctx context.Context, n int) ([]Parcel, error) {
	return do(ctx, f, Clock, rules.NoticeClaim, anywhere("notice"), func(t *tx) (got []Parcel, err error) {
		for seen := n; len(got) == 0 && seen == n && err == nil; {
			seen, got, err = t.claimDue(n)
		}
		return got, err
	})
}

// claimDue claims of the first n that are due those that may be told now, and counts
// those that it found.
func (t *tx) claimDue(n int) (int, []Parcel, error) {
	var rows []Notice
	if err := t.locked().Where("due_at <= ?", t.now).Order("due_at, id").Limit(n).Find(&rows).Error; err != nil {
		return 0, nil, err
	}
	people := make([]int64, len(rows))
	for i, row := range rows {
		people[i] = row.PersonID
	}
	wishes, err := t.wishesOf(people)
	if err != nil {
		return 0, nil, err
	}
	got, err := t.dispatch(rows, wishes)
	return len(rows), got, err
}

// dispatch claims what may be told now, and puts the rest off until it may.
func (t *tx) dispatch(rows []Notice, wishes map[int64]Wish) ([]Parcel, error) {
	out, late := parcels{byPerson: map[int64]int{}}, map[time.Time][]int64{}
	for _, row := range rows {
		w := wishes[row.PersonID]
		if due := w.due(row, t.now); due.After(t.now) {
			late[due] = append(late[due], row.ID)
			continue
		}
		if err := errors.Join(t.claim(&row), t.parcel(&out, row, w.Digest && !rules.Urgent(row.Code))); err != nil {
			return nil, err
		}
	}
	for due, ids := range late {
		if err := t.Model(&Notice{}).Where("id IN ?", ids).Update("due_at", due).Error; err != nil {
			return nil, err
		}
	}
	return out.all, nil
}

// parcels are notices on their way; byPerson are the places of their digests.
type parcels struct {
	all      []Parcel
	byPerson map[int64]int
}

// parcel makes a parcel of a notice, or puts it to the others of a digest.
func (t *tx) parcel(out *parcels, row Notice, digest bool) error {
	at, ok := out.byPerson[row.PersonID]
	if digest && ok {
		out.all[at].Also = append(out.all[at].Also, row)
		return nil
	}
	if digest {
		out.byPerson[row.PersonID] = len(out.all)
	}
	p := Parcel{Notice: row}
	err := t.Where("person_id = ?", row.PersonID).Order("bound_at").Find(&p.Accounts).Error
	out.all = append(out.all, p)
	return err
}

// claim makes a notice due again after its wait, should it not be settled.
func (t *tx) claim(row *Notice) error {
	wait := NoticeWait << row.Attempts
	if err := t.Model(&Notice{}).Where("id = ?", row.ID).Updates(set{"attempts": row.Attempts + 1, "due_at": t.now.Add(wait)}).Error; err != nil {
		return err
	}
	return json.Unmarshal([]byte(row.Params), &row.Data)
}

// SettleNotice records how the sending of a claimed notice went. A failure that
// may pass leaves it due, up to NoticeTries, and not before from.
func (f *Forum) SettleNotice(ctx context.Context, id int64, channel, failure string, retry bool, from time.Time) (None, error) {
	on := place{subject("notice", id), anywhere("").find}
	return do(ctx, f, Clock, rules.NoticeSent, on, func(t *tx) (None, error) {
		var row Notice
		if err := t.locked().Where("id = ?", id).Take(&row).Error; err != nil {
			return None{}, found(err, "notice")
		}
		change := set{"channel": channel, "failure": failure}
		if failure == "" {
			change["sent_at"] = t.now
		}
		if failure == "" || !retry || row.Attempts >= NoticeTries {
			change["due_at"] = nil
		} else if row.DueAt != nil && from.After(*row.DueAt) {
			change["due_at"] = from.UTC()
		}
		return None{}, t.Model(&Notice{}).Where("id = ?", id).Updates(change).Error
	})
}

func (t *tx) dropNotices(person int64) error {
	return t.Where("person_id = ?", person).Delete(&Notice{}).Error
}
