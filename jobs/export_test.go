package jobs

// Each is each.
var Each = each
