package jobs

// Each is each.
var Each = each

// Walk is walk.
var Walk = walk

// Fetch is fetch.
var Fetch = (*Jobs).fetch
