package bot

import (
	"context"
	"fmt"
	"strings"

	"yishi/models/rules"
)

// speak asks for the floor where one is present. Without words it offers what may
// be said to each topic; with them, or if there is one topic alone, the rest.
func (t *turn) speak(ctx context.Context, rest string) (string, error) {
	t.end()
	topics, err := t.forum.FloorTopics(ctx, t.who)
	if err != nil {
		return "", err
	}
	if len(topics) == 0 {
		return t.say("bot.speak.none"), nil
	}
	stances := rules.Stances
	if said := t.stance(rest); said != "" {
		stances = []rules.Stance{said}
	}
	var options []option
	for _, topic := range topics {
		for _, stance := range stances {
			label := t.say("bot.speak.one", "stance", string(stance), "title", shorten(topic.Title, 20))
			options = append(options, option{fmt.Sprintf("%d/%d/%s", topic.SessionID, topic.TopicID, stance), label})
		}
	}
	list := t.offer(options)
	t.at(stepSpeak)
	if len(options) == 1 {
		t.said = "1"
		return t.takeSpeak(ctx)
	}
	return lines(list, t.help()), nil
}

// stance is what somebody says that they want to say, "" if nothing is known of it.
func (t *turn) stance(said string) rules.Stance {
	switch {
	case t.words.hears("for", said):
		return rules.StanceFor
	case t.words.hears("against", said):
		return rules.StanceAgainst
	case t.words.hears("question", said):
		return rules.StanceOther
	}
	return ""
}

func (t *turn) takeSpeak(ctx context.Context) (string, error) {
	var session, topic int64
	var stance rules.Stance
	// where nothing was picked nothing is read
	if n, _ := fmt.Sscanf(strings.ReplaceAll(t.picked(), "/", " "), "%d %d %s", &session, &topic, &stance); n != 3 {
		return t.again(), nil
	}
	t.end()
	s, err := t.forum.AskFloor(ctx, t.deed("speak"), session, topic, stance)
	if err != nil {
		return "", err
	}
	v, err := t.forum.Speakers(ctx, t.who, session)
	if err != nil {
		return "", err
	}
	before := 0
	for _, of := range v.Topics {
		for i, x := range of.Queue {
			if x.ID == s.ID {
				before = i
			}
		}
	}
	return t.say("bot.speak.waits", "stance", string(stance), "n", before), nil
}
