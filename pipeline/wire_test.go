package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline"
)

// TestMain fails if a goroutine of the package outlives the tests.
func TestMain(m *testing.M) {
	code := m.Run()
	if leaked := leakedGoroutines(5 * time.Second); code == 0 && leaked != "" {
		fmt.Fprintf(os.Stderr, "goroutines of the package are left:\n%s\n", leaked)
		code = 1
	}
	os.Exit(code)
}

func leakedGoroutines(patience time.Duration) string {
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		buf := make([]byte, 1<<20)
		var leaked []string
		for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(stack, "codesuite/pipeline.") {
				leaked = append(leaked, stack)
			}
		}
		if len(leaked) == 0 || time.Now().After(end) {
			return strings.Join(leaked, "\n\n")
		}
	}
}

// object is the JSON of a request or a reply.
type object = map[string]any

// wire answers the SDK's client over HTTP with replies as the service writes
// them, for what pipelinetest does not do: replies of the service as they were
// recorded, and such as it should never send.
type wire struct {
	pipelines, connections *awsjson.Service
	config                 aws.Config
}

func newWire(t testing.TB, operations map[string]func(in object) (any, error)) *wire {
	t.Helper()
	all := make(map[string]awsjson.Operation, len(operations))
	for name, operation := range operations {
		all[name] = func(_ context.Context, body []byte) (any, error) {
			var in object
			if err := json.Unmarshal(body, &in); err != nil {
				return nil, err
			}
			return operation(in)
		}
	}
	w := &wire{
		pipelines:   awsjson.NewService("codepipeline", "CodePipeline_20150709", all),
		connections: awsjson.NewService("codeconnections", "CodeConnections_20231201", all),
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "CodeConnections_") {
			w.connections.ServeHTTP(rw, r)
			return
		}
		w.pipelines.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.config = awsjson.Config(server.URL)
	return w
}

func (w *wire) open(optFns ...func(*pipeline.Options)) *pipeline.Client {
	return pipeline.Open(w.config, optFns...)
}

// reply returns an operation that always answers so.
func reply(v any) func(object) (any, error) {
	return func(object) (any, error) { return v, nil }
}

// refuse returns an operation that always fails so.
func refuse(code string) func(object) (any, error) {
	return func(object) (any, error) { return nil, awsjson.Errorf(code, "told by the test") }
}

// The names of most tests.
const (
	web  = "web"
	run1 = "11111111-aaaa-4bbb-8ccc-000000000001"
)

// execution is the reply of GetPipelineExecution.
func execution(status string, revisions ...object) object {
	return object{"pipelineExecution": object{
		"pipelineName": web, "pipelineExecutionId": run1, "pipelineVersion": 3, "status": status, "artifactRevisions": revisions,
	}}
}

// action is one of the reply of ListActionExecutions. Of more than one object
// the members are joined, also those of input and output.
func action(id, stage, name, status string, started int, more ...object) object {
	a := object{
		"pipelineExecutionId": run1, "actionExecutionId": id, "pipelineVersion": 3, "stageName": stage, "actionName": name,
		"status": status, "startTime": 1700000000.5 + float64(started), "lastUpdateTime": 1700000000.5 + float64(started) + 1,
		"input": object{}, "output": object{},
	}
	for _, m := range more {
		for key, value := range m {
			if members, ok := value.(object); ok {
				for k, v := range members {
					a[key].(object)[k] = v
				}
				continue
			}
			a[key] = value
		}
	}
	return a
}

// actionType is the type of an action "Category/Owner/Provider".
func actionType(t string) object {
	part := strings.Split(t, "/")
	return object{"input": object{"actionTypeId": object{"category": part[0], "owner": part[1], "provider": part[2], "version": "1"}}}
}

func configured(keysAndValues ...string) object {
	return object{"input": object{"configuration": pairs(keysAndValues)}}
}

func outputs(names ...string) object {
	var list []object
	for _, name := range names {
		list = append(list, object{"name": name, "s3location": object{"bucket": "artifacts", "key": "web/" + name}})
	}
	return object{"output": object{"outputArtifacts": list}}
}

func variables(keysAndValues ...string) object {
	return object{"output": object{"outputVariables": pairs(keysAndValues)}}
}

func result(id, summary, url string) object {
	return object{"output": object{"executionResult": object{
		"externalExecutionId": id, "externalExecutionSummary": summary, "externalExecutionUrl": url,
	}}}
}

func actions(details ...object) object { return object{"actionExecutionDetails": details} }

func pairs(keysAndValues []string) object {
	m := make(object)
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		m[keysAndValues[i]] = keysAndValues[i+1]
	}
	return m
}

// serveExecution answers Execution with the two replies.
func serveExecution(t testing.TB, get, list object) *wire {
	t.Helper()
	return newWire(t, map[string]func(object) (any, error){
		"GetPipelineExecution": reply(get),
		"ListActionExecutions": reply(list),
	})
}
