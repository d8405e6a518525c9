package forumtest

import (
	"fmt"
	"testing"

	"yishi/models"
	"yishi/models/rules"
	"yishi/models/secret"
)

// Meeting is an open session of the sample city on one matter, and who is there.
type Meeting struct {
	*Stage
	t       *testing.T
	Topic   int64
	Session int64
	Keepers []models.Actor // desk, watch, neighbour
	People  []models.Actor // who is there, and may vote
}

// SecretPoll is a secret poll in a meeting. Its crowd is 5, and the first who may
// vote keeps a share.
type SecretPoll struct {
	*Meeting
	View   *models.PollView // as it was opened
	Shares []string         // as their keepers wrote them down
}

const community = "YD-YS-TX-HY"

// NewMeeting opens one with n people.
func NewMeeting(t *testing.T, s *Stage, n int) *Meeting {
	t.Helper()
	ctx, org, desk := t.Context(), s.Org(community), s.City.Secretary(community)
	m := &Meeting{Stage: s, t: t}
	for i := range n {
		pass := must(s.LoginMini(ctx, Identify(fmt.Sprint("voter ", i))))(t)
		who := models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
		c := must(s.BindCapacity(ctx, who, org, models.CapacityResident, ""))(t)
		must(s.ConfirmCapacity(ctx, desk, c.ID, true))(t)
		m.People = append(m.People, who)
	}
	watch := must(s.CreateStaff(ctx, models.Operator, models.NewStaff{Name: "A watch (sample)", Login: "watch-secret", Role: rules.Supervisor, OrgID: org}))(t)
	m.Keepers = []models.Actor{desk, {PersonID: watch.PersonID, Door: models.DoorConsole}, m.People[0]}
	raised := must(s.RaiseTopic(ctx, m.People[0], models.NewTopic{OrgID: org, Text: "What stands on the stairs"}))(t)
	must(s.TakeUpTopics(ctx, 10))(t)
	m.Topic = raised.Topic.ID
	must(s.AcceptTopic(ctx, desk, m.Topic, models.Acceptance{Item: "3.04", Pack: "CONSULT"}))(t)
	m.Session = must(s.CreateSession(ctx, desk, models.NewSession{
		OrgID: org, PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now(), Due: 1, Topics: []int64{m.Topic},
	}))(t).ID
	must(s.OpenSession(ctx, desk, m.Session))(t)
	for _, who := range m.People {
		must(s.ConfirmPresence(ctx, desk, m.Session, models.Helped{PersonID: who.PersonID, Consent: "known by sight"}))(t)
	}
	return m
}

// NewSecretPoll opens one for n people who are there. Nobody has fetched a share
// yet.
func NewSecretPoll(t *testing.T, s *Stage, n int, d rules.Disclosure) *SecretPoll {
	t.Helper()
	p := &SecretPoll{Meeting: NewMeeting(t, s, n)}
	p.Open(p.Ask(p.Topic, d))
	return p
}

// Ask is the question as a desk would put it.
func (p *SecretPoll) Ask(topic int64, d rules.Disclosure) models.NewPoll {
	n := models.NewPoll{SessionID: p.Session, TopicID: topic, Question: "Shall it go?", Secret: &models.NewSecrecy{Disclosure: d, Crowd: 5}}
	for _, k := range p.Keepers {
		n.Secret.Holders = append(n.Secret.Holders, k.PersonID)
	}
	return n
}

// Open puts the question, in place of one that is over.
func (p *SecretPoll) Open(n models.NewPoll) {
	p.t.Helper()
	p.View, p.Shares = must(p.OpenPoll(p.t.Context(), p.Keepers[0], n))(p.t), nil
}

// Keep lets all keepers fetch their shares and show that they wrote them down.
func (p *SecretPoll) Keep() {
	p.t.Helper()
	for _, k := range p.Keepers {
		p.KeepOne(k)
	}
}

// KeepOne lets one keeper do that.
func (p *SecretPoll) KeepOne(k models.Actor) {
	p.t.Helper()
	s := must(p.ShareOf(p.t.Context(), k, p.View.ID))(p.t)
	must(p.KeepShare(p.t.Context(), k, p.View.ID, s.Share))(p.t)
	p.Shares = append(p.Shares, s.Share)
}

// Token lets somebody have a token, as a phone does.
func (p *SecretPoll) Token(who models.Actor) secret.Ballot {
	p.t.Helper()
	tokens := must(secret.ReadTokens(p.View.Secret.Secrecy.Tokens))(p.t)
	wish := must(tokens.Wish(fmt.Appendf(nil, "%032d", who.PersonID)))(p.t)
	signed := must(p.SignToken(p.t.Context(), who, p.View.ID, "", wish.Blinded))(p.t)
	return secret.Ballot{Token: wish.Token, Signature: must(wish.Take(signed.Signed))(p.t)}
}

// Say seals a choice for a turn of a ballot.
func (p *SecretPoll) Say(b secret.Ballot, turn int, choice rules.Choice) secret.Ballot {
	p.t.Helper()
	b.Turn = turn
	b.Sealed = must(secret.SealChoice(p.View.Secret.Key, p.View.Hash, b.Token, turn, secret.Opened{Tracker: secret.Tracker(), Choice: string(choice)}))(p.t)
	return b
}

// Drop hands a ballot in.
func (p *SecretPoll) Drop(b secret.Ballot) *models.SecretReceipt {
	p.t.Helper()
	return must(p.CastSecret(p.t.Context(), p.View.ID, b))(p.t)
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
