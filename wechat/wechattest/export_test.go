package wechattest

// Owner is whose code this is, of an app; nil where it is none.
func (f *Fake) Owner(code, appID string) *Resident {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, _ := f.spend(code, appID)
	return r
}

// Allowed is how many messages of a template a resident still wants.
func (f *Fake) Allowed(r *Resident, appID, templateID string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return r.grants[grant{appID, templateID}]
}
