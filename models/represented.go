package models

import "yishi/models/rules"

// Represented is how many of a kind are present.
type Represented struct {
	Part rules.Part `json:"part"`
	N    int64      `json:"n"`
}

// partSQL is for whom somebody is present: a department that they act for, their
// shop or their community. Whoever is more than one of these is the first; in a
// session of an alliance its members come before residents.
const partSQL = `CASE
	WHEN EXISTS (SELECT 1 FROM offices o WHERE o.person_id = p.person_id AND o.role = 'handler' AND o.until IS NULL) THEN 'department'
	WHEN EXISTS (SELECT 1 FROM members m WHERE m.person_id = p.person_id AND m.state = 'confirmed' AND m.alliance_id = s.alliance_id) THEN 'merchant'
	WHEN EXISTS (SELECT 1 FROM capacities c WHERE c.person_id = p.person_id AND c.state = 'confirmed' AND c.ended_at IS NULL) THEN 'resident'
	WHEN EXISTS (SELECT 1 FROM members m WHERE m.person_id = p.person_id AND m.state = 'confirmed') THEN 'merchant'
	ELSE 'visitor' END`

// partOf is for whom somebody is present in a session, "" if they are not.
func (t *tx) partOf(session, person int64) (rules.Part, error) {
	var part rules.Part
	return part, t.Raw("SELECT "+partSQL+" FROM presences p JOIN sessions s ON s.id = p.session_id WHERE p.session_id = ? AND p.person_id = ?", session, person).Scan(&part).Error
}

// represented counts who is present in a session, by kind.
func (t *tx) represented(session int64) ([]Represented, error) {
	rows := []Represented{}
	return rows, t.Raw("SELECT part, COUNT(*) AS n FROM (SELECT "+partSQL+` AS part FROM presences p JOIN sessions s ON s.id = p.session_id
		WHERE p.session_id = ?) AS there GROUP BY part ORDER BY part`, session).Scan(&rows).Error
}

// presentAs finds somebody present in a session, by number or by name.
func (t *tx) presentAs(session, person int64, name string) (int64, error) {
	q := t.Model(&Presence{}).Where("presences.session_id = ?", session)
	if person != 0 {
		q = q.Where("presences.person_id = ?", person)
	} else {
		name, err := rules.CheckText("name", name, rules.MaxName)
		if err != nil {
			return 0, err
		}
		q = q.Joins("JOIN persons x ON x.id = presences.person_id").Where("x.name = ?", name)
	}
	var ids []int64
	if err := q.Limit(2).Pluck("presences.person_id", &ids).Error; err != nil {
		return 0, err
	}
	switch len(ids) {
	case 0:
		return 0, rules.Refuse(rules.Conflict, "speaker.absent")
	case 1:
		return ids[0], nil
	}
	return 0, rules.Refuse(rules.Conflict, "speaker.which", "name", name)
}
