package sfox

import (
	"math/big"
	"net/http"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// amountFields are the amounts of a balance, and walletFields those of them that are wallets.
// https://docs.sfox.com/rest-api/account-management/get-all-balances
var (
	amountFields = []string{"balance", "available", "held"}
	walletFields = []string{"trading_wallet", "borrow_wallet", "collateral_wallet", "lending_wallet"}
)

// eachRow judges each row of the balances.
func eachRow(t *contract.Transcript, judge func(row any) contract.Judgment) contract.Judgment {
	return t.Each(askBalance, func(x *contract.Exchange) contract.Judgment {
		return contract.EachRow(x.Rows(), "no balance of a test user is listed", judge)
	})
}

func judgeAmounts(t *contract.Transcript) contract.Judgment {
	return eachRow(t, func(row any) contract.Judgment {
		var all []contract.Judgment
		for _, field := range amountFields {
			switch v, _ := contract.At(row, field); contract.Kind(v) {
			case "a number":
				all = append(all, contract.Holds("numbers"))
			case "a string":
				all = append(all, contract.IsContrary("Strings = true", `strings, such as "0.00"`))
			default:
				all = append(all, contract.IsNew(field+" is "+contract.Kind(v)))
			}
		}
		return contract.Worst(all...)
	})
}

func judgeWallets(t *contract.Transcript) contract.Judgment {
	return eachRow(t, func(row any) contract.Judgment {
		var missing []string
		for _, field := range walletFields {
			if _, has := contract.At(row, field); !has {
				missing = append(missing, field)
			}
		}
		switch {
		case len(missing) == len(walletFields):
			return contract.IsContrary("BareBalances = true", "no wallet is there")
		case len(missing) > 0:
			return contract.IsNew("missing: " + strings.Join(missing, ", "))
		}
		return contract.Holds("all four are there")
	})
}

// isZero reports whether an amount is exactly zero.
func isZero(amount string) bool {
	r, ok := new(big.Rat).SetString(amount)
	return ok && r.Sign() == 0
}

func judgeZero(t *contract.Transcript) contract.Judgment {
	return t.Each(askBalance, func(x *contract.Exchange) contract.Judgment {
		zero := func(row any) bool { return isZero(contract.Text(row, "balance")) }
		switch rows := x.Rows(); {
		case !x.HasList():
			return contract.Open("not tried: the balances could not be read")
		case slices.ContainsFunc(rows, zero):
			return contract.Holds("a row has the balance zero")
		case len(rows) == 0:
			return contract.IsContrary("HideZero = true", "no row is there")
		}
		return contract.Open("all rows have a balance")
	})
}

func judgeDeactivate(t *contract.Transcript) contract.Judgment {
	return t.EachOf(deactivations(t), func(x *contract.Exchange) contract.Judgment {
		switch {
		case x.OK() && x.Empty:
			return contract.Holds(x.Describe())
		case x.Status == http.StatusUnprocessableEntity:
			return contract.Open("it was refused with HTTP 422")
		}
		return contract.IsNew(x.Describe())
	})
}

// obstaclesOf returns what a sacrificial user has that may stop a deactivation, by the switches of the
// mock. A user with nothing else has perhaps a stake.
func obstaclesOf(t *contract.Transcript, user string) (all []string) {
	isDone := func(row any) bool { return contract.Text(row, "status") == "Done" }
	isClient := func(row any) bool { return contract.Text(row, "advisor_user_id") == user }
	if len(of(t, askOrders, user).Rows()) > 0 {
		all = append(all, "OrdersBlock")
	}
	if pending := slices.DeleteFunc(slices.Clone(of(t, askPending, user).Rows()), isDone); len(pending) > 0 {
		all = append(all, "PendingBlocks")
	}
	if slices.ContainsFunc(of(t, askClients, user).Rows("data"), isClient) {
		all = append(all, "ClientsBlock")
	}
	if len(all) == 0 {
		return []string{"Stakes"}
	}
	return all
}

// lacking says that no sacrificial user has one thing, by the switches of the mock.
var lacking = map[string]string{
	"Stakes":        "not tried: the test user has something else that may stop a deactivation",
	"OrdersBlock":   "not tried: no test user had an open order",
	"PendingBlocks": "not tried: no test user had an unfinished transaction",
	"ClientsBlock":  "not tried: no test user had a client",
}

// judgeObstacle judges whether one thing stops a deactivation. If a user has several, nothing says
// which of them did.
func judgeObstacle(setting string) contract.Judge {
	return func(t *contract.Transcript) contract.Judgment {
		return t.EachOf(deactivations(t), func(x *contract.Exchange) contract.Judgment {
			has := obstaclesOf(t, x.User)
			switch {
			case !slices.Contains(has, setting):
				return contract.Open(lacking[setting])
			case setting == "Stakes" && !seenEmpty(t, x.User):
				return contract.Open("not tried: no read showed all balances as zero, and no order or transaction")
			case x.OK():
				return contract.Holds(x.Describe())
			case x.Status == http.StatusUnprocessableEntity && !readAll(t, x.User):
				return contract.Open("what could not be read may have stopped it")
			case x.Status == http.StatusUnprocessableEntity && len(has) == 1:
				return contract.IsContrary(setting+" = true", x.Describe())
			case x.Status == http.StatusUnprocessableEntity:
				return contract.Open("several things may have stopped it")
			}
			return contract.Open("the deactivation failed for another reason: " + x.Describe())
		})
	}
}

// readAll reports whether all that may stop a deactivation could be read.
func readAll(t *contract.Transcript, user string) bool {
	return of(t, askBalance, user).HasList() && of(t, askOrders, user).HasList() &&
		of(t, askPending, user).HasList() && of(t, askClients, user).HasList("data")
}

// seenEmpty reports whether all that may stop a deactivation could be read, and every balance is zero.
func seenEmpty(t *contract.Transcript, user string) bool {
	isNotZero := func(row any) bool { return !isZero(contract.Text(row, "balance")) }
	return readAll(t, user) && !slices.ContainsFunc(of(t, askBalance, user).Rows(), isNotZero)
}

func judgeAtOnce(t *contract.Transcript) contract.Judgment {
	return t.EachOf(deactivations(t), func(x *contract.Exchange) contract.Judgment {
		reads := t.After(x, func(y *contract.Exchange) bool {
			return y.Label == x.Label && isRead(y) && (isGone(y) || stillShown(y))
		})
		switch {
		case !x.OK():
			return contract.Open("not tried: the deactivation was not accepted: " + x.Describe())
		case len(reads) == 0:
			return contract.Open("not tried: no read came after the deactivation")
		case slices.ContainsFunc(reads, stillShown):
			return contract.IsContrary("SlowDelete = 2", "a read after the deactivation still shows the user")
		}
		return contract.Holds("no read after the deactivation shows the user: " + reads[0].Describe())
	})
}

func judgeGone(t *contract.Transcript) contract.Judgment {
	return t.Each(askClosed, func(x *contract.Exchange) contract.Judgment {
		switch {
		case len(deactivations(t)) == 0:
			return t.NotTried()
		case x.Status == http.StatusNotFound:
			return contract.Holds(x.Describe())
		case !x.OK() || !x.Has("data"):
			return contract.IsNew(x.Describe())
		case stillShown(x):
			return contract.Open("not tried: the user is still there")
		}
		return judgeEmpty(x)
	})
}

// judgeEmpty judges what a read has instead of a user who is not there, deactivated or unknown.
func judgeEmpty(x *contract.Exchange) contract.Judgment {
	data, _ := contract.At(x.Body, "data")
	switch data := data.(type) {
	case nil:
		return contract.IsContrary("Gone = GoneNull", "HTTP 200, data is null")
	case map[string]any:
		if len(data) == 0 {
			return contract.IsContrary("Gone = GoneObject", "HTTP 200, data is an empty object")
		}
	case []any:
		if len(data) == 0 {
			return contract.IsContrary("Gone = GoneArray", "HTTP 200, data is an empty list")
		}
	}
	return contract.IsNew("HTTP 200, data is " + contract.Kind(data))
}

func judgeAgain(t *contract.Transcript) contract.Judgment {
	return t.Each(askAgain, func(x *contract.Exchange) contract.Judgment {
		if x.Status == http.StatusNotFound {
			return contract.Holds(x.Describe())
		}
		return contract.IsNew(x.Describe())
	})
}
