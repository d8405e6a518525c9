package main

import (
	"time"

	"github.com/spf13/cobra"

	"yishi/configs/locale"
	"yishi/handlers"
)

func openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "print the description of the HTTP door", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			text, err := locale.Load("zh-CN")
			if err != nil {
				return err
			}
			handlers.Speak(text)
			api, _, err := handlers.New(handlers.Options{Text: text, Clock: time.Now})
			if err != nil {
				return err
			}
			body, err := api.OpenAPI()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(body)
			return err
		},
	}
}
