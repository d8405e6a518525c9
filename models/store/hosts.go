package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// errDSN says how a database is named.
var errDSN = errors.New("database dsn: expected mysql://user:password@tcp(host:3306)/name, several nodes of one cluster as tcp(host:3306,host:3306), or the path of a file")

// listed is a DSN with its list of hosts.
var listed = regexp.MustCompile(`^(.*@(?:tcp|unix)\()([^()]+)(\)/[^/]*)$`)

// hosts reads the DSN of MySQL or MariaDB, without its scheme: one for each host
// that it lists, in order.
func hosts(dsn string) ([]*mysqldriver.Config, error) {
	each := []string{dsn}
	if m := listed.FindStringSubmatch(dsn); m != nil {
		each = each[:0]
		for host := range strings.SplitSeq(m[2], ",") {
			each = append(each, m[1]+strings.TrimSpace(host)+m[3])
		}
	}
	configs := make([]*mysqldriver.Config, 0, len(each))
	for _, one := range each {
		cfg, err := mysqldriver.ParseDSN(one)
		if err != nil {
			return nil, errDSN
		}
		cfg.Timeout = 5 * time.Second
		configs = append(configs, cfg)
	}
	return configs, nil
}

// cluster connects to one of several nodes that hold the same data, as those of
// Galera do: to the one that served last, and where that is not to be had to the
// next in order. All connections of one program thus write through one node, and
// meet no certification conflict with each other.
type cluster struct {
	nodes []driver.Connector
	at    atomic.Int64 // the node that served last
}

// Connect implements driver.Connector. A node that listens but is not ready
// (1047) refuses the settings of the session, and so is passed over too.
func (c *cluster) Connect(ctx context.Context) (driver.Conn, error) {
	var errs []error
	at := c.at.Load()
	for i := range int64(len(c.nodes)) {
		n := (at + i) % int64(len(c.nodes))
		conn, err := c.nodes[n].Connect(ctx)
		if err == nil {
			c.at.Store(n)
			return conn, nil
		}
		if errs = append(errs, err); ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}

// Driver implements driver.Connector.
func (c *cluster) Driver() driver.Driver { return c.nodes[0].Driver() }
