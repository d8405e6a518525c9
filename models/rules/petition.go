package rules

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
