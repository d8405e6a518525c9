package data

import (
	"fmt"
	"io"
	"time"
)

// Staff is a member of staff of the sample city.
type Staff struct{ Login, Name, Role, Org string }

// Resident is a resident of the sample city. Household is the number of a
// household of Org; Office is a role that goes with it, such as "leader", or "".
type Resident struct{ Name, Org, Household, Kind, Office string }

// Shop is a shop of the sample city; Org is the street of its alliance.
type Shop struct {
	Name, CreditCode, Person, Org string
	Lat, Lng                      float64
	Conflict                      string
}

// Point is a deliberation point of the sample city with its timetable.
type Point struct {
	Code, Org, Name string
	Kind            string // fixed or mobile
	Stops           []Stop
}

// Stop is where and when a point stands: every week on Weekday (1 is Monday, 7
// is Sunday), or once on Day ("2006-01-02"), when Weekday is 0.
type Stop struct {
	Weekday      int
	Day          string
	Begins, Ends string // "15:04"
	Address      string
	Lat, Lng     float64
}

// Matter is what somebody of the sample city raised, and how far it has come. Org is
// the community, What the order that follows from it.
type Matter struct {
	Fate                                     string // where it stands in the end
	Org, Raiser, Cosigner, Place, Item, Text string
	Question, Agreed, What, Report           string
}

// Sample is a small invented city. Every name in it says that it is a sample.
type Sample struct {
	Orgs       []Org
	Households []Household
	Staff      []Staff
	Residents  []Resident
	Shops      []Shop
	Points     []Point
	Messages   []Message
	Matters    []Matter
}

// LoadSample returns the sample city.
func LoadSample() (Sample, error) {
	var s Sample
	var stops []pointStop
	for _, load := range []func() error{
		func() error { return sampled("orgs", Orgs, &s.Orgs) },
		func() error { return sampled("households", Households, &s.Households) },
		func() error { return sampled("staff", staff, &s.Staff) },
		func() error { return sampled("residents", residents, &s.Residents) },
		func() error { return sampled("shops", shops, &s.Shops) },
		func() error { return sampled("points", points, &stops) },
		func() error { return sampled("messages", Messages, &s.Messages) },
		func() error { return sampled("matters", matters, &s.Matters) },
	} {
		if err := load(); err != nil {
			return Sample{}, err
		}
	}
	s.Points = gather(stops)
	return s, nil
}

func sampled[T any](name string, parse func(io.Reader) ([]T, []RowError, error), into *[]T) error {
	f, err := files.Open("sample/" + name + ".csv")
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	rows, bad, err := parse(f)
	if err == nil {
		err = firstBad(bad)
	}
	if err != nil {
		return fmt.Errorf("sample %s: %w", name, err)
	}
	*into = rows
	return nil
}

func staff(r io.Reader) ([]Staff, []RowError, error) {
	return rowsOf(r, []string{"login", "name", "role", "org"}, []string{"login"}, func(row *reading) Staff {
		return Staff{Login: row.must("login"), Name: row.must("name"), Role: row.must("role"), Org: row.must("org")}
	})
}

func residents(r io.Reader) ([]Resident, []RowError, error) {
	columns := []string{"name", "org", "household", "kind", "office"}
	return rowsOf(r, columns, []string{"org", "household", "name"}, func(row *reading) Resident {
		return Resident{
			Name: row.must("name"), Org: row.must("org"), Household: row.must("household"),
			Kind: row.must("kind"), Office: row.Get("office"),
		}
	})
}

func shops(r io.Reader) ([]Shop, []RowError, error) {
	columns := []string{"name", "credit_code", "person", "org", "lat", "lng", "conflict"}
	return rowsOf(r, columns, []string{"credit_code"}, func(row *reading) Shop {
		return Shop{
			Name: row.must("name"), CreditCode: row.creditCode("credit_code"), Person: row.must("person"),
			Org: row.must("org"), Lat: row.degrees("lat", 90), Lng: row.degrees("lng", 180), Conflict: row.Get("conflict"),
		}
	})
}

func matters(r io.Reader) ([]Matter, []RowError, error) {
	columns := []string{"fate", "org", "raiser", "cosigner", "place", "item", "text", "question", "agreed", "what", "report"}
	return rowsOf(r, columns, []string{"text"}, func(row *reading) Matter {
		return Matter{
			Fate: row.must("fate"), Org: row.must("org"), Raiser: row.must("raiser"), Cosigner: row.Get("cosigner"), Place: row.Get("place"),
			Item: row.must("item"), Text: row.must("text"), Question: row.Get("question"), Agreed: row.Get("agreed"),
			What: row.Get("what"), Report: row.Get("report"),
		}
	})
}

// pointStop is one row of the points: a point together with one of its stops.
type pointStop struct {
	point Point
	stop  Stop
}

func points(r io.Reader) ([]pointStop, []RowError, error) {
	columns := []string{"org", "point", "name", "kind", "weekday", "day", "begins", "ends", "address", "lat", "lng"}
	return rowsOf(r, columns, []string{"point", "weekday", "day", "begins"}, func(row *reading) pointStop {
		stop := Stop{
			Weekday: row.within("weekday", 7), Day: row.Get("day"), Begins: row.must("begins"), Ends: row.must("ends"),
			Address: row.must("address"), Lat: row.degrees("lat", 90), Lng: row.degrees("lng", 180),
		}
		if _, err := time.Parse(time.DateOnly, stop.Day); (stop.Weekday == 0) != (err == nil) {
			row.wrong("day", "row.day")
		}
		point := Point{Code: row.must("point"), Org: row.must("org"), Name: row.must("name"), Kind: row.must("kind")}
		return pointStop{point, stop}
	})
}

// gather puts the stops of each point together, in the order of the file.
func gather(rows []pointStop) []Point {
	var out []Point
	for _, row := range rows {
		if n := len(out); n == 0 || out[n-1].Code != row.point.Code {
			out = append(out, row.point)
		}
		last := &out[len(out)-1]
		last.Stops = append(last.Stops, row.stop)
	}
	return out
}
