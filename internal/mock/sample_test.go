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

// The headers that the clients of the vendors' samples add themselves. Java's client also asks for
// HTTP/2, which a server may ignore.
const (
	curl   = "Host: HOST\nUser-Agent: curl/7.88.1\nAccept: */*\n"
	python = "Host: HOST\nUser-Agent: python-requests/2.34.2\nAccept-Encoding: gzip, deflate\nAccept: */*\n" +
		"Connection: keep-alive\n"
	node = "host: HOST\nconnection: keep-alive\naccept: */*\naccept-language: *\nsec-fetch-mode: cors\n" +
		"user-agent: node\naccept-encoding: gzip, deflate\n"
	axios = "Accept: application/json, text/plain, */*\nUser-Agent: axios/1.7.2\n" +
		"Accept-Encoding: gzip, compress, deflate, br\nHost: HOST\nConnection: keep-alive\n"
	java = "Connection: Upgrade, HTTP2-Settings\nHost: HOST\n" +
		"HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA\n" +
		"Upgrade: h2c\nUser-Agent: Java-http-client/17.0.15\n"
)

// The vendors' samples, with another host, key and IDs.
var samples = []struct {
	name    string
	line    string // method and path
	client  string // the headers of the client
	headers string // those of the sample; Content-Length is added to a body
	body    string
	status  int
	fields  string // "" for an empty body
}{
	// https://docs.konstantly.com/api-reference/users
	{
		name: "konstantly list, curl", line: "GET /konstantly/openapi/v1/users?offset=0", client: curl,
		headers: "X-API-KEY: KEY\nContent-Type: application/json\nAccept: application/json\n",
		status:  200, fields: `{"totalCount":2}`,
	},
	{
		name: "konstantly get, Python", line: "GET /konstantly/openapi/v1/users/1234567890", client: python,
		headers: "X-API-KEY: KEY\n",
		status:  200, fields: `{"id":"1234567890"}`,
	},
	{
		name: "konstantly get, Node", line: "GET /konstantly/openapi/v1/users/1234567890", client: node,
		headers: "X-API-KEY: KEY\n",
		status:  200, fields: `{"id":"1234567890"}`,
	},
	{
		name: "konstantly by e-mail, curl", line: "GET /konstantly/openapi/v1/users/byEmail/john@acme.test", client: curl,
		headers: "X-API-KEY: KEY\n",
		status:  200, fields: `{"name":"John Doe"}`,
	},
	{
		name: "konstantly block, curl", line: "POST /konstantly/openapi/v1/users/blocked", client: curl,
		headers: "X-API-KEY: KEY\nContent-Type: application/json\n",
		body:    "{\n    \"id\": \"1234567890\"\n}",
		status:  200, fields: `{"isBanned":true}`,
	},
	{
		name: "konstantly block, Python", line: "POST /konstantly/openapi/v1/users/blocked", client: python,
		headers: "X-API-KEY: KEY\nContent-Type: application/json\n",
		body:    `{"id": "1234567890"}`,
		status:  200, fields: `{"isBanned":true}`,
	},
	{
		name: "konstantly unblock, curl", line: "DELETE /konstantly/openapi/v1/users/blocked/1234567890", client: curl,
		headers: "X-API-KEY: KEY\n",
		status:  200, fields: `{}`,
	},
	{
		name: "konstantly update, curl", line: "PATCH /konstantly/openapi/v1/users/1234567890", client: curl,
		headers: "X-API-KEY: KEY\nContent-Type: application/json\n",
		body:    "{\n    \"email\": \"john@acme.test\"\n}",
		status:  200, fields: `{"email":"john@acme.test"}`,
	},
	{
		name: "konstantly delete, curl", line: "DELETE /konstantly/openapi/v1/users/22", client: curl,
		headers: "X-API-KEY: KEY\n",
		status:  200, fields: `{}`,
	},
	{
		name: "konstantly delete, Python", line: "DELETE /konstantly/openapi/v1/users/22", client: python,
		headers: "X-API-KEY: KEY\nContent-Length: 0\n",
		status:  200, fields: `{}`,
	},
	// https://api.ecgridos.io/docs/rest-api/users
	{
		name: "ecgrid version, curl", line: "GET /ecgrid/v2/auth/version", client: curl,
		headers: "X-API-Key: KEY\n",
		status:  200, fields: `{"data":{"version":"2.6"}}`,
	},
	{
		name: "ecgrid session, curl", line: "POST /ecgrid/v2/auth/session", client: curl,
		headers: "X-API-Key: KEY\nContent-Type: application/json\n",
		body:    `{ "success": true, "data": { "userId": 1042 }, "errorCode": "", "message": "" }`,
		status:  200, fields: `{"data":{"userId":7}}`,
	},
	{
		name: "ecgrid me, Python", line: "GET /ecgrid/v2/users/me", client: python,
		headers: "X-API-Key: KEY\n",
		status:  200, fields: `{"data":{"userId":7}}`,
	},
	{
		name: "ecgrid get, Java", line: "GET /ecgrid/v2/users/1042", client: java,
		headers: "X-API-Key: KEY\n",
		status:  200, fields: `{"data":{"userId":1042}}`,
	},
	{
		name: "ecgrid list, curl", line: "POST /ecgrid/v2/users/list", client: curl,
		headers: "X-API-Key: KEY\nContent-Type: application/json\n",
		body: `{ "networkId": 1, "mailboxId": 101, "authLevel": "MailboxUser", "status": "Active",
			"pageNo": 1, "recordsPerPage": 25 }`,
		status: 200, fields: `{"success":true}`,
	},
	{
		name: "ecgrid list, Java", line: "POST /ecgrid/v2/users/list", client: java,
		headers: "Content-Type: application/json\nX-API-Key: KEY\n",
		body:    `{ "networkId": 1 }`,
		status:  200, fields: `{"success":true}`,
	},
	{
		name: "ecgrid by name, Node", line: "POST /ecgrid/v2/users/by-name", client: node,
		headers: "X-API-Key: KEY\nContent-Type: application/json\n",
		body:    `{"login":"jsmith"}`,
		status:  200, fields: `{"success":true}`,
	},
	{
		name: "ecgrid update, curl", line: "PUT /ecgrid/v2/users", client: curl,
		headers: "X-API-Key: KEY\nContent-Type: application/json\n",
		body:    `{ "userId": 1042, "email": "john.smith@acme.test", "firstName": "John", "lastName": "Smith" }`,
		status:  200, fields: `{"data":{"email":"john.smith@acme.test"}}`,
	},
	{
		name: "ecgrid role, Python", line: "POST /ecgrid/v2/users/role", client: python,
		headers: "X-API-Key: KEY\nContent-Type: application/json\n",
		body:    `{"userId": 1042, "authLevel": "NetworkAdmin", "networkId": 1}`,
		status:  200, fields: `{"data":{"authLevel":"NetworkAdmin"}}`,
	},
	{
		name: "ecgrid reset, curl", line: "POST /ecgrid/v2/users/reset/1042", client: curl,
		headers: "X-API-Key: KEY\n",
		status:  200, fields: `{"data":true}`,
	},
	{
		name: "ecgrid terminate, curl", line: "DELETE /ecgrid/v2/users/1042", client: curl,
		headers: "X-API-Key: KEY\n",
		status:  200, fields: `{"success":true,"data":true}`,
	},
	{
		name: "ecgrid terminate, Python", line: "DELETE /ecgrid/v2/users/1042", client: python,
		headers: "X-API-Key: KEY\nContent-Length: 0\n",
		status:  200, fields: `{"success":true,"data":true}`,
	},
	{
		name: "ecgrid terminate, Node", line: "DELETE /ecgrid/v2/users/1042", client: node,
		headers: "X-API-Key: KEY\n",
		status:  200, fields: `{"success":true,"data":true}`,
	},
	{
		name: "ecgrid terminate, Java", line: "DELETE /ecgrid/v2/users/1042", client: java,
		headers: "X-API-Key: KEY\nContent-Length: 0\n",
		status:  200, fields: `{"success":true,"data":true}`,
	},
	// https://docs.sfox.com/connect/rest-api/end-users
	{
		name: "sfox get, curl", line: "GET /sfox/v1/enterprise/users/156c5beb-7c9f", client: curl,
		headers: "Authorization: Bearer KEY\n",
		status:  200, fields: `{"data":{"user_id":"156c5beb-7c9f"}}`,
	},
	{
		name: "sfox list, Python", line: "GET /sfox/v1/enterprise/users?accountRole=client", client: python,
		headers: "Authorization: Bearer KEY\n",
		status:  200, fields: `{"data":[{"user_id":"156c5beb-7c9f"},{"user_id":"236f5cdc-7h82"}]}`,
	},
	{
		name: "sfox token, Node", line: "POST /sfox/v1/enterprise/user-tokens/156c5beb-7c9f", client: axios,
		headers: "Content-Type: application/json\nAuthorization: Bearer KEY\nContent-Length: 0\n",
		status:  201, fields: `{"data":{"partner_user_id":"156c5beb-7c9f"}}`,
	},
	{
		name: "sfox tokens, curl", line: "POST /sfox/v1/enterprise/user-tokens", client: curl,
		headers: "Content-Type: application/json\nAuthorization: Bearer KEY\n",
		body:    `{ "data": ["156c5beb-7c9f", "236f5cdc-7h82"]}`,
		status:  201,
		fields:  `{"data":[{"partner_user_id":"156c5beb-7c9f"},{"partner_user_id":"236f5cdc-7h82"}]}`,
	},
	{
		name: "sfox deactivate, curl", line: "DELETE /sfox/v1/enterprise/account/156c5beb-7c9f", client: curl,
		headers: "Authorization: Bearer KEY\n",
		status:  200,
	},
	{
		name: "sfox deactivate, Node", line: "DELETE /sfox/v1/enterprise/account/156c5beb-7c9f", client: axios,
		headers: "Authorization: Bearer KEY\n",
		status:  200,
	},
	{
		name: "sfox deactivate, Python", line: "DELETE /sfox/v1/enterprise/account/236f5cdc-7h82", client: python,
		headers: "Authorization: Bearer KEY\nContent-Length: 0\n",
		status:  422,
		fields:  `{"error":"Can not disable account with non-zero balances. Please remove all balances and try again."}`,
	},
	// https://github.com/LearnOnDemandSystems/ConnectAPI/blob/main/Skillable-tms-OpenAPI.yaml has paths
	// alone
	{
		name: "skillable_tms get, address", line: "GET /skillable_tms/api/2.0/GetUser/12345678", client: curl,
		headers: "api_key: KEY\n",
		status:  200, fields: `{"Status":0,"User":{"UserName":"john.smith"}}`,
	},
	{
		name:    "skillable_tms close, address",
		line:    "GET /skillable_tms/api/2.0/CloseUserAccountByExternalId/C9876ZFGEFER9876",
		client:  curl,
		headers: "api_key: KEY\n",
		status:  200,
		fields:  `{"Status":0,"RowsAffected":5}`,
	},
	// https://docs.skillable.com/apidocs
	{
		name: "skillable labs, address", line: "GET /skillable/api/v3/userrunningandsavedlabs?userid=555", client: curl,
		headers: "api_key: KEY\n",
		status:  200, fields: `{"Status":1}`,
	},
	{
		name: "skillable save, address", line: "GET /skillable/api/v3/save?labinstanceid=2393049", client: curl,
		headers: "api_key: KEY\n",
		status:  200, fields: `{"Result":1,"Status":1}`,
	},
	{
		name: "skillable details, address", line: "GET /skillable/api/v3/details?labinstanceid=2393049", client: curl,
		headers: "api_key: KEY\n",
		status:  200, fields: `{"UserId":"555"}`,
	},
	{
		name: "skillable cancel, key in the address",
		line: "GET /skillable/api/v3/KEY/cancel?labinstanceid=2393049", client: curl,
		status: 200, fields: `{"Result":1,"Status":1}`,
	},
	{
		name: "skillable close, address", line: "GET /skillable/api/v3/CloseUserAccount/?userId=555", client: curl,
		headers: "api_key: KEY\n",
		status:  200, fields: `{"Status":1,"Error":null,"RowsAffected":14}`,
	},
	{
		name: "skillable close, Node", line: "GET /skillable/api/v3/CloseUserAccount?userId=555", client: node,
		headers: "api_key: KEY\n",
		status:  200, fields: `{"RowsAffected":14}`,
	},
}

func TestSamples_getTheDocumentedAnswer(t *testing.T) {
	t.Parallel()
	for _, sample := range samples {
		t.Run(sample.name, func(t *testing.T) {
			t.Parallel()
			web := httptest.NewServer(sampleServer())
			defer web.Close()
			head := sample.line + " HTTP/1.1\n" + sample.client + sample.headers
			g := exchange(t, web.Listener.Addr().String(), head, sample.body)
			if sample.fields == "" {
				equal(t, "status", g.status, sample.status)
				equal(t, "body", g.body, "")
				return
			}
			g.want(t, sample.status, sample.fields)
		})
	}
}

// sampleServer returns a server with the users of the samples.
func sampleServer() *mock.Server {
	s := mock.New(key)
	s.Konstantly.Add(mock.KonstantlyUser{ID: "1234567890", Name: "John Doe", Email: "john@acme.test"})
	s.Konstantly.Add(mock.KonstantlyUser{ID: "22", Name: "Ann Doe", Email: "ann@acme.test", Blocked: true})
	s.ECGrid.Add(mock.ECGridUser{
		ID: 1042, Name: "John Smith", Email: "js@acme.test", Login: "jsmith", NetworkID: 1, MailboxID: 101,
	})
	s.SFOX.Add(mock.SFOXUser{ID: "156c5beb-7c9f", Name: "John Smith", Email: "js@acme.test"})
	s.SFOX.Add(mock.SFOXUser{
		ID: "236f5cdc-7h82", Name: "Ann Smith", Email: "as@acme.test", Balances: map[string]string{"usd": "1"},
	})
	s.Skillable.Add(mock.SkillableUser{
		ID: "555", Name: "Joe Smith", Email: "joe@acme.test", Running: mock.Labs{{ID: 2393049}},
	})
	s.TMS.Add(mock.TMSUser{ID: 12345678, Name: "John Smith", UserName: "john.smith", Email: "js@acme.test",
		Optional: map[string]string{"ExternalId": "C9876ZFGEFER9876"}})
	return s
}

// exchange sends a request as it is, byte by byte, and reads the answer.
func exchange(t *testing.T, addr, head, body string) reply {
	t.Helper()
	if body != "" {
		head += fmt.Sprintf("Content-Length: %d\n", len(body))
	}
	head = strings.NewReplacer("HOST", addr, "KEY", key, "X-API-KEY", "X-API-KEY", "\n", "\r\n").Replace(head)

	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if _, err := io.WriteString(connection, head+"\r\n"+body); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return readReply(t, answer)
}
