package jobs

// Each is each.
var Each = each

// Walk is walk.
var Walk = walk
