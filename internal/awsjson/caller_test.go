package awsjson_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

func TestCallerOf(t *testing.T) {
	t.Parallel()
	var got awsjson.Caller
	service := awsjson.NewService("example", "Example", map[string]awsjson.Operation{
		"Who": awsjson.Op(func(ctx context.Context, _ *struct{}) (struct{}, error) {
			got = awsjson.CallerOf(ctx)
			return struct{}{}, nil
		}),
	})
	for _, test := range []struct {
		authorization string
		want          awsjson.Caller
	}{
		{"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260507/us-east-1/example/aws4_request, SignedHeaders=host, Signature=0", awsjson.Caller{AccessKeyID: "AKIDEXAMPLE", UserAgent: "agent/1"}},
		{"", awsjson.Caller{UserAgent: "agent/1"}},
		{"Bearer token", awsjson.Caller{UserAgent: "agent/1"}},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
		r.Header.Set("X-Amz-Target", "Example.Who")
		r.Header.Set("Authorization", test.authorization)
		r.Header.Set("User-Agent", "agent/1")
		service.ServeHTTP(httptest.NewRecorder(), r)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q: caller mismatch (-want +got):\n%s", test.authorization, diff)
		}
	}
	if got := awsjson.CallerOf(t.Context()); got != (awsjson.Caller{}) {
		t.Errorf("without a call: %+v", got)
	}
}
