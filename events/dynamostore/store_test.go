package dynamostore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/dynamostore"
	"github.com/codesuite-go/codesuite/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m, "codesuite/events/dynamostore") }

const table = "handled-events"

func config(url string) aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: &url,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}, nil
		}),
	}
}

// A database is one table of DynamoDB over HTTP: UpdateItem and DeleteItem with
// the expressions of the package's calls, evaluated by their grammar.
type database struct {
	mu    sync.Mutex
	items map[string]map[string]any
	// drop lets the reply to the next call get lost after it has been done.
	drop bool
	// calls counts the calls by operation.
	calls map[string]int
}

func newDatabase(t testing.TB) (*database, aws.Config) {
	db := &database{items: map[string]map[string]any{}, calls: map[string]int{}}
	server := httptest.NewServer(db)
	t.Cleanup(server.Close)
	return db, config(server.URL)
}

type request struct {
	TableName                           string
	Key                                 map[string]map[string]any
	ConditionExpression                 string
	UpdateExpression                    string
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           map[string]any
	ReturnValuesOnConditionCheckFailure string
}

func (db *database) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fail := func(code, message string, item any) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + code, "message": message, "Item": item})
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "DynamoDB_20120810.")
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKID/") {
		fail("MissingAuthenticationTokenException", "not signed", nil)
		return
	}
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		fail("SerializationException", err.Error(), nil)
		return
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.calls[operation]++
	key, _ := in.Key["key"]["S"].(string)
	switch {
	case in.TableName != table:
		fail("ResourceNotFoundException", "Requested resource not found", nil)
		return
	case key == "" || len(in.Key) != 1 || len(key) > 2048:
		fail("ValidationException", "The provided key element does not match the schema", nil)
		return
	}
	for name := range in.ExpressionAttributeNames {
		if !strings.Contains(in.ConditionExpression+in.UpdateExpression, name) {
			fail("ValidationException", "Value provided in ExpressionAttributeNames unused in expressions: keys: {"+name+"}", nil)
			return
		}
	}
	for name := range in.ExpressionAttributeValues {
		if !strings.Contains(in.ConditionExpression+in.UpdateExpression, name) {
			fail("ValidationException", "Value provided in ExpressionAttributeValues unused in expressions: keys: {"+name+"}", nil)
			return
		}
	}
	item := db.items[key]
	if !in.holds(item) {
		var old any
		if in.ReturnValuesOnConditionCheckFailure == "ALL_OLD" && item != nil {
			old = item
		}
		fail("ConditionalCheckFailedException", "The conditional request failed", old)
		return
	}
	switch operation {
	case "UpdateItem":
		if item == nil {
			item = map[string]any{"key": map[string]any{"S": key}}
			db.items[key] = item
		}
		in.update(item)
	case "DeleteItem":
		delete(db.items, key)
	default:
		fail("UnknownOperationException", operation, nil)
		return
	}
	if db.drop {
		db.drop = false
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	fmt.Fprint(w, `{}`)
}

// holds evaluates the condition: terms joined with AND or OR, of which AND binds
// closer.
func (in *request) holds(item map[string]any) bool {
	for alternative := range strings.SplitSeq(in.ConditionExpression, " OR ") {
		all := true
		for term := range strings.SplitSeq(alternative, " AND ") {
			all = all && in.term(item, term)
		}
		if all {
			return true
		}
	}
	return false
}

func (in *request) term(item map[string]any, term string) bool {
	if name, ok := strings.CutPrefix(term, "attribute_not_exists("); ok {
		return item[in.ExpressionAttributeNames[strings.TrimSuffix(name, ")")]] == nil
	}
	parts := strings.Split(term, " ")
	a, b := item[in.ExpressionAttributeNames[parts[0]]], in.ExpressionAttributeValues[parts[2]]
	if a == nil {
		return false
	}
	if parts[1] == "=" {
		return fmt.Sprint(a) == fmt.Sprint(b)
	}
	x, _ := strconv.ParseInt(a.(map[string]any)["N"].(string), 10, 64)
	y, _ := strconv.ParseInt(b.(map[string]any)["N"].(string), 10, 64)
	return parts[1] == "<=" && x <= y
}

// update carries out SET a = :a, b = :b REMOVE c.
func (in *request) update(item map[string]any) {
	set, remove, _ := strings.Cut(strings.TrimPrefix(in.UpdateExpression, "SET "), " REMOVE ")
	for assignment := range strings.SplitSeq(set, ", ") {
		name, value, _ := strings.Cut(assignment, " = ")
		item[in.ExpressionAttributeNames[name]] = in.ExpressionAttributeValues[value]
	}
	delete(item, in.ExpressionAttributeNames[remove])
}

func claim(t *testing.T, s *dynamostore.Store, key, owner string, lease time.Duration) events.ClaimStatus {
	t.Helper()
	status, err := s.Claim(t.Context(), key, owner, lease)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// checkStore has what is true of every store.
func checkStore(t *testing.T, s *dynamostore.Store) {
	t.Helper()
	ctx := t.Context()
	want := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	want("first claim", claim(t, s, "a", "one", time.Minute), events.ClaimStatusClaimed)
	want("claim of another", claim(t, s, "a", "two", time.Minute), events.ClaimStatusBusy)
	want("claim again by the owner", claim(t, s, "a", "one", time.Minute), events.ClaimStatusClaimed)
	want("release by another", s.Release(ctx, "a", "two"), nil)
	want("claim after it", claim(t, s, "a", "two", time.Minute), events.ClaimStatusBusy)
	want("release", s.Release(ctx, "a", "one"), nil)
	want("release again", s.Release(ctx, "a", "one"), nil)
	want("claim after a release", claim(t, s, "a", "two", time.Minute), events.ClaimStatusClaimed)
	if err := s.Commit(ctx, "a", "one", time.Minute); err == nil || !strings.Contains(err.Error(), "lost to another") {
		t.Errorf("commit of a lost claim: %v", err)
	}
	want("commit", s.Commit(ctx, "a", "two", time.Minute), nil)
	want("claim after a commit", claim(t, s, "a", "three", time.Minute), events.ClaimStatusDone)
	want("release after a commit", s.Release(ctx, "a", "two"), nil)
	want("claim after that", claim(t, s, "a", "three", time.Minute), events.ClaimStatusDone)
	want("commit again", s.Commit(ctx, "a", "two", time.Minute), nil)
	want("commit without a claim", s.Commit(ctx, "b", "one", time.Minute), nil)
	want("claim of an expired lease", claim(t, s, "c", "one", -time.Second), events.ClaimStatusClaimed)
	want("claim after its end", claim(t, s, "c", "two", time.Minute), events.ClaimStatusClaimed)
	want("expired commit", s.Commit(ctx, "d", "one", -time.Second), nil)
	want("claim after its end", claim(t, s, "d", "two", time.Minute), events.ClaimStatusClaimed)
	want("claim while it holds", claim(t, s, "d", "three", time.Minute), events.ClaimStatusBusy)
	long := strings.Repeat("k", 3000)
	want("long key", claim(t, s, long+"1", "one", time.Minute), events.ClaimStatusClaimed)
	want("another long key", claim(t, s, long+"2", "two", time.Minute), events.ClaimStatusClaimed)
	want("the long key again", claim(t, s, long+"1", "two", time.Minute), events.ClaimStatusBusy)
}

// Of many claims at once one succeeds.
func TestStoreContention(t *testing.T) {
	t.Parallel()
	_, cfg := newDatabase(t)
	s := dynamostore.Open(cfg, table)
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[events.ClaimStatus]int{}
	for i := range 16 {
		wg.Go(func() {
			status, err := s.Claim(t.Context(), "contended", strconv.Itoa(i), time.Minute)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	wg.Wait()
	if statuses[events.ClaimStatusClaimed] != 1 || statuses[events.ClaimStatusBusy] != 15 {
		t.Errorf("statuses %v", statuses)
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	db, cfg := newDatabase(t)
	checkStore(t, dynamostore.Open(cfg, table))
	item := db.items["a"]
	expires, _ := strconv.ParseInt(item["expires"].(map[string]any)["N"].(string), 10, 64)
	if left := time.Until(time.Unix(expires, 0)); left < 30*time.Second || left > 2*time.Minute {
		t.Errorf("the item expires in %v", left)
	}
}

// A call whose reply gets lost is done once, and repeated by the SDK.
func TestStoreLostReplies(t *testing.T) {
	t.Parallel()
	db, cfg := newDatabase(t)
	s := dynamostore.Open(cfg, table)
	lose := func() {
		db.mu.Lock()
		defer db.mu.Unlock()
		db.drop = true
	}
	lose()
	if status := claim(t, s, "a", "one", time.Minute); status != events.ClaimStatusClaimed {
		t.Errorf("claim: %v", status)
	}
	lose()
	if err := s.Commit(t.Context(), "a", "one", time.Minute); err != nil {
		t.Errorf("commit: %v", err)
	}
	if status := claim(t, s, "a", "two", time.Minute); status != events.ClaimStatusDone {
		t.Errorf("claim of another: %v", status)
	}
	claim(t, s, "b", "one", time.Minute)
	lose()
	if err := s.Release(t.Context(), "b", "one"); err != nil {
		t.Errorf("release: %v", err)
	}
	if db.calls["UpdateItem"] != 6 || db.calls["DeleteItem"] != 2 {
		t.Errorf("calls %v", db.calls)
	}
}

// With Dedup an event is handled once, in whichever instance it arrives.
func TestDedup(t *testing.T) {
	t.Parallel()
	_, cfg := newDatabase(t)
	handled := 0
	fail := true
	instances := make([]*events.Mux, 2)
	for i := range instances {
		instances[i] = &events.Mux{}
		if err := instances[i].Use(events.Dedup(dynamostore.Open(cfg, table))); err != nil {
			t.Fatal(err)
		}
		if err := events.On(instances[i], func(context.Context, *events.BuildStateChange) error {
			handled++
			if fail {
				fail = false
				return fmt.Errorf("not now")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	payload := []byte(`{"source":"aws.codebuild","detail-type":"CodeBuild Build State Change","detail":{"build-id":"b","build-status":"FAILED"}}`)
	for i, failed := range []bool{true, false, false, false} {
		if _, err := instances[i%2].Invoke(t.Context(), payload); (err != nil) != failed {
			t.Errorf("delivery %d: %v", i, err)
		}
	}
	if handled != 2 {
		t.Errorf("handled %d times, want once and once again after the failure", handled)
	}
}

func TestStoreErrors(t *testing.T) {
	t.Parallel()
	_, cfg := newDatabase(t)
	api := awsdynamodb.NewFromConfig(cfg)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name  string
		ctx   context.Context
		store *dynamostore.Store
		want  string
	}{
		{"nil", t.Context(), dynamostore.New(nil, table), "dynamostore: the client is nil"},
		{"nil client", t.Context(), dynamostore.New((*awsdynamodb.Client)(nil), table), "dynamostore: the client is nil"},
		{"no table", t.Context(), dynamostore.New(api, ""), "dynamostore: the name of the table is empty"},
		{"no attribute", t.Context(), dynamostore.New(api, table, func(o *dynamostore.Options) { o.KeyAttribute = "" }), "must not be empty"},
		{"one attribute twice", t.Context(), dynamostore.New(api, table, func(o *dynamostore.Options) { o.ExpiresAttribute = "key" }), "must differ"},
		{"reserved attribute", t.Context(), dynamostore.New(api, table, func(o *dynamostore.Options) { o.KeyAttribute = "owner" }), "must differ"},
		{"missing table", t.Context(), dynamostore.New(api, "none"), "event in table none: operation error DynamoDB:"},
		{"ended context", ended, dynamostore.New(api, table), "context canceled"},
	} {
		_, claimErr := test.store.Claim(test.ctx, "a", "one", time.Minute)
		for name, err := range map[string]error{
			"Claim": claimErr, "Commit": test.store.Commit(test.ctx, "a", "one", time.Minute), "Release": test.store.Release(test.ctx, "a", "one"),
		} {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s of %s: %v, want %s", name, test.name, err, test.want)
			}
		}
	}
}

// TestMoto runs against an independent server, where it is installed. Its writes
// are not atomic, so that claims at once are left out.
func TestMoto(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not installed")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(address)
	var output bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, "-H", "127.0.0.1", "-p", port)
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Skipf("moto_server does not start: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	cfg := config("http://" + address)
	client := awsdynamodb.NewFromConfig(cfg)
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		reply, err := http.Get("http://" + address + "/moto-api/")
		if err == nil {
			_, _ = io.Copy(io.Discard, reply.Body)
			reply.Body.Close()
			break
		}
		if time.Since(start) > time.Minute {
			t.Skipf("moto_server does not answer: %v", err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	if _, err := client.CreateTable(t.Context(), &awsdynamodb.CreateTableInput{
		TableName: aws.String(table), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("key"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("key"), KeyType: types.KeyTypeHash}},
	}); err != nil {
		t.Fatal(err)
	}
	checkStore(t, dynamostore.Open(cfg, table))
}
