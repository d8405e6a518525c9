package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Signature is a voting unit behind a petition.
type Signature struct {
	PetitionID int64  `gorm:"primaryKey;autoIncrement:false"`
	Unit       string `gorm:"primaryKey"`
	PersonID   int64
	At         time.Time
}

// Signer is who signed a petition, for the secretary alone.
type Signer struct {
	PersonID int64     `json:"person_id"`
	Name     string    `json:"name"`
	Unit     string    `json:"unit"`
	At       time.Time `json:"at"`
}

// unitsFor are the units of a register for which somebody may speak.
func unitsFor(register []Seat, person int64) (units []string) {
	for _, s := range register {
		if s.PersonID == person && person != 0 {
			units = append(units, s.Unit)
		}
	}
	return units
}

// dropSignature drops the signature of a unit if who gave it speaks for it no
// longer, so that who does may sign.
func (t *tx) dropSignature(p *Petition, register []Seat, unit string) error {
	var speak []int64
	for _, s := range register {
		if s.Unit == unit {
			speak = append(speak, s.PersonID)
		}
	}
	return t.Where("petition_id = ? AND unit = ? AND person_id NOT IN ?", p.ID, unit, speak).Delete(&Signature{}).Error
}

// sign signs a petition for every unit of whoever does this, and notes that it is
// met when that makes enough.
func (t *tx) sign(p *Petition, register []Seat) error {
	for _, unit := range unitsFor(register, t.who.PersonID) {
		if err := t.dropSignature(p, register, unit); err != nil {
			return err
		}
		s := Signature{PetitionID: p.ID, Unit: unit, PersonID: t.who.PersonID, At: t.now}
		if err := t.Create(&s).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return rules.Refuse(rules.Conflict, "petition.signed")
		} else if err != nil {
			return err
		}
	}
	return t.meet(p, register)
}

// tellSigners tells the starter of a petition, and all who signed it.
func (t *tx) tellSigners(p *Petition, code string, params set) error {
	var ids []int64
	if err := t.Model(&Signature{}).Where("petition_id = ?", p.ID).Order("at, unit").Pluck("person_id", &ids).Error; err != nil {
		return err
	}
	params["petition"], params["purpose"] = p.ID, p.Purpose
	return t.notifyAll(append([]int64{p.StarterID}, ids...), code, params)
}

// petitionCount counts a petition. A signature counts as long as who gave it may
// speak for its unit. One that is met or over keeps its count.
func (t *tx) petitionCount(p *Petition, register []Seat) (rules.PetitionCount, error) {
	if p.State != rules.PetitionOpen {
		return rules.Petition(p.Kind, p.Signers, p.Due), nil
	}
	type voice struct {
		unit   string
		person int64
	}
	units, voices := map[string]bool{}, map[voice]bool{}
	for _, s := range register {
		units[s.Unit], voices[voice{s.Unit, s.PersonID}] = true, true
	}
	var signed []Signature
	err := t.Where("petition_id = ?", p.ID).Find(&signed).Error
	signers := int64(0)
	for _, s := range signed {
		if voices[voice{s.Unit, s.PersonID}] {
			signers++
		}
	}
	return rules.Petition(p.Kind, signers, int64(len(units))), err
}

// SignPetition puts whoever does this behind a petition: once for every unit of
// its kind for which they may speak, and once for a household, whoever of it
// signs.
func (f *Forum) SignPetition(ctx context.Context, who Actor, id int64) (*PetitionView, error) {
	return do(ctx, f, who, rules.PetitionSign, onPetition(id), func(t *tx) (*PetitionView, error) {
		p, register, err := t.openPetition(id)
		if err != nil {
			return nil, err
		}
		if len(unitsFor(register, who.PersonID)) == 0 {
			return nil, rules.Refuse(rules.Forbidden, "petition.unit", "kind", p.Kind)
		}
		if err := t.sign(p, register); err != nil {
			return nil, err
		}
		return t.petitionView(p, register)
	})
}

// UnsignPetition takes back a signature, as long as the petition is not met. One
// that its starter leaves and nobody else stands behind is withdrawn.
func (f *Forum) UnsignPetition(ctx context.Context, who Actor, id int64) (*PetitionView, error) {
	return do(ctx, f, who, rules.PetitionUnsign, onPetition(id), func(t *tx) (*PetitionView, error) {
		p, register, err := t.openPetition(id)
		if err != nil {
			return nil, err
		}
		gone := t.Where("petition_id = ? AND person_id = ?", id, who.PersonID).Delete(&Signature{})
		if gone.Error != nil {
			return nil, gone.Error
		}
		if gone.RowsAffected == 0 && p.StarterID != who.PersonID {
			return nil, rules.Refuse(rules.Conflict, "petition.unsigned")
		}
		var left int64
		if err := t.Model(&Signature{}).Where("petition_id = ?", id).Count(&left).Error; err != nil {
			return nil, err
		}
		switch {
		case left == 0:
			err = t.endPetition(p, register, rules.PetitionWithdrawn, "")
		case gone.RowsAffected == 0:
			err = rules.Refuse(rules.Conflict, "petition.unsigned")
		}
		if err != nil {
			return nil, err
		}
		return t.petitionView(p, register)
	})
}

// PetitionSigners tells the secretary who signed a petition, in the order in which
// they did.
func (f *Forum) PetitionSigners(ctx context.Context, who Actor, id int64) ([]Signer, error) {
	return see(ctx, f, who, rules.PetitionSigners, onPetition(id), func(t *tx) ([]Signer, error) {
		signers := []Signer{}
		return signers, t.Table("signatures s").Joins("JOIN persons p ON p.id = s.person_id").Where("s.petition_id = ?", id).
			Order("s.at, s.unit").Select("s.person_id, p.name, s.unit, s.at").Scan(&signers).Error
	})
}
