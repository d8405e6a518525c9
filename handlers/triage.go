package handlers

import (
	"context"
	"time"

	"yishi/models"
	"yishi/models/rules"
)

type merge struct {
	Into int64 `json:"into" minimum:"1"`
}

type redirect struct {
	Reason      string `json:"reason" doc:"code of the negative list, such as N4"`
	Words       string `json:"words,omitempty"`
	Destination string `json:"destination,omitempty"`
}

type promise struct {
	OrgID      int64     `json:"org_id" minimum:"1"`
	What       string    `json:"what"`
	PromisedAt time.Time `json:"promised_at"`
}

type streetDecision struct {
	Words string   `json:"words"`
	Order *promise `json:"order,omitempty" doc:"what is done about it, at once"`
}

type study struct {
	Done  bool   `json:"done"`
	Words string `json:"words,omitempty"`
}

type ruling struct {
	Upheld bool   `json:"upheld"`
	Answer string `json:"answer"`
}

type suspension struct {
	Reason string    `json:"reason"`
	Review time.Time `json:"review"`
}

type reference struct {
	Event rules.Event `json:"event" doc:"refer, passed or failed"`
	Words string      `json:"words"`
}

func (a *API) triage() {
	get(a, "queue", "/api/v1/queue", rules.TopicQueue, func(ctx context.Context, who models.Actor, in *queued) (models.Page[models.TopicView], error) {
		return a.Forum.Queue(ctx, who, in.wanted())
	})
	get(a, "desk", "/api/v1/desk", rules.TopicQueue, func(ctx context.Context, who models.Actor, in *atOrg) (*models.Desk, error) {
		return a.Forum.Desk(ctx, who, in.Org)
	})
	get(a, "listAppeals", "/api/v1/appeals", rules.TopicQueue, func(ctx context.Context, who models.Actor, in *atOrg) ([]models.AppealView, error) {
		return a.Forum.Appeals(ctx, who, in.Org)
	})
	get(a, "suggestItems", "/api/v1/topics/{id}/items", rules.TopicQueue, func(ctx context.Context, who models.Actor, in *byID) ([]models.Item, error) {
		return a.Forum.SuggestItems(ctx, who, in.ID)
	})
	post(a, "acceptTopic", "/api/v1/topics/{id}/accept", rules.TopicAccept, func(ctx context.Context, who models.Actor, in *on[models.Acceptance]) (*models.Topic, error) {
		return a.Forum.AcceptTopic(ctx, who, in.ID, in.Body)
	})
	post(a, "askTopic", "/api/v1/topics/{id}/ask", rules.TopicAsk, func(ctx context.Context, who models.Actor, in *on[spoken]) (*models.Topic, error) {
		return a.Forum.AskTopic(ctx, who, in.ID, in.Body.Words)
	})
	post(a, "mergeTopic", "/api/v1/topics/{id}/merge", rules.TopicMerge, func(ctx context.Context, who models.Actor, in *on[merge]) (*models.Topic, error) {
		return a.Forum.MergeTopic(ctx, who, in.ID, in.Body.Into)
	})
	post(a, "redirectTopic", "/api/v1/topics/{id}/redirect", rules.TopicRedirect, func(ctx context.Context, who models.Actor, in *on[redirect]) (*models.Topic, error) {
		return a.Forum.RedirectTopic(ctx, who, in.ID, in.Body.Reason, in.Body.Words, in.Body.Destination)
	})
	post(a, "orderTopic", "/api/v1/topics/{id}/order", rules.TopicOrder, func(ctx context.Context, who models.Actor, in *on[promise]) (*models.Topic, error) {
		return a.Forum.OrderTopic(ctx, who, in.ID, in.Body.OrgID, in.Body.What, in.Body.PromisedAt)
	})
	post(a, "studyTopic", "/api/v1/topics/{id}/study", rules.TopicStudy, func(ctx context.Context, who models.Actor, in *on[study]) (*models.Topic, error) {
		return a.Forum.StudyTopic(ctx, who, in.ID, in.Body.Done, in.Body.Words)
	})
	post(a, "ruleAppeal", "/api/v1/topics/{id}/appeal/rule", rules.TopicRule, func(ctx context.Context, who models.Actor, in *on[ruling]) (*models.Appeal, error) {
		return a.Forum.RuleAppeal(ctx, who, in.ID, in.Body.Upheld, in.Body.Answer)
	})
	a.later()
}

// later are the decisions that come after triage.
func (a *API) later() {
	post(a, "suspendTopic", "/api/v1/topics/{id}/suspend", rules.TopicSuspend, func(ctx context.Context, who models.Actor, in *on[suspension]) (*models.Topic, error) {
		return a.Forum.SuspendTopic(ctx, who, in.ID, in.Body.Reason, in.Body.Review)
	})
	post(a, "resumeTopic", "/api/v1/topics/{id}/resume", rules.TopicResume, func(ctx context.Context, who models.Actor, in *byID) (*models.Topic, error) {
		return a.Forum.ResumeTopic(ctx, who, in.ID)
	})
	post(a, "escalateTopic", "/api/v1/topics/{id}/escalate", rules.TopicEscalate, func(ctx context.Context, who models.Actor, in *on[spoken]) (*models.Topic, error) {
		return a.Forum.EscalateTopic(ctx, who, in.ID, in.Body.Words)
	})
	post(a, "decideTopic", "/api/v1/topics/{id}/decide", rules.TopicDecide, func(ctx context.Context, who models.Actor, in *on[streetDecision]) (*models.Topic, error) {
		var order *models.Promised
		if p := in.Body.Order; p != nil {
			order = &models.Promised{OrgID: p.OrgID, What: p.What, At: p.PromisedAt}
		}
		return a.Forum.DecideTopic(ctx, who, in.ID, in.Body.Words, order)
	})
	post(a, "explainTopic", "/api/v1/topics/{id}/explain", rules.TopicExplain, func(ctx context.Context, who models.Actor, in *on[spoken]) (*models.Topic, error) {
		return a.Forum.ExplainTopic(ctx, who, in.ID, in.Body.Words)
	})
	post(a, "referTopic", "/api/v1/topics/{id}/refer", rules.TopicRefer, func(ctx context.Context, who models.Actor, in *on[reference]) (*models.Topic, error) {
		return a.Forum.ReferTopic(ctx, who, in.ID, in.Body.Event, in.Body.Words)
	})
}
