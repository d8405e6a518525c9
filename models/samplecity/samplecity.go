// Package samplecity settles the invented sample city into a forum, by the same
// deeds that a real city is settled with.
package samplecity

import (
	"context"
	"fmt"

	"yishi/configs/data"
	"yishi/models"
	"yishi/models/rules"
)

// City is a settled city: who is who, by the names of the sample.
type City struct {
	Orgs      map[string]models.Org         // by code
	Staff     map[string]models.Credentials // by login
	Residents map[string]models.Actor       // by name
	Shops     map[string]models.Actor       // by name of the shop
	Points    map[string]models.Point       // by code
	Alliance  models.Alliance
	Sample    data.Sample
}

// Identify says who somebody of the sample is to WeChat.
type Identify func(name string) models.Identity

// ImportSets brings the data that the rules need into a forum. It may be run at
// every start: what is there stays, and what a city has imported of its own is
// not displaced by what a later program brings.
func ImportSets(ctx context.Context, f *models.Forum) error {
	sets, err := data.Sets()
	if err != nil {
		return err
	}
	for _, s := range sets {
		d := models.Dataset{Kind: models.DataKind(s.Kind), Version: s.Version, Status: s.Status, Source: s.Source, Body: s.Body, Shipped: true}
		if _, err := f.ImportData(ctx, models.Operator, d); err != nil {
			return fmt.Errorf("import %s: %w", s.Kind, err)
		}
	}
	return nil
}

// Settle settles the sample city into an empty forum.
func Settle(ctx context.Context, f *models.Forum, identify Identify) (*City, error) {
	sample, err := data.LoadSample()
	if err != nil {
		return nil, err
	}
	c := &City{
		Orgs: map[string]models.Org{}, Staff: map[string]models.Credentials{}, Residents: map[string]models.Actor{},
		Shops: map[string]models.Actor{}, Points: map[string]models.Point{}, Sample: sample,
	}
	steps := []func(context.Context, *models.Forum, Identify) error{c.land, c.staff, c.points, c.people, c.street}
	if err := ImportSets(ctx, f); err != nil {
		return nil, err
	}
	for _, step := range steps {
		if err := step(ctx, f, identify); err != nil {
			return nil, fmt.Errorf("sample city: %w", err)
		}
	}
	return c, nil
}

func (c *City) land(ctx context.Context, f *models.Forum, _ Identify) error {
	rows := make([]models.OrgRow, len(c.Sample.Orgs))
	for i, o := range c.Sample.Orgs {
		rows[i] = models.OrgRow{Code: o.Code, Parent: o.Parent, Kind: models.OrgKind(o.Kind), Name: o.Name}
	}
	if _, err := f.ImportOrgs(ctx, models.Operator, rows); err != nil {
		return err
	}
	orgs, err := f.Orgs(ctx, models.Operator)
	if err != nil {
		return err
	}
	for _, o := range orgs {
		c.Orgs[o.Code] = o
	}
	homes := make([]models.HouseholdRow, len(c.Sample.Households))
	for i, h := range c.Sample.Households {
		homes[i] = models.HouseholdRow{Org: h.Org, Number: h.Number, Address: h.Address, Head: h.Head, Owner: h.Owner, Area: h.AreaCM2}
	}
	_, err = f.ImportHouseholds(ctx, models.Operator, orgs[0].ID, "sample", homes)
	return err
}

func (c *City) staff(ctx context.Context, f *models.Forum, _ Identify) error {
	for _, s := range c.Sample.Staff {
		n := models.NewStaff{Name: s.Name, Login: s.Login, Role: rules.Role(s.Role), OrgID: c.Orgs[s.Org].ID}
		made, err := f.CreateStaff(ctx, models.Operator, n)
		if err != nil {
			return fmt.Errorf("staff %s: %w", s.Login, err)
		}
		c.Staff[s.Login] = *made
	}
	return nil
}

func (c *City) points(ctx context.Context, f *models.Forum, _ Identify) error {
	for _, p := range c.Sample.Points {
		n := models.NewPoint{OrgID: c.Orgs[p.Org].ID, Name: p.Name, Kind: models.PointKind(p.Kind)}
		for _, s := range p.Stops {
			n.Stops = append(n.Stops, models.Stop{Weekday: s.Weekday, Day: s.Day, Begins: s.Begins, Ends: s.Ends, Address: s.Address, Lat: s.Lat, Lng: s.Lng})
		}
		made, err := f.MakePoint(ctx, models.Operator, n)
		if err != nil {
			return fmt.Errorf("point %s: %w", p.Code, err)
		}
		c.Points[p.Code] = *made
	}
	return nil
}

// people logs the residents in, and has the secretary of their community confirm
// each against the roll.
func (c *City) people(ctx context.Context, f *models.Forum, identify Identify) error {
	for _, r := range c.Sample.Residents {
		who, err := enter(ctx, f, identify, r.Name)
		if err != nil {
			return err
		}
		c.Residents[r.Name] = who
		asked, err := f.BindCapacity(ctx, who, c.Orgs[r.Org].ID, models.CapacityKind(r.Kind), r.Household)
		if err != nil {
			return fmt.Errorf("resident %s: %w", r.Name, err)
		}
		if _, err := f.ConfirmCapacity(ctx, c.Secretary(r.Org), asked.ID, true); err != nil {
			return fmt.Errorf("resident %s: %w", r.Name, err)
		}
		if r.Office == "" {
			continue
		}
		if _, err := f.GrantOffice(ctx, c.Secretary(r.Org), who.PersonID, rules.Role(r.Office), c.Orgs[r.Org].ID); err != nil {
			return fmt.Errorf("office of %s: %w", r.Name, err)
		}
	}
	return nil
}

func enter(ctx context.Context, f *models.Forum, identify Identify, name string) (models.Actor, error) {
	pass, err := f.LoginMini(ctx, identify(name))
	if err != nil {
		return models.Actor{}, err
	}
	who := models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
	_, err = f.Introduce(ctx, who, name, "")
	return who, err
}

// street founds the alliance and lets the shops join.
func (c *City) street(ctx context.Context, f *models.Forum, identify Identify) error {
	for _, s := range c.Sample.Shops {
		street := c.Orgs[s.Org]
		if c.Alliance.ID == 0 {
			a, err := f.FoundAlliance(ctx, models.Operator, street.ID, street.Name)
			if err != nil {
				return err
			}
			c.Alliance = *a
		}
		who, err := enter(ctx, f, identify, s.Person)
		if err != nil {
			return err
		}
		c.Shops[s.Name] = who
		n := models.NewMember{AllianceID: c.Alliance.ID, Kind: models.MemberMerchant, Name: s.Name, CreditCode: s.CreditCode, Lat: s.Lat, Lng: s.Lng, Conflict: s.Conflict}
		m, err := f.JoinAlliance(ctx, who, n)
		if err != nil {
			return fmt.Errorf("shop %s: %w", s.Name, err)
		}
		if _, err := f.ConfirmMember(ctx, models.Operator, m.ID, true); err != nil {
			return fmt.Errorf("shop %s: %w", s.Name, err)
		}
	}
	return nil
}

// Secretary returns the secretary of an org.
func (c *City) Secretary(org string) models.Actor { return c.Officer(rules.Secretary, org) }

// Officer returns who holds a role at an org.
func (c *City) Officer(role rules.Role, org string) models.Actor {
	for _, s := range c.Sample.Staff {
		if s.Org == org && s.Role == string(role) {
			return models.Actor{PersonID: c.Staff[s.Login].PersonID, Door: models.DoorConsole}
		}
	}
	return models.Actor{Door: models.DoorConsole}
}
