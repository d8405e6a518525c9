package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/spf13/cobra"

	"yishi/configs"
	"yishi/models"
	"yishi/models/rules"
	"yishi/models/samplecity"
)

// withForum opens the forum of the configuration for a command.
func withForum(run func(c *cobra.Command, f *models.Forum, cfg configs.Config, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		cfg, err := configured(c)
		if err != nil {
			return err
		}
		f, err := opened(c, cfg)
		if err != nil {
			return err
		}
		return errors.Join(told(run(c, f, cfg, args)), f.Close())
	}
}

var errNoForum = errors.New("there is no database to compare with yet: run yishi migrate first")

// opened opens the forum for a command. With --dry-run nothing is prepared: no
// key, no folder, no table.
func opened(c *cobra.Command, cfg configs.Config) (*models.Forum, error) {
	dry := c.Flags().Lookup("dry-run")
	if dry == nil || dry.Value.String() != "true" {
		if err := prepare(cfg.KeyFile, string(cfg.Database.DSN)); err != nil {
			return nil, err
		}
		return openForum(c.Context(), cfg, time.Now)
	}
	dsn := string(cfg.Database.DSN)
	for _, file := range []string{cfg.KeyFile, dsn} {
		if strings.HasPrefix(file, "mysql://") {
			continue
		}
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			return nil, errNoForum
		} else if err != nil {
			return nil, err
		}
	}
	key, err := configs.LoadKey(cfg.KeyFile)
	if err != nil {
		return nil, err
	}
	return models.Open(c.Context(), models.Options{DSN: dsn, Key: key, Now: time.Now, Look: true})
}

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "bring the database up to date and import the data that the rules need", Args: cobra.NoArgs,
		RunE: withForum(func(c *cobra.Command, f *models.Forum, _ configs.Config, _ []string) error {
			return samplecity.ImportSets(c.Context(), f)
		}),
	}
}

func adminCommand() *cobra.Command {
	admin := &cobra.Command{Use: "admin", Short: "people who run the forum"}
	var n models.NewStaff
	var role, org string
	create := &cobra.Command{
		Use: "create", Short: "make a console login, such as the first administrator's", Args: cobra.NoArgs,
		RunE: withForum(func(c *cobra.Command, f *models.Forum, _ configs.Config, _ []string) error {
			id, err := orgByCode(c, f, org)
			if err != nil {
				return err
			}
			n.Role, n.OrgID = rules.Role(role), id
			made, err := f.CreateStaff(c.Context(), models.Operator, n)
			if err != nil {
				return err
			}
			return printCredentials(c.OutOrStdout(), made)
		}),
	}
	create.Flags().StringVar(&n.Name, "name", "", "the person's name")
	create.Flags().StringVar(&n.Login, "login", "", "the login name")
	create.Flags().StringVar(&role, "role", string(rules.City), "city, district, street, secretary, handler, leader or supervisor")
	create.Flags().StringVar(&org, "org", "", "code of the org where the role is held; the root by default")
	for _, flag := range []string{"name", "login"} {
		_ = create.MarkFlagRequired(flag) // the flag exists: it is two lines above
	}
	admin.AddCommand(create)
	return admin
}

func printCredentials(w io.Writer, c *models.Credentials) error {
	_, err := fmt.Fprintf(w, "login     %s\npassword  %s\nsecret    %s\n%s\n\nHand these over in person; they are shown once. The password is changed at the first login.\n",
		c.Login, c.Password, c.Secret, c.TotpURL)
	return err
}

// orgByCode finds an org; "" is the root.
func orgByCode(c *cobra.Command, f *models.Forum, code string) (int64, error) {
	orgs, err := f.Orgs(c.Context(), models.Operator)
	if err != nil {
		return 0, err
	}
	for _, o := range orgs {
		if o.Code == code || code == "" && o.ParentID == 0 {
			return o.ID, nil
		}
	}
	if len(orgs) == 0 {
		return 0, errors.New("there are no orgs yet: yishi import orgs FILE first")
	}
	return 0, fmt.Errorf("there is no org with the code %q", code)
}

func codeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "code SECRET", Short: "the one-time code of this moment, for who has no authenticator at hand", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			code, err := totp.GenerateCode(args[0], time.Now())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), code)
			return err
		},
	}
}
