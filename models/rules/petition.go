package rules

import "time"

// PetitionKind says who asks for which meeting.
type PetitionKind string

// The kinds of petition after the 城市居民委员会组织法.
const (
	PetitionAdults          PetitionKind = "adults"          // residents of 18 and more, for a residents' meeting (art. 26)
	PetitionHouseholds      PetitionKind = "households"      // household representatives, for a residents' meeting (art. 26)
	PetitionRepresentatives PetitionKind = "representatives" // for a residents' meeting (art. 26)
	PetitionAssembly        PetitionKind = "assembly"        // representatives, for their own meeting (art. 28)
)

// PetitionCount is how far a petition has come. Once it is met the meeting must
// be convened.
type PetitionCount struct {
	Signers int64 `json:"signers"`
	Due     int64 `json:"due"`  // of whom the signers are a part
	Need    int64 `json:"need"` // signers that are enough
	Met     bool  `json:"met"`
}

// Petition counts a petition: one tenth or more of the adults or of the
// household representatives, or one third or more of the residents'
// representatives, convene the residents' meeting (art. 26); one fifth or more
// of the representatives convene their own (art. 28). 以上 includes the bound.
func Petition(kind PetitionKind, signers, due int64) PetitionCount {
	share := kind.share()
	return PetitionCount{Signers: signers, Due: due, Need: share.Least(due), Met: share.Reached(signers, due)}
}

func (k PetitionKind) share() Share {
	switch k {
	case PetitionAdults, PetitionHouseholds:
		return Share{Num: 1, Den: 10}
	case PetitionRepresentatives:
		return Share{Num: 1, Den: 3}
	case PetitionAssembly:
		return Share{Num: 1, Den: 5}
	}
	return Share{}
}

// Unit is what a petition counts: who signs it, once each.
func (k PetitionKind) Unit() UnitKind {
	switch k {
	case PetitionAdults:
		return UnitPerson
	case PetitionHouseholds:
		return UnitHousehold
	case PetitionRepresentatives, PetitionAssembly:
		return UnitRepresentative
	}
	return ""
}

// CheckPetition says whether somebody on the register of a community may start a
// petition: for a meeting that the law knows, by a kind of which there is anybody.
func CheckPetition(k PetitionKind, onRegister bool, due int) error {
	switch {
	case k.Unit() == "":
		return Refuse(Invalid, "petition.kind")
	case !onRegister:
		return Refuse(Forbidden, "petition.register")
	case due == 0:
		return Refuse(Conflict, "petition.nobody", "kind", k)
	}
	return nil
}

// PetitionState is where a petition stands.
type PetitionState string

// The states of a petition.
const (
	PetitionOpen      PetitionState = "open"      // signatures are taken
	PetitionMet       PetitionState = "met"       // enough have signed: the meeting is owed
	PetitionAnswered  PetitionState = "answered"  // the meeting has answered it
	PetitionLapsed    PetitionState = "lapsed"    // too few signed in time
	PetitionWithdrawn PetitionState = "withdrawn" // nobody stands behind it any more
	PetitionRemoved   PetitionState = "removed"   // taken down by the street, with a reason
)

// CheckPetitionOpen refuses signatures, and taking one back, once a petition is
// met or over.
func CheckPetitionOpen(s PetitionState, ends, now time.Time) error {
	switch {
	case s == PetitionMet || s == PetitionAnswered:
		return Refuse(Conflict, "petition.met")
	case s != PetitionOpen || !now.Before(ends):
		return Refuse(Conflict, "petition.over")
	}
	return nil
}

// CheckPetitionMet refuses a meeting for what is not owed one, or has its answer.
func CheckPetitionMet(s PetitionState) error {
	if s == PetitionMet {
		return nil
	}
	return Refuse(Conflict, "petition.state", "state", s)
}
