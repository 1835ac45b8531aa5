package skillable

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// contractCheck asks Skillable for the contract check.
type contractCheck struct{ *Client }

// Contract returns what the contract check needs of the client.
func (c *Client) Contract() contract.Vendor { return contractCheck{c} }

// Facts implements contract.Vendor.
func (c contractCheck) Facts() []contract.Fact { return Facts }

// The questions of a check, as the transcript labels their answers.
const (
	askStats   = "the numbers of labs"
	askBadKey  = "a wrong key"
	askUnknown = "the labs of an unknown user"
	askAll     = "the labs of all users"
	askOwn     = "the labs of a user who has some"
	askFolded  = "the labs of a user in other case"
	askSearch  = "a search"
	askLabs    = "the labs of a closed user"
	askFound   = "the search for a closed user"
	askAgain   = "a further closing call"
	noUser     = "offboard-no-such-user"
	wrongKey   = "offboard-wrong-key"
)

// Ask implements contract.Vendor. Modes 5 and 10 of the search hold passwords, so mode 0 is used.
func (c contractCheck) Ask(ctx context.Context) {
	_, _ = c.rest.Read(contract.As(ctx, askStats), statsRequest())
	bad := statsRequest()
	bad.Header = http.Header{"api_key": {wrongKey}}
	_, _ = c.rest.Read(contract.As(ctx, askBadKey), bad)
	c.ask(contract.As(ctx, askUnknown), []string{"userrunningandsavedlabs"}, map[string]string{"userid": noUser})
	c.ask(contract.As(ctx, askSearch), []string{"labinstance", "search"}, map[string]string{
		"mode": "0", "pageSize": strconv.Itoa(searchRows), "pageIndex": "0",
	})
	answer := c.ask(contract.As(ctx, askAll), []string{"runningandsavedlabs"}, nil)
	var all struct{ RunningLabs, SavedLabs []holder }
	if answer.JSON(&all) != nil {
		return
	}
	asked := false
	for _, lab := range append(all.RunningLabs, all.SavedLabs...) {
		if lab.UserID == nil {
			continue
		}
		id := string(*lab.UserID)
		if !asked {
			asked = true
			c.ask(contract.As(ctx, askOwn), []string{"userrunningandsavedlabs"}, map[string]string{"userid": id})
		}
		if folded := strings.ToUpper(id); folded != id && CheckID(folded) == nil {
			c.ask(contract.As(ctx, askFolded), []string{"userrunningandsavedlabs"}, map[string]string{"userid": folded})
			return
		}
	}
}

func (c contractCheck) ask(ctx context.Context, name []string, query map[string]string) rest.Answer {
	answer, _ := c.rest.Read(ctx, command(name, query))
	return answer
}

// AskOf implements contract.Vendor.
func (c contractCheck) AskOf(ctx context.Context, at contract.Stage, u offboard.User) {
	if at != contract.Closed {
		return
	}
	c.ask(contract.As(ctx, askLabs), []string{"userrunningandsavedlabs"}, map[string]string{"userid": u.ID})
	c.ask(contract.As(ctx, askFound), []string{"labinstance", "search"}, map[string]string{
		"userId": u.ID, "mode": "5", "pageIndex": "0", "pageSize": strconv.Itoa(searchRows),
	})
}

// Again implements contract.Vendor.
func (c contractCheck) Again(ctx context.Context, at contract.Stage, id string) {
	if at == contract.Closed {
		again := command([]string{"CloseUserAccount"}, map[string]string{"userId": id})
		_, _ = c.rest.Change(contract.As(ctx, askAgain), again)
	}
}

// closes returns the answers to the closing calls for a sacrificial user, and those users.
func closes(t *contract.Transcript) (by map[string][]*contract.Exchange) {
	by = map[string][]*contract.Exchange{}
	for _, x := range t.All(func(x *contract.Exchange) bool {
		return x.Change && strings.HasSuffix(x.Path, "/CloseUserAccount")
	}) {
		by[x.User] = append(by[x.User], x)
	}
	return by
}
