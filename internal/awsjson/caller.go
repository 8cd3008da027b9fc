package awsjson

import (
	"context"
	"net/http"
	"strings"
)

// Caller describes the client that makes a call.
type Caller struct {
	AccessKeyID string // that the call is signed with; "" if it is not signed
	UserAgent   string
}

type requestKey struct{}

// CallerOf returns the caller of the call whose operation got the context.
func CallerOf(ctx context.Context) Caller {
	r, ok := ctx.Value(requestKey{}).(*http.Request)
	if !ok {
		return Caller{}
	}
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(credential, "/")
	return Caller{AccessKeyID: id, UserAgent: r.UserAgent()}
}
