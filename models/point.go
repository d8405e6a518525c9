package models

import (
	"context"
	"fmt"
	"slices"
	"time"

	"yishi/models/rules"
)

// PointKind says whether a point stays where it is.
type PointKind string

// The kinds of point.
const (
	PointFixed  PointKind = "fixed"
	PointMobile PointKind = "mobile"
)

// Point is a place where people deliberate. Scene is what its printed code says,
// which tells only where one is.
type Point struct {
	ID    int64     `json:"id"`
	OrgID int64     `json:"org_id"`
	Name  string    `json:"name"`
	Kind  PointKind `json:"kind"`
	Scene string    `json:"scene"`
	URL   string    `json:"url"` // what the official account's code holds
}

// Stop is one line of a point's timetable.
type Stop struct {
	ID      int64   `json:"-"`
	PointID int64   `json:"-"`
	Weekday int     `json:"weekday,omitempty"` // 1 Monday to 7 Sunday
	Day     string  `json:"day,omitempty"`     // a single day instead
	Begins  string  `json:"begins"`
	Ends    string  `json:"ends"`
	Address string  `json:"address"`
	Lat     float64 `json:"lat"`
	Lng     float64 `json:"lng"`
}

// MaxStops is how many lines a timetable has at most.
const MaxStops = 60

// NewPoint is a point to be set up.
type NewPoint struct {
	OrgID int64     `json:"org_id"`
	Name  string    `json:"name"`
	Kind  PointKind `json:"kind"`
	Stops []Stop    `json:"stops" nullable:"false"`
}

// MakePoint sets up a point with its timetable.
func (f *Forum) MakePoint(ctx context.Context, who Actor, n NewPoint) (*Point, error) {
	return do(ctx, f, who, rules.PointMake, inOrg(n.OrgID), func(t *tx) (*Point, error) {
		name, err := rules.CheckText("name", n.Name, rules.MaxName)
		if err != nil {
			return nil, err
		}
		if n.Kind != PointFixed && n.Kind != PointMobile {
			return nil, rules.Refuse(rules.Invalid, "point.kind", "kind", n.Kind)
		}
		p := &Point{OrgID: n.OrgID, Name: name, Kind: n.Kind, Scene: random(9)}
		if err := t.Create(p).Error; err != nil {
			return nil, err
		}
		p.Scene = fmt.Sprintf("p%d", p.ID)
		if err := t.Model(&Point{}).Where("id = ?", p.ID).Update("scene", p.Scene).Error; err != nil {
			return nil, err
		}
		return p, t.timetable(p.ID, n.Stops)
	})
}

// MovePoint replaces the timetable of a point.
func (f *Forum) MovePoint(ctx context.Context, who Actor, id int64, stops []Stop) (None, error) {
	return do(ctx, f, who, rules.PointMove, onPoint(id), func(t *tx) (None, error) {
		if err := t.Where("point_id = ?", id).Delete(&Stop{}).Error; err != nil {
			return None{}, err
		}
		return None{}, t.timetable(id, stops)
	})
}

// PrintPoint keeps the address that the official account gave for a point's code.
func (f *Forum) PrintPoint(ctx context.Context, who Actor, id int64, url string) (None, error) {
	return do(ctx, f, who, rules.PointMove, onPoint(id), func(t *tx) (None, error) {
		return None{}, t.Model(&Point{}).Where("id = ?", id).Update("url", url).Error
	})
}

func (t *tx) timetable(point int64, stops []Stop) error {
	if len(stops) == 0 || len(stops) > MaxStops {
		return rules.Refuse(rules.Invalid, "point.stops", "max", MaxStops)
	}
	for i := range stops {
		s := &stops[i]
		var err error
		if s.Address, err = rules.CheckText("address", s.Address, rules.MaxTitle); err != nil {
			return err
		}
		if err := rules.CheckStop(s.rule()); err != nil {
			return err
		}
		s.ID, s.PointID = 0, point
		if err := t.Create(s).Error; err != nil {
			return err
		}
	}
	return nil
}

func (s Stop) rule() rules.Stop {
	return rules.Stop{Weekday: s.Weekday, Day: s.Day, Begins: s.Begins, Ends: s.Ends, Lat: s.Lat, Lng: s.Lng}
}

// PointView is a point with when and where it is held next.
type PointView struct {
	Point
	Stops   []Stop     `json:"stops" nullable:"false"`
	Next    *Stop      `json:"next,omitempty"`
	Begins  *time.Time `json:"begins,omitempty"`
	Ends    *time.Time `json:"ends,omitempty"`
	Metres  int        `json:"metres"`            // from where one is; 0 when that is not told
	Session *Session   `json:"session,omitempty"` // announced or open here
}

// Position is where somebody is. It is used for one answer and never kept.
type Position struct{ Lat, Lng float64 }

// Points returns the points of an org and of those below it, the nearest first
// when a position is told, else by when they are held next.
func (f *Forum) Points(ctx context.Context, who Actor, orgID int64, here *Position) ([]PointView, error) {
	return see(ctx, f, who, rules.PointRead, anywhere("point"), func(t *tx) ([]PointView, error) {
		q := t.DB
		if orgID != 0 {
			o, err := t.org(orgID)
			if err != nil {
				return nil, err
			}
			q = q.Where("org_id IN (?)", t.orgsUnder(o))
		}
		var points []Point
		if err := q.Order("id").Limit(500).Find(&points).Error; err != nil {
			return nil, err
		}
		views, err := t.pointViews(points, here)
		slices.SortStableFunc(views, func(a, b PointView) int {
			if here != nil {
				return a.Metres - b.Metres
			}
			return soonest(a.Begins, b.Begins)
		})
		return views, err
	})
}

// PointByScene returns the point whose code was scanned.
func (f *Forum) PointByScene(ctx context.Context, who Actor, scene string) (*PointView, error) {
	return see(ctx, f, who, rules.PointRead, anywhere("point"), func(t *tx) (*PointView, error) {
		var p Point
		if err := t.Where("scene = ?", scene).Take(&p).Error; err != nil {
			return nil, found(err, "point")
		}
		views, err := t.pointViews([]Point{p}, nil)
		if err != nil {
			return nil, err
		}
		return &views[0], nil
	})
}

func soonest(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Compare(*b)
}

func (t *tx) pointViews(points []Point, here *Position) ([]PointView, error) {
	ids := make([]int64, len(points))
	for i, p := range points {
		ids[i] = p.ID
	}
	var stops []Stop
	if err := t.Where("point_id IN ?", ids).Order("id").Find(&stops).Error; err != nil {
		return nil, err
	}
	var sessions []Session
	err := t.Where("point_id IN ? AND state IN ?", ids, []SessionState{SessionAnnounced, SessionOpen}).Order("starts_at").Find(&sessions).Error
	views := make([]PointView, len(points))
	for i, p := range points {
		views[i] = PointView{Point: p, Stops: []Stop{}}
		for _, s := range stops {
			if s.PointID == p.ID {
				views[i].Stops = append(views[i].Stops, s)
			}
		}
		if k := slices.IndexFunc(sessions, func(s Session) bool { return s.PointID == p.ID }); k >= 0 {
			views[i].Session = &sessions[k]
		}
		views[i].next(t.now, here)
	}
	return views, err
}

// next fills in the stop that is held next and how far it is.
func (v *PointView) next(now time.Time, here *Position) {
	for i := range v.Stops {
		begins, ends, ok := v.Stops[i].rule().Next(now)
		if ok && (v.Begins == nil || begins.Before(*v.Begins)) {
			v.Next, v.Begins, v.Ends = &v.Stops[i], &begins, &ends
		}
	}
	near := v.Next
	if near == nil && len(v.Stops) > 0 {
		near = &v.Stops[0]
	}
	if here != nil && near != nil {
		v.Metres = rules.Distance(here.Lat, here.Lng, near.Lat, near.Lng)
	}
}

func onPoint(id int64) place {
	return place{subject("point", id), func(t *tx) (rules.Object, error) {
		var path string
		err := t.Raw("SELECT g.path FROM points p JOIN orgs g ON g.id = p.org_id WHERE p.id = ?", id).Scan(&path).Error
		if err == nil && path == "" {
			err = unknown("point")
		}
		return rules.Object{Path: path}, err
	}}
}
