package main

import (
	"net/http"

	"github.com/spf13/cobra"

	"yishi/proving"
	"yishi/wechat/yardstick"
)

func benchWeChatCommand() *cobra.Command {
	return benchOf("wechat", "how fast what WeChat brings is answered, against a callback that only echoes and the vote by HTTP", func(c *cobra.Command, dsn string, o proving.BenchOptions) error {
		const bare = "/bare"
		set := func(s *stage) error {
			s.beside = map[string]http.Handler{bare: yardstick.Echo(wechatApp(s.cfg.WeChat.Official))}
			return nil
		}
		return onStage(c, dsn, set, func(s *proving.Server) error {
			return proving.BenchWeChat(c.Context(), c.OutOrStdout(), s, proving.WeChatBench{Bare: bare}, o)
		})
	})
}
