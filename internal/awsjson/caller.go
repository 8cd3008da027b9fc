package awsjson

import (
	"context"
	"net/http"
	"strings"
)

// Caller is who makes a call.
type Caller struct {
	AccessKeyID string // that the call is signed with; "" if it is not signed
	UserAgent   string
}

type requestKey struct{}

// CallerOf returns who makes the call that an operation was given the context
// of.
func CallerOf(ctx context.Context) Caller {
	r, ok := ctx.Value(requestKey{}).(*http.Request)
	if !ok {
		return Caller{}
	}
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(credential, "/")
	return Caller{AccessKeyID: id, UserAgent: r.UserAgent()}
}
