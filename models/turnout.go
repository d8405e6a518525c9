package models

import (
	"yishi/models/ballots"
	"yishi/models/rules"
)

// turnouts is who took part in each of several polls that are not secret: whoever is
// there or has voted. Where the roll is of those who are there, that is everybody on it.
func (t *tx) turnouts(polls []Poll, counts map[int64]ballots.Count) (map[int64]rules.Turnout, error) {
	took := make(map[int64]rules.Turnout, len(polls))
	var present, named []int64
	for _, p := range polls {
		d, err := p.definition()
		if err != nil {
			return nil, err
		}
		if d.Pack.Roll == rules.RollPresent {
			present, took[p.ID] = append(present, p.ID), rules.Turnout{Due: p.Due}
			continue
		}
		voted := rules.Turnout{Due: p.Due, DueArea: p.Area, Attended: counts[p.ID].Cast}
		for _, line := range counts[p.ID].Lines {
			voted.AttendedArea += line.Area
		}
		named, took[p.ID] = append(named, p.ID), voted
	}
	if err := t.attend(took, present, `SELECT poll_id, COUNT(DISTINCT unit) AS units, 0 AS area FROM seats WHERE poll_id IN ? GROUP BY poll_id`); err != nil {
		return nil, err
	}
	return took, t.attend(took, named, `SELECT poll_id, COUNT(*) AS units, SUM(area) AS area FROM (SELECT DISTINCT s.poll_id, s.unit, s.area
		FROM polls q JOIN presences p ON p.session_id = q.session_id JOIN seats s ON s.poll_id = q.id AND s.person_id = p.person_id WHERE q.id IN ?
		AND NOT EXISTS (SELECT 1 FROM ballots b WHERE b.poll_id = s.poll_id AND b.unit = s.unit AND NOT EXISTS (SELECT 1 FROM sheet_withdrawals w
		WHERE w.poll_id = b.poll_id AND w.unit = b.unit AND w.turn >= b.turn))) AS silent GROUP BY poll_id`)
}

// attend adds to who took part in polls those whom a query finds.
func (t *tx) attend(took map[int64]rules.Turnout, polls []int64, query string) error {
	var more []struct{ PollID, Units, Area int64 }
	if len(polls) == 0 {
		return nil
	}
	err := t.Raw(query, polls).Scan(&more).Error
	for _, m := range more {
		turnout := took[m.PollID]
		turnout.Attended += m.Units
		turnout.AttendedArea += m.Area
		took[m.PollID] = turnout
	}
	return err
}

// needs is what the open ones of several polls ask, and still lack.
func (t *tx) needs(polls []Poll, counts map[int64]ballots.Count) (map[int64]rules.Need, error) {
	needs, asked := map[int64]rules.Need{}, map[int64]rules.Definition{}
	var named, secret []Poll
	for _, p := range polls {
		if p.State != rules.PollOpen {
			continue
		}
		d, err := p.definition()
		if err != nil {
			return nil, err
		}
		if asked[p.ID] = d; d.Secret != nil {
			secret = append(secret, p)
		} else {
			named = append(named, p)
		}
	}
	took, err := t.turnouts(named, counts)
	if err != nil {
		return nil, err
	}
	for _, p := range secret {
		if took[p.ID], err = t.secretTurnout(&p); err != nil {
			return nil, err
		}
	}
	for id, d := range asked {
		needs[id] = rules.Needs(d.Pack, d.Ask, took[id])
	}
	return needs, nil
}

// Need is the sentence of what an open poll asks before it has a result, and what it
// tells of; "" of one that is not open.
func (v PollView) Need() (code string, params map[string]any) { return v.need.Code, v.need.Params }
