package samplecity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"yishi/configs/data"
	"yishi/models"
	"yishi/models/rules"
)

// Past is how long the sample city has lived when [City.Live] is done.
const Past = 56 * day

const day = 24 * time.Hour

// Clock is the clock of a forum whose city lives: Pass lets time go by, with what the
// clock door does meanwhile.
type Clock struct {
	Now  func() time.Time
	Pass func(ctx context.Context, d time.Duration) error
}

// Live has the sample city raise, deliberate and settle its matters, so that there is
// one in every state and a session in progress. It takes Past of the clock's time.
func (c *City) Live(ctx context.Context, f *models.Forum, clock Clock) error {
	l := &life{City: c, f: f, clock: clock, ids: map[string]int64{}, sessions: map[string]int64{}}
	end := clock.Now().Add(Past)
	for _, part := range []struct {
		before time.Duration // the end
		play   func(context.Context) error
	}{
		{Past, l.raised("archived")},
		{55 * day, l.accepted("archived")},
		{54 * day, l.planned(after(7*day), "archived")},
		{47 * day, l.held("archived")},
		{40 * day, l.finished("archived")},
		{38 * day, l.raised("completed", "implementing", "no_consensus")},
		{37 * day, l.accepted("completed", "implementing", "no_consensus")},
		{36 * day, l.planned(after(7*day), "completed", "implementing", "no_consensus")},
		{29 * day, l.held("completed", "implementing", "no_consensus")},
		{28 * day, l.confirmed("archived")},
		{27 * day, l.signed("implementing")},
		{20 * day, l.finished("completed")},
		{16 * day, l.raised("publication", "meeting", "announced", allied)},
		{15 * day, l.accepted("publication", "meeting", "announced", allied)},
		{13 * day, l.planned(after(7*day), "publication")},
		{8 * day, l.planned(after(8*day-20*time.Minute), "meeting")},
		{8 * day, l.planned(after(8*day-20*time.Minute), allied)},
		{6 * day, l.held("publication")},
		{5 * day, l.signed("publication")},
		{2 * day, l.raised("accepted", "need_info", "redirected", "withdrawn", "ordered")},
		{1 * day, l.sorted},
		{18 * time.Hour, l.planned(evening(8), "announced")},
		{5 * time.Hour, l.raised("triage")},
		{20 * time.Minute, l.opened("meeting")},
		{20 * time.Minute, l.opened(allied)},
		{0, func(context.Context) error { return nil }},
	} {
		if err := clock.Pass(ctx, end.Add(-part.before).Sub(clock.Now())); err != nil {
			return err
		}
		if err := part.play(ctx); err != nil {
			return fmt.Errorf("the sample city, %s before: %w", part.before, err)
		}
	}
	return nil
}

type life struct {
	*City
	f        *models.Forum
	clock    Clock
	ids      map[string]int64 // of topics, by their text
	sessions map[string]int64 // by the first of the fates that they come to
}

// each does something with every matter of some fates.
func (l *life) each(do func(context.Context, data.Matter) error, fates ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, fate := range fates {
			for _, m := range l.Sample.Matters {
				if m.Fate != fate {
					continue
				}
				if err := do(ctx, m); err != nil {
					return fmt.Errorf("%s: %w", m.Text, err)
				}
			}
		}
		return nil
	}
}

// allied is the fate of what the street's merchants are voting on.
const allied = "alliance"

// raiser is the resident who raises a matter, or whoever keeps the shop that does.
func (l *life) raiser(m data.Matter) models.Actor {
	for _, shop := range l.Sample.Shops {
		if shop.Person == m.Raiser {
			return l.Shops[shop.Name]
		}
	}
	return l.Residents[m.Raiser]
}

// desk is who deals with a matter: the community, and with one of the alliance the
// street.
func (l *life) desk(m data.Matter) models.Actor {
	if m.Fate == allied {
		return l.Officer(rules.Street, m.Org)
	}
	return l.Secretary(m.Org)
}

func (l *life) raised(fates ...string) func(context.Context) error {
	return l.each(func(ctx context.Context, m data.Matter) error {
		r, err := l.f.RaiseTopic(ctx, l.raiser(m), models.NewTopic{OrgID: l.Orgs[m.Org].ID, Text: m.Text, Place: m.Place})
		if err != nil {
			return err
		}
		l.ids[m.Text] = r.Topic.ID
		return nil
	}, fates...)
}

// accepted takes matters up, and lets neighbours join them.
func (l *life) accepted(fates ...string) func(context.Context) error {
	return l.each(func(ctx context.Context, m data.Matter) error {
		a := models.Acceptance{Item: m.Item, Pack: "CONSULT"}
		if m.Fate == allied {
			a.Pack, a.Level = "ALLIANCE", string(rules.Street)
		}
		if _, err := l.f.AcceptTopic(ctx, l.desk(m), l.ids[m.Text], a); err != nil || m.Cosigner == "" {
			return err
		}
		_, err := l.f.CosignTopic(ctx, l.Residents[m.Cosigner], l.ids[m.Text])
		return err
	}, fates...)
}

// sorted does with the newest matters what a secretary does in the morning.
func (l *life) sorted(ctx context.Context) error {
	for _, do := range []func(context.Context) error{
		l.accepted("accepted"),
		l.each(func(ctx context.Context, m data.Matter) error {
			_, err := l.f.AskTopic(ctx, l.desk(m), l.ids[m.Text], m.Question)
			return err
		}, "need_info"),
		l.each(func(ctx context.Context, m data.Matter) error {
			_, err := l.f.RedirectTopic(ctx, l.desk(m), l.ids[m.Text], "N4", "", "")
			return err
		}, "redirected"),
		l.each(func(ctx context.Context, m data.Matter) error {
			_, err := l.f.WithdrawTopic(ctx, l.Residents[m.Raiser], l.ids[m.Text])
			return err
		}, "withdrawn"),
		l.each(func(ctx context.Context, m data.Matter) error {
			_, err := l.f.OrderTopic(ctx, l.desk(m), l.ids[m.Text], l.Orgs[urban].ID, m.What, l.clock.Now().Add(3*day))
			return err
		}, "ordered"),
	} {
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// planned announces a session on all matters of some fates at once.
func (l *life) planned(at func(time.Time) time.Time, fates ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		n := models.NewSession{PointID: l.Points["hy-hall"].ID, StartsAt: at(l.clock.Now()), Due: 8}
		if fates[0] == allied {
			n.AllianceID, n.PointID, n.Due = l.Alliance.ID, l.Points["tx-street"].ID, int64(len(l.Shops))
		}
		var desk models.Actor
		err := l.each(func(_ context.Context, m data.Matter) error {
			desk, n.OrgID = l.desk(m), l.Orgs[m.Org].ID
			n.Topics = append(n.Topics, l.ids[m.Text])
			return nil
		}, fates...)(ctx)
		if err != nil {
			return err
		}
		s, err := l.f.CreateSession(ctx, desk, n)
		if err != nil {
			return err
		}
		l.sessions[fates[0]] = s.ID
		_, err = l.f.AnnounceSession(ctx, desk, s.ID, "")
		return err
	}
}

func after(d time.Duration) func(time.Time) time.Time {
	return func(now time.Time) time.Time { return now.Add(d) }
}

// evening is seven in the evening of a day some days on.
func evening(days int) func(time.Time) time.Time {
	return func(now time.Time) time.Time {
		y, m, d := now.In(rules.Beijing).Date()
		return time.Date(y, m, d+days, 19, 0, 0, 0, rules.Beijing)
	}
}

// comers are who comes to a session: neighbours, and to the alliance's its merchants.
func (l *life) comers(fate string) []models.Actor {
	var all []models.Actor
	if fate == allied {
		for _, shop := range l.Sample.Shops {
			all = append(all, l.Shops[shop.Name])
		}
		return all
	}
	for _, r := range l.Sample.Residents {
		if l.Residents[r.Name].PersonID != 0 && r.Org == l.Sample.Matters[0].Org && len(all) < 6 {
			all = append(all, l.Residents[r.Name])
		}
	}
	return all
}

// opened opens a session, and puts the question on its first matter. Two have answered.
func (l *life) opened(fate string) func(context.Context) error {
	return func(ctx context.Context) error {
		i := slices.IndexFunc(l.Sample.Matters, func(m data.Matter) bool { return m.Fate == fate })
		m := l.Sample.Matters[i]
		if err := l.gathered(ctx, m); err != nil {
			return err
		}
		q, err := l.f.OpenPoll(ctx, l.desk(m), models.NewPoll{SessionID: l.sessions[fate], TopicID: l.ids[m.Text], Question: m.Question})
		if err != nil {
			return err
		}
		for _, who := range l.comers(fate)[:2] {
			if _, err := l.f.CastBallot(ctx, who, q.ID, "", rules.Yes); err != nil {
				return err
			}
		}
		return nil
	}
}

// gathered opens the session on a matter and has people check in.
func (l *life) gathered(ctx context.Context, m data.Matter) error {
	desk, session := l.desk(m), l.sessions[m.Fate]
	if _, err := l.f.OpenSession(ctx, desk, session); err != nil {
		return err
	}
	code, err := l.f.SessionCode(ctx, desk, session)
	if err != nil {
		return err
	}
	for _, who := range l.comers(m.Fate) {
		if _, err := l.f.CheckIn(ctx, who, session, 0, code.Code); err != nil {
			return err
		}
	}
	return nil
}

// held holds a session from its opening to the notice board.
func (l *life) held(fates ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		session := l.sessions[fates[0]]
		var desk models.Actor
		err := l.each(func(ctx context.Context, m data.Matter) error {
			if desk.PersonID == 0 {
				desk = l.desk(m)
				if err := l.gathered(ctx, m); err != nil {
					return err
				}
			}
			return l.settled(ctx, desk, session, m)
		}, fates...)(ctx)
		if err != nil {
			return err
		}
		if _, err := l.f.CloseSession(ctx, desk, session); err != nil {
			return err
		}
		return l.each(func(ctx context.Context, m data.Matter) error {
			if m.What == "" {
				return nil
			}
			_, err := l.f.PublishTopic(ctx, desk, l.ids[m.Text], m.Agreed)
			return err
		}, fates...)(ctx)
	}
}

// settled votes on one matter of a session, and writes down what was agreed and who
// does it. What comes to no order was refused.
func (l *life) settled(ctx context.Context, desk models.Actor, session int64, m data.Matter) error {
	q, err := l.f.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: l.ids[m.Text], Question: m.Question})
	if err != nil {
		return err
	}
	result, choices := rules.TopicAgreed, []rules.Choice{rules.Yes, rules.Yes, rules.Yes, rules.Yes, rules.No, rules.Abstain}
	if m.What == "" {
		result, choices = rules.TopicNoConsensus, []rules.Choice{rules.Yes, rules.No, rules.No, rules.Yes, rules.No, rules.Abstain}
	}
	for i, who := range l.comers(m.Fate) {
		if _, err := l.f.CastBallot(ctx, who, q.ID, "", choices[i]); err != nil {
			return err
		}
	}
	if _, err := l.f.ClosePoll(ctx, desk, q.ID); err != nil {
		return err
	}
	if _, err := l.f.RecordOutcome(ctx, desk, session, l.ids[m.Text], result, m.Agreed); err != nil || m.What == "" {
		return err
	}
	_, err = l.f.MakeCommitment(ctx, desk, session, l.ids[m.Text], l.Orgs[urban].ID, m.What, l.clock.Now().Add(10*day))
	return err
}

// urban is the department that the sample's orders go to.
const urban = "YD-YS-urban"

// signed has the department take its orders in hand.
func (l *life) signed(fates ...string) func(context.Context) error {
	return l.ordered(func(ctx context.Context, handler models.Actor, order int64, _ data.Matter) error {
		_, err := l.f.SignOrder(ctx, handler, order)
		return err
	}, fates...)
}

// finished has the department do its orders.
func (l *life) finished(fates ...string) func(context.Context) error {
	return l.ordered(func(ctx context.Context, handler models.Actor, order int64, m data.Matter) error {
		if _, err := l.f.SignOrder(ctx, handler, order); err != nil {
			return err
		}
		_, err := l.f.FinishOrder(ctx, handler, order, m.Report)
		return err
	}, fates...)
}

// ordered does something with every order that follows from matters of some fates.
func (l *life) ordered(do func(context.Context, models.Actor, int64, data.Matter) error, fates ...string) func(context.Context) error {
	return l.each(func(ctx context.Context, m data.Matter) error {
		handler := l.Officer(rules.Handler, urban)
		orders, err := l.f.TopicOrders(ctx, handler, l.ids[m.Text])
		if err != nil {
			return err
		}
		for _, o := range orders {
			if err := do(ctx, handler, o.ID, m); err != nil {
				return err
			}
		}
		return nil
	}, fates...)
}

// confirmed has everybody who raised a matter say that it is solved.
func (l *life) confirmed(fates ...string) func(context.Context) error {
	return l.each(func(ctx context.Context, m data.Matter) error {
		for _, name := range []string{m.Raiser, m.Cosigner} {
			if _, err := l.f.ConfirmTopic(ctx, l.Residents[name], l.ids[m.Text], true, ""); err != nil {
				return err
			}
		}
		return nil
	}, fates...)
}
