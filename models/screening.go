package models

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/wordlist"
)

// Screening is what is done with words or a picture of residents before everybody
// may see them. Other words are another screening; those before are kept.
type Screening struct {
	ID        int64                `json:"id"`
	OrgID     int64                `json:"org_id"`
	Noun      rules.Screened       `json:"noun"`
	ThingID   int64                `json:"thing_id"`
	OfID      int64                `json:"of_id,omitempty" doc:"the topic of a photo, the session of a remark"`
	PersonID  int64                `json:"-"` // who wrote it
	Words     string               `json:"words"`
	State     rules.ScreeningState `json:"state"`
	Found     string               `json:"-"`
	Findings  []rules.Finding      `json:"found" gorm:"-" nullable:"false" doc:"words of the list that stand in it"`
	Verdict   string               `json:"verdict" doc:"WeChat's: pass, review or risky; empty: it did not say"`
	Trace     string               `json:"-"` // under which WeChat tells its verdict on a picture
	At        time.Time            `json:"at"`
	DueAt     *time.Time           `json:"due_at,omitempty" doc:"when WeChat is asked, or by when people have to decide"`
	LapsedAt  *time.Time           `json:"lapsed_at,omitempty"`
	DecidedBy int64                `json:"-"`
	DecidedAt *time.Time           `json:"decided_at,omitempty"`
	Reason    string               `json:"reason"`
	Stands    *bool                `json:"-"` // true for the newest of a thing, else nil
}

// FreshFor is how long after somebody was in the mini-program WeChat judges what
// they write.
const FreshFor = 2 * time.Hour

// screen begins the screening of something new. What holds a word of the list
// waits for people, and so does what WeChat cannot be asked about.
func (t *tx) screen(s Screening) error {
	list, _, err := newest[*wordlist.List](t, DataWords)
	if err != nil {
		return err
	}
	s.Findings, s.PersonID, s.At, s.Stands = list.Find(s.Words), t.who.PersonID, t.now, new(true)
	body, err := json.Marshal(s.Findings)
	if err != nil {
		return err
	}
	s.Found = string(body)
	fresh, err := t.fresh()
	if err != nil {
		return err
	}
	s.State, s.DueAt = rules.ScreeningWaiting, &t.now
	if err := t.Model(&Screening{}).Where("noun = ? AND thing_id = ?", s.Noun, s.ThingID).Update("stands", nil).Error; err != nil {
		return err
	}
	if err := again(t.Create(&s).Error); err != nil {
		return err
	}
	if rules.Holds(s.Findings) || !fresh {
		return t.holdScreening(&s)
	}
	return nil
}

// fresh reports whether whoever does this was in the mini-program lately.
func (t *tx) fresh() (bool, error) {
	if t.who.Door == DoorMini {
		return true, nil
	}
	var n int64
	err := t.Model(&Login{}).Where("person_id = ? AND door = ? AND created_at > ?", t.who.PersonID, DoorMini, t.now.Add(-FreshFor)).Count(&n).Error
	return n > 0, err
}

// vouch screens what the desk itself puts up: it has seen it.
func (t *tx) vouch(s Screening) error {
	s.PersonID, s.At, s.Stands, s.Found = t.who.PersonID, t.now, new(true), "[]"
	s.State, s.DecidedBy, s.DecidedAt = rules.ScreeningPassed, t.who.PersonID, &t.now
	return t.Create(&s).Error
}

// holdScreening leaves a screening to people. The words of a topic are read by the
// desk as they come in, so that nobody is told of those.
func (t *tx) holdScreening(s *Screening) error {
	due, err := t.due("screening.decide", t.now)
	if err != nil {
		return err
	}
	s.State, s.DueAt = rules.ScreeningHeld, &due
	if err := t.Model(&Screening{}).Where("id = ?", s.ID).Updates(set{"state": s.State, "due_at": due, "verdict": s.Verdict}).Error; err != nil {
		return err
	}
	if s.Noun == rules.ScreenedTopic {
		return nil
	}
	params := set{"noun": s.Noun, "screening": s.ID, "until": due}
	if err := t.notify(s.PersonID, "notice.screening_held", params); err != nil {
		return err
	}
	return t.notifyOrg(s.OrgID, "notice.screening_asked", params, rules.Secretary)
}

// settleScreening ends a screening and does what follows.
func (t *tx) settleScreening(s *Screening, state rules.ScreeningState, reason string) error {
	held := s.State == rules.ScreeningHeld
	s.State, s.Reason, s.DueAt = state, reason, nil
	change := set{"state": state, "reason": reason, "verdict": s.Verdict, "due_at": nil}
	if state != rules.ScreeningClear {
		s.DecidedBy, s.DecidedAt = t.who.PersonID, &t.now
		change["decided_by"], change["decided_at"] = s.DecidedBy, t.now
	}
	if err := t.Model(&Screening{}).Where("id = ?", s.ID).Updates(change).Error; err != nil {
		return err
	}
	if s.Noun == rules.ScreenedPetition {
		return t.screenedPetition(s)
	}
	params := set{"noun": s.Noun, "reason": reason}
	switch {
	case state == rules.ScreeningRefused:
		return t.notify(s.PersonID, "notice.screening_refused", params)
	case held && s.Noun != rules.ScreenedTopic:
		return t.notify(s.PersonID, "notice.screening_passed", params)
	}
	return nil
}

// suspect reports whether something speaks against what was screened: a word of
// the list, or WeChat.
func (s *Screening) suspect() bool {
	return rules.Holds(s.Findings) || s.Verdict == "review" || s.Verdict == "risky"
}

// letTopicStand refuses to make the words of a topic public against which
// something speaks, until that has been decided. Otherwise whoever moves the topic
// on has read them, and that is the decision.
func (t *tx) letTopicStand(id int64) error {
	var s Screening
	err := t.locked().Where("noun = ? AND thing_id = ? AND stands = ?", rules.ScreenedTopic, id, true).Limit(1).Find(&s).Error
	if err != nil || s.ID == 0 || s.State.Public() {
		return err
	}
	if err := s.read(); err != nil {
		return err
	}
	if s.State == rules.ScreeningRefused || s.suspect() {
		return rules.Refuse(rules.Conflict, "topic.held", "screening", s.ID)
	}
	return t.settleScreening(&s, rules.ScreeningPassed, "")
}

// public is what everybody may read of a noun, by its ids.
func (t *tx) public(n rules.Screened) *gorm.DB {
	return t.Model(&Screening{}).Select("thing_id").Where("noun = ? AND stands = ? AND state IN ?", n, true, rules.ScreeningPublic)
}

// isPublic reports whether everybody may read a thing.
func (t *tx) isPublic(n rules.Screened, id int64) (bool, error) {
	var rows int64
	err := t.public(n).Where("thing_id = ?", id).Count(&rows).Error
	return rows > 0, err
}

// read takes apart what was found.
func (s *Screening) read() error {
	err := json.Unmarshal([]byte(s.Found), &s.Findings)
	if s.Findings == nil {
		s.Findings = []rules.Finding{}
	}
	return err
}

func onScreening(id int64) place {
	return place{subject("screening", id), func(t *tx) (rules.Object, error) {
		var path string
		err := t.Raw("SELECT g.path FROM screenings s JOIN orgs g ON g.id = s.org_id WHERE s.id = ?", id).Scan(&path).Error
		if err == nil && path == "" {
			err = unknown("screening")
		}
		return rules.Object{Path: path}, err
	}}
}

// DecideScreening lets something stand in public, or keeps it from there, with
// the reason. The writer is told.
func (f *Forum) DecideScreening(ctx context.Context, who Actor, id int64, yes bool, reason string) (*Screening, error) {
	on := onScreening(id)
	return do(ctx, f, who, rules.ScreeningDecide, on, func(t *tx) (*Screening, error) {
		reason, err := rules.CheckOptional("reason", reason, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		var s Screening
		if err := t.locked().Where("id = ?", id).Take(&s).Error; err != nil {
			return nil, found(err, "screening")
		}
		if err := s.read(); err != nil {
			return nil, err
		}
		if s.Stands == nil {
			return nil, rules.Refuse(rules.Conflict, "screening.reworded")
		}
		object, err := on.find(t)
		if err != nil {
			return nil, err
		}
		above := t.may(rules.PetitionRemove, object)
		if err := rules.CheckScreening(s.State, s.Noun, s.suspect(), yes, above, reason); err != nil {
			return nil, err
		}
		state := rules.ScreeningRefused
		if yes {
			state = rules.ScreeningPassed
		}
		return &s, t.settleScreening(&s, state, reason)
	})
}

// Screenings returns what waits for people at an org and below it, the oldest
// first; or, where all is asked for, every screening with its decision and reason.
func (f *Forum) Screenings(ctx context.Context, who Actor, orgID int64, all bool, after int64, size int) (Page[Screening], error) {
	return see(ctx, f, who, rules.ScreeningRead, inOrg(orgID), func(t *tx) (Page[Screening], error) {
		o, err := t.org(orgID)
		if err != nil {
			return Page[Screening]{}, err
		}
		q := t.Where("id > ? AND org_id IN (?)", after, t.orgsUnder(o))
		if !all {
			// Words of a topic against which nothing speaks are in the desk's queue.
			q = q.Where("state = ? AND stands = ? AND (noun <> ? OR found LIKE ? OR verdict <> '')", rules.ScreeningHeld, true, rules.ScreenedTopic, `%"hold"%`)
		}
		var rows []Screening
		if err := q.Order("id").Limit(pageSize(size) + 1).Find(&rows).Error; err != nil {
			return Page[Screening]{}, err
		}
		for i := range rows {
			if err := rows[i].read(); err != nil {
				return Page[Screening]{}, err
			}
		}
		return paged(rows, pageSize(size), func(s Screening) int64 { return s.ID }), nil
	})
}

// lapseScreenings marks what people have not decided in time, and tells the level
// above: a desk does not keep from the public by silence what is meant against it.
func (t *tx) lapseScreenings(n int) (int, error) {
	var rows []Screening
	err := t.locked().Where("state = ? AND stands = ? AND due_at <= ? AND lapsed_at IS NULL AND noun <> ?", rules.ScreeningHeld, true, t.now, rules.ScreenedTopic).
		Order("due_at, id").Limit(n).Find(&rows).Error
	if err != nil {
		return 0, err
	}
	for _, s := range rows {
		if err := t.Model(&Screening{}).Where("id = ?", s.ID).Update("lapsed_at", t.now).Error; err != nil {
			return 0, err
		}
		o, err := t.org(s.OrgID)
		if err != nil {
			return 0, err
		}
		params := set{"noun": s.Noun, "screening": s.ID, "org": o.Name}
		if err := t.notifyOrg(o.ParentID, "notice.screening_overdue", params, rules.Street, rules.District, rules.City); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// Specimen is something that WeChat is asked about, with the accounts of who wrote
// it; File is a picture's.
type Specimen struct {
	Screening
	File     string
	Accounts []Account
}

// How long an instance has to ask WeChat, and how long WeChat has to tell its
// verdict on a picture. What it does not say in time is no pass.
const (
	AskFor     = time.Minute
	PictureFor = 30 * time.Minute
)

// HoldScreenings leaves to people what WeChat has not judged in time, up to n. It
// returns how many.
func (f *Forum) HoldScreenings(ctx context.Context, n int) (int, error) {
	return do(ctx, f, Clock, rules.ScreeningHold, anywhere("screening"), func(t *tx) (int, error) {
		var rows []Screening
		err := t.locked().Where("state = ? AND due_at <= ? AND (trace <> '' OR at <= ?)", rules.ScreeningWaiting, t.now, t.now.Add(-FreshFor)).
			Order("due_at, id").Limit(n).Find(&rows).Error
		if err != nil {
			return 0, err
		}
		for i := range rows {
			if err := t.judged(&rows[i], ""); err != nil {
				return 0, err
			}
		}
		return len(rows), nil
	})
}

// ClaimScreenings takes up to n screenings about which WeChat is to be asked, so
// that no other instance asks too. One that is not settled becomes due again.
func (f *Forum) ClaimScreenings(ctx context.Context, n int) ([]Specimen, error) {
	return do(ctx, f, Clock, rules.ScreeningClaim, anywhere("screening"), func(t *tx) ([]Specimen, error) {
		var rows []Screening
		err := t.locked().Where("state = ? AND due_at <= ? AND trace = ''", rules.ScreeningWaiting, t.now).Order("due_at, id").Limit(n).Find(&rows).Error
		if err != nil {
			return nil, err
		}
		out := make([]Specimen, len(rows))
		for i, row := range rows {
			if out[i], err = t.specimen(row); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// specimen claims one screening.
func (t *tx) specimen(row Screening) (Specimen, error) {
	s := Specimen{Screening: row}
	if err := t.Model(&Screening{}).Where("id = ?", row.ID).Update("due_at", t.now.Add(AskFor)).Error; err != nil {
		return s, err
	}
	if err := t.Where("person_id = ?", row.PersonID).Order("bound_at").Find(&s.Accounts).Error; err != nil {
		return s, err
	}
	if row.Noun != rules.ScreenedPhoto {
		return s, nil
	}
	return s, t.Model(&Photo{}).Where("id = ?", row.ThingID).Pluck("file", &s.File).Error
}

// SettleScreening records what WeChat said to a claimed screening: its verdict, or
// the trace under which it will tell it. Neither leaves it to people.
func (f *Forum) SettleScreening(ctx context.Context, id int64, verdict, trace string) (None, error) {
	return do(ctx, f, Clock, rules.ScreeningSettle, onScreening(id), func(t *tx) (None, error) {
		var s Screening
		if err := t.locked().Where("id = ?", id).Take(&s).Error; err != nil {
			return None{}, found(err, "screening")
		}
		if s.State != rules.ScreeningWaiting {
			return None{}, rules.Refuse(rules.Conflict, "screening.decided", "state", s.State)
		}
		if verdict == "" && trace != "" {
			return None{}, t.Model(&Screening{}).Where("id = ?", id).Updates(set{"trace": trace, "due_at": t.now.Add(PictureFor)}).Error
		}
		return None{}, t.judged(&s, verdict)
	})
}

// JudgePicture takes WeChat's verdict on a picture, which it tells under a trace.
// One that comes after people have been asked is theirs to see.
func (f *Forum) JudgePicture(ctx context.Context, trace, verdict string) (None, error) {
	return do(ctx, f, Clock, rules.ScreeningJudge, anywhere("screening"), func(t *tx) (None, error) {
		var s Screening
		if err := t.locked().Where("trace = ? AND trace <> ''", trace).Take(&s).Error; err != nil {
			return None{}, found(err, "screening")
		}
		if s.State == rules.ScreeningWaiting {
			return None{}, t.judged(&s, verdict)
		}
		return None{}, t.Model(&Screening{}).Where("id = ?", s.ID).Update("verdict", verdict).Error
	})
}

// judged draws what follows from WeChat's verdict.
func (t *tx) judged(s *Screening, verdict string) error {
	s.Verdict = verdict
	if verdict == VerdictPass {
		return t.settleScreening(s, rules.ScreeningClear, "")
	}
	return t.holdScreening(s)
}

// VerdictPass is the one verdict of WeChat after which nobody has to look.
const VerdictPass = "pass"

// PictureToJudge refuses a file that WeChat is not to judge just now. Its name is
// drawn by lot: who knows it has it from us.
func (f *Forum) PictureToJudge(ctx context.Context, who Actor, file string) error {
	_, err := see(ctx, f, who, rules.ScreeningFetch, anywhere("photo"), func(t *tx) (None, error) {
		photos := t.Model(&Photo{}).Select("id").Where("file = ?", file)
		var n int64
		err := t.Model(&Screening{}).Where("noun = ? AND state = ? AND thing_id IN (?)", rules.ScreenedPhoto, rules.ScreeningWaiting, photos).Count(&n).Error
		if err == nil && n == 0 {
			err = unknown("photo")
		}
		return None{}, err
	})
	return err
}
