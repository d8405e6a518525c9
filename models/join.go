package models

import (
	"context"
	"strings"
	"time"

	"yishi/models/rules"
)

// Joined tells what became of two records of one person.
type Joined struct {
	Name  string `json:"name" doc:"by which the person is known, all but its first character hidden"`
	Again bool   `json:"again" doc:"the login that was used is over: log in again"`
}

// weighs are the rows that bind a record to what it did or what others count on.
// A record that has any of them never gives its accounts away by itself: its seat and
// another's could meet in one hand. All the rest follows from these, or is nothing
// but a habit; join_test.go says which column is which. The great tables are asked
// by their first key.
var weighs = []string{
	"persons WHERE id = @id AND banned_at IS NOT NULL",
	"staff WHERE person_id = @id",
	"offices WHERE person_id = @id",
	"capacities WHERE person_id = @id",
	"members WHERE person_id = @id",
	"topics WHERE raiser_id = @id",
	"topics WHERE helper_id = @id",
	"confirmations WHERE person_id = @id",
	"petitions WHERE starter_id = @id",
	"invitations WHERE person_id = @id",
	"presences WHERE session_id IN (SELECT id FROM sessions) AND person_id = @id",
	"seats WHERE poll_id IN (SELECT id FROM polls) AND person_id = @id",
	"proxies WHERE poll_id IN (SELECT id FROM polls) AND agent_id = @id",
	"secret_shares WHERE poll_id IN (SELECT id FROM polls) AND holder_id = @id",
}

// mayGiveTo reports whether a record may give its accounts to another: it has some,
// and nothing that weighs; and there is a way to the other.
func (t *tx) mayGiveTo(giver, keeper int64) (bool, error) {
	var may bool
	return may, t.Raw(`SELECT EXISTS (SELECT 1 FROM accounts WHERE person_id = @id)
		AND (EXISTS (SELECT 1 FROM accounts WHERE person_id = @to) OR EXISTS (SELECT 1 FROM staff WHERE person_id = @to))
		AND NOT EXISTS (SELECT 1 FROM `+strings.Join(weighs, ") AND NOT EXISTS (SELECT 1 FROM ")+")", set{"id": giver, "to": keeper}).Scan(&may).Error
}

// whoGives says which of two records of one person may give its accounts to the
// other, both 0 if neither may. Of two that may, the younger gives. Both are locked:
// of several who join them at once, the second finds what the first has done.
func (t *tx) whoGives(a, b int64) (giver, keeper int64, err error) {
	var ids []int64
	if err := t.locked().Model(&Person{}).Where("id IN ?", []int64{a, b}).Order("id").Pluck("id", &ids).Error; err != nil {
		return 0, 0, err
	}
	older, younger := min(a, b), max(a, b)
	for _, pair := range [][2]int64{{younger, older}, {older, younger}} {
		may, err := t.mayGiveTo(pair[0], pair[1])
		if err != nil || may {
			return pair[0], pair[1], err
		}
	}
	return 0, 0, nil
}

// give gives everything of a record that holds nothing to another of the same person,
// who is told.
func (t *tx) give(giver, keeper int64) error {
	if err := t.inherit(giver, keeper); err != nil {
		return err
	}
	if _, err := t.moveAccounts(giver, keeper); err != nil {
		return err
	}
	return t.notify(keeper, "notice.account_joined", set{})
}

// tellTwo tells a person once that they have two records, which the desk can join.
func (t *tx) tellTwo(people ...int64) error {
	for _, p := range people {
		var told, reached int64
		if err := t.Model(&Account{}).Where("person_id = ?", p).Count(&reached).Error; err != nil {
			return err
		}
		if err := t.Model(&Notice{}).Where("person_id = ? AND code = ?", p, "notice.account_two").Count(&told).Error; err != nil {
			return err
		}
		if told > 0 || reached == 0 {
			continue
		}
		if err := t.notify(p, "notice.account_two", set{}); err != nil {
			return err
		}
	}
	return nil
}

// joinShown joins the record of the person who asks with another, on the strength of
// what they have shown. Whoever holds an office acts by its accounts: those are given
// where the office was shown to be theirs, by a login of staff, or by the desk.
func (t *tx) joinShown(other int64, staff func(keeper int64) bool) (*Joined, error) {
	giver, keeper, err := t.whoGives(t.who.PersonID, other)
	if err != nil {
		return nil, err
	}
	if giver == 0 {
		return nil, rules.Refuse(rules.Conflict, "account.two")
	}
	offices, err := t.officesOf(keeper)
	if err != nil {
		return nil, err
	}
	if len(offices) > 0 && !staff(keeper) {
		return nil, rules.Refuse(rules.Conflict, "account.staff")
	}
	if err := t.give(giver, keeper); err != nil {
		return nil, err
	}
	return t.joined(giver, keeper)
}

func (t *tx) joined(giver, keeper int64) (*Joined, error) {
	name, err := t.nameOf(keeper)
	return &Joined{Name: hidden(name), Again: giver == t.who.PersonID}, err
}

// hidden is a name of which its owner knows that it is theirs, and nobody else whose.
func hidden(name string) string {
	if name == "" {
		return ""
	}
	return string([]rune(name)[:1]) + "**"
}

// PhoneHolds is how long a verified number shows who somebody is: one that was given
// up goes to nobody else before that.
const PhoneHolds = 90 * 24 * time.Hour

// twins are the other records that have the verified number of a person, and an
// account: one without is given back by the desk alone, lest a stolen card bring
// back what was dropped.
func (t *tx) twins(p Person) ([]int64, error) {
	if p.PhoneIndex == nil || p.PhoneAt == nil || p.PhoneAt.Before(t.now.Add(-PhoneHolds)) {
		return nil, nil
	}
	var ids []int64
	return ids, t.Model(&Person{}).Where("phone_index = ? AND id <> ? AND phone_at > ?", *p.PhoneIndex, p.ID, t.now.Add(-PhoneHolds)).
		Where("id IN (?)", t.Model(&Account{}).Select("person_id")).Order("id").Pluck("id", &ids).Error
}

// JoinTwin joins one's record with the other that has the same verified number. A
// number may be shared, as by a mother and her son: so it is asked for.
func (f *Forum) JoinTwin(ctx context.Context, who Actor) (*Joined, error) {
	return do(ctx, f, who, rules.AccountJoin, oneself(who), func(t *tx) (*Joined, error) {
		var me Person
		if err := t.Where("id = ?", who.PersonID).Take(&me).Error; err != nil {
			return nil, found(err, "person")
		}
		twins, err := t.twins(me)
		if err != nil {
			return nil, err
		}
		switch len(twins) {
		case 0:
			return nil, rules.Refuse(rules.NotFound, "account.no_twin")
		case 1:
			return t.joinShown(twins[0], func(int64) bool { return false })
		}
		return nil, rules.Refuse(rules.Conflict, "account.two")
	})
}
