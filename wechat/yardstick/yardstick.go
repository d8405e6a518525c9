// Package yardstick is a callback of an official account made with the SDK alone, to
// measure the product's against. It must not be used for anything else: the SDK
// takes what is neither sealed nor fresh.
package yardstick

import (
	"net/http"

	"github.com/silenceper/wechat/v2/officialaccount/config"
	sdk "github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/officialaccount/server"

	"yishi/wechat"
)

// Echo answers every text with itself, sealed as it came, and remembers nothing.
func Echo(app wechat.App) http.Handler {
	of := &sdk.Context{Config: &config.Config{AppID: app.ID, AppSecret: app.Secret, Token: app.Token, EncodingAESKey: app.AESKey}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := server.NewServer(of)
		s.Request, s.Writer = r, w
		s.SetMessageHandler(func(m *message.MixMessage) *message.Reply {
			return &message.Reply{MsgType: message.MsgTypeText, MsgData: message.NewText(m.Content)}
		})
		if s.Serve() != nil || s.Send() != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
}
