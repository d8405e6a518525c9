package bot

import (
	"context"
	"strconv"
	"time"

	"yishi/models"
	"yishi/models/rules"
)

// welcome greets a new follower, and says where they are if they scanned a code.
func (t *turn) welcome(ctx context.Context) (string, error) {
	t.end()
	hello := t.say("bot.welcome")
	if t.event.Scene == "" {
		return hello, nil
	}
	here, err := t.scan(ctx)
	if _, refused := rules.AsRefusal(err); refused {
		return hello, nil
	}
	return lines(hello, here), err
}

// scan says what is on at the point whose code was scanned, and remembers it for
// the digits of the screen. It proves nothing: the code says only where it hangs.
func (t *turn) scan(ctx context.Context) (string, error) {
	if _, _, ok := rules.ReadSiteScene(t.event.Scene); ok {
		return t.checkInAt(ctx, t.event.Scene)
	}
	v, err := t.forum.PointByScene(ctx, t.who, t.event.Scene)
	if err != nil {
		return "", err
	}
	t.end()
	t.noteID(notePoint, v.ID)
	t.note(notePlace, v.Name)
	out := []string{t.say("bot.here", "name", v.Name)}
	for _, s := range v.Stops[:min(len(v.Stops), shownStops)] {
		out = append(out, t.timetable(s))
	}
	if s := v.Session; s != nil {
		key := "bot.here.announced"
		if s.State == models.SessionOpen {
			key = "bot.here.open"
		}
		return lines(append(out, t.say(key, "title", s.Title, "at", s.StartsAt), t.say("bot.here.digits"))...), nil
	}
	return lines(append(out, t.next(v), t.say("bot.here.quiet"))...), nil
}

const (
	shownStops  = 4
	shownPoints = 3
)

// timetable is one line of a point's timetable.
func (t *turn) timetable(s models.Stop) string {
	day := s.Day
	if day == "" {
		day = t.say("bot.weekday." + strconv.Itoa(s.Weekday))
	} else if at, err := time.ParseInLocation(time.DateOnly, day, rules.Beijing); err == nil {
		day = t.say("bot.day", "month", int(at.Month()), "day", at.Day())
	}
	return t.say("bot.stop", "day", day, "begins", s.Begins, "ends", s.Ends, "address", s.Address)
}

// next says when and where a point is held next.
func (t *turn) next(v *models.PointView) string {
	switch {
	case v.Begins == nil:
		return t.say("bot.next_time.none")
	case !v.Begins.After(t.forum.Now()):
		return t.say("bot.next_time.now", "ends", v.Ends.In(rules.Beijing).Format("15:04"), "address", v.Next.Address)
	}
	return t.say("bot.next_time", "at", v.Begins, "address", v.Next.Address)
}

// checkIn proves presence with the digits of the screen, at the point whose code
// was scanned before.
func (t *turn) checkIn(ctx context.Context, digits string) (string, error) {
	point := t.id(notePoint)
	if point == 0 {
		return t.say("bot.scan_first"), nil
	}
	if _, err := t.forum.CheckIn(ctx, t.deed("presence"), 0, point, digits); err != nil {
		return "", err
	}
	return t.say("bot.checked_in", "place", t.d.Data[notePlace]), nil
}

// checkInAt proves presence with the code of the screen, scanned or typed: it
// names the session itself.
func (t *turn) checkInAt(ctx context.Context, scene string) (string, error) {
	p, err := t.forum.CheckIn(ctx, t.deed("presence"), 0, 0, scene)
	if err != nil {
		return "", err
	}
	return t.say("bot.checked_in", "place", p.Point), nil
}

// near lists the points of one's community and asks for the position, which
// finds nearer ones.
func (t *turn) near(ctx context.Context) (string, error) {
	t.end()
	me, err := t.forum.Me(ctx, t.who)
	if _, refused := rules.AsRefusal(err); refused { // who is shut out reads what anybody may
		return t.say("bot.near.ask"), nil
	}
	if err != nil {
		return "", err
	}
	ids := home(me)
	if len(ids) == 0 {
		return t.say("bot.near.ask"), nil
	}
	points, err := t.forum.Points(ctx, t.who, ids[0], nil)
	if err != nil {
		return "", err
	}
	if len(points) == 0 {
		return t.say("bot.near.ask"), nil
	}
	return lines(t.say("bot.near.mine"), t.places(points, false), t.say("bot.near.ask")), nil
}

// answerLocation answers a position that was sent: it is the place of the matter under
// way or of a shop that joins; else it tells where the next points are, and is not
// kept.
func (t *turn) answerLocation(ctx context.Context) (string, error) {
	switch {
	case t.d.Step == stepSite:
		return t.joinHere(ctx)
	case t.tells():
		return t.addPlace(ctx)
	}
	here := &models.Position{Lat: t.event.Lat, Lng: t.event.Lng}
	points, err := t.forum.Points(ctx, t.who, 0, here)
	if err != nil {
		return "", err
	}
	if len(points) == 0 {
		return t.say("bot.near.none"), nil
	}
	return lines(t.say("bot.near"), t.places(points, true)), nil
}

func (t *turn) places(points []models.PointView, far bool) string {
	var out []string
	for i := range points[:min(len(points), shownPoints)] {
		p := &points[i]
		line := t.say("bot.option", "n", i+1, "label", p.Name)
		if far {
			line = t.say("bot.near.one", "n", i+1, "name", p.Name, "far", t.distance(p.Metres))
		}
		out = append(out, line, t.next(p))
	}
	return lines(out...)
}

// coordinate is a degree, to about a metre.
func coordinate(degree float64) string { return strconv.FormatFloat(degree, 'f', 5, 64) }

func (t *turn) distance(metres int) string {
	switch {
	case metres < 10:
		return t.say("bot.metres.none")
	case metres < 1000:
		return t.say("bot.metres", "n", (metres+5)/10*10)
	case metres < 10_000:
		return t.say("bot.kilometres", "n", strconv.FormatFloat(float64(metres)/1000, 'f', 1, 64))
	}
	return t.say("bot.kilometres", "n", (metres+500)/1000)
}
