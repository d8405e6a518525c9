package handlers

// CheckDeeds is what New asks of its routes.
var CheckDeeds = checkDeeds
