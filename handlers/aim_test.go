package handlers_test

import (
	"fmt"
	"strconv"
	"strings"

	"yishi/handlers"
	"yishi/models/rules"
)

// aims says where a route with a body that names an org or a session aims.
var aims = map[string]string{
	"previewHouseholds": "orgs", "importHouseholds": "orgs",
	"createStaff": "orgs", "grantOffice": "orgs", "bindCapacity": "", "raiseTopic": "orgs", "raiseTopicFor": "orgs", "makePoint": "orgs",
	"createSession": "orgs", "openPoll": "sessions", "foundAlliance": "orgs", "startPetition": "orgs", "joinAlliance": "",
	"confirmTopic": "confirmations", "confirmTopicFor": "confirmations", "stuckNotices": "root",
}

// target returns the noun that a route is about, "" if none.
func target(r handlers.Route) string {
	if noun, ok := aims[r.ID]; ok {
		return noun
	}
	part := strings.Split(r.Path, "/")
	for i, p := range part {
		if p == "{id}" {
			return part[i-1]
		}
	}
	if orgRoutes[r.ID] {
		return "orgs"
	}
	return ""
}

// orgRoutes are the readings that name an org in their query.
var orgRoutes = map[string]bool{
	"listOffices": true, "listHouseholds": true, "askedCapacities": true, "namedCapacities": true, "queue": true, "desk": true, "listSessions": true,
	"listOrders": true, "numbers": true, "listAppeals": true, "listAudits": true, "listPublications": true, "listAlliances": true, "listPetitions": true, "listScreenings": true,
}

// pathTo is where a route is asked about the thing id.
func pathTo(r handlers.Route, f furniture, id int64) string {
	path := strings.NewReplacer("{id}", strconv.FormatInt(id, 10), "{topic}", strconv.FormatInt(f.nouns["topics"]+424242, 10), "{photo}", "424242",
		"{file}", "none.jpg", "{receipt}", rules.Receipt(7), "{scene}", "p1", "{code}", "23456789").Replace(r.Path)
	if r.ID == "compareBoards" {
		path += "?from=1&to=1"
	}
	if orgRoutes[r.ID] {
		path += fmt.Sprintf("?org=%d", id)
	}
	if r.ID == "namedCapacities" {
		path += "&name=x"
	}
	if r.ID == "pollSeats" {
		path += "?name=x"
	}
	if r.ID == "consentPlan" {
		path += "?tap=vote"
	}
	if r.ID == "loginWeb" {
		path += "?poll=1"
	}
	if r.ID == "signPage" {
		path += "?url=x"
	}
	if r.ID == "similarTopics" {
		path += "?text=x"
	}
	return path
}
