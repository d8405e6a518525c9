package proving

import (
	"time"
)

// The answers of the HTTP door, as far as they are looked at.
type (
	page[T any] struct {
		Items []T   `json:"items"`
		Next  int64 `json:"next"`
	}
	pass struct {
		Token     string    `json:"token"`
		PersonID  int64     `json:"person_id"`
		ExpiresAt time.Time `json:"expires_at"`
		Renew     bool      `json:"renew"`
	}
	self struct {
		Person struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
		} `json:"person"`
		Capacities []capacity `json:"capacities"`
		Members    []member   `json:"members"`
	}
	capacity struct {
		ID    int64  `json:"id"`
		State string `json:"state"`
	}
	office struct {
		PersonID int64  `json:"person_id"`
		Role     string `json:"role"`
		OrgID    int64  `json:"org_id"`
	}
	org struct {
		ID   int64  `json:"id"`
		Code string `json:"code"`
		Name string `json:"name"`
	}
	point struct {
		ID      int64      `json:"id"`
		Name    string     `json:"name"`
		Scene   string     `json:"scene"`
		Metres  int        `json:"metres"`
		Begins  *time.Time `json:"begins"`
		Session *meeting   `json:"session"`
	}
	topic struct {
		ID       int64      `json:"id"`
		OrgID    int64      `json:"org_id"`
		Receipt  string     `json:"receipt"`
		State    string     `json:"state"`
		Title    string     `json:"title"`
		Body     string     `json:"body"`
		Level    string     `json:"level"`
		Pack     string     `json:"pack"`
		NCode    string     `json:"n_code"`
		HolderID int64      `json:"holder_id"`
		Holder   string     `json:"holder"`
		DueAt    *time.Time `json:"due_at"`
		DueVerb  string     `json:"due_verb"`
		LapsedAt *time.Time `json:"lapsed_at"`
		Merged   int64      `json:"merged_into"`
		Reopened int        `json:"reopened"`
		Cosigns  int64      `json:"cosigns"`
		Mine     bool       `json:"mine"`
	}
	raised struct {
		Topic topic  `json:"topic"`
		Call  string `json:"call"`
	}
	likeness struct {
		ID    int64 `json:"id"`
		Alike int   `json:"alike"`
	}
	hop struct {
		Event  string `json:"event"`
		From   string `json:"from"`
		To     string `json:"to"`
		Holder string `json:"holder"`
		Words  string `json:"words"`
	}
	appeal struct {
		Upheld bool   `json:"upheld"`
		Answer string `json:"answer"`
	}
)

// The answers about meetings and what comes of them.
type (
	meeting struct {
		ID          int64        `json:"id"`
		State       string       `json:"state"`
		Title       string       `json:"title"`
		StartsAt    time.Time    `json:"starts_at"`
		Short       string       `json:"short_reason"`
		Present     int64        `json:"present"`
		Invitations []invitation `json:"invitations"`
	}
	invitation struct {
		ID    int64  `json:"id"`
		OrgID int64  `json:"org_id"`
		Reply string `json:"reply"`
		Words string `json:"words"`
	}
	quorum struct {
		Present int64 `json:"present"`
		Due     int64 `json:"due"`
		Need    int64 `json:"need"`
	}
	siteCode struct {
		Code  string `json:"code"`
		Scene string `json:"scene"`
	}
	presence struct {
		SessionID int64  `json:"session_id"`
		PersonID  int64  `json:"person_id"`
		How       string `json:"how"`
	}
	poll struct {
		ID      int64    `json:"id"`
		State   string   `json:"state"`
		Hash    string   `json:"hash"`
		Due     int64    `json:"due"`
		Cast    int64    `json:"cast"`
		Waiting int64    `json:"waiting"`
		Verdict *verdict `json:"verdict"`
		Says    string   `json:"says"`
		Origins []origin `json:"origins"`
		Mine    []ballot `json:"mine"`
		Units   []string `json:"units"`
		Secret  *secrecy `json:"secret"`
	}
	petition struct {
		ID    int64  `json:"id"`
		State string `json:"state"`
		Count struct {
			Signers int64 `json:"signers"`
			Due     int64 `json:"due"`
			Need    int64 `json:"need"`
		} `json:"count"`
		DueAt *time.Time `json:"due_at"`
	}
	secrecy struct { // of a secret poll
		Disclosure string `json:"disclosure"`
		Missing    []struct {
			Name string `json:"name"`
		} `json:"missing"`
		Tokens  string `json:"tokens"`
		Key     string `json:"key"`
		Kept    int    `json:"kept"`
		Entered int    `json:"entered"`
		Issued  int64  `json:"issued"`
	}
	share struct {
		Share string `json:"share"`
	}
	origin struct {
		Door    string `json:"door"`
		Ballots int64  `json:"ballots"`
	}
	issued struct {
		Unit string `json:"unit"`
		Code string `json:"code"`
	}
	sheet struct {
		Number    string `json:"number"`
		PollState string `json:"poll_state"`
		Waiting   bool   `json:"waiting"`
		Choice    string `json:"choice"`
		Receipt   string `json:"receipt"`
	}
	inclusion struct {
		In []struct {
			Place int64 `json:"place"`
		} `json:"in"`
	}
	count struct{ Due, Attended, Cast, Yes, No, Abstain int64 }

	side struct { // by heads or by area
		Count        count `json:"count"`
		NeedAttended int64 `json:"need_attended"`
		NeedYes      int64 `json:"need_yes"`
		MissingTurns int64 `json:"missing_turnout"`
		MissingYes   int64 `json:"missing_yes"`
	}
	verdict struct {
		Result string `json:"result"`
		Reason string `json:"reason"`
		side
		Area *side `json:"area"`
	}
	ballot struct {
		Unit    string `json:"unit"`
		Choice  string `json:"choice"`
		Door    string `json:"door"`
		Receipt string `json:"receipt"`
	}
	outcome struct {
		Result string `json:"result"`
		PollID int64  `json:"poll_id"`
	}
	order struct {
		ID     int64  `json:"id"`
		OrgID  int64  `json:"org_id"`
		State  string `json:"state"`
		What   string `json:"what"`
		Report string `json:"report"`
	}
	board struct {
		TopicID int64     `json:"topic_id"`
		Receipt string    `json:"receipt"`
		EndsAt  time.Time `json:"ends_at"`
		Begins  time.Time `json:"begins_at"`
		Until   time.Time `json:"objections_until"`
	}
	objection struct {
		ID     int64  `json:"id"`
		Upheld bool   `json:"upheld"`
		Answer string `json:"answer"`
	}
	record struct { // of the casebook
		TopicID  int64  `json:"topic_id"`
		Item     string `json:"item"`
		Words    string `json:"words"`
		Days     int    `json:"days"`
		Solved   int    `json:"solved"`
		Silent   int    `json:"silent"`
		Unsolved int    `json:"unsolved"`
	}
	member struct {
		ID     int64   `json:"id"`
		Name   string  `json:"name"`
		State  string  `json:"state"`
		Credit *string `json:"credit_code"`
	}
	notice struct {
		Code     string         `json:"code"`
		Sentence string         `json:"sentence"`
		Params   map[string]any `json:"params"`
	}
)
