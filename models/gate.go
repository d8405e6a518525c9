package models

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"yishi/models/ballots"
	"yishi/models/rules"
)

// PollView is a poll as everybody sees it. Counts leave through this gate alone:
// while the poll is open only how many took part, the rest with the verdict.
type PollView struct {
	Poll
	PackName string         `json:"pack_name"`
	Law      string         `json:"law"`
	Article  string         `json:"article"`
	Binding  bool           `json:"binding"`
	Method   rules.Method   `json:"method"`
	Options  []string       `json:"options" nullable:"false"`
	Most     int            `json:"most,omitempty"`
	Revote   bool           `json:"revote"` // the last ballot counts until close
	Cast     int64          `json:"cast"`
	Waiting  int64          `json:"waiting,omitempty" doc:"counting: sheets that are not entered yet"`
	Verdict  *rules.Verdict `json:"verdict,omitempty"`
	Origins  []Origin       `json:"origins" nullable:"false" doc:"with the verdict: through which doors the ballots came that count"`
	Mine     []Ballot       `json:"mine" nullable:"false"`  // the ballots of whoever asks
	Units    []string       `json:"units" nullable:"false"` // for which whoever asks may vote
	Secret   *SecretView    `json:"secret,omitempty"`

	need rules.Need
}

// Origin is how many of the ballots that count came through one door.
type Origin = ballots.Origin

// pollViews takes the same few queries however many polls there are; one that is
// secret, or being counted, takes some more.
func (t *tx) pollViews(polls []Poll) ([]PollView, error) {
	views, ids := make([]PollView, len(polls)), make([]int64, len(polls))
	for i, p := range polls {
		v, err := p.view()
		if err != nil {
			return nil, err
		}
		views[i], ids[i] = v, p.ID
	}
	if len(polls) == 0 {
		return views, nil
	}
	counts, err := ballots.Tallies(t.DB, ids)
	if err != nil {
		return nil, err
	}
	needs, err := t.needs(polls, counts)
	if err != nil {
		return nil, err
	}
	for i := range views {
		views[i].need = needs[ids[i]]
		if err := t.tellState(&views[i], counts[ids[i]]); err != nil {
			return nil, err
		}
	}
	if t.who.PersonID == 0 {
		return views, nil
	}
	return views, t.tellOwn(views, ids)
}

// tellOwn tells whoever asks for which units they may vote, and how they did.
func (t *tx) tellOwn(views []PollView, ids []int64) error {
	var seats []Seat
	if err := t.Where("poll_id IN ? AND person_id = ?", ids, t.who.PersonID).Order("unit").Find(&seats).Error; err != nil {
		return err
	}
	for i := range views {
		for _, s := range seats {
			if s.PollID == views[i].ID {
				views[i].Units = append(views[i].Units, s.Unit)
			}
		}
	}
	return t.mine(views, ids)
}

func (t *tx) pollView(p Poll) (*PollView, error) {
	views, err := t.pollViews([]Poll{p})
	if err != nil {
		return nil, err
	}
	return &views[0], nil
}

// view is what stands in a poll itself.
func (p Poll) view() (PollView, error) {
	d, err := p.definition()
	if err != nil {
		return PollView{}, err
	}
	v := PollView{
		Poll: p, PackName: d.Pack.Name, Law: d.Pack.Law, Article: d.Pack.Article, Binding: d.Pack.Binding,
		Method: d.Method, Options: append([]string{}, d.Options...), Most: d.Most, Revote: d.Pack.Revote,
		Mine: []Ballot{}, Units: []string{}, Origins: []Origin{},
	}
	if d.Secret != nil {
		v.Secret = &SecretView{Secrecy: *d.Secret, Had: []string{}}
	}
	return v, nil
}

// tellState tells what may be told of a poll as it stands.
func (t *tx) tellState(v *PollView, count ballots.Count) error {
	v.Cast = count.Cast
	if v.Secret != nil {
		if err := t.secretView(v.ID, v.State, v.Secret); err != nil {
			return err
		}
	}
	switch v.State {
	case rules.PollOpen:
	case rules.PollCounting:
		waiting, err := t.sheetsWaiting(v.ID)
		v.Waiting = int64(len(waiting))
		return err
	case rules.PollClosed:
		verdict, err := decode[rules.Verdict](v.Poll.Verdict)
		v.Verdict, v.Origins = &verdict, count.Origins()
		return err
	}
	return nil
}

// mine reads the ballots that count for units of whoever asks and were cast by
// them.
func (t *tx) mine(views []PollView, ids []int64) error {
	var units []string
	for _, v := range views {
		units = append(units, v.Units...)
	}
	var rows []ballots.Ballot
	if err := t.Where("poll_id IN ? AND unit IN ?", ids, units).Order("poll_id, unit, turn").Find(&rows).Error; err != nil {
		return err
	}
	for i, row := range rows {
		if i+1 < len(rows) && rows[i+1].PollID == row.PollID && rows[i+1].Unit == row.Unit || row.PersonID != t.who.PersonID {
			continue // another turn counts, or it was cast by somebody who shares the unit
		}
		for j := range views {
			if views[j].ID == row.PollID && slices.Contains(views[j].Units, row.Unit) {
				views[j].Mine = append(views[j].Mine, Ballot{Ballot: row})
			}
		}
	}
	return nil
}

// Poll returns one poll.
func (f *Forum) Poll(ctx context.Context, who Actor, id int64) (*PollView, error) {
	return see(ctx, f, who, rules.PollRead, onPoll(id), func(t *tx) (*PollView, error) {
		var p Poll
		if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
			return nil, found(err, "poll")
		}
		return t.pollView(p)
	})
}

// TopicPolls returns the polls on a topic, the oldest first.
func (f *Forum) TopicPolls(ctx context.Context, who Actor, topicID int64) ([]PollView, error) {
	return see(ctx, f, who, rules.TopicRead, onTopic(topicID), func(t *tx) ([]PollView, error) {
		if _, err := t.visible(topicID); err != nil {
			return nil, err
		}
		var polls []Poll
		if err := t.Where("topic_id = ?", topicID).Order("id").Find(&polls).Error; err != nil {
			return nil, err
		}
		return t.pollViews(polls)
	})
}

// Reason is the sentence that the verdict gives of itself, and what it tells of;
// "" while there is none.
func (v PollView) Reason() (code string, params map[string]any) {
	if v.Verdict == nil {
		return "", nil
	}
	return v.Verdict.Reason, v.Verdict.Params(rules.Ask{Method: v.Method, Options: v.Options, Most: v.Most})
}

// MyPolls returns the polls that wait for the person: open ones on whose roll they
// stand, and secret ones that wait for their share.
func (f *Forum) MyPolls(ctx context.Context, who Actor) ([]PollView, error) {
	return see(ctx, f, who, rules.TopicMine, oneself(who), func(t *tx) ([]PollView, error) {
		var polls []Poll
		shares := func(of string) *gorm.DB {
			return t.Model(&SecretShare{}).Select("poll_id").Where("holder_id = ? AND "+of, who.PersonID, false)
		}
		err := t.Where("state = ? AND (closes_at IS NULL OR closes_at > ?) AND id IN (?)", rules.PollOpen, t.now,
			t.Model(&Seat{}).Select("poll_id").Where("person_id = ?", who.PersonID)).
			Or("state = ? AND id IN (?)", rules.PollOpen, shares("taken = ?")).
			Or("state = ? AND id IN (?)", rules.PollCounting, shares("(entered_by <> 0) = ?")).
			Order("id").Limit(PageSize).Find(&polls).Error
		if err != nil {
			return nil, err
		}
		return t.pollViews(polls)
	})
}
