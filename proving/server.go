// Package proving proves the product as its users would: through its doors. It
// knows no room behind them; whoever runs it hands in a way to start a server.
package proving

import (
	"context"
	"time"

	"yishi/wechat/wechattest"
)

// Server is a running product with the sample city and the fake WeChat in it.
type Server struct {
	URL       string // of the public door
	Fake      *wechattest.Fake
	Mini      string // app id of the mini-program
	Official  string // app id of the official account
	Residents map[string]*wechattest.Resident
	Staff     map[string]Staff // by login
	Orgs      map[string]int64 // by code
	Points    map[string]int64 // by code
	Alliance  int64
	Now       func() time.Time

	// Pass lets time pass and the clock door do what is due then.
	Pass func(ctx context.Context, d time.Duration) error
	// Run runs a command of the product's command line on the server's database
	// and returns what it printed.
	Run func(ctx context.Context, args ...string) (string, error)
	// Slow makes every transaction of the database take so much longer. It is not
	// there for a server in a process of its own.
	Slow func(longer time.Duration)
	// Stop shuts the server down as an operator would.
	Stop func() error
}

// Staff is how somebody logs in to the console.
type Staff struct{ Login, Password, Secret string }

// Start starts a server on a database, "" for a throw-away embedded one. Its
// clock stands still but for Pass.
type Start func(ctx context.Context, dsn string) (*Server, error)
