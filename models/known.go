package models

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"

	"yishi/models/rules"
)

// knownFor is how long an instance goes on believing what it has read of a login
// and of what somebody may do. What this instance changes it believes no longer;
// what another changes is felt here after at most so long.
const knownFor = 3 * time.Second

// known is what an instance remembers, so that a ballot asks the database for
// nothing.
type known struct {
	logins    *otter.Cache[string, login] // by the hash of the token
	standings *otter.Cache[int64, rules.Standing]
	alarms    *otter.Cache[DataKind, []rules.Alarm]
}

// login is who a token stands for, and until when.
type login struct {
	who   Actor
	until time.Time
}

func newKnown() known {
	return known{
		logins: otter.Must(&otter.Options[string, login]{
			MaximumSize: 100_000, ExpiryCalculator: otter.ExpiryWriting[string, login](knownFor),
		}),
		standings: otter.Must(&otter.Options[int64, rules.Standing]{
			MaximumSize: 100_000, ExpiryCalculator: otter.ExpiryWriting[int64, rules.Standing](knownFor),
		}),
		alarms: otter.Must(&otter.Options[DataKind, []rules.Alarm]{
			MaximumSize: 1, ExpiryCalculator: otter.ExpiryWriting[DataKind, []rules.Alarm](knownFor),
		}),
	}
}

// forget drops what is remembered, once the deed under way stands.
func (t *tx) forget() {
	t.after = append(t.after, func() {
		t.f.known.logins.InvalidateAll()
		t.f.known.standings.InvalidateAll()
		t.f.known.alarms.InvalidateAll()
	})
}

// standing is what somebody may do as anybody may who is logged in, read lately.
// Of the offices of whoever came by the app it knows nothing.
func (f *Forum) standing(ctx context.Context, who Actor) (rules.Standing, error) {
	if who.known && !who.Renew && who.Door == DoorMini {
		return rules.Standing{Banned: who.banned, Places: []rules.Place{{Role: rules.Guest}}}, nil
	}
	if s, ok := f.known.standings.GetIfPresent(who.PersonID); ok && who.PersonID != 0 && !who.Renew {
		return s, nil
	}
	s, err := (&tx{DB: f.store.DB(ctx), f: f, now: f.Now()}).standingOf(who)
	if err == nil && who.PersonID != 0 && !who.Renew {
		f.known.standings.Set(who.PersonID, s)
	}
	return s, err
}
