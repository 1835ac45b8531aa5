package mock_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The headers that the four clients of the vendors' samples add on their own.
// Java's asks for HTTP/2 on the side, which a server may ignore.
const (
	curl   = "Host: HOST\nUser-Agent: curl/7.88.1\nAccept: */*\n"
	python = "Host: HOST\nUser-Agent: python-requests/2.34.2\nAccept-Encoding: gzip, deflate\nAccept: */*\nConnection: keep-alive\n"
	node   = "host: HOST\nconnection: keep-alive\naccept: */*\naccept-language: *\nsec-fetch-mode: cors\nuser-agent: node\naccept-encoding: gzip, deflate\n"
	axios  = "Accept: application/json, text/plain, */*\nUser-Agent: axios/1.7.2\nAccept-Encoding: gzip, compress, deflate, br\nHost: HOST\nConnection: keep-alive\n"
	java   = "Connection: Upgrade, HTTP2-Settings\nHost: HOST\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA\nUpgrade: h2c\nUser-Agent: Java-http-client/17.0.15\n"
)

// The vendors' samples, with host, key and ids changed and nothing else.
var samples = []struct {
	name    string
	request string // the first line, the headers and after an empty line the body; Content-Length is added
	status  int
	fields  string // "" for an empty body
}{
	// https://docs.konstantly.com/api-reference/users
	{"konstantly list, curl", "GET /konstantly/openapi/v1/users?offset=0 HTTP/1.1\n" + curl +
		"X-API-KEY: KEY\nContent-Type: application/json\nAccept: application/json\n", 200, `{"totalCount":2}`},
	{"konstantly get, Python", "GET /konstantly/openapi/v1/users/1234567890 HTTP/1.1\n" + python + "X-API-KEY: KEY\n", 200, `{"id":"1234567890"}`},
	{"konstantly get, Node", "GET /konstantly/openapi/v1/users/1234567890 HTTP/1.1\n" + node + "X-API-KEY: KEY\n", 200, `{"id":"1234567890"}`},
	{"konstantly by e-mail, curl", "GET /konstantly/openapi/v1/users/byEmail/john@acme.test HTTP/1.1\n" + curl + "X-API-KEY: KEY\n", 200, `{"name":"John Doe"}`},
	{"konstantly block, curl", "POST /konstantly/openapi/v1/users/blocked HTTP/1.1\n" + curl +
		"X-API-KEY: KEY\nContent-Type: application/json\n\n{\n    \"id\": \"1234567890\"\n}", 200, `{"isBanned":true}`},
	{"konstantly block, Python", "POST /konstantly/openapi/v1/users/blocked HTTP/1.1\n" + python +
		"X-API-KEY: KEY\nContent-Type: application/json\n\n{\"id\": \"1234567890\"}", 200, `{"isBanned":true}`},
	{"konstantly unblock, curl", "DELETE /konstantly/openapi/v1/users/blocked/1234567890 HTTP/1.1\n" + curl + "X-API-KEY: KEY\n", 200, `{}`},
	{"konstantly update, curl", "PATCH /konstantly/openapi/v1/users/1234567890 HTTP/1.1\n" + curl +
		"X-API-KEY: KEY\nContent-Type: application/json\n\n{\n    \"email\": \"john@acme.test\"\n}", 200, `{"email":"john@acme.test"}`},
	{"konstantly delete, curl", "DELETE /konstantly/openapi/v1/users/22 HTTP/1.1\n" + curl + "X-API-KEY: KEY\n", 200, `{}`},
	{"konstantly delete, Python", "DELETE /konstantly/openapi/v1/users/22 HTTP/1.1\n" + python + "X-API-KEY: KEY\nContent-Length: 0\n", 200, `{}`},

	// https://api.ecgridos.io/docs/rest-api/users
	{"ecgrid version, curl", "GET /ecgrid/v2/auth/version HTTP/1.1\n" + curl + "X-API-Key: KEY\n", 200, `{"data":{"version":"2.6"}}`},
	{"ecgrid session, curl", "POST /ecgrid/v2/auth/session HTTP/1.1\n" + curl + "X-API-Key: KEY\nContent-Type: application/json\n\n" +
		`{ "success": true, "data": { "userId": 1042 }, "errorCode": "", "message": "" }`, 200, `{"data":{"userId":7}}`},
	{"ecgrid me, Python", "GET /ecgrid/v2/users/me HTTP/1.1\n" + python + "X-API-Key: KEY\n", 200, `{"data":{"userId":7}}`},
	{"ecgrid get, Java", "GET /ecgrid/v2/users/1042 HTTP/1.1\n" + java + "X-API-Key: KEY\n", 200, `{"data":{"userId":1042}}`},
	{"ecgrid list, curl", "POST /ecgrid/v2/users/list HTTP/1.1\n" + curl + "X-API-Key: KEY\nContent-Type: application/json\n\n" +
		`{ "networkId": 1, "mailboxId": 101, "authLevel": "MailboxUser", "status": "Active", "pageNo": 1, "recordsPerPage": 25 }`, 200, `{"success":true}`},
	{"ecgrid list, Java", "POST /ecgrid/v2/users/list HTTP/1.1\n" + java + "Content-Type: application/json\nX-API-Key: KEY\n\n" +
		`{ "networkId": 1 }`, 200, `{"success":true}`},
	{"ecgrid by name, Node", "POST /ecgrid/v2/users/by-name HTTP/1.1\n" + node + "X-API-Key: KEY\nContent-Type: application/json\n\n" +
		`{"login":"jsmith"}`, 200, `{"success":true}`},
	{"ecgrid update, curl", "PUT /ecgrid/v2/users HTTP/1.1\n" + curl + "X-API-Key: KEY\nContent-Type: application/json\n\n" +
		`{ "userId": 1042, "email": "john.smith@acme.test", "firstName": "John", "lastName": "Smith" }`, 200, `{"data":{"email":"john.smith@acme.test"}}`},
	{"ecgrid role, Python", "POST /ecgrid/v2/users/role HTTP/1.1\n" + python + "X-API-Key: KEY\nContent-Type: application/json\n\n" +
		`{"userId": 1042, "authLevel": "NetworkAdmin", "networkId": 1}`, 200, `{"data":{"authLevel":"NetworkAdmin"}}`},
	{"ecgrid reset, curl", "POST /ecgrid/v2/users/reset/1042 HTTP/1.1\n" + curl + "X-API-Key: KEY\n", 200, `{"data":true}`},
	{"ecgrid terminate, curl", "DELETE /ecgrid/v2/users/1042 HTTP/1.1\n" + curl + "X-API-Key: KEY\n", 200, `{"success":true,"data":true}`},
	{"ecgrid terminate, Python", "DELETE /ecgrid/v2/users/1042 HTTP/1.1\n" + python + "X-API-Key: KEY\nContent-Length: 0\n", 200, `{"success":true,"data":true}`},
	{"ecgrid terminate, Node", "DELETE /ecgrid/v2/users/1042 HTTP/1.1\n" + node + "X-API-Key: KEY\n", 200, `{"success":true,"data":true}`},
	{"ecgrid terminate, Java", "DELETE /ecgrid/v2/users/1042 HTTP/1.1\n" + java + "X-API-Key: KEY\nContent-Length: 0\n", 200, `{"success":true,"data":true}`},

	// https://docs.sfox.com/connect/rest-api/end-users
	{"sfox get, curl", "GET /sfox/v1/enterprise/users/156c5beb-7c9f HTTP/1.1\n" + curl + "Authorization: Bearer KEY\n", 200, `{"data":{"user_id":"156c5beb-7c9f"}}`},
	{"sfox list, Python", "GET /sfox/v1/enterprise/users?accountRole=client HTTP/1.1\n" + python + "Authorization: Bearer KEY\n", 200, `{"data":[{"user_id":"156c5beb-7c9f"},{"user_id":"236f5cdc-7h82"}]}`},
	{"sfox token, Node", "POST /sfox/v1/enterprise/user-tokens/156c5beb-7c9f HTTP/1.1\n" + axios +
		"Content-Type: application/json\nAuthorization: Bearer KEY\nContent-Length: 0\n", 201, `{"data":{"partner_user_id":"156c5beb-7c9f"}}`},
	{"sfox tokens, curl", "POST /sfox/v1/enterprise/user-tokens HTTP/1.1\n" + curl +
		"Content-Type: application/json\nAuthorization: Bearer KEY\n\n" + `{ "data": ["156c5beb-7c9f", "236f5cdc-7h82"]}`, 201,
		`{"data":[{"partner_user_id":"156c5beb-7c9f"},{"partner_user_id":"236f5cdc-7h82"}]}`},
	{"sfox deactivate, curl", "DELETE /sfox/v1/enterprise/account/156c5beb-7c9f HTTP/1.1\n" + curl + "Authorization: Bearer KEY\n", 200, ""},
	{"sfox deactivate, Node", "DELETE /sfox/v1/enterprise/account/156c5beb-7c9f HTTP/1.1\n" + axios + "Authorization: Bearer KEY\n", 200, ""},
	{"sfox deactivate, Python", "DELETE /sfox/v1/enterprise/account/236f5cdc-7h82 HTTP/1.1\n" + python + "Authorization: Bearer KEY\nContent-Length: 0\n", 422,
		`{"error":"Can not disable account with non-zero balances. Please remove all balances and try again."}`},

	// https://docs.skillable.com/apidocs
	{"skillable labs, address", "GET /skillable/api/v3/userrunningandsavedlabs?userid=555 HTTP/1.1\n" + curl + "api_key: KEY\n", 200, `{"Status":1}`},
	{"skillable save, address", "GET /skillable/api/v3/save?labinstanceid=2393049 HTTP/1.1\n" + curl + "api_key: KEY\n", 200, `{"Result":1,"Status":1}`},
	{"skillable details, address", "GET /skillable/api/v3/details?labinstanceid=2393049 HTTP/1.1\n" + curl + "api_key: KEY\n", 200, `{"UserId":"555"}`},
	{"skillable cancel, key in the address", "GET /skillable/api/v3/KEY/cancel?labinstanceid=2393049 HTTP/1.1\n" + curl, 200, `{"Result":1,"Status":1}`},
	{"skillable close, address", "GET /skillable/api/v3/CloseUserAccount/?userId=555 HTTP/1.1\n" + curl + "api_key: KEY\n", 200, `{"Status":1,"Error":null,"RowsAffected":14}`},
	{"skillable close, Node", "GET /skillable/api/v3/CloseUserAccount?userId=555 HTTP/1.1\n" + node + "api_key: KEY\n", 200, `{"RowsAffected":14}`},
}

func TestSamples_ofTheVendorsDocumentation(t *testing.T) {
	for _, sample := range samples {
		t.Run(sample.name, func(t *testing.T) {
			s := mock.New(key)
			s.Konstantly.Add(mock.KonstantlyUser{ID: "1234567890", Name: "John Doe", Email: "john@acme.test"})
			s.Konstantly.Add(mock.KonstantlyUser{ID: "22", Name: "Ann Doe", Email: "ann@acme.test", Blocked: true})
			s.ECGrid.Add(mock.ECGridUser{ID: 1042, Name: "John Smith", Email: "js@acme.test", Login: "jsmith", NetworkID: 1, MailboxID: 101})
			s.SFOX.Add(mock.SFOXUser{ID: "156c5beb-7c9f", Name: "John Smith", Email: "js@acme.test"})
			s.SFOX.Add(mock.SFOXUser{ID: "236f5cdc-7h82", Name: "Ann Smith", Email: "as@acme.test", Balances: map[string]string{"usd": "1"}})
			s.Skillable.Add(mock.SkillableUser{ID: "555", Name: "Joe Smith", Email: "joe@acme.test", Running: mock.Labs{{ID: 2393049}}})
			web := httptest.NewServer(s)
			defer web.Close()

			g := exchange(t, web.Listener.Addr().String(), sample.request)
			if sample.fields == "" {
				equal(t, "status", g.status, sample.status)
				equal(t, "body", g.body, "")
				return
			}
			g.want(t, sample.status, sample.fields)
		})
	}
}

// exchange sends a request as it stands, byte by byte, and reads the answer.
func exchange(t *testing.T, addr, request string) got {
	t.Helper()
	head, body, _ := strings.Cut(request, "\n\n")
	head = strings.TrimSuffix(head, "\n")
	if body != "" {
		head += fmt.Sprintf("\nContent-Length: %d", len(body))
	}
	head = strings.NewReplacer("HOST", addr, "KEY", key, "X-API-KEY", "X-API-KEY", "\n", "\r\n").Replace(head)

	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if _, err := io.WriteString(connection, head+"\r\n\r\n"+body); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got{answer.StatusCode, answer.Header, string(text)}
}
