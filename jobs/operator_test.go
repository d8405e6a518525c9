package jobs_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// TestTheOperatorIsCalled logs, with what to do, a fault that only an operator can
// mend, and no secret.
func TestTheOperatorIsCalled(t *testing.T) {
	o := newOffice(t)
	_, err := o.fake.Say(o.li, "帮助")
	o.ok(err)
	var logs bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&logs, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	o.fake.Fail(customerPath, 48001, 1)
	o.tell("修好了")
	said := logs.String()
	if !strings.Contains(said, "errcode 48001") || !strings.Contains(said, "认证过的服务号才有") {
		t.Errorf("the operator was not called: %s", said)
	}
	if strings.Contains(said, official.Secret) || strings.Contains(said, o.li.OpenID(official.ID)) {
		t.Errorf("too much was told: %s", said)
	}
}
