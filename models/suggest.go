package models

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"yishi/models/rules"
)

// suggested is how many items are suggested for a topic.
const suggested = 3

// SuggestItems returns the items of the catalogue that a topic fits best, by its words,
// the best first. It decides nothing.
func (f *Forum) SuggestItems(ctx context.Context, who Actor, topicID int64) ([]Item, error) {
	return see(ctx, f, who, rules.TopicQueue, onTopic(topicID), func(t *tx) ([]Item, error) {
		var topic Topic
		if err := t.Where("id = ?", topicID).Take(&topic).Error; err != nil {
			return nil, found(err, "topic")
		}
		items, _, err := newest[[]Item](t, DataCatalogue)
		if err != nil {
			return nil, err
		}
		return fitting(items, topic.Title, topic.Body, suggested), nil
	})
}

// fitting returns the n items that words fit best.
func fitting(items []Item, title, body string, n int) []Item {
	places := make([]rules.Shelved, len(items))
	for i, it := range items {
		words := strings.FieldsFunc(it.Words, func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) })
		places[i] = rules.Shelved{Code: it.Code, Text: it.Name + " " + it.Scope, Words: words}
	}
	out := []Item{}
	for _, code := range rules.NewShelf(places).Suggest(title, body, n) {
		out = append(out, items[slices.IndexFunc(items, func(i Item) bool { return i.Code == code })])
	}
	return out
}
