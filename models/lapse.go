package models

import (
	"context"

	"yishi/models/rules"
)

// LapseClocks finds topics, orders, petitions and screenings whose clock has run out, up to n of each,
// marks them once and tells those who hold them, those above, and the raiser.
// It returns how many it found.
func (f *Forum) LapseClocks(ctx context.Context, n int) (int, error) {
	return do(ctx, f, Clock, rules.ClockLapse, anywhere("clock"), func(t *tx) (int, error) {
		topics, err := t.lapseTopics(n)
		if err != nil {
			return 0, err
		}
		orders, err := t.lapseOrders(n)
		if err != nil {
			return 0, err
		}
		petitions, err := t.lapsePetitions(n)
		if err != nil {
			return 0, err
		}
		screenings, err := t.lapseScreenings(n)
		return topics + orders + petitions + screenings, err
	})
}

// tellLapse tells of a clock that has run out.
func (t *tx) tellLapse(topic *Topic, holder int64, verb, what string) error {
	params := set{"title": topic.Title, "receipt": topic.Receipt, "verb": verb, "what": what}
	if err := t.notifyOrg(holder, "notice.lapsed", params, inHand...); err != nil {
		return err
	}
	o, err := t.org(holder)
	if err != nil {
		return err
	}
	if o.ParentID != 0 {
		if err := t.notifyOrg(o.ParentID, "notice.lapsed_above", params, rules.Street, rules.District, rules.City); err != nil {
			return err
		}
	}
	return t.tell(topic, "notice.topic_lapsed", set{"verb": verb, "holder": o.Name})
}
