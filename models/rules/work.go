package rules

// Work is how far the work on a published result has come, and what was said
// against the result while it was on the notice board.
type Work struct {
	OnBoard bool // the result is still on the notice board
	Left    int  // orders on which something is still to be done
	Done    int  // orders that are done
	Waiting int  // objections that nobody has answered
	Upheld  int  // objections to single orders that were upheld; each dropped its order
	Denied  bool // an objection to the whole result was upheld
}

// Next says what follows for the topic, if anything does yet.
//
//   - Nothing, while an objection waits for its answer.
//   - Once objections leave nothing of the result to be done, it is overturned:
//     what nobody does is not done, and the desk has to find another way.
//   - Done, when every order is and the notice board is through with it.
func (w Work) Next() (Event, bool) {
	switch {
	case w.Waiting > 0:
		return "", false
	case w.Denied, w.Upheld > 0 && w.Left+w.Done == 0:
		return OnOverturn, true
	case w.OnBoard, w.Left > 0:
		return "", false
	}
	return OnDone, true
}
