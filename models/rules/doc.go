// Package rules is the rulebook of the forum: who may do which deed, how a
// topic moves, who may vote and what a count means, by when an answer is owed,
// and what a resident may type.
//
// Everything here is a pure function of its arguments: no clock, no database,
// no network, no environment. Numbers that the law or a city sets arrive as
// data (configs/data) and are never written into code.
package rules
