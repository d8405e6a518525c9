package handlers

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"

	"yishi/models"
	"yishi/models/rules"
)

type introduction struct {
	Name      string `json:"name,omitempty"`
	PhoneCode string `json:"phone_code,omitempty" maxLength:"256" doc:"of the button getPhoneNumber"`
}

type ban struct {
	Banned bool `json:"banned"`
}

func (a *API) persons() {
	get(a, "me", "/api/v1/me", rules.PersonSelf, func(ctx context.Context, who models.Actor, _ *nothing) (*models.Me, error) {
		return a.Forum.Me(ctx, who)
	})
	post(a, "introduce", "/api/v1/me", rules.PersonSelf, func(ctx context.Context, who models.Actor, in *with[introduction]) (models.None, error) {
		phone, err := a.phoneOf(ctx, who, in.Body.PhoneCode)
		if err != nil {
			return models.None{}, err
		}
		return a.Forum.Introduce(ctx, who, in.Body.Name, phone)
	})
	get(a, "copyMe", "/api/v1/me/data", rules.PersonSelf, func(ctx context.Context, who models.Actor, _ *nothing) (*models.Copy, error) {
		return a.Forum.CopyMe(ctx, who)
	})
	post(a, "eraseMe", "/api/v1/me/erase", rules.PersonErase, func(ctx context.Context, who models.Actor, _ *nothing) (*models.Erased, error) {
		return a.Forum.EraseMe(ctx, who)
	})
	post(a, "banPerson", "/api/v1/persons/{id}/ban", rules.PersonBan, func(ctx context.Context, who models.Actor, in *on[ban]) (models.None, error) {
		return a.Forum.BanPerson(ctx, who, in.ID, in.Body.Banned)
	})
}

// phoneFor is how long WeChat lets a code of the button stand for a number.
const phoneFor = 5 * time.Minute

func newPhones() *otter.Cache[string, string] {
	return otter.Must(&otter.Options[string, string]{
		MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[string, string](phoneFor),
	})
}

// phoneOf returns the number that a code of WeChat stands for, "" for none. A code
// can be spent once: a retry whose answer was lost is answered from what is known,
// here or in the forum, and WeChat is not asked again.
func (a *API) phoneOf(ctx context.Context, who models.Actor, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	again, err := a.Forum.Answered(ctx, who)
	if err != nil || again {
		return "", err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s", who.PersonID, code))
	return a.phones.Get(ctx, string(sum[:]), otter.LoaderFunc[string, string](func(ctx context.Context, _ string) (string, error) {
		return a.Phone(ctx, code)
	}))
}
