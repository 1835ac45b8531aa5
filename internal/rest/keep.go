package rest

import (
	"bytes"
	"context"
	"io"
	"net/http"
)

// Kept is an answer as WithAnswers keeps it.
type Kept struct {
	Answer

	Change bool // whether the request was made by Client.Change
	Secret bool // whether the answer holds a credential, which no one may keep
}

// answersKey carries the function of WithAnswers.
type answersKey struct{}

// WithAnswers returns a context in which f gets the answer to every attempt of every request, as it
// came. Concurrent requests call f concurrently. A lost answer is none. The client's own question
// whether the key still works is left out.
func WithAnswers(ctx context.Context, f func(Kept)) context.Context {
	return context.WithValue(ctx, answersKey{}, f)
}

// keep passes an answer to the function of WithAnswers, if there is one. The body stays readable.
func keep(req *http.Request, resp *http.Response) {
	ctx := req.Context()
	f, ok := ctx.Value(answersKey{}).(func(Kept))
	if !ok || resp == nil || ctx.Value(pingKey{}) != nil {
		return
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return
	}
	held, _ := ctx.Value(secretsKey{}).(*secrets)
	f(Kept{
		Answer: Answer{
			Method: req.Method, Path: req.URL.EscapedPath(), Status: resp.StatusCode, Header: resp.Header, Body: body,
			secrets: held,
		},
		Change: isChange(ctx), Secret: ctx.Value(secretAnswerKey{}) != nil,
	})
}
