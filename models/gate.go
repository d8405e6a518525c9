package models

import (
	"context"

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
	Cast     int64          `json:"cast"`
	Waiting  int64          `json:"waiting,omitempty" doc:"counting: sheets that are not entered yet"`
	Verdict  *rules.Verdict `json:"verdict,omitempty"`
	Origins  []Origin       `json:"origins" nullable:"false" doc:"with the verdict: through which doors the ballots came that count"`
	Mine     []Ballot       `json:"mine" nullable:"false"`  // the ballots of whoever asks
	Units    []string       `json:"units" nullable:"false"` // for which whoever asks may vote
}

// Origin is how many of the ballots that count came through one door.
type Origin = ballots.Origin

func (t *tx) pollViews(polls []Poll) ([]PollView, error) {
	views := make([]PollView, len(polls))
	for i, p := range polls {
		v, err := t.pollView(p)
		if err != nil {
			return nil, err
		}
		views[i] = v
	}
	return views, nil
}

func (t *tx) pollView(p Poll) (PollView, error) {
	d, err := p.definition()
	if err != nil {
		return PollView{}, err
	}
	v := PollView{Poll: p, PackName: d.Pack.Name, Law: d.Pack.Law, Article: d.Pack.Article, Binding: d.Pack.Binding, Mine: []Ballot{}, Units: []string{}, Origins: []Origin{}, Method: d.Method, Options: append([]string{}, d.Options...), Most: d.Most}
	count, err := ballots.Tally(t.DB, p.ID)
	if err != nil {
		return v, err
	}
	v.Cast = count.Cast
	if err := t.tellState(&v, count); err != nil {
		return v, err
	}
	me := t.who.PersonID
	if me == 0 {
		return v, nil
	}
	if err := t.Model(&Seat{}).Where("poll_id = ? AND person_id = ?", p.ID, me).Order("unit").Pluck("unit", &v.Units).Error; err != nil {
		return v, err
	}
	v.Mine, err = t.mine(p.ID, v.Units)
	return v, err
}

// tellState tells what may be told of a poll that takes no more ballots.
func (t *tx) tellState(v *PollView, count ballots.Count) error {
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

// mine returns the ballots that count for units and were cast by whoever asks.
func (t *tx) mine(poll int64, units []string) ([]Ballot, error) {
	var rows []ballots.Ballot
	if err := t.Where("poll_id = ? AND unit IN ?", poll, units).Order("unit, turn").Find(&rows).Error; err != nil {
		return nil, err
	}
	out := []Ballot{}
	for i, row := range rows {
		counts := i+1 == len(rows) || rows[i+1].Unit != row.Unit
		if counts && row.PersonID == t.who.PersonID {
			out = append(out, Ballot{Ballot: row})
		}
	}
	return out, nil
}

// Poll returns one poll.
func (f *Forum) Poll(ctx context.Context, who Actor, id int64) (*PollView, error) {
	return see(ctx, f, who, rules.PollRead, onPoll(id), func(t *tx) (*PollView, error) {
		var p Poll
		if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
			return nil, found(err, "poll")
		}
		views, err := t.pollViews([]Poll{p})
		if err != nil {
			return nil, err
		}
		return &views[0], nil
	})
}

// MyPolls returns the open polls on whose roll the person stands.
func (f *Forum) MyPolls(ctx context.Context, who Actor) ([]PollView, error) {
	return see(ctx, f, who, rules.TopicMine, oneself(who), func(t *tx) ([]PollView, error) {
		var polls []Poll
		err := t.Where("state = ? AND (closes_at IS NULL OR closes_at > ?) AND id IN (?)", rules.PollOpen, t.now,
			t.Model(&Seat{}).Select("poll_id").Where("person_id = ?", who.PersonID)).Order("id").Limit(PageSize).Find(&polls).Error
		if err != nil {
			return nil, err
		}
		return t.pollViews(polls)
	})
}
