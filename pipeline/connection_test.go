package pipeline_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodeconnections "github.com/aws/aws-sdk-go-v2/service/codeconnections"
	connectiontypes "github.com/aws/aws-sdk-go-v2/service/codeconnections/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// enterprise is an execution of a connection to GitHub Enterprise Server.
func enterprise(t *testing.T, operations map[string]func(object) (any, error)) *wire {
	t.Helper()
	s := sources()["enterprise"]
	operations["GetPipelineExecution"] = reply(execution("InProgress", s.artifact))
	operations["ListActionExecutions"] = reply(actions(s.action))
	return newWire(t, operations)
}

func TestHost(t *testing.T) {
	t.Parallel()
	connection := func(members object) func(object) (any, error) { return reply(object{"Connection": members}) }
	withHost := connection(object{"ProviderType": "GitHubEnterpriseServer", "HostArn": "arn:aws:codestar-connections:eu-central-1:1:host/a"})
	endpoint := func(url string) func(object) (any, error) { return reply(object{"ProviderEndpoint": url}) }
	for _, test := range []struct {
		name          string
		getConnection func(object) (any, error)
		getHost       func(object) (any, error)
		want          string
		is            error
		wantErr       string
	}{
		{name: "host", getConnection: withHost, getHost: endpoint("https://git.example.com"), want: "git.example.com"},
		{name: "host with a port and a path", getConnection: withHost, getHost: endpoint("https://GIT.example.com:8443/ghe/"), want: "git.example.com:8443"},
		{name: "host with the port of the scheme", getConnection: withHost, getHost: endpoint("http://git.example.com:80"), want: "git.example.com"},
		{name: "connection without a host", getConnection: connection(object{"ProviderType": "GitHubEnterpriseServer"})},
		{
			name: "no URL", getConnection: withHost, getHost: endpoint("git.example.com"),
			wantErr: `pipeline: get host "arn:aws:codestar-connections:eu-central-1:1:host/a": the host's endpoint is no URL of a server, such as https://git.example.com`,
		},
		{name: "another URL", getConnection: withHost, getHost: endpoint("javascript:alert(1)"), wantErr: "*is no URL of a server, *"},
		{name: "user info", getConnection: withHost, getHost: endpoint("https://user:password@git.example.com"), wantErr: "*is no URL of a server, *"},
		{name: "no endpoint", getConnection: withHost, getHost: reply(object{}), wantErr: "*is no URL of a server, *"},
		{name: "no connection in the reply", getConnection: reply(object{}), wantErr: "*neither a reply nor an error"},
		{
			name: "connection denied", getConnection: refuse("AccessDeniedException"), is: fs.ErrPermission,
			wantErr: "*: access denied, allow the IAM action codeconnections:GetConnection: *",
		},
		{
			name: "host denied", getConnection: withHost, getHost: refuse("AccessDeniedException"), is: fs.ErrPermission,
			wantErr: "*: access denied, allow the IAM action codestar-connections:GetHost: *",
		},
		{name: "connection deleted", getConnection: refuse("ResourceNotFoundException"), is: fs.ErrNotExist, wantErr: "*"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := enterprise(t, map[string]func(object) (any, error){"GetConnection": test.getConnection, "GetHost": test.getHost})
			client := w.open()
			for range 3 {
				e, err := client.Execution(t.Context(), web, run1)
				if err != nil {
					t.Fatal(err)
				}
				r := e.Revisions[0]
				if r.Host != test.want || r.Repository != "team/app" || r.Provider != events.ProviderGitHubEnterpriseServer {
					t.Errorf("got %+v, want the host %q", r, test.want)
				}
				text := ""
				if r.HostErr != nil {
					text = r.HostErr.Error()
				}
				if !matches(test.wantErr, text) {
					t.Errorf("error text:\n got %s\nwant %s", text, test.wantErr)
				}
				if strings.Contains(text, "password") && test.name == "user info" {
					t.Errorf("the error tells a password: %s", text)
				}
				if test.is != nil && !errors.Is(r.HostErr, test.is) {
					t.Errorf("error %v, want %v", r.HostErr, test.is)
				}
			}
			calls := w.connections.Calls()
			if calls["GetConnection"] != 1 || calls["GetHost"] > 1 {
				t.Errorf("calls %v, want each once", calls)
			}
		})
	}
}

// What the provider of a connection is stands in a summary that may be cut;
// then the connection tells it.
func TestProviderOfConnection(t *testing.T) {
	t.Parallel()
	w := newWire(t, connections(map[string]func(object) (any, error){
		"GetPipelineExecution": reply(execution("Succeeded", object{"name": "App", "revisionId": sha, "revisionSummary": `{"ProviderType":"Gi`})),
		"ListActionExecutions": reply(actions(action("1", "Source", "a", "Succeeded", 0, actionType(connectionType), outputs("App"),
			configured("ConnectionArn", codeARN, "FullRepositoryId", "o/r", "BranchName", "main")))),
	}))
	e, err := w.open().Execution(t.Context(), web, run1)
	if err != nil {
		t.Fatal(err)
	}
	want := []pipeline.Revision{{Stage: "Source", Action: "a", Artifact: "App", Provider: "GitHub", Host: "github.com", Region: "eu-central-1",
		Repository: "o/r", ID: sha, Branch: "main", ConnectionARN: codeARN, Message: `{"ProviderType":"Gi`}}
	if diff := cmp.Diff(want, e.Revisions); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestWithoutConnections(t *testing.T) {
	t.Parallel()
	w := enterprise(t, map[string]func(object) (any, error){})
	e, err := w.open(func(o *pipeline.Options) { o.Connections = nil }).Execution(t.Context(), web, run1)
	if err != nil {
		t.Fatal(err)
	}
	if r := e.Revisions[0]; r.Host != "" || r.HostErr != nil || r.Repository != "team/app" {
		t.Errorf("got %+v", r)
	}
	if calls := w.connections.Calls(); len(calls) > 0 {
		t.Errorf("calls %v", calls)
	}
}

// connectionsAPI answers without the wire.
type connectionsAPI struct {
	calls   int
	regions []string
	err     error
	wait    bool // for the context
}

func (a *connectionsAPI) GetConnection(ctx context.Context, _ *awscodeconnections.GetConnectionInput, optFns ...func(*awscodeconnections.Options)) (*awscodeconnections.GetConnectionOutput, error) {
	a.calls++
	a.regions = append(a.regions, regionOf(optFns))
	if a.wait {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if a.err != nil {
		return nil, a.err
	}
	return &awscodeconnections.GetConnectionOutput{Connection: &connectiontypes.Connection{
		ProviderType: connectiontypes.ProviderTypeGithubEnterpriseServer,
		HostArn:      aws.String("arn:aws:codeconnections:eu-central-1:1:host/a"),
	}}, nil
}

func (a *connectionsAPI) GetHost(_ context.Context, _ *awscodeconnections.GetHostInput, optFns ...func(*awscodeconnections.Options)) (*awscodeconnections.GetHostOutput, error) {
	a.regions = append(a.regions, regionOf(optFns))
	return &awscodeconnections.GetHostOutput{ProviderEndpoint: aws.String("https://git.example.com")}, nil
}

func regionOf(optFns []func(*awscodeconnections.Options)) string {
	o := awscodeconnections.Options{Region: "us-east-1"}
	for _, fn := range optFns {
		fn(&o)
	}
	return o.Region
}

// A failure is kept for five minutes if it will not pass by itself, and half a
// minute if it may. The calls go to the Region of the connection.
func TestHostRetried(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code  string
		calls int // of four, two minutes apart, before the connection answers
	}{
		{"AccessDeniedException", 2},
		{"ThrottlingException", 4},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := sources()["enterprise"]
			var log strings.Builder
			connections := &connectionsAPI{err: &smithy.GenericAPIError{Code: test.code}}
			client := pipeline.New(&scriptedAPI{polls: []poll{{get: execution("InProgress", s.artifact), list: actions(s.action)}}}, func(o *pipeline.Options) {
				o.Connections = connections
				o.Logger = slog.New(slog.NewTextHandler(&log, nil))
			})
			host := func() (string, error) {
				t.Helper()
				e, err := client.Execution(t.Context(), web, run1)
				if err != nil {
					t.Fatal(err)
				}
				return e.Revisions[0].Host, e.Revisions[0].HostErr
			}
			for range 4 {
				if got, err := host(); got != "" || err == nil {
					t.Errorf("%s: host %q, error %v", test.code, got, err)
				}
				time.Sleep(2 * time.Minute)
			}
			if connections.calls != test.calls || strings.Count(log.String(), "host of a connection") != test.calls {
				t.Errorf("%s: %d calls, want %d, each logged:\n%s", test.code, connections.calls, test.calls, log.String())
			}
			connections.err, connections.regions = nil, nil
			time.Sleep(time.Hour)
			for range 2 {
				if got, err := host(); got != "git.example.com" || err != nil {
					t.Errorf("%s: host %q, error %v", test.code, got, err)
				}
			}
			if diff := cmp.Diff([]string{"eu-central-1", "eu-central-1"}, connections.regions); diff != "" {
				t.Errorf("Regions mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// A network that swallows the calls costs ten seconds, not the execution, and
// these not for each revision and each call; the end of the caller's context is
// an error.
func TestHostTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sources()["enterprise"]
		rolledBack := object{"name": "Other", "revisionId": sha, "revisionUrl": s.artifact["revisionUrl"], "revisionSummary": s.artifact["revisionSummary"]}
		client := pipeline.New(&scriptedAPI{polls: []poll{{get: execution("InProgress", s.artifact, rolledBack), list: actions(s.action)}}}, func(o *pipeline.Options) {
			o.Connections = &connectionsAPI{wait: true}
		})
		for _, want := range []time.Duration{10 * time.Second, 0} {
			start := time.Now()
			e, err := client.Execution(t.Context(), web, run1)
			if err != nil {
				t.Fatal(err)
			}
			if len(e.Revisions) != 2 {
				t.Fatalf("%d revisions, want 2", len(e.Revisions))
			}
			for _, r := range e.Revisions {
				if r.Host != "" || !errors.Is(r.HostErr, context.DeadlineExceeded) {
					t.Errorf("got %+v", r)
				}
			}
			if got := time.Since(start); got != want {
				t.Errorf("took %s, want %s", got, want)
			}
		}
		time.Sleep(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := client.Execution(ctx, web, run1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want that of the context", err)
		}
	})
}

// Calls at the same time share one lookup, and one whose context ends does not
// take the others with it.
func TestHostShared(t *testing.T) {
	t.Parallel()
	for _, canceled := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := sources()["enterprise"]
			connections := &slowConnections{delay: 5 * time.Second}
			client := pipeline.New(&fixedAPI{get: execution("InProgress", s.artifact), list: actions(s.action)}, func(o *pipeline.Options) {
				o.Connections = connections
			})
			first, cancel := context.WithCancel(t.Context())
			defer cancel()
			var group sync.WaitGroup
			for i := range 20 {
				group.Go(func() {
					ctx := t.Context()
					if i == 0 {
						ctx = first
					} else {
						time.Sleep(time.Second)
					}
					switch e, err := client.Execution(ctx, web, run1); {
					case i == 0 && canceled:
						if !errors.Is(err, context.Canceled) {
							t.Errorf("error %v, want that of the context", err)
						}
					case err != nil:
						t.Error(err)
					case e.Revisions[0].Host != "git.example.com":
						t.Errorf("got %+v", e.Revisions[0])
					}
				})
			}
			time.Sleep(2 * time.Second)
			want := int64(1)
			if canceled {
				cancel()
				want = 2
			}
			group.Wait()
			if got := connections.calls.Load(); got != want {
				t.Errorf("%d lookups, want %d", got, want)
			}
		})
	}
}

// slowConnections answers after a while, for concurrent use.
type slowConnections struct {
	delay time.Duration
	calls atomic.Int64
}

func (a *slowConnections) GetConnection(ctx context.Context, _ *awscodeconnections.GetConnectionInput, _ ...func(*awscodeconnections.Options)) (*awscodeconnections.GetConnectionOutput, error) {
	a.calls.Add(1)
	select {
	case <-time.After(a.delay):
		return new(connectionsAPI).GetConnection(ctx, nil)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *slowConnections) GetHost(ctx context.Context, in *awscodeconnections.GetHostInput, _ ...func(*awscodeconnections.Options)) (*awscodeconnections.GetHostOutput, error) {
	return new(connectionsAPI).GetHost(ctx, in)
}
