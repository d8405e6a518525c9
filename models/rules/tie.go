package rules

// TieDigits is the length of the code that joins two accounts: longer than a site
// code and shorter than a receipt number, so that the three are told apart.
const TieDigits = 8

// Ties is how many such codes there are.
const Ties = 100_000_000
