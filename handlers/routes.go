package handlers

// register lists every way in, by the noun it leads to. Each route names its
// deed; who may do that is in rules.Permits.
func (a *API) register() {
	a.logins()
	a.persons()
	a.accounts()
	a.orgs()
	a.datasets()
	a.staff()
	a.offices()
	a.households()
	a.capacities()
	a.topics()
	a.triage()
	a.photos()
	a.points()
	a.sessions()
	a.presences()
	a.polls()
	a.secrets()
	a.papers()
	a.sheets()
	a.assists()
	a.outcomes()
	a.orders()
	a.publications()
	a.confirmations()
	a.cases()
	a.alliances()
	a.notices()
	a.audits()
}
