package models

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"gorm.io/gorm"

	"yishi/models/ballots"
	"yishi/models/board"
	"yishi/models/rules"
	"yishi/models/secret"
)

// opening is what opened a secret poll, and what came to light.
type opening struct {
	Key  string         `json:"key,omitempty"`  // where the key is disclosed
	List []board.Listed `json:"list,omitempty"` // where a list is
}

// closeSecret ends the taking of secret ballots: what waits reaches the record.
// With fewer voters than the crowd that they were promised nothing is ever
// opened; else two shares do it.
func (t *tx) closeSecret(p *Poll, d rules.Definition) error {
	v, err := t.f.booth(t.Statement.Context, p.ID)
	if err != nil {
		return err
	}
	pool, err := t.pool(p.ID)
	if err != nil {
		return err
	}
	if _, err := t.drawBatch(v, pool, len(voters(pool))); err != nil {
		return err
	}
	if err := t.setPool(p.ID, nil); err != nil {
		return err
	}
	if err := ballots.Shut(t.DB, p.ID, false); err != nil {
		return err
	}
	count, err := ballots.Tally(t.DB, p.ID)
	if err != nil {
		return err
	}
	p.State, p.ClosedAt = rules.PollCounting, &t.now
	if count.Cast < int64(d.Secret.Crowd) {
		return t.void(p, rules.VoidFew)
	}
	if err := t.setPoll(p); err != nil {
		return err
	}
	return t.askBack(p)
}

// void ends a secret poll whose ballots stay sealed for ever.
func (t *tx) void(p *Poll, reason string) error {
	count, err := ballots.Tally(t.DB, p.ID)
	if err != nil {
		return err
	}
	turnout, err := t.secretTurnout(p)
	if err != nil {
		return err
	}
	return t.settleSecret(p, rules.VoidVerdict(turnout, count.Cast, reason), opening{})
}

// settleSecret writes the verdict of a secret poll and forgets its keys.
func (t *tx) settleSecret(p *Poll, v rules.Verdict, o opening) error {
	if err := t.forgetKeys(p.ID, o); err != nil {
		return err
	}
	return t.giveVerdict(p, v)
}

// secretTurnout is who took part in a secret poll: whoever is there, or has had a
// token. Who voted nobody can tell.
func (t *tx) secretTurnout(p *Poll) (rules.Turnout, error) {
	var n int64
	err := t.Raw(`SELECT COUNT(*) FROM (SELECT unit FROM secret_tokens WHERE poll_id = @poll UNION SELECT s.unit FROM presences p
		JOIN seats s ON s.poll_id = @poll AND s.person_id = p.person_id WHERE p.session_id = @session) AS there`,
		set{"poll": p.ID, "session": p.SessionID}).Scan(&n).Error
	return rules.Turnout{Due: p.Due, Attended: n}, err
}

// EnterShare gives a share back once the poll is closed. With the second, of
// another holder and by another person, every ballot is opened and counted. Who
// runs polls there may enter the share out of a holder's sealed envelope, saying
// why; else a holder enters their own.
func (f *Forum) EnterShare(ctx context.Context, who Actor, id int64, typed, envelope string) (*PollView, error) {
	return do(ctx, f, who, rules.ShareEnter, onPoll(id), func(t *tx) (*PollView, error) {
		p, d, err := t.secretPoll(id)
		if err != nil {
			return nil, err
		}
		if p.State != rules.PollCounting {
			return nil, rules.Refuse(rules.Conflict, "secret.sealed")
		}
		shares, err := t.giveBack(p, typed, envelope)
		if err != nil {
			return nil, err
		}
		if len(shares) == 2 {
			if err := t.unseal(p, d, shares); err != nil {
				return nil, err
			}
		}
		return t.pollView(*p)
	})
}

// giveBack notes a share and returns all that were entered.
func (t *tx) giveBack(p *Poll, typed, envelope string) ([]*secret.Share, error) {
	share, err := t.readShare(p.ID, typed)
	if err != nil {
		return nil, err
	}
	var rows []SecretShare
	if err := t.Where("poll_id = ?", p.ID).Order("number").Find(&rows).Error; err != nil {
		return nil, err
	}
	mine := &rows[share.Number-1]
	if err := t.mayEnter(p, mine, envelope); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(rows, func(s SecretShare) bool { return s.EnteredBy == t.who.PersonID }) {
		return nil, rules.Refuse(rules.Conflict, "share.same")
	}
	if mine.EnteredBy != 0 {
		return nil, rules.Refuse(rules.Conflict, "share.entered")
	}
	if err := t.enterShare(mine, typed); err != nil {
		return nil, err
	}
	var all []*secret.Share
	for _, s := range rows {
		if s.EnteredBy == 0 {
			continue
		}
		text, err := t.f.seal.Open(s.Entered)
		if err != nil {
			return nil, err
		}
		share, err := t.readShare(p.ID, text)
		if err != nil {
			return nil, err
		}
		all = append(all, share)
	}
	return all, nil
}

// mayEnter lets a holder enter the share that is theirs, and who runs polls there
// one out of an envelope.
func (t *tx) mayEnter(p *Poll, s *SecretShare, envelope string) error {
	if s.HolderID == t.who.PersonID {
		return nil
	}
	o, err := onPoll(p.ID).find(t)
	if err != nil {
		return err
	}
	if !t.may(rules.PollClosing, o) {
		return rules.Refuse(rules.Forbidden, "share.none")
	}
	words, err := rules.CheckText("envelope", envelope, rules.MaxReason)
	if err != nil {
		return err
	}
	return t.notify(s.HolderID, "notice.envelope", set{"poll": p.ID, "question": p.Question, "words": words})
}

// unseal opens and counts every ballot.
func (t *tx) unseal(p *Poll, d rules.Definition, shares []*secret.Share) error {
	key, err := secret.Join(shares[0], shares[1])
	if err != nil {
		return err
	}
	if key.Public() != d.Secret.Key {
		return errors.New("models: checked shares make another key")
	}
	said, err := t.openAll(p, d, key)
	if err != nil {
		return err
	}
	marks, list := counted(said)
	for _, m := range marks {
		if err := ballots.Tell(t.DB, p.ID, m.Choice, doorSecret, m.Ballots); err != nil {
			return err
		}
	}
	turnout, err := t.secretTurnout(p)
	if err != nil {
		return err
	}
	o := opening{Key: key.String()}
	if d.Secret.Disclosure == rules.DiscloseList {
		o = opening{List: list}
	}
	return t.settleSecret(p, rules.Decide(d.Pack, d.Ask, turnout, marks), o)
}

// doorSecret is the door under which secret ballots are counted.
const doorSecret = "secret"

// openAll opens the last ballot of each voter.
func (t *tx) openAll(p *Poll, d rules.Definition, key *secret.Key) ([]board.Listed, error) {
	var rows []SecretBallot
	var said []board.Listed
	last := "NOT EXISTS (SELECT 1 FROM secret_ballots l WHERE l.poll_id = secret_ballots.poll_id AND l.name = secret_ballots.name AND l.turn = secret_ballots.turn + 1)"
	err := t.Where("poll_id = ?", p.ID).Where(last).Order("name").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	said = make([]board.Listed, len(rows))
	var wait sync.WaitGroup
	for some := range slices.Chunk(indexes(len(rows)), max(1, len(rows)/runtime.GOMAXPROCS(0)+1)) {
		wait.Go(func() {
			for _, i := range some {
				said[i] = listed(d, p.Hash, key, rows[i].ballot())
			}
		})
	}
	wait.Wait()
	return said, nil
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// listed opens one ballot. One that does not open, or does not say what may be
// said, is void.
func listed(d rules.Definition, hash string, key *secret.Key, b secret.Ballot) board.Listed {
	o, err := key.Open(hash, b)
	if err != nil {
		return board.Listed{Choice: string(rules.Void)}
	}
	return board.Listed{Tracker: o.Tracker, Choice: string(rules.ReadSealed(d.Ask, o.Choice))}
}

// counted is the histogram of what was said, and the list by tracker. Two voters
// whose phones drew one tracker both find it.
func counted(said []board.Listed) ([]rules.Mark, []board.Listed) {
	list := slices.SortedFunc(slices.Values(said), func(x, y board.Listed) int {
		return cmp.Or(cmp.Compare(x.Tracker, y.Tracker), cmp.Compare(x.Choice, y.Choice))
	})
	n := map[rules.Choice]int64{}
	for _, s := range said {
		n[rules.Choice(s.Choice)]++
	}
	marks := make([]rules.Mark, 0, len(n))
	for choice, ballots := range n {
		marks = append(marks, rules.Mark{Choice: choice, Ballots: ballots})
	}
	slices.SortFunc(marks, func(x, y rules.Mark) int { return cmp.Compare(x.Choice, y.Choice) })
	return marks, list
}

// VoidPoll ends a secret poll that cannot be opened because its shares are lost.
// The matter may then be put again.
func (f *Forum) VoidPoll(ctx context.Context, who Actor, id int64, reason string) (*PollView, error) {
	return do(ctx, f, who, rules.PollVoid, onPoll(id), func(t *tx) (*PollView, error) {
		words, err := rules.CheckText("reason", reason, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		p, _, err := t.secretPoll(id)
		if err != nil {
			return nil, err
		}
		if p.State != rules.PollCounting {
			return nil, rules.Refuse(rules.Conflict, "secret.sealed")
		}
		if err := t.void(p, rules.VoidLost); err != nil {
			return nil, err
		}
		var topic Topic
		if err := t.Where("id = ?", p.TopicID).Take(&topic).Error; err != nil {
			return nil, found(err, "topic")
		}
		if err := t.tell(&topic, "notice.void", set{"poll": id, "question": p.Question, "words": words}); err != nil {
			return nil, err
		}
		return t.pollView(*p)
	})
}

// openingOf is what opened a secret poll.
func (t *tx) openingOf(poll int64) (opening, error) {
	var row Secret
	err := t.Select("opening").Where("poll_id = ?", poll).Take(&row).Error
	if err != nil || row.Opening == "" {
		return opening{}, err
	}
	return decode[opening](row.Opening)
}

// unsealed is what the board says of the opening of a secret poll, nil of a named
// one.
func (t *tx) unsealed(p *Poll) (*board.Unsealed, error) {
	d, err := p.definition()
	if err != nil || d.Secret == nil {
		return nil, err
	}
	o, err := t.openingOf(p.ID)
	if err != nil {
		return nil, err
	}
	u := &board.Unsealed{Key: o.Key, List: o.List}
	return u, t.Model(&SecretToken{}).Where("poll_id = ?", p.ID).Count(&u.Tokens).Error
}

// SecretView is what everybody sees of a secret poll beside the poll.
type SecretView struct {
	rules.Secrecy
	Kept    int        `json:"kept"`    // shares in the hands of their holders; ballots are taken once all are
	Entered int        `json:"entered"` // shares given back
	Tokens  int64      `json:"issued"`  // units that have had a token
	Share   ShareState `json:"share,omitempty" doc:"where the share of whoever asks is; left out for who keeps none"`
	Had     []string   `json:"had" nullable:"false"` // units of whoever asks that have had theirs
	Missing []Keeper   `json:"missing,omitempty" doc:"for who runs polls there and who watches over them: whose share it waits for"`
}

// Keeper is somebody whose share a secret poll waits for.
type Keeper struct {
	PersonID int64      `json:"person_id"`
	Name     string     `json:"name"`
	Share    ShareState `json:"share"`
}

// missing tells who runs polls there, and who watches over them, whose shares a
// poll waits for: to be fetched while it is open, afterwards to be given back.
func (t *tx) missing(poll int64, state rules.PollState, shares []SecretShare) ([]Keeper, error) {
	waits := map[rules.PollState]ShareState{rules.PollOpen: ShareHere, rules.PollCounting: ShareKept}[state]
	var out []Keeper
	var ids []int64
	for _, s := range shares {
		if s.state() == waits {
			out, ids = append(out, Keeper{PersonID: s.HolderID, Share: waits}), append(ids, s.HolderID)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	o, err := onPoll(poll).find(t)
	if err != nil || !t.may(rules.TopicQueue, o) {
		return nil, err
	}
	names, err := t.personNames(ids)
	for i := range out {
		out[i].Name = names[out[i].PersonID]
	}
	return out, err
}

func (t *tx) secretView(poll int64, state rules.PollState, v *SecretView) (err error) {
	var shares []SecretShare
	if err := t.Select("holder_id", "taken", "entered_by").Where("poll_id = ?", poll).Order("number").Find(&shares).Error; err != nil {
		return err
	}
	for _, s := range shares {
		if s.Taken {
			v.Kept++
		}
		if s.EnteredBy != 0 {
			v.Entered++
		}
		if s.HolderID == t.who.PersonID && t.who.PersonID != 0 {
			v.Share = s.state()
		}
	}
	if v.Missing, err = t.missing(poll, state, shares); err != nil {
		return err
	}
	of := func() *gorm.DB { return t.Model(&SecretToken{}).Where("poll_id = ?", poll) }
	if err := of().Count(&v.Tokens).Error; err != nil || t.who.PersonID == 0 {
		return err
	}
	return of().Where("person_id = ?", t.who.PersonID).Order("unit").Pluck("unit", &v.Had).Error
}
