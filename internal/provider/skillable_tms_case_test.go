package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// tmsCase is Skillable TMS as the tests of a suspension see it. Its definition has tests of its own for
// the rest. Each answer has the status of HTTP 200, and one of its own.
var tmsCase = vendorCase{
	twin: "skillable_tms", kind: tmsKind(), id: "90417", other: "90418",
	put: func(s *mock.Server, id, name, email string) {
		s.TMS.Add(mock.TMSUser{ID: number(id), Name: name, Email: email})
	},
	has:        func(s *mock.Server, id string) bool { return s.TMS.Has(number(id)) },
	suspending: "GET /UpdateUser",
	suspended: func(s *mock.Server, id string) bool {
		u, open := s.TMS.Get(number(id))
		return open && u.Disabled
	},
	closing: "GET /CloseUserAccountById/{id}", changes: []string{"GET /CloseUserAccountById/{id}"},
	reading: reading{
		shows: func(e *exchange, id string) sighting {
			switch {
			case !e.is("GET", "GetUser", id) || !e.ok():
			case word(field(e.answer, "Status")) == "20":
				return saysAbsent
			case word(field(e.answer, "Status")) == "0" && word(field(e.answer, "User", "Id")) == id:
				return saysOpen
			}
			return saysNothing
		},
		closes: func(e *exchange, id string) called {
			switch {
			case !e.is("GET", "CloseUserAccountById", id):
				return notCalled
			case e.ok() && word(field(e.answer, "Status")) == "0":
				return accepted
			}
			return e.otherwise()
		},
		life: func(e *exchange, _ string, _ map[string]bool) bool {
			return e.is("GET", "GetUserRoles") && e.ok() && word(field(e.answer, "Status")) == "0"
		},
		empty: func(*exchange) bool { return false },
		suspends: func(e *exchange, id string) called {
			switch {
			case !e.is("GET", "UpdateUser") || e.query.Get("id") != id:
				return notCalled
			case e.ok() && word(field(e.answer, "status")) == "0":
				return accepted
			}
			return e.otherwise()
		},
		suspended: func(e *exchange, id string) bool {
			return e.is("GET", "GetUser", id) && e.ok() && word(field(e.answer, "Status")) == "0" &&
				word(field(e.answer, "User", "Id")) == id && field(e.answer, "User", "Disabled") == true
		},
	},
}

// tmsKind is the kind of the users of Skillable TMS.
func tmsKind() userKind {
	const name = "skillable_tms"
	d, problems := parseDefinition(name, definitionOf(name))
	if d == nil {
		panic(problems)
	}
	settings := types.MapNull(types.StringType)
	return kindDefined(d, types.ObjectValueMust(
		map[string]attr.Type{"settings": settings.Type(context.Background())}, map[string]attr.Value{"settings": settings},
	))
}

// TestMatrix_skillableTMSIsSuspended plays the faults of the matrix on its suspension.
func TestMatrix_skillableTMSIsSuspended(t *testing.T) {
	t.Parallel()
	playMatrix(t, tmsCase, []matrixOperation{suspendOperation})
}
