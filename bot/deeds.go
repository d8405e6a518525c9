package bot

import (
	"cmp"
	"fmt"
	"slices"

	"yishi/models/rules"
)

// Way is a way in by chat, with the deed that it does or leads to. Whoever may
// not do that deed gets no further there than its refusal.
type Way struct {
	Kind string // "command", "step" or "event"
	Name string
	Deed rules.Deed
}

// The kinds of ways.
const (
	WayCommand = "command"
	WayStep    = "step"
	WayEvent   = "event"
)

// events are the ways that are neither a command nor the answer to a step. The
// digits and the QR code are those of the screen.
func events() map[string]rules.Deed {
	return map[string]rules.Deed{
		"digits": rules.PresenceCheckIn, "screen": rules.PresenceCheckIn, "sentence": rules.TopicRaise,
		"scan": rules.PointRead, "follow": rules.PointRead, "location": rules.PointRead, "image": rules.TopicRaise,
	}
}

// Ways returns every way in, in the order of their names.
func (b *Bot) Ways() []Way {
	var all []Way
	for name, c := range b.commands {
		all = append(all, Way{WayCommand, name, c.deed})
	}
	for name, s := range b.steps {
		all = append(all, Way{WayStep, name, s.deed})
	}
	for name, deed := range events() {
		all = append(all, Way{WayEvent, name, deed})
	}
	slices.SortFunc(all, func(a, b Way) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	return all
}

// checkDeeds refuses a way whose deed the table of permissions does not know.
func checkDeeds(ways []Way) error {
	for _, w := range ways {
		if _, ok := rules.Permits[w.Deed]; !ok {
			return fmt.Errorf("the %s %q of the bot names no deed that the table of permissions knows: %q", w.Kind, w.Name, w.Deed)
		}
	}
	return nil
}
