package rules

// MaxPrincipals is for how many others one person may vote (城市居民委员会组织法
// art. 19, written for elections and kept for every vote by proxy).
const MaxPrincipals = 3

// CheckProxy says whether an agent who votes for held others already may vote
// for one more. Nobody is their own agent.
func CheckProxy(held int, agent, principal int64) error {
	switch {
	case agent == principal:
		return Refuse(Invalid, "proxy.self")
	case held >= MaxPrincipals:
		return Refuse(Conflict, "proxy.many", "most", MaxPrincipals)
	}
	return nil
}
