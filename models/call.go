package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// CallEvery is how often a person may ask for somebody to talk to.
const CallEvery = time.Hour

const tryCall = "call"

// CallStaff asks the desks of the communities in which a person is known, or asked
// to be, to get in touch with them, and returns the names of those communities. The
// desk is told who asks, not their number: that is for whoever looks it up.
func (f *Forum) CallStaff(ctx context.Context, who Actor) ([]string, error) {
	return do(ctx, f, who, rules.StaffCall, oneself(who), func(t *tx) ([]string, error) {
		if err := t.mayCall(); err != nil {
			return nil, err
		}
		var orgs []Org
		err := t.Where("id IN (?)", t.Model(&Capacity{}).Select("org_id").Where("person_id = ? AND stands = ?", who.PersonID, true)).Order("id").Find(&orgs).Error
		if err != nil {
			return nil, err
		}
		if len(orgs) == 0 {
			return nil, rules.Refuse(rules.NotFound, "call.nowhere")
		}
		name, err := t.nameOf(who.PersonID)
		if err != nil {
			return nil, err
		}
		names := make([]string, len(orgs))
		for i, o := range orgs {
			names[i] = o.Name
			if err := t.notifyOrg(o.ID, "notice.called", set{"name": name, "person": who.PersonID}, rules.Secretary); err != nil {
				return nil, err
			}
		}
		return names, nil
	})
}

// mayCall counts a call, and refuses one that comes too soon after another.
func (t *tx) mayCall() error {
	var before int64
	err := t.Model(&Attempt{}).Where("person_id = ? AND what = ? AND minute > ?", t.who.PersonID, tryCall, t.now.Add(-CallEvery).Unix()/60).Count(&before).Error
	if err != nil {
		return err
	}
	if before > 0 {
		return rules.Refuse(rules.TooMany, "call.twice")
	}
	_, err = t.countTry(tryCall)
	return err
}
