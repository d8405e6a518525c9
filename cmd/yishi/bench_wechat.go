package main

import (
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"yishi/proving"
	"yishi/wechat/yardstick"
)

func benchWeChatCommand() *cobra.Command {
	var slow time.Duration
	cmd := benchOf("wechat", "how fast what WeChat brings is answered, against a callback that only echoes and the vote by HTTP", func(c *cobra.Command, dsn string, o proving.BenchOptions) error {
		if slow > 0 {
			return onServer(c, dsn, func(s *proving.Server) error {
				return proving.BenchSlow(c.Context(), c.OutOrStdout(), s, slow, o)
			})
		}
		const bare = "/bare"
		set := func(s *stage) error {
			s.beside = map[string]http.Handler{bare: yardstick.Echo(wechatApp(s.cfg.WeChat.Official))}
			return nil
		}
		return onStage(c, dsn, set, func(s *proving.Server) error {
			return proving.BenchWeChat(c.Context(), c.OutOrStdout(), s, proving.WeChatBench{Bare: bare}, o)
		})
	})
	cmd.Flags().DurationVar(&slow, "slow", 0, "how much longer every transaction takes: whether each callback is answered in time all the same")
	return cmd
}
