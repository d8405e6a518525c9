package models

import (
	"context"
	"sync/atomic"

	"gorm.io/gorm"
)

// CountQueries returns a counter of the queries that the forum makes from now on.
func (f *Forum) CountQueries(ctx context.Context) (*atomic.Int64, error) {
	n := &atomic.Int64{}
	count := func(*gorm.DB) { n.Add(1) }
	calls := f.store.DB(ctx).Callback()
	if err := calls.Query().After("gorm:query").Register("count", count); err != nil {
		return nil, err
	}
	return n, calls.Row().After("gorm:row").Register("count", count)
}

// Fitting is fitting.
var Fitting = fitting
