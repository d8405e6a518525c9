package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type raiseFor struct {
	Topic  models.NewTopic `json:"topic"`
	Helped models.Helped   `json:"for"`
}

type topicWords struct {
	Title string `json:"title,omitempty"`
	Text  string `json:"text"`
	Place string `json:"place,omitempty"`
}

type spoken struct {
	Words string `json:"words"`
}

type queued struct {
	ListedAt
	State  []rules.State `query:"state" maxItems:"30"`
	Search string        `query:"search" maxLength:"100"`
	Lapsed bool          `query:"lapsed"`
}

func (q *queued) wanted() models.Wanted {
	return models.Wanted{OrgID: q.Org, States: q.State, Search: q.Search, Lapsed: q.Lapsed, After: q.After, Size: q.Size}
}

// foundBy narrows the list that everybody may read.
type foundBy struct {
	Listed
	Org    int64         `query:"org" minimum:"0" doc:"0: everywhere"`
	State  []rules.State `query:"state" maxItems:"30"`
	Search string        `query:"search" maxLength:"100"`
}

type likeness struct {
	Org  int64  `query:"org" minimum:"0"`
	Text string `query:"text" required:"true" maxLength:"20000"`
}

type byReceipt struct {
	Receipt string `path:"receipt" maxLength:"40"`
}

func (a *API) topics() {
	a.topicReads()
	post(a, "raiseTopic", "/api/v1/topics", rules.TopicRaise, func(ctx context.Context, who models.Actor, in *with[models.NewTopic]) (*models.Raised, error) {
		return a.Forum.RaiseTopic(ctx, who, in.Body)
	})
	post(a, "raiseTopicFor", "/api/v1/topics/for", rules.TopicRaiseFor, func(ctx context.Context, who models.Actor, in *with[raiseFor]) (*models.Raised, error) {
		return a.Forum.RaiseTopicFor(ctx, who, in.Body.Topic, in.Body.Helped)
	})
	post(a, "editTopic", "/api/v1/topics/{id}/words", rules.TopicEdit, func(ctx context.Context, who models.Actor, in *on[topicWords]) (*models.Topic, error) {
		return a.Forum.EditTopic(ctx, who, in.ID, in.Body.Title, in.Body.Text, in.Body.Place)
	})
	post(a, "withdrawTopic", "/api/v1/topics/{id}/withdraw", rules.TopicWithdraw, func(ctx context.Context, who models.Actor, in *byID) (*models.Topic, error) {
		return a.Forum.WithdrawTopic(ctx, who, in.ID)
	})
	post(a, "answerTopic", "/api/v1/topics/{id}/answer", rules.TopicAnswer, func(ctx context.Context, who models.Actor, in *on[spoken]) (*models.Topic, error) {
		return a.Forum.AnswerTopic(ctx, who, in.ID, in.Body.Words)
	})
	post(a, "cosignTopic", "/api/v1/topics/{id}/cosigns", rules.TopicCosign, func(ctx context.Context, who models.Actor, in *byID) (int64, error) {
		return a.Forum.CosignTopic(ctx, who, in.ID)
	})
	post(a, "appealTopic", "/api/v1/topics/{id}/appeal", rules.TopicAppeal, func(ctx context.Context, who models.Actor, in *on[reasoned]) (*models.Appeal, error) {
		return a.Forum.AppealTopic(ctx, who, in.ID, in.Body.Reason)
	})
}

func (a *API) topicReads() {
	get(a, "listTopics", "/api/v1/topics", rules.TopicRead, func(ctx context.Context, who models.Actor, in *foundBy) (models.Page[models.TopicView], error) {
		return a.Forum.Topics(ctx, who, models.Wanted{OrgID: in.Org, States: in.State, Search: in.Search, After: in.After, Size: in.Size})
	})
	get(a, "myTopics", "/api/v1/me/topics", rules.TopicMine, func(ctx context.Context, who models.Actor, in *Listed) (models.Page[models.TopicView], error) {
		return a.Forum.MyTopics(ctx, who, in.After, in.Size)
	})
	get(a, "similarTopics", "/api/v1/topics/similar", rules.TopicSimilar, func(ctx context.Context, who models.Actor, in *likeness) ([]models.Likeness, error) {
		return a.Forum.SimilarTopics(ctx, who, in.Org, in.Text)
	})
	get(a, "topicByReceipt", "/api/v1/receipts/{receipt}", rules.TopicRead, func(ctx context.Context, who models.Actor, in *byReceipt) (*models.TopicView, error) {
		return a.Forum.TopicByReceipt(ctx, who, in.Receipt)
	})
	get(a, "topic", "/api/v1/topics/{id}", rules.TopicRead, func(ctx context.Context, who models.Actor, in *byID) (*models.TopicView, error) {
		return a.Forum.Topic(ctx, who, in.ID)
	})
	get(a, "timeline", "/api/v1/topics/{id}/timeline", rules.TopicRead, func(ctx context.Context, who models.Actor, in *byID) ([]models.Hop, error) {
		return a.Forum.Timeline(ctx, who, in.ID)
	})
	get(a, "topicOrders", "/api/v1/topics/{id}/orders", rules.TopicRead, func(ctx context.Context, who models.Actor, in *byID) ([]models.Order, error) {
		return a.Forum.TopicOrders(ctx, who, in.ID)
	})
}
