package models

// tellConcerned tells everybody whom a topic of the agenda concerns what becomes
// of it.
func (t *tx) tellConcerned(s *Session, topic *Topic, code, reason string) error {
	params := set{"receipt": topic.Receipt, "title": topic.Title, "topic": topic.ID, "session": s.ID, "starts_at": s.StartsAt, "reason": reason}
	var p Point
	if err := t.Where("id = ?", s.PointID).Take(&p).Error; err != nil {
		return found(err, "point")
	}
	params["point"] = p.Name
	ids, err := t.concerned(s, topic)
	if err != nil {
		return err
	}
	return t.notifyAll(ids, code, params)
}

// concerned returns the raiser of a topic and who wrote it down for them, the
// co-signers, whoever is invited to the session that deals with it, and who
// supervises that.
func (t *tx) concerned(s *Session, topic *Topic) ([]int64, error) {
	ids, err := t.cosigners(topic.ID)
	if err != nil {
		return nil, err
	}
	invited, err := t.invited(s.ID)
	if err != nil {
		return nil, err
	}
	return append(append([]int64{topic.RaiserID, topic.HelperID, s.SupervisorID}, ids...), invited...), nil
}
