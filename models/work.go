package models

import (
	"yishi/models/rules"
)

// complete does what follows from the work on a topic: it completes one whose
// orders are all done and whose result is no longer up for objections, and asks
// whether it is really solved. Until then its clock shows what is owed next.
func (t *tx) complete(topic *Topic) error {
	if topic.State != rules.TopicImplementing {
		return nil
	}
	board, err := t.published(topic.ID)
	if err != nil {
		return err
	}
	w := rules.Work{OnBoard: board.ID != 0 && board.EndedAt == nil}
	objection, err := t.against(board, &w)
	if err != nil {
		return err
	}
	last, err := t.ordered(topic.ID, &w)
	if err != nil {
		return err
	}
	switch event, _ := w.Next(); {
	case event == rules.OnOverturn:
		return t.overturn(topic, &board)
	case event == rules.OnDone:
		if err := t.move(topic, event, set{"holder_id": topic.OrgID}, ""); err != nil {
			return err
		}
		return t.ask(topic)
	case w.Waiting > 0:
		return t.owe(topic, objection.DueAt, "objection.answer")
	case w.OnBoard:
		return t.owe(topic, board.EndsAt, "publication.days")
	}
	return t.owe(topic, last.PromisedAt, "order.finish")
}

// overturn gives a topic back to the desk: of what was agreed nothing is left to
// be done.
func (t *tx) overturn(topic *Topic, board *Publication) error {
	if err := t.takeDown(board); err != nil {
		return err
	}
	if err := t.move(topic, rules.OnOverturn, set{"holder_id": topic.OrgID}, ""); err != nil {
		return err
	}
	if err := t.notifyOrg(topic.OrgID, "notice.overturned", set{"receipt": topic.Receipt, "title": topic.Title}, rules.Secretary); err != nil {
		return err
	}
	return t.tell(topic, "notice.topic_overturn", nil)
}
