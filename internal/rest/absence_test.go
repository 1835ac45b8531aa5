package rest_test

import (
	"errors"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// A "not found" that shows the very account contradicts itself. One that names it in words, or in the path
// of the request, does not. One that is about another user is the answer to another request.
func TestAnswer_Absence(t *testing.T) {
	t.Parallel()
	for body, absent := range map[string]bool{
		`{"status":404,"message":"No user 404"}`: true, `{"error":"user 404 not found","path":"/users/404"}`: true,
		`{"data":null}`: true, `{"data":{"id":"405"}}`: true, `{"requestId":"404-1"}`: true, `{"id":null,"ids":[404]}`: true,
		`null`: true, `"404"`: true, `{"code":"404","errors":{"status":404}}`: true,
		`{"id":404}`: false, `{"id":"404"}`: false, `{"data":{"userId":404}}`: false, `{"data":{"user_id":"404"}}`: false,
		`{"errors":[{"a":1},{"b":[{"UserID":"404"}]}]}`: false, `[{"Id":404}]`: false, `{"email":"404"}`: false,
		`{"id":404,"id":405}`: false, `{"id":`: false,
		`{"code":"404","data":{"userId":405}}`: false, `{"errors":[{"user_id":"405"}]}`: false, `{"userId":null}`: true,
		`{"userId":"","user":"405"}`: true, `{"userId":0}`: true, `{"userId":-1}`: true, `{"userId":10}`: false,
		`{"auth":{"user_id":7}}`: true, `{"userId":"/users/404"}`: true, `{"error":{"userId":"000405"}}`: false,
	} {
		err := rest.Answer{Method: "GET", Path: "/users/404", Status: 404, Body: []byte(body)}.Absence("404")
		if errors.Is(err, offboard.ErrNotFound) != absent || err == nil {
			t.Errorf("%s: got %v, want an absence %t", body, err, absent)
		}
	}
	byEmail := rest.Answer{Status: 404, Body: []byte(`{"userId":405}`)}.Absence("ines@acme.test")
	if !errors.Is(byEmail, offboard.ErrNotFound) {
		t.Errorf("got %v for an address, want an absence", byEmail)
	}
}
