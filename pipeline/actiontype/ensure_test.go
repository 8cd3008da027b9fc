package actiontype_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// registry is a CodePipeline server that keeps action types, two on a page.
type registry struct {
	*awsjson.Service
	server *awsjson.Server

	mu      sync.Mutex
	types   []map[string]any
	quota   int
	exists  string // the error code for what exists
	hidden  bool   // lists nothing
	created int
}

func newRegistry(t testing.TB) *registry {
	r := &registry{quota: 50, exists: "ActionTypeAlreadyExistsException"}
	r.Service = awsjson.NewService("codepipeline", "CodePipeline_20150709", map[string]awsjson.Operation{
		"CreateCustomActionType": awsjson.Op(r.create),
		"ListActionTypes":        awsjson.Op(r.list),
	})
	var err error
	if r.server, err = awsjson.Listen(r.Service); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.server.Close)
	return r
}

func (r *registry) client() *awscodepipeline.Client {
	return awscodepipeline.NewFromConfig(awsjson.Config(r.server.URL))
}

func (r *registry) create(_ context.Context, in *map[string]any) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := map[string]any{"owner": "Custom"}
	for _, key := range []string{"category", "provider", "version"} {
		id[key] = (*in)[key]
	}
	if slices.ContainsFunc(r.types, func(t map[string]any) bool { return cmp.Equal(t["id"], any(id)) }) {
		return nil, awsjson.Errorf(r.exists, "Already exists")
	}
	if len(r.types) >= r.quota {
		return nil, awsjson.Errorf("LimitExceededException", "Too many")
	}
	actionType := map[string]any{
		"id":                            id,
		"settings":                      (*in)["settings"],
		"actionConfigurationProperties": (*in)["configurationProperties"],
		"inputArtifactDetails":          (*in)["inputArtifactDetails"],
		"outputArtifactDetails":         (*in)["outputArtifactDetails"],
	}
	r.types = append(r.types, actionType)
	r.created++
	return map[string]any{"actionType": actionType, "tags": (*in)["tags"]}, nil
}

type listInput struct {
	ActionOwnerFilter string `json:"actionOwnerFilter"`
	NextToken         string `json:"nextToken"`
}

func (r *registry) list(_ context.Context, in *listInput) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	from, _ := strconv.Atoi(in.NextToken)
	all := r.types
	if r.hidden {
		all = nil
	}
	page := all[min(from, len(all)):min(from+2, len(all))]
	out := map[string]any{"actionTypes": append([]map[string]any{}, page...)}
	if from+2 < len(all) {
		out["nextToken"] = strconv.Itoa(from + 2)
	}
	return out, nil
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	ensure := func(a actiontype.Type) (bool, error) {
		t.Helper()
		return a.Ensure(t.Context(), r.client())
	}
	for i := range 5 { // others, on pages before
		other := actiontype.Type{Category: "Test", Provider: fmt.Sprint("Other", i), Version: "7"}
		if created, err := ensure(other); !created || err != nil {
			t.Fatalf("%v, %v", created, err)
		}
	}
	for i, want := range []bool{true, false, false} {
		if created, err := ensure(build()); created != want || err != nil {
			t.Fatalf("%d: created is %v, error %v", i, created, err)
		}
	}
	var got []actiontype.Type
	for a, err := range actiontype.List(t.Context(), r.client(), actiontype.OwnerCustom) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a)
	}
	if len(got) != 6 {
		t.Fatalf("%d action types", len(got))
	}
	if diffs := build().Diff(got[5]); diffs != nil {
		t.Errorf("what was created differs: %v", diffs)
	}

	changed := build()
	changed.Inputs.Min = 0
	_, err := ensure(changed)
	var conflict *actiontype.ChangedError
	if !errors.As(err, &conflict) {
		t.Fatalf("error %v", err)
	}
	want := &actiontype.ChangedError{
		Type:        changed,
		Differences: []actiontype.Difference{{Field: "Inputs", Declared: "0 to 5", Existing: "1 to 5"}},
		NextVersion: "2",
	}
	if diff := cmp.Diff(want, conflict); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if text := err.Error(); !strings.Contains(text, `Inputs is "1 to 5", declared is "0 to 5"`) || !strings.HasSuffix(text, "the next is 2") {
		t.Errorf("error text %q", text)
	}
	changed.Version = conflict.NextVersion
	if created, err := ensure(changed); !created || err != nil {
		t.Errorf("the next version: %v, %v", created, err)
	}
	if err := build().Create(t.Context(), r.client()); err == nil || !strings.Contains(err.Error(), "create custom action type Custom/Build/Make/1") {
		t.Errorf("create what exists: %v", err)
	}
}

func TestEnsureNextVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		existing []string // the first is declared, with another definition
		want     string
	}{
		"number":        {[]string{"1"}, "2"},
		"highest":       {[]string{"1", "10", "9"}, "11"},
		"not its kind":  {[]string{"1", "v7"}, "2"},
		"prefix":        {[]string{"v1", "v2", "5"}, "v3"},
		"word":          {[]string{"beta"}, "beta-2"},
		"word again":    {[]string{"beta", "beta-2"}, "beta-3"},
		"zeros":         {[]string{"007"}, "8"},
		"no room":       {[]string{"999999999"}, ""},
		"no room word":  {[]string{"candidate"}, ""},
		"taken by zero": {[]string{"x0", "x-2"}, "x1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			for _, v := range test.existing {
				a := build()
				a.Version = v
				if err := a.Create(t.Context(), r.client()); err != nil {
					t.Fatal(err)
				}
			}
			a := build()
			a.Version, a.ConfigurationURL = test.existing[0], ""
			var conflict *actiontype.ChangedError
			if _, err := a.Ensure(t.Context(), r.client()); !errors.As(err, &conflict) || conflict.NextVersion != test.want {
				t.Errorf("error %v, want the next version %q", err, test.want)
			}
		})
	}
}

// Many processes ensure at once, while calls fail after they took effect.
func TestEnsureConcurrently(t *testing.T) {
	t.Parallel()
	// Which one the service answers with is not documented.
	for _, exists := range []string{"ActionTypeAlreadyExistsException", "ValidationException"} {
		t.Run(exists, func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			r.exists = exists
			r.SetFaults(awsjson.Faults{ErrorRate: 0.1, LateErrorRate: 0.3, Seed: 1})
			var wg sync.WaitGroup
			for range 16 {
				wg.Go(func() {
					for {
						_, err := build().Ensure(t.Context(), r.client())
						var apiErr *actiontype.Error
						if errors.As(err, &apiErr) && strings.Contains(err.Error(), "InternalFailure") {
							continue // more than the SDK retries
						}
						if err != nil {
							t.Error(err)
						}
						return
					}
				})
			}
			wg.Wait()
			if r.created != 1 {
				t.Errorf("created %d times", r.created)
			}
		})
	}
}

func TestEnsureErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*registry)
		want    string
		calls   int // of CreateCustomActionType
		is      error
	}{
		"cannot list":   {func(r *registry) { r.SetFaults(awsjson.Faults{Deny: []string{"ListActionTypes"}}) }, "allow the IAM action codepipeline:ListActionTypes", 0, fs.ErrPermission},
		"cannot create": {func(r *registry) { r.SetFaults(awsjson.Faults{Deny: []string{"CreateCustomActionType"}}) }, "allow the IAM action codepipeline:CreateCustomActionType", 1, fs.ErrPermission},
		"quota":         {func(r *registry) { r.quota = 0 }, "delete old versions", 1, nil},
		"deleted": {func(r *registry) {
			r.types = []map[string]any{{"id": map[string]any{"owner": "Custom", "category": "Build", "provider": "Make", "version": "1"}}}
			r.hidden = true
		}, "it is not listed", 5, nil},
		"modification": {func(r *registry) {
			r.SetFaults(awsjson.Faults{Fail: func(operation string) string {
				if operation == "CreateCustomActionType" {
					return "ConcurrentModificationException"
				}
				return ""
			}})
		}, "ConcurrentModificationException", 5, nil},
		"refused": {func(r *registry) {
			r.SetFaults(awsjson.Faults{Fail: func(operation string) string {
				if operation == "CreateCustomActionType" {
					return "ValidationException"
				}
				return ""
			}})
		}, "ValidationException", 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			test.prepare(r)
			created, err := build().Ensure(t.Context(), r.client())
			if created || err == nil || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v, error %v, want one with %q", created, err, test.want)
			}
			if n := r.Calls()["CreateCustomActionType"]; n != test.calls {
				t.Errorf("%d calls of CreateCustomActionType, want %d", n, test.calls)
			}
		})
	}
	t.Run("canceled", func(t *testing.T) {
		t.Parallel()
		r := newRegistry(t)
		ctx, cancel := context.WithCancel(t.Context())
		r.SetFaults(awsjson.Faults{Fail: func(operation string) string {
			if operation != "CreateCustomActionType" {
				return ""
			}
			time.AfterFunc(10*time.Millisecond, cancel)
			return "ConcurrentModificationException"
		}})
		if _, err := build().Ensure(ctx, r.client()); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("not valid", func(t *testing.T) {
		t.Parallel()
		if _, err := (actiontype.Type{}).Ensure(t.Context(), nil); err == nil {
			t.Error("no error")
		}
	})
}
