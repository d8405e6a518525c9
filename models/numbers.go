package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Numbers are what came of the matters that were raised in a period at an org and
// below it, and of what was done there in it. They are one org's own and rank nobody:
// what one community has more of than another is no measure of either.
type Numbers struct {
	From     time.Time             `json:"from"`
	Until    time.Time             `json:"until" doc:"no more within"`
	Items    []ItemNumbers         `json:"items" nullable:"false" doc:"of matters raised in the period, by item of the catalogue; item \"\" has none yet"`
	Raised   int64                 `json:"raised"`
	Lapsed   int64                 `json:"lapsed" doc:"raised in the period, and past a term now"`
	Sessions int64                 `json:"sessions" doc:"opened in the period"`
	People   int64                 `json:"people" doc:"who were there, each counted once"`
	Polls    int64                 `json:"polls" doc:"closed in the period"`
	Outcomes map[rules.State]int64 `json:"outcomes"`
	Orders   OrderNumbers          `json:"orders"`
	Answers  map[string]int64      `json:"answers" doc:"of those asked in the period whether it is solved"`
}

// ItemNumbers are the matters of one item of the catalogue, by where they stand.
type ItemNumbers struct {
	Item   string                `json:"item"`
	Raised int64                 `json:"raised"`
	States map[rules.State]int64 `json:"states"`
}

// OrderNumbers are the orders that were issued in a period.
type OrderNumbers struct {
	Issued int64 `json:"issued"`
	Done   int64 `json:"done"`
	Late   int64 `json:"late" doc:"done after the day that was promised, or not done by now"`
}

// Numbers counts a period, from one day to another.
func (f *Forum) Numbers(ctx context.Context, who Actor, orgID int64, first, last string) (*Numbers, error) {
	return see(ctx, f, who, rules.OrgNumbers, inOrg(orgID), func(t *tx) (*Numbers, error) {
		p, err := rules.NewPeriod(first, last, t.now)
		if err != nil {
			return nil, err
		}
		o, err := t.org(orgID)
		if err != nil {
			return nil, err
		}
		var orgs []int64
		if err := t.orgsUnder(o).Pluck("id", &orgs).Error; err != nil {
			return nil, err
		}
		n := &Numbers{From: p.From, Until: p.Until, Items: []ItemNumbers{}, Outcomes: map[rules.State]int64{}, Answers: map[string]int64{}}
		for _, count := range []func(*Numbers, []int64) error{t.countItems, t.countMeetings, t.countOrders, t.countAnswers} {
			if err := count(n, orgs); err != nil {
				return nil, err
			}
		}
		return n, nil
	})
}

func (t *tx) countItems(n *Numbers, orgs []int64) error {
	var rows []struct {
		Item      string
		State     rules.State
		N, Lapsed int64
	}
	err := t.Model(&Topic{}).Where("org_id IN ? AND created_at >= ? AND created_at < ?", orgs, n.From, n.Until).
		Select("item, state, COUNT(*) AS n, COUNT(lapsed_at) AS lapsed").Group("item, state").Order("item, state").Scan(&rows).Error
	for _, r := range rows {
		if len(n.Items) == 0 || n.Items[len(n.Items)-1].Item != r.Item {
			n.Items = append(n.Items, ItemNumbers{Item: r.Item, States: map[rules.State]int64{}})
		}
		last := &n.Items[len(n.Items)-1]
		last.Raised += r.N
		last.States[r.State] = r.N
		n.Raised += r.N
		n.Lapsed += r.Lapsed
	}
	return err
}

func (t *tx) countMeetings(n *Numbers, orgs []int64) error {
	held := t.Model(&Session{}).Select("id").Where("org_id IN ? AND opened_at >= ? AND opened_at < ?", orgs, n.From, n.Until)
	if err := t.Model(&Session{}).Where("id IN (?)", held).Count(&n.Sessions).Error; err != nil {
		return err
	}
	if err := t.Model(&Presence{}).Where("session_id IN (?)", held).Distinct("person_id").Count(&n.People).Error; err != nil {
		return err
	}
	if err := t.Model(&Poll{}).Where("org_id IN ? AND closed_at >= ? AND closed_at < ?", orgs, n.From, n.Until).Count(&n.Polls).Error; err != nil {
		return err
	}
	var rows []struct {
		Result rules.State
		N      int64
	}
	err := t.Model(&Outcome{}).Where("at >= ? AND at < ? AND session_id IN (?)", n.From, n.Until, t.Model(&Session{}).Select("id").Where("org_id IN ?", orgs)).
		Select("result, COUNT(*) AS n").Group("result").Scan(&rows).Error
	for _, r := range rows {
		n.Outcomes[r.Result] = r.N
	}
	return err
}

func (t *tx) countOrders(n *Numbers, orgs []int64) error {
	return t.Model(&Order{}).Where("issued_at >= ? AND issued_at < ? AND topic_id IN (?)", n.From, n.Until, t.Model(&Topic{}).Select("id").Where("org_id IN ?", orgs)).
		Select("COUNT(*) AS issued, COUNT(done_at) AS done, COUNT(CASE WHEN COALESCE(done_at, ?) > promised_at THEN 1 END) AS late", t.now).Scan(&n.Orders).Error
}

func (t *tx) countAnswers(n *Numbers, orgs []int64) error {
	var rows []struct {
		Answer string
		N      int64
	}
	err := t.Model(&Confirmation{}).Where("asked_at >= ? AND asked_at < ? AND topic_id IN (?)", n.From, n.Until, t.Model(&Topic{}).Select("id").Where("org_id IN ?", orgs)).
		Select("answer, COUNT(*) AS n").Group("answer").Scan(&rows).Error
	for _, r := range rows {
		n.Answers[r.Answer] = r.N
	}
	return err
}
